-- Details may be forgotten (both columns at once, nothing else); everything else about an entry stays as it was.
DROP TRIGGER entries_are_not_edited;
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE ON entries
WHEN NEW.details IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.record IS NOT OLD.record
  OR NEW.previous_hash IS NOT OLD.previous_hash OR NEW.event_hash IS NOT OLD.event_hash
BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;

-- What must not be forgotten: events that meet the conditions in `wanted` (JSON), while released_at is NULL.
CREATE TABLE holds (
  id TEXT PRIMARY KEY,
  workspace_number INTEGER NOT NULL REFERENCES workspaces,
  wanted TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  released_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_by_workspace ON holds (workspace_number, created_at);
