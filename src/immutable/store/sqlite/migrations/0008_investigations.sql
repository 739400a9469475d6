-- Investigations as they stand. Their notes, and who did what to them, are events of the log.
CREATE TABLE investigations (
  workspace_number INTEGER NOT NULL,
  id TEXT NOT NULL,
  ticket TEXT NOT NULL,
  title TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  closed_at INTEGER,
  PRIMARY KEY (workspace_number, id)
) STRICT;
CREATE INDEX investigations_by_time ON investigations (workspace_number, created_at, id);
CREATE TABLE investigation_items (
  workspace_number INTEGER NOT NULL,
  investigation_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('session', 'event')),
  item_id TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_number, investigation_id, kind, item_id)
) STRICT;
