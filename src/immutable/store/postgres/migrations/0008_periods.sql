-- The two big tables by month, so that a month that nobody keeps is dropped whole.
ALTER TABLE entries RENAME TO entries_0;
ALTER TABLE event_texts RENAME TO event_texts_0;
ALTER TABLE entries_0 DROP CONSTRAINT entries_pkey;
ALTER TABLE event_texts_0 DROP CONSTRAINT event_texts_pkey;
ALTER INDEX event_texts_by_trigram RENAME TO event_texts_0_by_trigram;
DROP TRIGGER entries_are_not_edited ON entries_0;

-- record and details are zstd frames (dictionary in meta) of the very bytes that were hashed; period is the month of
-- created_at in UTC, as 202611. seq goes before it in the key: a read of places looks at each month it needs once.
CREATE TABLE entries (
  workspace_number INTEGER NOT NULL,
  period INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  record BYTEA NOT NULL,
  details BYTEA,
  salt BYTEA,
  previous_hash BYTEA NOT NULL,
  event_hash BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, seq, period)
) PARTITION BY RANGE (period);
ALTER TABLE entries ALTER record SET STORAGE EXTERNAL, ALTER details SET STORAGE EXTERNAL;
-- A row that changes its month is deleted from the old one, which is refused too.
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_are_not_truncated BEFORE TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The searchable text of each event, which only proposes candidates.
CREATE TABLE event_texts (
  workspace_number INTEGER NOT NULL,
  period INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace_number, seq, period)
) PARTITION BY RANGE (period);
CREATE INDEX event_texts_by_trigram ON event_texts USING gin (workspace_number, text gin_trgm_ops);

-- With which event a workspace entered a month: by it a read of places knows the few months it needs.
CREATE TABLE periods (
  workspace_number INTEGER NOT NULL,
  period INTEGER NOT NULL,
  first_seq BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, period)
);

-- Makes the partitions of a month where they are missing; whether it did. Made apart and attached, which holds up nobody
-- who reads or appends (CREATE ... PARTITION OF would).
CREATE FUNCTION make_period(wanted INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql AS
$$ DECLARE big TEXT;
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'immutable' AND tablename = 'event_texts_' || wanted) THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(7306367);
  IF EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'immutable' AND tablename = 'event_texts_' || wanted) THEN
    RETURN false;
  END IF;
  FOREACH big IN ARRAY ARRAY['entries', 'event_texts'] LOOP
    EXECUTE format('CREATE TABLE immutable.%s_%s (LIKE immutable.%s INCLUDING STORAGE)', big, wanted, big);
    IF big = 'entries' THEN  -- before it is attached: Citus, which distributes it then, takes along what it has
      EXECUTE format('CREATE TRIGGER entries_are_not_truncated BEFORE TRUNCATE ON immutable.entries_%s '
                     'FOR EACH STATEMENT EXECUTE FUNCTION immutable.refuse_change()', wanted);
    END IF;
    EXECUTE format('ALTER TABLE immutable.%s ATTACH PARTITION immutable.%s_%s FOR VALUES FROM (%s) TO (%s)',
                   big, big, wanted, wanted, wanted + 1);
  END LOOP;
  RETURN true;
END $$;

-- What was there before is month 0, whole: the month of each event is inside its compressed record, where SQL cannot read it.
-- A log goes on in the month of its last event, and nobody reads that one for the places before.
DO $$ BEGIN
  IF EXISTS (SELECT FROM entries_0) THEN
    ALTER TABLE entries_0 ADD period INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE event_texts_0 ADD period INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE entries_0 ALTER period DROP DEFAULT;
    ALTER TABLE event_texts_0 ALTER period DROP DEFAULT;
    ALTER TABLE entries ATTACH PARTITION entries_0 FOR VALUES FROM (0) TO (1);
    ALTER TABLE event_texts ATTACH PARTITION event_texts_0 FOR VALUES FROM (0) TO (1);
    INSERT INTO periods SELECT workspace_number, 0, 1 FROM heads WHERE seq > 0;
    INSERT INTO periods SELECT workspace_number, month, seq + 1 FROM (
      SELECT *, to_char(to_timestamp(created_at / 1000000) AT TIME ZONE 'UTC', 'YYYYMM')::integer AS month
      FROM heads WHERE seq > 0
    ) AS ends WHERE make_period(month) IS NOT NULL;
  ELSE
    DROP TABLE entries_0, event_texts_0;
  END IF;
END $$;
