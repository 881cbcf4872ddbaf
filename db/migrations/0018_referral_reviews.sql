-- What members leave behind, as keyed hashes: found by what it is, as a directory is.
CREATE TABLE fingerprint (
    kind text NOT NULL CHECK (kind IN ('device', 'contact', 'payment', 'address')),
    digest text NOT NULL,
    member_id uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (kind, digest, member_id)
);
CREATE INDEX fingerprint_of_member ON fingerprint (member_id);
CREATE INDEX fingerprint_seen ON fingerprint (seen_at);
INSERT INTO fingerprint SELECT 'device', device_hash, member_id, joined_at FROM member
    WHERE device_hash IS NOT NULL;
-- What staff are asked to look at. While it is open, neither side is paid.
CREATE TABLE referral_review (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    id uuid NOT NULL,
    inviter_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED')),
    reasons jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by text,
    note text,
    CHECK ((state = 'OPEN') = (resolved_at IS NULL)),
    CHECK ((resolved_at IS NULL) = (resolved_by IS NULL))
);
CREATE INDEX referral_review_queue ON referral_review (state, id);
ALTER TABLE referral DROP CONSTRAINT referral_state_check;
ALTER TABLE referral ADD CONSTRAINT referral_state_check
    CHECK (state IN ('BOUND', 'QUALIFIED', 'REWARDED', 'REVERSED', 'LAPSED', 'REJECTED'));
CREATE INDEX referral_by_inviter ON referral (inviter_id, bound_at);
CREATE INDEX referral_bound_at ON referral (bound_at);
GRANT SELECT, INSERT ON fingerprint TO accrue_app;
GRANT SELECT, INSERT, UPDATE ON referral_review TO accrue_app;
