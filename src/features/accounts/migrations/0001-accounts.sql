CREATE TABLE accounts (
  id {id} PRIMARY KEY,
  name TEXT NOT NULL,
  login TEXT NOT NULL,
  login_key TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role BIGINT NOT NULL,
  state BIGINT NOT NULL,
  origin BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  password_changed_at BIGINT NOT NULL
);
CREATE TABLE account_sessions (
  token_hash TEXT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  signed_in_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  client TEXT NOT NULL,
  agent TEXT NOT NULL
);
CREATE INDEX account_sessions_of_account ON account_sessions (account_id, last_seen_at);
CREATE INDEX account_sessions_by_last_seen ON account_sessions (last_seen_at);
-- undo:
DROP TABLE account_sessions;
DROP TABLE accounts;
