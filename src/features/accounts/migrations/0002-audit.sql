CREATE TABLE audit_entries (
  position {id} PRIMARY KEY,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor_kind BIGINT NOT NULL,
  actor_alias TEXT NOT NULL,
  subject_alias TEXT NOT NULL,
  details TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE audit_head (
  id {id} PRIMARY KEY,
  position BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO audit_head (id, position, hash) VALUES (1, 0, '');
CREATE TABLE audit_people (
  account_id {id} PRIMARY KEY,
  alias TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL
);
-- sqlite: CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- sqlite: CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- postgresql: CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
-- postgresql: CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();
-- undo:
DROP TABLE audit_people;
DROP TABLE audit_head;
DROP TABLE audit_entries;
-- postgresql: DROP FUNCTION audit_entries_refuse();
