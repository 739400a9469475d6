-- Members: people who sign in, with what recognises them. No password, token or code is here as it is typed: only hashes and digests.
-- People are not a workspace's: on Citus these stay on the coordinator.
CREATE TABLE members (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT,
  subject TEXT UNIQUE,
  totp BYTEA,
  totp_on INTEGER NOT NULL DEFAULT 0,
  totp_step BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE TABLE memberships (
  workspace_number INTEGER NOT NULL REFERENCES workspaces,
  member_id TEXT NOT NULL REFERENCES members,
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, member_id)
);
CREATE INDEX memberships_of_member ON memberships (member_id);
CREATE TABLE recovery_codes (
  member_id TEXT NOT NULL,
  digest BYTEA NOT NULL,
  PRIMARY KEY (member_id, digest)
);
CREATE TABLE member_sessions (
  id TEXT PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  member_id TEXT NOT NULL,
  method TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX member_sessions_of_member ON member_sessions (member_id);

-- Links that work once: for the first owner, for invitations, for a new password.
CREATE TABLE member_links (
  id TEXT PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  email TEXT NOT NULL,
  workspace_number INTEGER,
  role TEXT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Administrative acts on their way into the administrative log.
CREATE TABLE acts (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL
);
