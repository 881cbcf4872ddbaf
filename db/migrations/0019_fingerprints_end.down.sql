REVOKE DELETE ON fingerprint FROM accrue_app;
DROP INDEX fingerprint_seen;
CREATE INDEX fingerprint_seen ON fingerprint (seen_at);
