CREATE TABLE imported_authors (
  source TEXT NOT NULL,
  login TEXT NOT NULL,
  author_id BIGINT NOT NULL,
  PRIMARY KEY (source, login)
);
-- undo:
DROP TABLE imported_authors;
