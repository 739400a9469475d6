-- The Merkle tree over the log (RFC 9162, C2SP tlog-tiles), its signed checkpoints and the keys that sign them.

ALTER TABLE workspaces ADD COLUMN published INTEGER NOT NULL DEFAULT 0;

-- How far the tree goes; `halted` says why nothing more is signed, until an operator decides.
CREATE TABLE trees (
  workspace_number INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  halted TEXT
) STRICT, WITHOUT ROWID;

-- Each tile at its widest; narrower ones are its beginning. What lies beyond the tree's size means nothing.
CREATE TABLE tiles (
  workspace_number INTEGER NOT NULL,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (workspace_number, level, idx)
) STRICT;

CREATE TABLE checkpoints (
  workspace_number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  origin TEXT NOT NULL,
  root BLOB NOT NULL,
  note BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, size, origin)
) STRICT;
CREATE TRIGGER checkpoints_are_not_edited BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;
CREATE TRIGGER checkpoints_are_not_deleted BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are immutable'); END;

CREATE INDEX checkpoints_by_time ON checkpoints (workspace_number, created_at);

-- What witnesses signed of a checkpoint: one line of its note each.
CREATE TABLE cosignatures (
  workspace_number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  origin TEXT NOT NULL,
  witness TEXT NOT NULL,
  line TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, size, origin, witness)
) STRICT;

-- `seed` is encrypted with a secret that is not in the database; NULL where the key is given from outside.
CREATE TABLE signing_keys (
  workspace_number INTEGER NOT NULL,
  public BLOB NOT NULL,
  name TEXT NOT NULL,
  seed BLOB,
  created_at INTEGER NOT NULL,
  first_size INTEGER NOT NULL,
  retired_at INTEGER,
  PRIMARY KEY (workspace_number, public)
) STRICT;
