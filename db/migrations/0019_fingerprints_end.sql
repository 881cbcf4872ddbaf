-- What members left behind long ago is forgotten, and with a member who is erased.
DROP INDEX fingerprint_seen;
CREATE INDEX fingerprint_seen ON fingerprint (seen_at, member_id);
GRANT DELETE ON fingerprint TO accrue_app;
