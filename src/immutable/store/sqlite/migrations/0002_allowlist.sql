-- The addresses and ranges from which a workspace's keys may be used, apart by spaces; empty allows all.
ALTER TABLE workspaces ADD COLUMN allowlist TEXT NOT NULL DEFAULT '';
