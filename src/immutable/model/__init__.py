"""Plain frozen data: the vocabulary that every other package shares. Imports nothing of ours."""
