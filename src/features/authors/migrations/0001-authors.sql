CREATE TABLE authors (
  id {id} PRIMARY KEY,
  account_id BIGINT UNIQUE,
  handle TEXT NOT NULL,
  handle_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  bio TEXT NOT NULL,
  field TEXT NOT NULL,
  region TEXT NOT NULL,
  kind BIGINT NOT NULL,
  state BIGINT NOT NULL,
  avatar TEXT NOT NULL,
  version BIGINT NOT NULL,
  joined_at BIGINT NOT NULL
);
CREATE TABLE author_old_handles (
  handle_key TEXT PRIMARY KEY,
  author_id BIGINT NOT NULL REFERENCES authors (id),
  given_up_at BIGINT NOT NULL
);
CREATE INDEX author_old_handles_of_author ON author_old_handles (author_id);
-- undo:
DROP TABLE author_old_handles;
DROP TABLE authors;
