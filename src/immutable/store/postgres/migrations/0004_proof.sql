-- The Merkle tree over the log (RFC 9162, C2SP tlog-tiles), its signed checkpoints and the keys that sign them.

ALTER TABLE workspaces ADD COLUMN published INTEGER NOT NULL DEFAULT 0;

-- How far the tree goes; `halted` says why nothing more is signed, until an operator decides.
CREATE TABLE trees (
  workspace_number INTEGER PRIMARY KEY,
  size BIGINT NOT NULL,
  halted TEXT
);

-- Each tile at its widest; narrower ones are its beginning. What lies beyond the tree's size means nothing.
CREATE TABLE tiles (
  workspace_number INTEGER NOT NULL,
  level INTEGER NOT NULL,
  idx BIGINT NOT NULL,
  hashes BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, level, idx)
);

CREATE TABLE checkpoints (
  workspace_number INTEGER NOT NULL,
  size BIGINT NOT NULL,
  origin TEXT NOT NULL,
  root BYTEA NOT NULL,
  note BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, size, origin)
);
CREATE FUNCTION refuse_checkpoint_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'checkpoints are immutable' USING ERRCODE = 'object_not_in_prerequisite_state'; END $$;
CREATE TRIGGER checkpoints_are_not_edited BEFORE UPDATE OR DELETE ON checkpoints
FOR EACH ROW EXECUTE FUNCTION refuse_checkpoint_change();

CREATE INDEX checkpoints_by_time ON checkpoints (workspace_number, created_at);

-- What witnesses signed of a checkpoint: one line of its note each.
CREATE TABLE cosignatures (
  workspace_number INTEGER NOT NULL,
  size BIGINT NOT NULL,
  origin TEXT NOT NULL,
  witness TEXT NOT NULL,
  line TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, size, origin, witness)
);

-- `seed` is encrypted with a secret that is not in the database; NULL where the key is given from outside.
CREATE TABLE signing_keys (
  workspace_number INTEGER NOT NULL,
  public BYTEA NOT NULL,
  name TEXT NOT NULL,
  seed BYTEA,
  created_at BIGINT NOT NULL,
  first_size BIGINT NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (workspace_number, public)
);
