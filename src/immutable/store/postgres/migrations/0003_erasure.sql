-- Details may be forgotten (both columns at once, nothing else); everything else about an entry stays as it was.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'UPDATE' AND NEW.details IS NULL AND NEW.salt IS NULL
     AND (NEW.workspace_number, NEW.seq, NEW.record, NEW.previous_hash, NEW.event_hash)
       = (OLD.workspace_number, OLD.seq, OLD.record, OLD.previous_hash, OLD.event_hash) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'entries are immutable' USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;

-- What must not be forgotten: events that meet the conditions in `wanted` (JSON), while released_at is NULL.
CREATE TABLE holds (
  workspace_number INTEGER NOT NULL,
  id TEXT NOT NULL,
  wanted TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  released_at BIGINT,
  PRIMARY KEY (workspace_number, id)
);

-- Through which event the text index has followed the erasures of the log.
CREATE TABLE erasures_followed (
  workspace_number INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL
);
