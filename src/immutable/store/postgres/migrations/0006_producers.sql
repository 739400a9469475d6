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
