CREATE SCHEMA immutable;
SET search_path = immutable, public;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE TABLE immutable.schema_version (version INTEGER NOT NULL);
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

-- The addresses and ranges from which a workspace's keys may be used, apart by spaces; empty allows all.
ALTER TABLE workspaces ADD COLUMN allowlist TEXT NOT NULL DEFAULT '';

-- What is left in the buckets of rate limits that processes share. Not logged: after a crash all are full, and no more is lost.
CREATE UNLOGGED TABLE spendings (
  workspace_number BIGINT NOT NULL,
  name TEXT NOT NULL,
  level DOUBLE PRECISION NOT NULL,
  per_second DOUBLE PRECISION NOT NULL,
  capacity DOUBLE PRECISION NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (workspace_number, name)
);

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

-- Which numbers of each run of a producer came: made from the log, the cursor with it. `state` is MessagePack.
CREATE TABLE producer_runs (
  workspace_number INTEGER NOT NULL,
  producer BYTEA NOT NULL,
  run BYTEA NOT NULL,
  state BYTEA NOT NULL,
  PRIMARY KEY (workspace_number, producer, run)
);
CREATE TABLE producers_followed (
  workspace_number INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  forgotten BIGINT NOT NULL
);

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

-- Investigations as they stand. Their notes, and who did what to them, are events of the log.
CREATE TABLE investigations (
  workspace_number INTEGER NOT NULL,
  id TEXT NOT NULL,
  ticket TEXT NOT NULL,
  title TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  PRIMARY KEY (workspace_number, id)
);
CREATE INDEX investigations_by_time ON investigations (workspace_number, created_at, id);
CREATE TABLE investigation_items (
  workspace_number INTEGER NOT NULL,
  investigation_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('session', 'event')),
  item_id TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_number, investigation_id, kind, item_id)
);

