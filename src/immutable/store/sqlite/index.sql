-- The file beside the log: made from the log, thrown away and made again whenever it does not fit it.

CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

-- How many epochs of lookups are sealed, and up to which event the text index goes.
CREATE TABLE IF NOT EXISTS progress (
  workspace_number INTEGER PRIMARY KEY,
  sealed_epochs INTEGER NOT NULL DEFAULT 0,
  text_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Per epoch of 16,384 events and term (a field and a value): a roaring bitmap of the places in the epoch.
CREATE TABLE IF NOT EXISTS postings (
  workspace_number INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  term TEXT NOT NULL,
  places BLOB NOT NULL,
  PRIMARY KEY (workspace_number, epoch, term)
) STRICT, WITHOUT ROWID;

-- Trigrams of the searchable text; only finds candidates, so it keeps neither the text nor positions.
CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(
  text, content='', contentless_delete=1, detail='none', tokenize='trigram case_sensitive 1'
);

-- The trigrams that the text index holds, for queries shorter than three characters.
CREATE VIRTUAL TABLE IF NOT EXISTS text_terms USING fts5vocab(text_index, row);

-- Through which event the text index has followed the erasures of the log.
CREATE TABLE IF NOT EXISTS erasures_followed (
  workspace_number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT;

-- Which numbers of each run of a producer came, through which event, and how many runs had to go. `state` is MessagePack.
CREATE TABLE IF NOT EXISTS producer_runs (
  workspace_number INTEGER NOT NULL,
  producer TEXT NOT NULL,
  run TEXT NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (workspace_number, producer, run)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS producers_followed (
  workspace_number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  forgotten INTEGER NOT NULL
) STRICT;
