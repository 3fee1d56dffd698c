-- What is true of an article now. Narrow on purpose: the projection reads every row of it at start.
-- tags: one a line. cover: "blob width height" or empty.
CREATE TABLE articles (
  id {id} PRIMARY KEY,
  author BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  state BIGINT NOT NULL,
  version BIGINT NOT NULL,
  live_revision BIGINT NOT NULL,
  newest_revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  corrected_at BIGINT NOT NULL,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  summary TEXT NOT NULL,
  language TEXT NOT NULL,
  tags TEXT NOT NULL,
  cover TEXT NOT NULL
);
CREATE INDEX articles_by_author ON articles (author, updated_at);

-- The live version's body, and what else only the article's own page shows.
CREATE TABLE article_bodies (
  article {id} PRIMARY KEY,
  html TEXT NOT NULL,
  characters BIGINT NOT NULL,
  source TEXT NOT NULL,
  source_address TEXT NOT NULL,
  correction_note TEXT NOT NULL
);

-- Every saved and every published state, as the author wrote it. kind: 0 saved, 1 published, 2 as it was imported.
CREATE TABLE article_revisions (
  article BIGINT NOT NULL,
  number BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  account BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  channel BIGINT NOT NULL,
  tags TEXT NOT NULL,
  format BIGINT NOT NULL,
  body TEXT NOT NULL,
  source TEXT NOT NULL,
  source_address TEXT NOT NULL,
  cover BIGINT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (article, number)
);

-- picture: media::to_json. live: the published version shows it.
CREATE TABLE article_pictures (
  article BIGINT NOT NULL,
  number BIGINT NOT NULL,
  live BIGINT NOT NULL,
  alt TEXT NOT NULL,
  caption TEXT NOT NULL,
  picture TEXT NOT NULL,
  PRIMARY KEY (article, number)
);

-- Which articles a blob belongs to: who may see it is decided by them.
CREATE TABLE article_blobs (
  blob TEXT NOT NULL,
  article BIGINT NOT NULL,
  number BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  PRIMARY KEY (blob, article, number)
);
CREATE INDEX article_blobs_by_article ON article_blobs (article, number);

-- What came from elsewhere, so that a second run makes no second article.
CREATE TABLE article_imports (
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  article BIGINT NOT NULL,
  PRIMARY KEY (source, source_id)
-- sqlite: ) WITHOUT ROWID;
-- postgresql: );

-- Addresses that articles had elsewhere: path with query, as imported.
CREATE TABLE article_old_paths (
  path TEXT PRIMARY KEY,
  article BIGINT NOT NULL
-- sqlite: ) WITHOUT ROWID;
-- postgresql: );

-- undo:
DROP TABLE article_old_paths;
DROP TABLE article_imports;
DROP TABLE article_blobs;
DROP TABLE article_pictures;
DROP TABLE article_revisions;
DROP TABLE article_bodies;
DROP TABLE articles;