SELECT make_period(202603);
INSERT INTO workspaces (number, id, name, created_at, allowlist, published) OVERRIDING SYSTEM VALUE VALUES (1, 'ws_8f1e8ded4d90c6eb', 'log', 1795594024232512, '', 0);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 1, '\x28b52ffd637267d31e51006503009347112593c4589daf5d6c35c3d60785d5abeed1ee52cde0da3777ece634cb85ccaf9a7badd6abfde1a6cf77589e54cbef3a7f2fad53958b0f4b885bf222a276e7e39ddf074aa3170efc7959d989418d9ad59d6564e10245de6c17854b66f333f6865c360565dc2b07856d07'::bytea, '\x28b52ffd237267d31e14750000387b6e223a307d7d01003c0f2104'::bytea, '\xd71fc165eb1318e9bc98da49dde1cdab'::bytea, '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea, '\x965e7b7f8fa59f6ab9c3ed759a1a272d420433b7ad461477cf4a95e0fb05b7c1'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 2, '\x28b52ffd637267d31e63009d03000388122593c4589daf5d6c35c3d68850408dbbbd9df4cf46617a7377c834bf9bd32cd72d624c9de6941051b6a6ea517d4be80f9fe2b67ca99d53699f6baa2b21bca649ed7f7ebb43bf0f9446030ffc8bb9a0a3128c23dc9d6d10ca53b802e47b1e2d4cbb1d77d66367e4b28e28b379250ac2df'::bytea, '\x28b52ffd237267d31e14750000387b6e223a317d7d01003c0f2104'::bytea, '\x5752f2a8ab38d5a675067ca0a43f0961'::bytea, '\x965e7b7f8fa59f6ab9c3ed759a1a272d420433b7ad461477cf4a95e0fb05b7c1'::bytea, '\x084471c371c91afeeb1906d0bd4e15857871950bb87fa70444f51fc4d9b86c7a'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 3, '\x28b52ffd637267d31e5100950300b3c7112593c4589daf5d6c35c39650f0a50c21ebd5ed4cf7257377989bd32cd7294b54cfc9ea8f52d5bcf339974a47271d95e752ea74f961e25dbaee9b1952ed5242fa77e9f781d2680610fc741577a28f2cbc8da1d69df4aca98009e0258abf56ba82cc7e36f6135c3604654057ea966908'::bytea, '\x28b52ffd237267d31e14750000387b6e223a327d7d01003c0f2104'::bytea, '\x4b5a3a9a8687cca6bbb4cab8a73ade6e'::bytea, '\x084471c371c91afeeb1906d0bd4e15857871950bb87fa70444f51fc4d9b86c7a'::bytea, '\x40b6501c18ff19d2237ce856e2396c731cb2aa937962f68f98b375f119258e0e'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 4, '\x28b52ffd637267d31e6300b50300e347122593c4589daf5d6c35c3d60a856c2c55e7a963d2416fee0e99d67c739ae5e2f47d9c7d4a9cd0b14f865ab6aa75eb798a354be7a656379518a3f32954988eb1363cd73bf5fb4069540310fcef5fdd15d34cf07ae310c61e102a6b2550ea81dcaa0a87755a329bafb14772d93828635fb9266c3b'::bytea, '\x28b52ffd237267d31e14750000387b6e223a337d7d01003c0f2104'::bytea, '\xa8d50303331379bacbbb11413344e421'::bytea, '\x40b6501c18ff19d2237ce856e2396c731cb2aa937962f68f98b375f119258e0e'::bytea, '\x80bad5bc58b91580fba799495a4bf3445d84d4b49e0342ab65e92701fe6f86de'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 5, '\x28b52ffd637267d31e51008503008347112593c4589daf5d6c35c3b65048d7cc9bad6f90663277c96f4eb35c0a15b75e8edbb2a9d6503aff73fdad3dbabbc3d7923abd165e5a3de5ea95a5d4aca1c679b77e1f288d5e10fc741574346b4c59dd696c6f30053eef135effd9ca60e7e6983df7d8112e6b1765d6af5c433014'::bytea, '\x28b52ffd237267d31e14750000387b6e223a347d7d01003c0f2104'::bytea, '\x486e2b3fd65556b23a2d4348f03e680d'::bytea, '\x80bad5bc58b91580fba799495a4bf3445d84d4b49e0342ab65e92701fe6f86de'::bytea, '\x06ae78873916029ea174fe5a363e26f3c19228fa37b3203fafc75a33ea642641'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 6, '\x28b52ffd637267d31e63009503007347112593c4589daf5d6c35c3d6070a67355ca7e559c6c65bdfbf39cd7265a65ca7ccbf7fbab933dcb38725e3f5d80b551dee4e881bae32d6bc6d2dcc6eed0ed5de1dbf0f94460310fc4734ee35601bb3d51dae4148dd1cb053b92a00cf6520c1e6ed71673d76062eeb40994d57a220140c'::bytea, '\x28b52ffd237267d31e14750000387b6e223a357d7d01003c0f2104'::bytea, '\x634873f63c56778b24b127c78cbf869e'::bytea, '\x06ae78873916029ea174fe5a363e26f3c19228fa37b3203fafc75a33ea642641'::bytea, '\x9bc052ee01636260446241a52875fa4bf3a485070d23face5409d1ccd8d49db7'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 7, '\x28b52ffd637267d31e51009d03002348132593c4589daf5d6c35c3d6e88d491c6c84a1e0993e25e23a6a8da34ee6aead37a759aebcf5dd4e32cde42aa1e3aaea92f13e53b92d95d811391d223ba63c7bb5b774dac2d492deb1df074aa3190efc79591bdd8cee605845a47a818952126e69d4329bd9b197e0b22194315fa92b6c32'::bytea, '\x28b52ffd237267d31e14750000387b6e223a367d7d01003c0f2104'::bytea, '\x5e2f35e7fab5e80e3d27d75101a13d87'::bytea, '\x9bc052ee01636260446241a52875fa4bf3a485070d23face5409d1ccd8d49db7'::bytea, '\x4e1af4dfadf648edf37c137de364f5935e4b7d255833f8690660c7f3642d83cb'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 8, '\x28b52ffd637267d31e63009d0300e387122593c4589daf5d6c35c3d688a0808ddde535b653c617bdb93b647a6132a759ae75146ae9304acabf0e757bc5b4a13b5ec5b235adf3ca12af3d2c791ec5ac25c59b7af80ef97da034aa010ffc8bb920b005e30977c73bc54cff6c7a0df68ecdd74361f6ebb17fe3b25928835d215e3638'::bytea, '\x28b52ffd237267d31e14750000387b6e223a377d7d01003c0f2104'::bytea, '\x254718b4d990f1a15b390672e0cb6c81'::bytea, '\x4e1af4dfadf648edf37c137de364f5935e4b7d255833f8690660c7f3642d83cb'::bytea, '\xf13fd59b06e7d6f7dbbe1eed255f54169fd29720f5dac9ae8bdcac61828965bc'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 9, '\x28b52ffd637267d31e5100850300b307122593c4589daf5d6c35c3d650d8848e2655d6d832c829993b759239cd72b59476d5d9e344e8381579a764d44ea9b3bc3594563b89d7428fae1191b5c4106accfa78ecaefd3e501abd0ffc742de0d41a5d56773022c5a592c00452326e1fca329bd9b19770d91094315da92b1c27'::bytea, '\x28b52ffd237267d31e14750000387b6e223a387d7d01003c0f2104'::bytea, '\xaf93895993b8fd5a1facd3b3e660dd8e'::bytea, '\xf13fd59b06e7d6f7dbbe1eed255f54169fd29720f5dac9ae8bdcac61828965bc'::bytea, '\xfb018b1cc7f28695cc722104f7154019e5eb8b27b8736da0155c5b101abb34e5'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 10, '\x28b52ffd637267d31e64009503008347112593c4589daf5d6c35c3d60e85e484bef172656d5ead7e4fe634cbb50b7f7d7a3e4c6fae58d5d73a9bb4fb50ef7e71bea3f5de872af9398ff020f589f668deb9df074aa30110fcf05f1d16c336565677788250bbfda7a91c420055958848f4e1b8733976492e6b8a32cb2b7511fe06'::bytea, '\x28b52ffd237267d31e14750000387b6e223a397d7d01003c0f2104'::bytea, '\x1e5d35de1e66badad27801e8e746ba4c'::bytea, '\xfb018b1cc7f28695cc722104f7154019e5eb8b27b8736da0155c5b101abb34e5'::bytea, '\xed306cb769ececd8888e0bfdc07b5a2ba739f18ed8925fb7b0f7f40f9b3e0f43'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 11, '\x28b52ffd637267d31e5300a50300a3c7112593c4589daf5d6c35c3d67808855d4a1d44cecc20a264ee7c25739ae56a0c11aa74cb8d35cbb6981e64e970ab74795aebf1eec2e35f07cf7a3e3fedf3103376eed0ef03a5d10c10fc7b59db89418e9aac77265f2094726489ea5d5ae07399e0601cb33b8e5dc5658b5166f21538078602'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31307d7d01003c0f2104'::bytea, '\x54d58849c27c622f857c4b96beb73d9b'::bytea, '\xed306cb769ececd8888e0bfdc07b5a2ba739f18ed8925fb7b0f7f40f9b3e0f43'::bytea, '\xf30c7b2dd5b85ae7c0c4bb29525f91164d394027cfbdb33a8288f8d87e306daf'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 12, '\x28b52ffd637267d31e6500b503003348132593c4589daf5d6c35c3d6890805c4eaaed8f1a49039f96fee0e9946a8cc69962bd34189d7d9af35dc74103acd1927a61a6beaa06ecd9bd2edc46d3145ad31659b281b5a6dbc43f4fb406954030ffc493407e876e2ba2344f6ce818cc781147d0b39a6c6329bfcb19b715917ca6c5f39886032'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31317d7d01003c0f2104'::bytea, '\x1a10893b9965b25a5f2dc7d20a6e9011'::bytea, '\xf30c7b2dd5b85ae7c0c4bb29525f91164d394027cfbdb33a8288f8d87e306daf'::bytea, '\x8773cbc248ba3ddd81f7d302eedfeae7468ea084e01328ccddf4b099888d1353'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 13, '\x28b52ffd637267d31e5300950300f347122593c4589daf5d6c35c3d69a0805fcd4ec2cfd7b640e5b37777c9439cd72316dfde8d6afc6ded64276cf7c6dbf5fdd364ccfd4a766850a614bed071dee738dc750e95da2df074aa3170ffc7b59db89418e9aac7796cf02c2bc80b19e08c82b50984d6bec302eeb8532bb578823f00a'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31327d7d01003c0f2104'::bytea, '\xf25a09c9152e8d95e2413270b4ac642a'::bytea, '\x8773cbc248ba3ddd81f7d302eedfeae7468ea084e01328ccddf4b099888d1353'::bytea, '\x155e3681ae114cedfb049ee0ca30d09024ffe7fb72df55fa6383df34eaa3455e'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 14, '\x28b52ffd637267d31e6500a503000388122593c4589daf5d6c35c386ab0885c5ba5423d59869c56dee0e995e57e634cb950e19428c217494735aebd43d62d6e3e7aaae9d6fdc6308d799b93d3a63079b62674f3bba53f4fb4069340ffc88b9ff6e27ac3b26b27708648fe5b81e502ec750eb0ac7ddefb139e7b2ab28f35e39a85a3d'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31337d7d01003c0f2104'::bytea, '\x7533ad1032670f8455a95eecd91fb6b8'::bytea, '\x155e3681ae114cedfb049ee0ca30d09024ffe7fb72df55fa6383df34eaa3455e'::bytea, '\x9b1c05fb1d2456e4047f830e14df01e632db4b0eb9a145919ccb5b2e975a8635'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 15, '\x28b52ffd637267d31e5300950300e347122593c4589daf5d6c35c3d667110a2a152da6b7b90c3a7e73a74b99d32c17e3f16f54bf56d3d6fd8cf59cb57c7153add2a9f58e58e9bb424fc95d2d4fca5b33668cd0dda2df074aa3190ffc7b59db89418e62b2ed916f72de04c0a29b4c9300e098cd7bec615c361b65bc57880b1b0a'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31347d7d01003c0f2104'::bytea, '\xc51b5cfcf041a70be2c88c0bfd95250e'::bytea, '\x9b1c05fb1d2456e4047f830e14df01e632db4b0eb9a145919ccb5b2e975a8635'::bytea, '\x081996a1ee291bd7df6e0607c8a602837fff6b860b67e588f49eb18772e45ffa'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 16, '\x28b52ffd637267d31e65009d0300b3c7112593c4589daf5d6c35c3d607a1a0a99d4c78125bc95c7a232e739ae5d27b6694525bcbc7da79ba36e5ec207db5e7baddeb1efeb3b6ee206529cf3ee2ff75caf1eea0df074aa31a10fcf15f9dee41fba8b2f2ce735a849353596c00a96502263b80309bf7d8c370d92c94f1ae10171e1c'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31357d7d01003c0f2104'::bytea, '\xd053049963abb8c15e6f40a7fb6e5972'::bytea, '\x081996a1ee291bd7df6e0607c8a602837fff6b860b67e588f49eb18772e45ffa'::bytea, '\x515f857f1e7aea2478deae437d86232a8d3328a1831bb9a0b030115a8c38bbac'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 17, '\x28b52ffd637267d31e53008d0300d307122593c4589daf5d6c35c3c608858618d246e5876bd4416eeeee2c739ae53a7c5037663eaaa736fda566aa1dbc4ebb1afa67325e68352d64ccb6126fb196f6eef4a53b46bf0f94462f0ffc76ad7642cca378e51df7c388582f90a849c2761d1666ff18fb0097cd4219ec15e265bc02'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31367d7d01003c0f2104'::bytea, '\xad385e2a3a977e25ba239fd47a103dcd'::bytea, '\x515f857f1e7aea2478deae437d86232a8d3328a1831bb9a0b030115a8c38bbac'::bytea, '\xbe5c76211b9e509ffb32ee1b6aa0cf1bd032e14c4a29fa245110ecfc05299a90'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 18, '\x28b52ffd637267d31e6500ed0300e3c7122593c4589daf5d6c35c3d6f8c6240e3682100a69db36e50b21b3d66ad6cb9c66b9582a3aa64813b26398989a6c977eb7757cc54a3de5e33d7f4ab858b585971a795aac2bef10fa7da0341a11fc49349ec578870ad07b1414bdb317843a62de55d2a9cc4d201ff3d8e06275dc7bc7e693cb4ea2cce7150daa4e02'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31377d7d01003c0f2104'::bytea, '\x7a5c01d3aa723b450c43c49639d79ff3'::bytea, '\xbe5c76211b9e509ffb32ee1b6aa0cf1bd032e14c4a29fa245110ecfc05299a90'::bytea, '\x4bd74ed4e21483da0876147564d3ff44a75fa78c88f3ca2b073db23e07493f5b'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 19, '\x28b52ffd637267d31e53008d0300d307122593c4589daf5d6c35c3d60885e6d64acff1b66cd6d99bbba59639cd72a1b3b34b88e952cebb129ea6fa34f2e9b656a5f3ba6e25a692fbb7537a5bcdf55d28d769778d7e1f288d660ffc762d2b40cca378e51df7c388582f90a849c2761d1666ff18fb0097cd4219ec15e265bc02'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31387d7d01003c0f2104'::bytea, '\x831d614e5d138e4b8400c53d23bba7b2'::bytea, '\x4bd74ed4e21483da0876147564d3ff44a75fa78c88f3ca2b073db23e07493f5b'::bytea, '\x5bfe261b851ed024d1fd4c558a45fb15c661d70ad878d111a95641600a0e2237'::bytea);
INSERT INTO entries (workspace_number, period, seq, record, details, salt, previous_hash, event_hash) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 20, '\x28b52ffd637267d31e65009d03003308132593c4589daf5d6c35c3d6e80805760da5b698adb96148dfdc1d329d8e99d32c97e77da36e7c878d6db1759f9eddb95faf2c1d77c49dd651c7152d4f7677c9bc59530d29ba73f4fb406954030efc8db904f6928ee3ac77de2f4b05f848831d0a54c46cc6638fe1b2792863700594b08d'::bytea, '\x28b52ffd237267d31e157d0000407b6e223a31397d7d01003c0f2104'::bytea, '\x7c013b56831aaf6bdd9372358a36ac1d'::bytea, '\x5bfe261b851ed024d1fd4c558a45fb15c661d70ad878d111a95641600a0e2237'::bytea, '\x1591a267856bb32c780ef9f4d67129035bff81362722d7c68bc566c5d2419ecd'::bytea);
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 1, 'document.viewed{"n":0}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 2, 'document.viewed{"n":1}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 3, 'document.viewed{"n":2}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 4, 'document.viewed{"n":3}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 5, 'document.viewed{"n":4}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 6, 'document.viewed{"n":5}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 7, 'document.viewed{"n":6}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 8, 'document.viewed{"n":7}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 9, 'document.viewed{"n":8}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 10, 'document.viewed{"n":9}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 11, 'document.viewed{"n":10}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 12, 'document.viewed{"n":11}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 13, 'document.viewed{"n":12}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 14, 'document.viewed{"n":13}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 15, 'document.viewed{"n":14}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 16, 'document.viewed{"n":15}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 17, 'document.viewed{"n":16}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 18, 'document.viewed{"n":17}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 19, 'document.viewed{"n":18}');
INSERT INTO event_texts (workspace_number, period, seq, text) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 20, 'document.viewed{"n":19}');
INSERT INTO heads (workspace_number, seq, event_hash, created_at) OVERRIDING SYSTEM VALUE VALUES (1, 20, '\x1591a267856bb32c780ef9f4d67129035bff81362722d7c68bc566c5d2419ecd'::bytea, 1774602019000000);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k0', 1);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k1', 2);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k2', 3);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k3', 4);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k4', 5);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k5', 6);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k6', 7);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k7', 8);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k8', 9);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k9', 10);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k10', 11);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k11', 12);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k12', 13);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k13', 14);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k14', 15);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k15', 16);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k16', 17);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k17', 18);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k18', 19);
INSERT INTO idempotency (workspace_number, key, seq) OVERRIDING SYSTEM VALUE VALUES (1, 'k19', 20);
INSERT INTO inferred_sessions (workspace_number, actor_id, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u0', 1);
INSERT INTO inferred_sessions (workspace_number, actor_id, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u2', 3);
INSERT INTO meta (name, number, bytes) OVERRIDING SYSTEM VALUE VALUES ('zstd_dictionary', NULL, '\x37a430ec7267d31e2810d092a403ffffffffff83d9b4ad916f9b25b6f1a594526a32a96cfd94649229a5947e427255e0041303000004028004918994422d0704a0c1410d978f8e0d170c8505c7413928109108646a8c4439440030c800021a8200000000e4d2925144168985a218066210037230008008b50000000001000000040000000800000062636164363063643932222c226964223a2230316131383139382d336238302d373032342d383565312d636261333034373035616163222c226f636375727265645f6174223a22323032362d31302d32385430383a32303a30302e3030303033365a222c227265736f75726365223a7b226964223a2264617368626f6172645f6433373535393132222c2274797065223a2264617368626f617264227d2c22736571223a33372c2273657373696f6e5f6964223a2273657373696f6e2d3632303430222c2276223a312c22776f726b73706163655f6964223a2277735f34636233316131343135393535623765227d7b226163746f725f6e616d65223a2247726163652053696c7661222c227265736f757263655f6e616d65223a225132204461746120526576696577227d7b22616374696f6e223a22656d706c6f7965652e6172636869766564222c22616374696f6e5f63617465676f7279223a22616363657373222c226163746f72223a7b226964223a22757365725f38313264356533346530666439646338227d2c22637265617465645f6174223a22323032362d31302d32385430383a32303a30302e3030303033375a222c2264657461696c735f646967657374223a2237386362633833353533363239626339646563353230613138646564373163393365333231396134643964393062363034363335376338633538393538633238222c226964223a2230316131383139382d336238302d373032352d626631352d333933363634336566633536222c226964656d706f74656e63795f6b6579223a2263633261313830312d663539622d346232372d383439642d333265353964396535393933222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d31302d32385430383a32303a30302e3030303033375a222c227265736f75726365223a7b226964223a22656d706c5f62393032383366633632633966643035222c2274797065223a22656d706c6f796565227d2c22736571223a33382c2274656e616e745f6964223a2274656e616e742d3231383637222c2276223a312c22776f726b73706163655f6964223a2277735f34636233316131343135393535623765227d7b226163746f725f6e616d65223a224772616365204e6f76616b222c2269705f61646472657373223a2237342e35352e362e313237222c226d65746164617461223a7b22636f756e74223a224275646765742046696e616e6365204d61726b6574696e67222c22656d61696c223a333338382c22666f6c6465725f6964223a22636f6e746578745f6d656e75222c226e616d65223a222f74726173682f70726f64756374222c226e6577223a747275652c22737461747573223a22627564676574227d2c227265226d65746164617461223a7b2262726f77736572223a225131204d61726b6574696e67204472616674222c22656d61696c223a2273696465626172222c226e616d65223a323934382c226e6f7465223a224e6f74657320513120506f6c696379227d2c22757365725f6167656e74223a224d6f7a696c6c612f352e30202857696e646f7773204e542031302e303b2057696e36343b207836343b2072763a3133352e3029204765636b6f2f32303130303130312046697265666f782f3133352e30227d7b22616374696f6e223a226465766963652e636f6d6d656e746564222c22616374696f6e5f63617465676f7279223a22616363657373222c226163746f72223a7b226964223a2233303132222c2274797065223a2273657276696365227d2c22637265617465645f6174223a22323032362d31302d32315430393a34303a30302e3030303034345a222c2264657461696c735f646967657374223a2264636566613134343939623632353037653537393664656661333535333336356435623234313732313164663736376565383137643531613735643166353230222c226964223a2230316131356464342d663538302d373032632d386665312d653063623161306135656563222c226964656d706f74656e63795f6b6579223a2236623465326461652d343134322d346338352d383938302d613732313933663566643434222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d31302d32315430393a34303a30302e3030303034345a222c227265736f75726365223a7b226964223a226465766963655f3462336232373832222c2274797065223a22646576696365227d2c22736571223a34352c2274656e616e745f6964223a2274656e616e745f356535363638323862333863222c2274726163655f6964223a226135646363373730386630656465346362306661323731313065613138333639222c2276223a312c22776f726b73706163655f6964223a2277735f35376133373734633034326335303563227d7b226163746f725f6e616d65223a224f6c6761204b696d222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b22616d6f756e74223a226d6f62696c65222c226970223a227265665f37396163616330323739383865373836227d2c227265736f757263655f6e616d65223a2244617461204e6f74657320427564676574222c22757365725f6167656e74223a224d6f7a696c6c612f352e30202857696e646f7773204e542031302e303b2057696e36343b207836343b2072763a3131302e3029204765636b6f2f32303130303130312046697265666f782f3131302e30227d7b22616374696f6e223a22776562686f6f6b2e6c6f67676564223a22617069227d2c227265736f757263655f6e616d65223a224472616674205465616d20427564676574222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3130332e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a227365637265742e656e61626c6564222c22616374696f6e5f63617465676f7279223a2272656164222c226163746f72223a7b226964223a227573725f31323830653636303337343864656163227d2c22637265617465645f6174223a22323032362d31302d30395430363a30303a30302e3030303033335a222c2264657461696c735f646967657374223a2235613735633162336439623033666231363630306166323463663562656339363733303764393061646232363261623966323433316161363664386436663536222c226964223a2230316131316633662d336230302d373032312d626630632d643537633434663837383765222c226964656d706f74656e63795f6b6579223a2237646638646535612d623162642d346533612d383634312d313036633134303761346465222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d31302d30395430363a30303a30302e3030303033335a222c227265736f75726365223a7b226964223a227365637265745f3632623766613735222c2274797065223a22736563726574227d2c22736571223a33342c2276223a312c22776f726b73706163655f6964223a2277735f34666431383530623834333162376162227d7b226163746f725f6e616d65223a22456d6d61204d6f72656175222c2269705f61646472657373223a2231362e3135362e3130372e313937222c226d65746164617461223a7b226279746573223a373533387d2c227265736f757263655f6e616d65223a22323032362051332032303235222c22757365725f6167656e74223a224d6f7a696c6c612f352e30202857696e646f7773204e542031302e303b2057696e36343b2078363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3133332e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a22757365722e726566756e646564222c22616374696f6e5f63617465676f7279223a2272656164222c226163746f72223a7b226964223a2231313136353539222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d31302d30395430363a30303a30302e3030303033345a222c226465302e3030303033355a222c227265736f75726365223a7b226964223a2270726f647563745f363766616133323936316236222c2274797065223a2270726f64756374227d2c22736571223a33362c2273657373696f6e5f6964223a22736573735f3232393961613934222c2274617267657473223a5b7b226964223a22745f333033396435386132643837222c2274797065223a22656d706c6f796565227d5d2c2276223a312c22776f726b73706163655f6964223a2277735f63386337663138386466656639646639227d7b226163746f725f6e616d65223a22496e657320536d697468222c2269705f61646472657373223a2233302e33392e3138302e323331222c226d65746164617461223a7b226c6f636174696f6e223a222f70617469656e742f7061796d656e74222c226d6574686f64223a2252657669657720506f6c6963792044617461222c22726567696f6e223a227265665f323266316235306238373639222c2272657175657374223a2253616c657320427564676574205465616d227d2c227265736f757263655f6e616d65223a22323032352044726166742046696e616c222c2274617267657473223a5b7b226e616d65223a225133227d5d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3134382e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a2266696c652e656e61626c6564222c226163746f72223a7b226964223a227573722d3637373037222c2274797065223a2261646d696e227d2c22637265617465645f6174223a22323032362d30392d32375430323a32303a30302e3030303033365a222c2264657461696c735f646967657374223a2231623865376537663230353365636361333336613939306538656630363039636664356431653966613065643765653764663431343261653961313061623661222c226964223a2230316130653061392d383038302d373032342d383461342d326130303033376435313835222c226964656d706f74656e63795f6b6579223a2239346435326634662d393333332d346432342d616439642d313731353664663931393838222c2269705f636f756e747279223a224652222c226f636375727265645f6174223a22323032362d30392d32375430323a32303a30302e3030303033365a222c227265736f75726365223a7b226964223a2231393031373938222c2274797065223a2266696c65227d2c22736571223a33372c2273657373696f6e5f6964223a2239346266623238372d396564652d3464633a2243686c6f652053696c7661222c2269705f61646472657373223a223137352e3138312e37302e3132222c226d65746164617461223a7b22726561736f6e223a225134205265706f727420506f6c696379222c2272657175657374223a222f6368616e6e656c2f70617469656e74222c227569223a222f656d706c6f7965652f6c6f67696e227d2c227265736f757263655f6e616d65223a225265766965772032303236205132222c2274617267657473223a5b7b226e616d65223a22506c616e227d5d2c22757365725f6167656e74223a22707974686f6e2d72657175657374732f322e33322e33227d7b22616374696f6e223a22636f6d6d656e742e70617373776f72645f6368616e676564222c22616374696f6e5f63617465676f7279223a22757064617465222c226163746f72223a7b226964223a226d656d625f62646263643639353130636131376133222c2274797065223a2261646d696e227d2c22637265617465645f6174223a22323032362d30392d31345432323a34303a30302e3030303033395a222c2264657461696c735f646967657374223a2230643562316637336234613430653337323537656230343334666536316163666135663766306239393966316534353165396266303430643062666462643064222c226964223a2230316130613231332d633630302d373032372d616130392d643832373863643633393166222c2269705f636f756e747279223a225553222c226f636375727265645f6174223a22323032362d30392d31345432323a34303a30302e3030303033395a222c227265736f75726365223a7b226964223a2231323434343131222c2274797065223a22636f6d6d656e74227d2c22736571223a34302c2273657373696f6e5f6964223a22736573735f3934626162386633222c2274656e616e745f6964223a22313335343233222c2276223a312c22776f726b73706163655f6964223a2277735f66613636353331616266626331343939227d7b226163746f725f6e616d65223a2253616d2053696c7661222c2269705f61646472657373223a2231342e3134382e3230312e313939222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b22646f63756d656e745f6964223a393832347d2c227265736f757263655f6e616d65223a22506c616e2044726166742053616c6573222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3131322e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a2274726173682e72656a6563746564222c2261302e3030303034305a222c227265736f75726365223a7b226964223a2263657274696669636174655f383864376539663631306530222c2274797065223a226365727469666963617465227d2c22736571223a34312c2273657373696f6e5f6964223a2273657373696f6e5f363466333730393939346164222c2274656e616e745f6964223a226f72672d3633373039222c2274726163655f6964223a223534316165653466356332646435623462353038393337306637346630303764222c2276223a312c22776f726b73706163655f6964223a2277735f39346563363137613039326662646132227d7b226163746f725f6e616d65223a22446176696420506174656c222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b22636f756e74223a226b6579626f617264222c2266696c656e616d65223a363736312c2272657175657374223a2232303236227d2c227265736f757263655f6e616d65223a225133205265766965772044617461222c22757365725f6167656e74223a22476f2d687474702d636c69656e742f322e30227d7b22616374696f6e223a22646f63756d656e742e726573746f726564222c226163746f72223a7b226964223a22757365722d3437363935222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30392d30325431393a30303a30302e3030303034315a222c2264657461696c735f646967657374223a2230323839666361393732613666313537663061616261323432316364343063656538346566393335643539336334356466653661653530343361313236613139222c226964223a2230316130363337652d306238302d373032392d623664622d393535366337373063636430222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30392d30325431393a30303a30302e3030303034315a222c227265736f75726365223a7b226964223a2231313938353439222c2274797065223a22646f63756d656e74227d2c22736571223a34322c2273657373696f6e5f6964223a2231333136343338222c2274656e616e745f6964223a2231643363373130352d383536652d346232382d623732312d353661666438336336663265222c2276223a312c22776f726b73706163655f6964223a2277735f39346563363137613039326662646132227d7b226163746f725f6e616d65223a22566572612042726f776e222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b22666f6c6465725f6964223a22636f6e746578745f6d656e75222c226c6f636174696f6e223a225465616d205133204472616674222c22736f75726365223a333639327d2c2275736565222c226964223a2230316130316266372d376638302d373030662d393738312d666264383531323033336238222c226964656d706f74656e63795f6b6579223a2261313563616364642d323264642d343161382d623339302d373936363362333830336535222c226f636375727265645f6174223a22323032362d30382d31395432313a34303a30302e3030303031355a222c227265736f75726365223a7b226964223a2238316238396362352d303330342d343134642d396634652d613231633264313534306630222c2274797065223a22776f726b7370616365227d2c22736571223a31362c2273657373696f6e5f6964223a22736573735f3661623061316237222c2274656e616e745f6964223a2237313935323039662d333432622d343235322d623039362d366461623632343065653238222c2276223a312c22776f726b73706163655f6964223a2277735f37323631623931376639613132333438227d7b226163746f725f6e616d65223a224461766964205361746f222c226d65746164617461223a7b22616d6f756e74223a383432392c226970223a2273696465626172222c22746162223a22427564676574205265706f7274204e6f746573227d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284c696e75783b20416e64726f69642031343b20506978656c203829204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3132362e302e302e30204d6f62696c65205361666172692f3533372e3336227d7b22616374696f6e223a22706167652e63726561746564222c22616374696f6e5f63617465676f7279223a22616363657373222c226163746f72223a7b226964223a22757365722d3136333133222c2274797065223a2261646d696e227d2c22637265617465645f6174223a22323032362d30382d31395432313a34303a30302e3030303031365a222c2264657461696c735f646967657374223a2232633364623166373833386533363334343631656531613833363638306361353330383835616564396534386230336139396561343762303332666262613935222c226964223a2230316130316266372d376638302d373031302d393230622d373461303039343163333732222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30382d31395432313a34303a30302e3030303031365a222c227265736f75726365223a7b226964223a22373030383230227d2c22736571223a31372c2273657373696f6e5f6964223a22736573732d3135353732222c2274617267657473223a5b7b226964223a22745f6363383461313064222c2274797065223a227061796d656e74227d5d3136383332313136356432633534222c226964223a2230313966633238662d353038302d373031612d616362642d383066393730363762653662222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30382d30325431333a30303a30302e3030303032365a222c227265736f75726365223a7b226964223a2233356564616432352d613033372d346433652d623161302d633138653032343130653435222c2274797065223a227472617368227d2c22736571223a32372c2273657373696f6e5f6964223a2232643039636539362d616137342d346366372d393563622d656163366361306263623838222c2274656e616e745f6964223a2274656e616e745f393131623834393238386562222c2276223a312c22776f726b73706163655f6964223a2277735f30643761343933613565363538333761227d7b2269705f61646472657373223a223230332e372e31312e3738222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b226279746573223a747275652c2266726f6d223a227265665f66636666653635306665373963333833222c2270616765223a22746f6f6c626172222c22737461747573223a227265665f626139353361623032343365222c227569223a227265665f3230623763333539227d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3132312e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a2270726f6a6563742e696d706f72746564222c22616374696f6e5f63617465676f7279223a22757064617465222c226163746f72223a7b226964223a22757365722d3233383438222c2274797065223a2273657276696365227d2c22637265617465645f6174223a22323032362d30382d30325431333a30303a30302e3030303032375a222c2264657461696c735f646967657374223a2235313539613561346331633631333731366237623534383236343031623438393732303331323563383538316330306364376330343235376433616661346164222c226964223a2230313966633238662d353038302d373031622d626362382d343061646465376238396330222c2269705f636f756e747279223a224652222c226f636375727265645f6174223a22323032362d30382d30325431333a30303a30302e3030303032375a222c227265736f75726365223a7b226964223a2270726f6a5f33313634613264313933376430373134222c2274797065223a2270726f6a656374227d2c22736571223a32382c227365737330302e3030303031385a222c227265736f75726365223a7b226964223a227365617263685f643534636531636436383861222c2274797065223a22736561726368227d2c22736571223a31392c2273657373696f6e5f6964223a2273657373696f6e2d3832343733222c2276223a312c22776f726b73706163655f6964223a2277735f62373835643961376165643963643432227d7b226163746f725f6e616d65223a224c69616d2057616e67222c2269705f61646472657373223a223234392e3135382e3135392e313638222c226d65746164617461223a7b2270617468223a222f70726f6a6563742f656d706c6f796565227d2c227265736f757263655f6e616d65223a22506c616e204e6f746573205131222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3131352e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a22776f726b73706163652e636c6f736564222c22616374696f6e5f63617465676f7279223a2261646d696e222c226163746f72223a7b226964223a227573725f313832363437383937323531227d2c22637265617465645f6174223a22323032362d30372d31375432323a30303a30302e3030303031395a222c2264657461696c735f646967657374223a2238376461323465656336343634383364623463653435303139333665643066396431353066366333653439373663303362333564386330313563306333666236222c226964223a2230313966373231372d663330302d373031332d393135392d323034323439383938316431222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30372d31375432323a30303a30302e3030303031395a222c227265736f75726365223a7b226964223a2266643165356261642d663237382d343232302d626132312d386636656664326530373564222c2274797065223a22776f726b7370616365227d2c22736571223a32302c2273657373696f6e5f6964223a2273657373696f6e5f323530636636666633363066222c2274656e616e745f6964223a226f72675f34613539376539626562313730613031222c2276223a312c22776f726b73706163655f6964223a2277735f62373835643961376165643963643432227d7b226163746f725f6e616d65223a224f6c6761204e677579656e222c2269705f61646472657373223a223133312e3231312e39372e323132222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b22656e7669726f6e6d656e74223a222f636f6e6375727265645f6174223a22323032362d30372d30375431323a30303a30302e3030303034395a222c227265736f75726365223a7b226964223a227461736b5f6564393836636362222c2274797065223a227461736b227d2c22736571223a35302c2274617267657473223a5b7b226964223a2231646133366334302d306266352d346666332d396166632d623366316138363337643466222c2274797065223a22706f6c696379227d5d2c2274656e616e745f6964223a2274656e616e745f6339343365323738222c2276223a312c22776f726b73706163655f6964223a2277735f63373734386466646636366139666334227d7b226163746f725f6e616d65223a2243686c6f65204c6f70657a222c2269705f61646472657373223a2233342e322e32312e313031222c226d65746164617461223a7b226970223a222f7365617263682f6f7267616e697a6174696f6e227d2c2274617267657473223a5b7b226e616d65223a2246696e616e6365227d5d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020286950686f6e653b20435055206950686f6e65204f532031375f35206c696b65204d6163204f53205829204170706c655765624b69742f3630352e312e313520284b48544d4c2c206c696b65204765636b6f292056657273696f6e2f31372e35204d6f62696c652f313545313438205361666172692f3630342e31227d7b22616374696f6e223a22696e766f6963652e6c6f676765645f696e222c226163746f72223a7b226964223a226d656d6265722d3339383235222c2274797065223a2273657276696365227d2c22637265617465645f6174223a22323032362d30372d30395430353a34303a30302e3030303030305a222c2264657461696c735f646967657374223a2261373330656534383732353134303138613361363638643632663763333037366232396239613561303635663661393364393065316137356239613939666239222c226964223a2230313966343536332d646238302d373030302d393339332d623763366334363732353863222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d30372d30395430353a34303a30302e3030303030305a222c227265736f75726365223a7b226964223a22343739393436222c2274797065223a22696e766f696365227d2c22736571223a312c2273657373696f6e5f6964223a2273657373696f6e5f6237323235373131222c2276223a312c22776f726b73706163655f6964223a2277735f36333764646166613237373364366638227d7b226163746f725f6e616d65223a2246656c697820526f737369222c2269705f61646472657373223a223136372e3234342e3132342e323334222c226d657461616d65223a225061756c204b696d222c2269705f61646472657373223a2233342e3135372e3139352e323032222c2269705f63697479223a225061726973222c226d65746164617461223a7b226475726174696f6e5f6d73223a747275652c22656e7669726f6e6d656e74223a747275652c22666f6c6465725f6964223a2273616c6573222c226c6f636174696f6e223a222f66696c652f646576696365222c226e6f7465223a2246696e616c20323032352053616c6573222c227175657279223a22506f6c6963792046696e616e63652044617461227d2c227265736f757263655f6e616d65223a224e6f74657320513420526576696577222c22757365725f6167656e74223a22506f73746d616e52756e74696d652f372e33392e30227d7b22616374696f6e223a2273657373696f6e2e766965776564222c22616374696f6e5f63617465676f7279223a227365637572697479222c226163746f72223a7b226964223a22353631363634222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30362d32305430333a32303a30302e3030303031335a222c2264657461696c735f646967657374223a2262383763323438396536303037323537393634323865306362646164323064613038663064663431373230623064633462326563373861383332353362663439222c226964223a2230313965653330612d646230302d373030642d386638382d366235303038356532313565222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d30362d32305430333a32303a30302e3030303031335a222c227265736f75726365223a7b2274797065223a2273657373696f6e227d2c22736571223a31342c2273657373696f6e5f6964223a2273657373696f6e5f3030313965303239222c2274617267657473223a5b7b226964223a22745f64366266653165376161353263343939222c2274797065223a22636f6e7472616374227d5d2c2276223a312c22776f726b73706163655f6964223a2277735f36653662336135663164303032626566227d7b226163746f725f6e616d65223a22496e65732053696c7661222c2269705f61646472657373223a223139382e34302e33342e313133222c226d65746164617461223a7b22636f756e74223a222f63657274696669636174652f6d657373616765222c22726561736f6e223a227265662d3437343835222c2273697a65223a222f636f6e74726163742f7061796d656e74222c2276657273696f6e223a222f73657474696e67732f636f6d6d656e74227d2c227265736f757263655f6e616d65223a22513220447261667420506c616e222c2274617267657473223a5b7b226e616d65223a225265706f727422726365223a7b226964223a2270617469656e745f3462346131353036222c2274797065223a2270617469656e74227d2c22736571223a342c2273657373696f6e5f6964223a2263373036643133322d633565662d343331652d623832342d373365356437363535643132222c2276223a312c22776f726b73706163655f6964223a2277735f33383438323532333635383266363866227d7b226163746f725f6e616d65223a22556d61204b68616e222c2269705f61646472657373223a223130302e3233372e31352e313930222c226d65746164617461223a7b226279746573223a343439302c22636c69656e74223a363830372c2266656174757265223a227131222c22766961223a22746f6f6c626172227d2c227265736f757263655f6e616d65223a225265706f7274205465616d205133222c22757365725f6167656e74223a226f6b687474702f342e31322e30227d7b22616374696f6e223a227265706f72742e72656d6f766564222c22616374696f6e5f63617465676f7279223a2264656c657465222c226163746f72223a7b226964223a227573725f6466336566656433222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30362d31315431313a30303a30302e3030303030345a222c2264657461696c735f646967657374223a2235383036383530623135616230633663333564393064353363303835313336366665363461386266366130363737663937643364356361646637303833616330222c226964223a2230313965623635362d633338302d373030342d616261662d663633626365666539373134222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30362d31315431313a30303a30302e3030303030345a222c227265736f75726365223a7b226964223a22313430383830222c2274797065223a227265706f7274227d2c22736571223a352c2273657373696f6e5f6964223a2273657373696f6e2d3831323331222c2274656e616e745f6964223a22313334363132222c2276223a312c22776f726b73706163655f6964223a2277735f33383438323532333635383266363866227d7b226163746f725f6e616d65223a225665726120476172636961222c2269705f61646472657373223a223131352e3230332e3232392e313834222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b22656d61696c223a22776562222c2266726f6d223a2273696465626172222c22726561736f6e223a323833362c2272657175657374223a227265665f6134383435643665222c2273697a65223a66616c73657d2c227265736f757263655f6e616d65223a225131203230323620506c616e222c227573657250222c226f636375727265645f6174223a22323032362d30362d30315430313a30303a30302e3030303034325a222c227265736f75726365223a7b2274797065223a22776562686f6f6b227d2c22736571223a34332c2273657373696f6e5f6964223a22736573735f6433646663396536222c2274656e616e745f6964223a2261366331316536622d316336662d343863322d393037362d336636373564663536636635222c2276223a312c22776f726b73706163655f6964223a2277735f30623437353332663566653961346264227d7b2269705f61646472657373223a2231302e31382e3235302e313838222c226d65746164617461223a7b22636f756e74223a343830347d2c227265736f757263655f6e616d65223a224e6f74657320446174612046696e616c222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3130362e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a226d6573736167652e6d6f7665645f746f5f7472617368222c22616374696f6e5f63617465676f7279223a2261646d696e222c226163746f72223a7b226964223a22757365725f396662396366373863643366222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30362d30315430313a30303a30302e3030303034335a222c2264657461696c735f646967657374223a2263343935306136363638623061323531336437336338626266343837326431346261336431373131663336366632613634393733326266633237383437613237222c226964223a2230313965383062312d646138302d373032622d383865352d353961393633383163643835222c226f636375727265645f6174223a22323032362d30362d30315430313a30303a30302e3030303034335a222c227265736f75726365223a7b2274797065223a226d657373616765227d2c22736571223a34342c2274656e616e745f6964223a22616363745f3736626131393062222c2276223a312c22776f726b73706163655f6964223a2277735f30623437353332663566653961346264227d7b2269705f61646472657373223a2236332e31392e3136332e313639222c226d65746164617461223a7b226970223a225465616d20526576696577205134222c227469746c65223a22776562227d2c227265736f757263655f6e616d65223a2253616c65732042756467657420506f6c696379222c22757365725f6167656e74223a226178696f732f312e372e32227d7b22616374696f6e223a2270726f647563742e656469746564222c223030303030305a222c227265736f75726365223a7b226964223a2265343461633038662d376239302d346532382d393835662d336361316436313463386263222c2274797065223a226c6f67696e227d2c22736571223a312c2274656e616e745f6964223a223836303337222c2274726163655f6964223a226132333533336262656466383639646339356432623531303266363934336362222c2276223a312c22776f726b73706163655f6964223a2277735f39363362333438373666393565356137227d7b2269705f61646472657373223a2237302e36372e38372e323337222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b22636f756e74223a222f656d706c6f7965652f736572766572222c2263757272656e6379223a226472616674222c226e6577223a22726576696577222c22706c616e223a22746f6f6c626172222c22726573756c7473223a2266696e616c227d2c227265736f757263655f6e616d65223a2242756467657420506c616e2046696e616c222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3133302e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a2273657474696e67732e646f776e6c6f61646564222c226163746f72223a7b226964223a22323338303431222c2274797065223a226170695f6b6579227d2c22637265617465645f6174223a22323032362d30352d31395432313a32303a30302e3030303030315a222c2264657461696c735f646967657374223a2265623035613166386261646562336335336166633834613061323831653564663935373964656337636234373964366566333336363338333036646333616138222c226964223a2230313965343231632d323030302d373030312d396663312d323633346165613832333666222c226964656d706f74656e63795f6b6579223a2235656336303266342d623738392d343065302d626236382d333035316236653239653565222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30352d31395432313a32303a30302e3030303030315a222c227265736f75726365223a7b226964223a2273657474696e67735f6233356165303832222c2274797065223a2273657474696e6773227d2c22736571223a322c2273657373696f6e5f6964223a2273657373696f6e2d3234323434222c2274617267657473223a5b7b226964223a22742d3536313135222c2274797065223a22636572746966696168204d6f72656175222c227265736f757263655f6e616d65223a224275646765742051332032303236227d7b22616374696f6e223a226368616e6e656c2e696d706f72746564222c22616374696f6e5f63617465676f7279223a2264656c657465222c226163746f72223a7b226964223a226d656d6265725f3635303265303665222c2274797065223a226170695f6b6579227d2c22637265617465645f6174223a22323032362d30352d30345430363a32303a30302e3030303032345a222c2264657461696c735f646967657374223a2239356332643138363133323232363130646639333039373463656434316639636137306566633636393966383664323732666132636634343237616636336635222c226964223a2230313964663161342d633238302d373031382d623763612d306236623935363332353231222c2269705f636f756e747279223a224652222c226f636375727265645f6174223a22323032362d30352d30345430363a32303a30302e3030303032345a222c22726571756573745f6964223a227265715f35363039393532376236383061613230222c227265736f75726365223a7b226964223a226368616e6e656c5f3436346230353935222c2274797065223a226368616e6e656c227d2c22736571223a32352c2274617267657473223a5b7b226964223a2238376462643630342d663233362d343432362d383362652d646636363166626166633963222c2274797065223a2264617368626f617264227d5d2c2276223a312c22776f726b73706163655f6964223a2277735f36336235613261656530383730373737227d7b226163746f725f6e616d65223a224a61636b2042726f776e222c2269705f61646472657373223a2238312e3137392e3133302e323030222c2269705f63697479223a225061726973222c226d65746164617461223a7b2262726f77736572223a226d6f62696c65222c22636f756e74223a22746f6f6c626172222c22726561736f6e223a227265662d3130343933222c22746162223a747275657d2c227265736f757263655f6e616d65223a22513220506c616e204d61726b6574696e67222c2274617267657473223a5b7b226e616d65223a225134227d5d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3132312e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a22696e746567726174696f6e2e6661696c6564222c22616374696f6e5f63617465676f7279223a2261757468222c226163746f72223a7b226964223a2231366533303237382d353866622d3465223a227465616d222c22726567696f6e223a227265662d3337383838222c22746f223a22447261667420526576696577205465616d222c227569223a222f64617368626f6172642f70616765227d2c227265736f757263655f6e616d65223a225465616d2046696e616c204472616674222c22757365725f6167656e74223a224d6f7a696c6c612f352e30202857696e646f7773204e542031302e303b2057696e36343b207836343b2072763a3132352e3029204765636b6f2f32303130303130312046697265666f782f3132352e30227d7b22616374696f6e223a22666f6c6465722e6c6f676765645f6f7574222c22616374696f6e5f63617465676f7279223a22616363657373222c226163746f72223a7b226964223a226d656d6265725f326361373964333837646561222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30342d32375430373a34303a30302e3030303030335a222c2264657461696c735f646967657374223a2236303762343534303431353163633166653165643432323131323031316564336132666361663634353664393335653164666335333336366430666531343938222c226964223a2230313964636465312d376338302d373030332d623436312d396264653335383266306136222c2269705f636f756e747279223a224652222c226f636375727265645f6174223a22323032362d30342d32375430373a34303a30302e3030303030335a222c227265736f75726365223a7b226964223a22666f6c6465722d3536373836222c2274797065223a22666f6c646572227d2c22736571223a342c2273657373696f6e5f6964223a22736573732d36313438222c2274617267657473223a5b7b226964223a22343139373231222c2274797065223a227265706f7274227d5d2c2274656e616e745f6964223a22616363745f61393435333138636666396564613766222c2276223a312c22776f726b73706163655f6964223a2277735f32333438323235666538343431393164227d7b226163746f725f6e616d65223a224c697361204e6f76616b222c2269705f61646472657373223a2231312e3136302e3234312e3833222c2269705f63697479223a225061726973222c226d65746164617461223a7b226669656c64223a2273696465626172222c2266726f6d223a226d6f62696c65222c226d6574686f64223a22746f6f6c626172222c227175657279223a2246696e616e63652044726166742032303235222c22726567696f6e223a363838327d2c2274617267657473223a5b7b226e616d65223a224e6f746573227d5d2c22757365725f6167656e74223a22707974686f6e2d72657175657374732f322e33322e33227d7b22616374696f6e223a226c6f67696e2e5f63697479223a225061726973222c226d65746164617461223a7b22656d61696c223a226b6579626f617264222c226c6f636174696f6e223a22636f6e746578745f6d656e75222c2273697a65223a222f706167652f6f7267616e697a6174696f6e227d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3131352e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a22696e766f6963652e6d66615f656e61626c6564222c22616374696f6e5f63617465676f7279223a227365637572697479222c226163746f72223a7b226964223a227573722d3939343932222c2274797065223a2273657276696365227d2c22637265617465645f6174223a22323032362d30342d31315431363a34303a30302e3030303033315a222c2264657461696c735f646967657374223a2237626335336430663865663065393161623137666361353666366661366133323538303439653135316562636339666362663463646466646465313832386638222c226964223a2230313964376436612d316630302d373031662d623163372d393234653235643234366364222c226964656d706f74656e63795f6b6579223a2230323830396331342d313933322d346361362d613931342d373937333438303134656433222c2269705f636f756e747279223a225553222c226f636375727265645f6174223a22323032362d30342d31315431363a34303a30302e3030303033315a222c227265736f75726365223a7b226964223a22696e766f6963655f6139623365356238222c2274797065223a22696e766f696365227d2c22736571223a33322c2276223a312c22776f726b73706163655f6964223a2277735f30636462646630616566623430353961227d7b226163746f725f6e616d65223a22416e61204c6f70657a222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b226475726174696f6e5f6d73223a226d61726b6574696e67222c226669656c64223a224d61726b6574696e6720323032362044617461222c22666f6c6465725f6964223a22513320526576696577205465616d222c226c6f636174696f6e223a222f64617368626f6172642f636f6d6d656e74222c22706c616e223a22617069222c22736f75726365223a222f6465706c6f796d656e742f6170695f6b6579227d2c227265736f757263655f6e616d65223a2251312032303235205265706f7274227d7b22616374696f6e223a22737562736372697074696f6e2e696e7669746564222c226130302e3030303030395a222c227265736f75726365223a7b226964223a22646f63756d656e742d3337313034222c2274797065223a22646f63756d656e74227d2c22736571223a31302c2273657373696f6e5f6964223a22736573735f61643830623832663135613731386437222c2274726163655f6964223a223633386635666463623130663835633138343930366332643730333638396334222c2276223a312c22776f726b73706163655f6964223a2277735f65313062316466303263623231616238227d7b226163746f725f6e616d65223a224d6961205361746f222c2269705f61646472657373223a2231352e35352e3134372e3530222c226d65746164617461223a7b22656e7669726f6e6d656e74223a363936352c22666f6c6465725f6964223a66616c73652c226970223a226e6f746573222c226e6577223a222f6d6573736167652f6365727469666963617465222c22736f75726365223a2242756467657420513120526576696577222c22746162223a222f646f63756d656e742f6368616e6e656c227d2c227265736f757263655f6e616d65223a2252657669657720506f6c696379205265706f7274222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3131382e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a2270726f647563742e617070726f766564222c22616374696f6e5f63617465676f7279223a2261646d696e222c226163746f72223a7b226964223a22757365722d3231313037222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30332d32385431393a32303a30302e3030303031305a222c2264657461696c735f646967657374223a2234386239356630313565346261313464333565353736323931383663323531326466303733353132356133613430656663636331643561663230343365623762222c226964223a2230313964333565332d393330302d373030612d613832362d336662346132333838313561222c226964656d706f74656e63795f6b6579223a2239336338656134352d363535332d343863392d613866392d336632666430373962383233222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d30332d32385431393a32303a30302e3030303031305a222c227265736f75726365223a7b226964223a2270726f647563742d3533353239222c2274797065223a2270726f64756374227d2c22736571223a31312c22736573736930312046697265666f782f3134352e30227d7b22616374696f6e223a226465706c6f796d656e742e636f70696564222c22616374696f6e5f63617465676f7279223a227365637572697479222c226163746f72223a7b226964223a2266343962306434352d303330372d346437312d626461382d643366313631366535353036222c2274797065223a226170695f6b6579227d2c22637265617465645f6174223a22323032362d30332d31315431303a34303a30302e3030303032315a222c2264657461696c735f646967657374223a2233643432383264313163653238646665613333363932353837306532376233373336343839663538323765613033373238646564653061353664346462316136222c226964223a2230313963646337622d363430302d373031352d613333642d393538386236656635616431222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d30332d31315431303a34303a30302e3030303032315a222c227265736f75726365223a7b226964223a2238303361636166312d303739382d343662392d386164642d333062376463623036663538227d2c22736571223a32322c2273657373696f6e5f6964223a2231343038383037222c2274617267657473223a5b7b226964223a22745f656230313433313235353430222c2274797065223a22706970656c696e65227d5d2c2274656e616e745f6964223a2239656564343564342d316332352d343835652d613162372d663533383632643135613563222c2276223a312c22776f726b73706163655f6964223a2277735f64303363386433306139363632396231227d7b226163746f725f6e616d65223a224b6172696e204c617273656e222c2269705f61646472657373223a2231312e36382e3233352e3632222c226d65746164617461223a7b22627574746f6e223a226d61726b6574696e67222c22726567696f6e223a2244726166742032303235205133227d2c227265736f757263655f6e616d65223a22506f6c696379204d61726b6574696e6720427564676574222c2274617267657473223a5b7b226e616d65223a2246696e616e6365227d5d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3630352e312e313520284b48544d4c2c206c696b65204765636b6f292056657273696f6e2f31352e31205361666172692f3630352e312e3135227d7b22616374696f6e223a227365637265742e64656c65746564222c22616374696f6e5f63617465676f7279223a22637265617465222c226163746f72223a7b226964223a227573722d3338323738222c227479706e616d65223a224e6f61682053696c7661222c2269705f61646472657373223a2233372e32372e3233332e3633222c2269705f63697479223a225061726973222c226d65746164617461223a7b2263757272656e6379223a333136332c22646f63756d656e745f6964223a226b6579626f617264222c22737461747573223a747275652c22746162223a222f636f6d6d656e742f706970656c696e65222c22746f223a333732317d2c227265736f757263655f6e616d65223a22506f6c6963792032303235204e6f746573222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3131382e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a22726f6c652e656e61626c6564222c22616374696f6e5f63617465676f7279223a2261757468222c226163746f72223a7b226964223a226d656d625f38383336663164656638656562653263227d2c22637265617465645f6174223a22323032362d30332d30315430303a34303a30302e3030303030355a222c2264657461696c735f646967657374223a2239623862363765656131383638613063646164306235366430666136653136336535313034623339616439376639656262653530356336616232353163636162222c226964223a2230313963613664362d376230302d373030352d393231632d663631613962626262623537222c226964656d706f74656e63795f6b6579223a2265353964393833382d613664662d343064342d396535662d623965643537633061633035222c2269705f636f756e747279223a224a50222c226f636375727265645f6174223a22323032362d30332d30315430303a34303a30302e3030303030355a222c227265736f75726365223a7b226964223a22726f6c652d3931323239222c2274797065223a22726f6c65227d2c22736571223a362c2273657373696f6e5f6964223a2273657373696f6e5f366134363663343531653839222c2276223a312c22776f726b73706163655f6964223a2277735f61353835323636623638623736356536227d7b226163746f725f6e616d65223a22456d6d61204e6f76616b222c2269705f61646472657373223a223138392e36372e3234372e3235222c226d65746164617461223a7b2266656174757265223a2273657474696e6773222c226e6577223a222f6d6573736167652f737562736372697074696f6e222c2270617468223a66616c73652c22726567696f6e223a222f706167652f706f6c696379222c227569223a38307d2c227265736f757263655f6e616d65223a2253616c65732051312022666f6c6465725f6964223a222f6f726465722f7061796d656e74222c2272657175657374223a223230323520506c616e205133227d2c227265736f757263655f6e616d65223a224d61726b6574696e67205265706f7274205134222c22757365725f6167656e74223a226375726c2f382e352e30227d7b22616374696f6e223a226170695f6b65792e75706461746564222c22616374696f6e5f63617465676f7279223a227772697465222c226163746f72223a7b226964223a227573725f626233353538383036623231222c2274797065223a2273797374656d227d2c22637265617465645f6174223a22323032362d30322d31365432313a30303a30302e3030303034385a222c2264657461696c735f646967657374223a2230336336313337633039333234663731346666616536376563663264656435336335643532643433323031646139623730613937623866616463393262646638222c226964223a2230313963363834302d633038302d373033302d383135392d356431623361646131326433222c226964656d706f74656e63795f6b6579223a2261313638316361362d343832322d343336662d396633322d376261383437366235383565222c2269705f636f756e747279223a225553222c226f636375727265645f6174223a22323032362d30322d31365432313a30303a30302e3030303034385a222c227265736f75726365223a7b226964223a226170695f6b65792d3435393438227d2c22736571223a34392c2273657373696f6e5f6964223a2231346235386130622d336134392d343462632d613862312d653830613965313236363135222c2274656e616e745f6964223a22616363745f3931666230306566222c2276223a312c22776f726b73706163655f6964223a2277735f33333430613732356262616631636534227d7b226163746f725f6e616d65223a22496e65732057616e67222c2269705f61646472657373223a223230362e34302e3131302e313738222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b22636c69656e74223a227265665f316131376232343236393037222c226475726174696f6e5f6d73223a323730392c226970223a2231343430656162352d376362302d343364352d626234332d623235333433613761356562222c226e6577223a227265665f3939373161396263222c226f6c64223a222f726f6c652f75736572227d2c22757365725f6167656e74223a224d6f7a696c6c612f352e30202857696e646f7773204e542031302e303b2057696e36343b207836343b2072763a3134352e3029204765636b6f2f32303130303130312046697265666f782f3134352e30227d7b22616374696f6e223a2266696c652e70617373776f72645f6368616e747279223a225553222c226f636375727265645f6174223a22323032362d30312d32385431383a34303a30302e3030303030375a222c22726571756573745f6964223a227265715f61316564396130303664353931643434222c227265736f75726365223a7b226964223a226f726465725f666663346566363836333261222c2274797065223a226f72646572227d2c22736571223a382c2273657373696f6e5f6964223a22736573732d3733313933222c2274656e616e745f6964223a22323830383935222c2276223a312c22776f726b73706163655f6964223a2277735f31636562303739313561353534393866227d7b226163746f725f6e616d65223a2252697461205361746f222c2269705f61646472657373223a2239352e3131332e38382e313431222c2269705f63697479223a22506f72746c616e64222c226d65746164617461223a7b22616d6f756e74223a226d61726b6574696e67222c22726561736f6e223a2273696465626172227d7d7b22616374696f6e223a227265636f72642e64656c65746564222c22616374696f6e5f63617465676f7279223a22757064617465222c226163746f72223a7b226964223a227573722d3230313538222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30312d32385431383a34303a30302e3030303030385a222c2264657461696c735f646967657374223a2262303539623638383932623136343136663431393431323831396336386532386230613637303139363262626337646632663863646238623966376565316531222c226964223a2230313963303565372d633030302d373030382d613461302d393964666231383934356361222c2269705f636f756e747279223a224445222c226f636375727265645f6174223a22323032362d30312d32385431383a34303a30302e3030303030385a222c227265736f75726365223a7b2274797065223a227265636f7264227d2c22736571223a392c2273657373696f6e5f6964223a22736573735f37656266616138393831616239633930222c2274656e616e745f6964223a2274656e616e745f666630633032303336633839222c2276223a312c22776f726b73706163655f6964223a2277735f31636562303739313561353534393866227d7b226163746f725f6e616d65223a224d6961204a6f6e6573222c2269705f61646472657373223a223130322e3134312e33302e313234222c2269705f63697479223a224265726c696e222c226d65746164617461223a7b22666f726d6174223a225265706f72742032303235205132222c226c6f636174696f6e223a747275652c226d6574686f64223a222f7365637265742f70617469656e74222c2276657273696f6e223a22746f6f6c62616e223a226465706c6f796d656e742e61737369676e6564222c22616374696f6e5f63617465676f7279223a2264656c657465222c226163746f72223a7b226964223a22757365725f62333765613034626161323136363836222c2274797065223a2273657276696365227d2c22637265617465645f6174223a22323032362d30312d32355430373a32303a30302e3030303032335a222c2264657461696c735f646967657374223a2230633665323237376539663738386164353161386361623966643162333966393830633935666231343833356266333863653165383266326134633064326435222c226964223a2230313962663430362d316430302d373031372d386332332d303438626137633730343031222c2269705f636f756e747279223a224742222c226f636375727265645f6174223a22323032362d30312d32355430373a32303a30302e3030303032335a222c226f6e5f626568616c665f6f66223a7b226964223a22757365725f62386135633835663339313330653333222c2274797065223a2275736572227d2c227265736f75726365223a7b226964223a226465706c6f796d656e745f3139393032346635222c2274797065223a226465706c6f796d656e74227d2c22736571223a32342c2273657373696f6e5f6964223a22736573735f61623435313433386530343166356433222c2274617267657473223a5b7b226964223a2231353539313136222c2274797065223a22637573746f6d6572227d5d2c2276223a312c2276657273696f6e223a312c22776f726b73706163655f6964223a2277735f33373337666562636130373533373936227d7b2269705f61646472657373223a2237332e36322e39342e313737222c226d65746164617461223a7b226279746573223a2266696e616e6365222c226669656c64223a225132205265706f72742053616c6573222c226c6f636174696f6e223a222f636f6e74726163742f776562686f6f6b222c22726561736f6e223a2273616c6573227d2c226f6e5f626568616c665f6f66223a7b226e616d65223a224c6973612057616e67227d2c2274617267657473223a5b7b226e616d65223a2232303235227d5d2c22757365725f6167656e74223a224d6f7a696c6c612f352e3020285831313b204c696e7578207838365f363429204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3133392e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a226f726465722e70616964222c22616374696f6e5f63617465676f7279223a22616363657373222c226163746f72223a7b226964223a22757365725f3632393261346335222c2274797065223a2261646d696e227d2c226372653a225061756c204dc3bc6c6c6572222c2269705f61646472657373223a223131392e3138322e3138302e3131222c2269705f63697479223a225061726973222c226d65746164617461223a7b2262726f77736572223a747275652c2266696c656e616d65223a222f776f726b73706163652f6170695f6b6579227d2c227265736f757263655f6e616d65223a2244726166742032303236204e6f746573222c22757365725f6167656e74223a224d6f7a696c6c612f352e3020284d6163696e746f73683b20496e74656c204d6163204f5320582031305f31355f3729204170706c655765624b69742f3533372e333620284b48544d4c2c206c696b65204765636b6f29204368726f6d652f3134352e302e302e30205361666172692f3533372e3336227d7b22616374696f6e223a227469636b65742e656d7074696564222c22616374696f6e5f63617465676f7279223a2272656164222c226163746f72223a7b226964223a226d656d6265725f613961663232386135386336222c2274797065223a2275736572227d2c22637265617465645f6174223a22323032362d30312d30395431363a32303a30302e3030303031325a222c2264657461696c735f646967657374223a2262613136633033363064613434336434333230366338663237323532376264353761373832383238626132393664333430383731353131613231623230343631222c226964223a2230313962613338652d626638302d373030632d616138342d653834663732623436633665222c226964656d706f74656e63795f6b6579223a2265613038656561392d343537652d343561322d613965322d373734383937383566313964222c2269705f636f756e747279223a224652222c226f636375727265645f6174223a22323032362d30312d30395431363a32303a30302e3030303031325a222c227265736f75726365223a7b226964223a227469636b65742d34353932222c2274797065223a227469636b6574227d2c22736571223a31332c2273657373696f6e5f6964223a2273657373696f6e5f616530643433366533643765222c2274656e616e745f6964223a226f72675f64626461386333623163323666393033222c2276223a312c22776f726b73706163655f6964223a2277735f38326434393031666233383738623530227d7b226163746f725f6e616d65223a224875676f205765626572222c2269705f61'::bytea);
INSERT INTO meta (name, number, bytes) OVERRIDING SYSTEM VALUE VALUES ('catalog_generation', 1, NULL);
INSERT INTO periods (workspace_number, period, first_seq) OVERRIDING SYSTEM VALUE VALUES (1, 202603, 1);
INSERT INTO producers_followed (workspace_number, seq, forgotten) OVERRIDING SYSTEM VALUE VALUES (1, 20, 0);
INSERT INTO progress (workspace_number, sealed_epochs, text_seq) OVERRIDING SYSTEM VALUE VALUES (1, 0, 20);
INSERT INTO schema_version (version) OVERRIDING SYSTEM VALUE VALUES (10);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u0', 1774602000000000, 1);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u1', 1774602001000000, 2);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u2', 1774602002000000, 3);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u3', 1774602003000000, 4);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u1', 1774602005000000, 5);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u3', 1774602001000000, 2);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u1', 1774602003000000, 4);
INSERT INTO session_actors (workspace_number, actor_id, sorted_at, session) OVERRIDING SYSTEM VALUE VALUES (1, 'u3', 1774602005000000, 5);
INSERT INTO sessions (workspace_number, number, session_id, inferred, tenant_id, sorted_at, summary) OVERRIDING SYSTEM VALUE VALUES (1, 1, 'inf_019d2e85-9680-7000-a4d1-fcd447a0c48d', true, NULL, 1774602000000000, '\x7b2273657373696f6e5f6964223a22696e665f30313964326538352d393638302d373030302d613464312d666364343437613063343864222c22696e666572726564223a747275652c22736f727465645f6174223a313737343630323030303030303030302c22737461727465645f6174223a313737343630323030303030303030302c22656e6465645f6174223a313737343630323031363030303030302c2266697273745f736571223a312c226c6173745f736571223a31372c226576656e74735f636f756e74223a352c226163746f7273223a7b227530223a7b226964223a227530222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d7d2c22616374696f6e73223a7b22646f63756d656e742e766965776564223a357d7d'::bytea);
INSERT INTO sessions (workspace_number, number, session_id, inferred, tenant_id, sorted_at, summary) OVERRIDING SYSTEM VALUE VALUES (1, 5, 's2', false, NULL, 1774602005000000, '\x7b2273657373696f6e5f6964223a227332222c22696e666572726564223a66616c73652c22736f727465645f6174223a313737343630323030353030303030302c22737461727465645f6174223a313737343630323030353030303030302c22656e6465645f6174223a313737343630323031373030303030302c2266697273745f736571223a362c226c6173745f736571223a31382c226576656e74735f636f756e74223a332c226163746f7273223a7b227531223a7b226964223a227531222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d2c227533223a7b226964223a227533222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d7d2c22616374696f6e73223a7b22646f63756d656e742e766965776564223a337d7d'::bytea);
INSERT INTO sessions (workspace_number, number, session_id, inferred, tenant_id, sorted_at, summary) OVERRIDING SYSTEM VALUE VALUES (1, 3, 'inf_019d2e85-9e50-7000-b088-0f8d8e17e3d9', true, NULL, 1774602002000000, '\x7b2273657373696f6e5f6964223a22696e665f30313964326538352d396535302d373030302d623038382d306638643865313765336439222c22696e666572726564223a747275652c22736f727465645f6174223a313737343630323030323030303030302c22737461727465645f6174223a313737343630323030323030303030302c22656e6465645f6174223a313737343630323031383030303030302c2266697273745f736571223a332c226c6173745f736571223a31392c226576656e74735f636f756e74223a352c226163746f7273223a7b227532223a7b226964223a227532222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d7d2c22616374696f6e73223a7b22646f63756d656e742e766965776564223a357d7d'::bytea);
INSERT INTO sessions (workspace_number, number, session_id, inferred, tenant_id, sorted_at, summary) OVERRIDING SYSTEM VALUE VALUES (1, 2, 's1', false, NULL, 1774602001000000, '\x7b2273657373696f6e5f6964223a227331222c22696e666572726564223a66616c73652c22736f727465645f6174223a313737343630323030313030303030302c22737461727465645f6174223a313737343630323030313030303030302c22656e6465645f6174223a313737343630323031393030303030302c2266697273745f736571223a322c226c6173745f736571223a32302c226576656e74735f636f756e74223a342c226163746f7273223a7b227531223a7b226964223a227531222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d2c227533223a7b226964223a227533222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d7d2c22616374696f6e73223a7b22646f63756d656e742e766965776564223a347d7d'::bytea);
INSERT INTO sessions (workspace_number, number, session_id, inferred, tenant_id, sorted_at, summary) OVERRIDING SYSTEM VALUE VALUES (1, 4, 's0', false, NULL, 1774602003000000, '\x7b2273657373696f6e5f6964223a227330222c22696e666572726564223a66616c73652c22736f727465645f6174223a313737343630323030333030303030302c22737461727465645f6174223a313737343630323030333030303030302c22656e6465645f6174223a313737343630323031353030303030302c2266697273745f736571223a342c226c6173745f736571223a31362c226576656e74735f636f756e74223a332c226163746f7273223a7b227533223a7b226964223a227533222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d2c227531223a7b226964223a227531222c226e616d65223a6e756c6c2c2274797065223a6e756c6c7d7d2c22616374696f6e73223a7b22646f63756d656e742e766965776564223a337d7d'::bytea);
