-- The end of what was pruned: nothing up to it is in the log any more, and the first event left names its hash.
CREATE TABLE pruned (
  workspace_number INTEGER PRIMARY KEY REFERENCES workspaces,
  seq INTEGER NOT NULL,
  event_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- Only what was pruned on the record may be deleted.
DROP TRIGGER entries_are_not_deleted;
CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM pruned WHERE workspace_number = OLD.id >> 40 AND seq >= OLD.id & 0xffffffffff)
BEGIN SELECT RAISE(ABORT, 'entries are immutable'); END;

-- How long a workspace keeps events, and where they are archived before they go.
CREATE TABLE retention (
  workspace_number INTEGER PRIMARY KEY REFERENCES workspaces,
  days INTEGER NOT NULL,
  archive TEXT NOT NULL
) STRICT;
