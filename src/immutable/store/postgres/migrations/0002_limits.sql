-- The addresses and ranges from which a workspace's keys may be used, apart by spaces; empty allows all.
ALTER TABLE workspaces ADD COLUMN allowlist TEXT NOT NULL DEFAULT '';

-- What is left in the buckets of rate limits that processes share. Not logged: after a crash all are full, and no more is lost.
CREATE UNLOGGED TABLE spendings (
  workspace_number BIGINT NOT NULL,
  name TEXT NOT NULL,
  level DOUBLE PRECISION NOT NULL,
  per_second DOUBLE PRECISION NOT NULL,
  capacity DOUBLE PRECISION NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (workspace_number, name)
);
