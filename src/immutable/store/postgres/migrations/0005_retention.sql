-- The end of what was pruned: nothing up to it is in the log any more, and the first event left names its hash.
CREATE TABLE pruned (
  workspace_number INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  event_hash BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

-- Only what was pruned on the record may be deleted, and only details may be forgotten.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'UPDATE' AND NEW.details IS NULL AND NEW.salt IS NULL
     AND (NEW.workspace_number, NEW.seq, NEW.record, NEW.previous_hash, NEW.event_hash)
       = (OLD.workspace_number, OLD.seq, OLD.record, OLD.previous_hash, OLD.event_hash) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT 1 FROM immutable.pruned p WHERE p.workspace_number = OLD.workspace_number AND p.seq >= OLD.seq
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'entries are immutable' USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;

-- How long a workspace keeps events, and where they are archived before they go.
CREATE TABLE retention (
  workspace_number INTEGER PRIMARY KEY,
  days INTEGER NOT NULL,
  archive TEXT NOT NULL
);
