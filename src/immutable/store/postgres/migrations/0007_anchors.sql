-- Anchors: checkpoints that somebody outside our control has dated. Whose they are comes first; a finished one stays as it is.
CREATE TABLE anchors (
  workspace_number INTEGER NOT NULL,
  chain TEXT NOT NULL,
  number BIGINT NOT NULL,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  size BIGINT NOT NULL,
  root BYTEA NOT NULL,
  note BYTEA NOT NULL,
  first_seq BIGINT NOT NULL,
  first_event_hash BYTEA NOT NULL,
  last_event_hash BYTEA NOT NULL,
  previous_hash BYTEA,
  period_start BIGINT NOT NULL,
  period_end BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  tx_hash TEXT,
  block_number BIGINT,
  confirmed_at BIGINT,
  token BYTEA,
  attempts INTEGER NOT NULL,
  try_at BIGINT NOT NULL,
  error TEXT,
  PRIMARY KEY (workspace_number, chain, number)
);
CREATE UNIQUE INDEX anchors_by_id ON anchors (workspace_number, id);
CREATE UNIQUE INDEX anchors_unfinished ON anchors (workspace_number, chain) WHERE status IN ('pending', 'submitted');
-- For outsiders, who know an anchor and no workspace.
CREATE INDEX anchors_of_everybody_by_id ON anchors (id);
CREATE INDEX anchors_of_everybody_by_transaction ON anchors (tx_hash);

CREATE FUNCTION refuse_anchor_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'finished anchors are immutable' USING ERRCODE = 'object_not_in_prerequisite_state'; END $$;
CREATE TRIGGER finished_anchors_are_not_edited BEFORE UPDATE ON anchors
FOR EACH ROW WHEN (OLD.status IN ('confirmed', 'failed')) EXECUTE FUNCTION refuse_anchor_change();
CREATE TRIGGER anchors_are_not_deleted BEFORE DELETE ON anchors FOR EACH ROW EXECUTE FUNCTION refuse_anchor_change();
