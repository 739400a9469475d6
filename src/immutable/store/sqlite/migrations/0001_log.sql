-- The log and the catalogue. A workspace's rows lie together: id = workspace number << 40 | seq (or session number).

CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  workspace_number INTEGER NOT NULL REFERENCES workspaces,
  name TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE heads (
  workspace_number INTEGER PRIMARY KEY REFERENCES workspaces,
  seq INTEGER NOT NULL,
  event_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- record and details are zstd frames (dictionary in meta) of the very bytes that were hashed.
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  record BLOB NOT NULL,
  details BLOB,
  salt BLOB,
  previous_hash BLOB NOT NULL,
  event_hash BLOB NOT NULL
) STRICT;

-- Against our own mistakes (whoever has the file can drop these; the chain is what shows it).
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;
CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;

CREATE TABLE idempotency (
  workspace_number INTEGER NOT NULL,
  key TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  workspace_number INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  inferred INTEGER NOT NULL,
  tenant_id TEXT,
  sorted_at INTEGER NOT NULL,
  summary BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_by_session_id ON sessions (workspace_number, session_id, inferred);
CREATE INDEX sessions_by_time ON sessions (workspace_number, sorted_at, id);
CREATE INDEX sessions_by_tenant ON sessions (workspace_number, tenant_id, sorted_at, id);

CREATE TABLE session_actors (
  workspace_number INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  sorted_at INTEGER NOT NULL,
  session INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, actor_id, sorted_at, session)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_resources (
  session INTEGER NOT NULL,
  resource TEXT NOT NULL,
  PRIMARY KEY (session, resource)
) STRICT, WITHOUT ROWID;

-- The latest inferred session of each actor.
CREATE TABLE inferred_sessions (
  workspace_number INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  session INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, actor_id)
) STRICT, WITHOUT ROWID;
