-- Anchors: checkpoints that somebody outside our control has dated. Whose they are comes first; a finished one stays as it is.
CREATE TABLE anchors (
  workspace_number INTEGER NOT NULL,
  chain TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note BLOB NOT NULL,
  first_seq INTEGER NOT NULL,
  first_event_hash BLOB NOT NULL,
  last_event_hash BLOB NOT NULL,
  previous_hash BLOB,
  period_start INTEGER NOT NULL,
  period_end INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  tx_hash TEXT,
  block_number INTEGER,
  confirmed_at INTEGER,
  token BLOB,
  attempts INTEGER NOT NULL,
  try_at INTEGER NOT NULL,
  error TEXT,
  PRIMARY KEY (workspace_number, chain, number)
) STRICT;
CREATE UNIQUE INDEX anchors_by_id ON anchors (workspace_number, id);
CREATE UNIQUE INDEX anchors_unfinished ON anchors (workspace_number, chain) WHERE status IN ('pending', 'submitted');
-- For outsiders, who know an anchor and no workspace.
CREATE INDEX anchors_of_everybody_by_id ON anchors (id);
CREATE INDEX anchors_of_everybody_by_transaction ON anchors (tx_hash);

CREATE TRIGGER finished_anchors_are_not_edited BEFORE UPDATE ON anchors WHEN OLD.status IN ('confirmed', 'failed')
BEGIN SELECT RAISE(ABORT, 'finished anchors are immutable'); END;
CREATE TRIGGER anchors_are_not_deleted BEFORE DELETE ON anchors
BEGIN SELECT RAISE(ABORT, 'finished anchors are immutable'); END;
