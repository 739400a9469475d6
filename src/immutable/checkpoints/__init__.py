"""Behind the log: the tree over it, signed checkpoints, the keys that sign, and witnesses."""
