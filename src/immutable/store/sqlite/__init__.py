"""The embedded engine: one SQLite file with the log, and one beside it (`.index`) that can be rebuilt from it."""
