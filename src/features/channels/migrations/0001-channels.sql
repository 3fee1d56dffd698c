-- kind: 0 text, 1 course. position: order in the masthead.
CREATE TABLE channels (
  id {id} PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- Slugs that channels had before: they go on leading there.
CREATE TABLE channel_old_slugs (
  slug TEXT PRIMARY KEY,
  channel BIGINT NOT NULL
);

-- What a new site begins with; operators change it as they like.
INSERT INTO channels (id, slug, name_zh, name_en, position, kind, version) VALUES
  (101, 'news', '要闻', 'News', 10, 0, 1),
  (102, 'sports', '体育', 'Sports', 20, 0, 1),
  (103, 'entertainment', '娱乐', 'Entertainment', 30, 0, 1),
  (104, 'finance', '财经', 'Finance', 40, 0, 1),
  (105, 'technology', '科技', 'Technology', 50, 0, 1),
  (106, 'cars', '汽车', 'Cars', 60, 0, 1),
  (107, 'education', '教育', 'Education', 70, 0, 1),
  (108, 'fashion', '时尚', 'Fashion', 80, 0, 1),
  (109, 'digital', '数码', 'Digital life', 90, 0, 1),
  (110, 'courses', '公开课', 'Open courses', 100, 1, 1),
  (111, 'military', '军事', 'Military', 110, 0, 1);

-- undo:
DROP TABLE channel_old_slugs;
DROP TABLE channels;
