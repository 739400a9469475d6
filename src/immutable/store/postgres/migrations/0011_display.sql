-- What a workspace decides about how its log is shown, over the server's settings: as JSON, empty where it decided nothing.
ALTER TABLE workspaces ADD COLUMN destructive TEXT NOT NULL DEFAULT '', ADD COLUMN links TEXT NOT NULL DEFAULT '';
