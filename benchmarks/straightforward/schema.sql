-- One row per event, with the columns that the API filters by, each indexed behind its workspace.

CREATE TABLE workspaces (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE api_keys (
    key_hash     bytea PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces (id),
    revoked_at   timestamptz
);

CREATE TABLE events (
    workspace_id        bigint NOT NULL REFERENCES workspaces (id),
    sequence            bigint NOT NULL,
    id                  uuid NOT NULL UNIQUE,
    actor_id            text NOT NULL,
    actor_name          text,
    actor_type          text,
    action              text NOT NULL,
    action_category     text,
    resource            text,
    resource_id         text,
    resource_name       text,
    tenant_id           text,
    session_id          text,
    targets             jsonb NOT NULL,
    metadata            jsonb,
    changes             jsonb,
    on_behalf_of        jsonb,
    trace_id            text,
    request_id          text,
    version             integer NOT NULL,
    ip_address          text,
    user_agent          text,
    idempotency_key     text,
    occurred_at         timestamptz NOT NULL,
    created_at          timestamptz NOT NULL,
    previous_event_hash text,
    event_hash          text NOT NULL,
    PRIMARY KEY (workspace_id, sequence),
    UNIQUE (workspace_id, idempotency_key)
);

CREATE INDEX events_by_actor ON events (workspace_id, actor_id, sequence);
CREATE INDEX events_by_session ON events (workspace_id, session_id, sequence);
CREATE INDEX events_by_action ON events (workspace_id, action, sequence);
CREATE INDEX events_by_resource ON events (workspace_id, resource, resource_id, sequence);
CREATE INDEX events_by_time ON events (workspace_id, created_at);
