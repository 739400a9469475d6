-- The log and the catalogue. Every table of a workspace begins its key with the workspace's number, so that each
-- statement of a hot path touches the rows of one workspace only.

CREATE TABLE meta (name TEXT PRIMARY KEY, number BIGINT, bytes BYTEA);

CREATE TABLE workspaces (
  number INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  workspace_number INTEGER NOT NULL REFERENCES workspaces,
  name TEXT NOT NULL,
  digest BYTEA NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
);

-- Whoever appends locks the workspace's row here, for one short transaction.
CREATE TABLE heads (
  workspace_number INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  event_hash BYTEA NOT NULL,
  created_at BIGINT NOT NULL
) WITH (fillfactor = 10);

-- record and details are zstd frames (dictionary in meta) of the very bytes that were hashed.
CREATE TABLE entries (
  workspace_number INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  record BYTEA NOT NULL,
  details BYTEA,
  salt BYTEA,
  previous_hash BYTEA NOT NULL,
  event_hash BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, seq)
);
ALTER TABLE entries ALTER record SET STORAGE EXTERNAL, ALTER details SET STORAGE EXTERNAL;

-- Against our own mistakes (whoever has the database can drop these; the chain is what shows it).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries are immutable' USING ERRCODE = 'object_not_in_prerequisite_state'; END $$;
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_are_not_truncated BEFORE TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency (
  workspace_number INTEGER NOT NULL,
  key TEXT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, key)
);

-- Room in each page lets a summary be replaced without touching any index.
CREATE TABLE sessions (
  workspace_number INTEGER NOT NULL,
  number BIGINT NOT NULL,
  session_id TEXT NOT NULL,
  inferred BOOLEAN NOT NULL,
  tenant_id TEXT,
  sorted_at BIGINT NOT NULL,
  summary BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, number)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX sessions_by_session_id ON sessions (workspace_number, session_id, inferred);
CREATE INDEX sessions_by_time ON sessions (workspace_number, sorted_at, number);
CREATE INDEX sessions_by_tenant ON sessions (workspace_number, tenant_id, sorted_at, number);

CREATE TABLE session_actors (
  workspace_number INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  sorted_at BIGINT NOT NULL,
  session BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, actor_id, sorted_at, session)
);

-- Type and id with a NUL between, which TEXT does not take.
CREATE TABLE session_resources (
  workspace_number INTEGER NOT NULL,
  session BIGINT NOT NULL,
  resource BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, session, resource)
);

-- The latest inferred session of each actor.
CREATE TABLE inferred_sessions (
  workspace_number INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  session BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, actor_id)
);

-- What follows is made from the log, behind it.

-- How many epochs of lookups are sealed, and up to which event the text index goes.
CREATE TABLE progress (
  workspace_number INTEGER PRIMARY KEY,
  sealed_epochs BIGINT NOT NULL DEFAULT 0,
  text_seq BIGINT NOT NULL DEFAULT 0
);

-- Per epoch of 16,384 events and term (a field and a value, in UTF-8): a roaring bitmap of the places in the epoch.
CREATE TABLE postings (
  workspace_number INTEGER NOT NULL,
  epoch BIGINT NOT NULL,
  term BYTEA NOT NULL,
  places BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, epoch, term)
);

-- The searchable text of each event, which only proposes candidates.
CREATE TABLE event_texts (
  workspace_number INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace_number, seq)
);
CREATE INDEX event_texts_by_trigram ON event_texts USING gin (workspace_number, text gin_trgm_ops);
