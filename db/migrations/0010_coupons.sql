-- The life of a coupon; what a template still has.
ALTER TABLE coupon ADD COLUMN programme_version integer NOT NULL DEFAULT 0;
ALTER TABLE coupon ADD COLUMN starts_at timestamptz;
ALTER TABLE coupon ADD COLUMN is_counted boolean NOT NULL DEFAULT false;
ALTER TABLE coupon ADD COLUMN checkout_id uuid;
ALTER TABLE coupon ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE coupon ADD COLUMN redeemed_at timestamptz;
ALTER TABLE coupon ADD COLUMN returned_at timestamptz;
ALTER TABLE coupon ADD COLUMN revoked_at timestamptz;
UPDATE coupon SET programme_version = d.programme_version, changed_at = coupon.issued_at,
    revoked_at = CASE WHEN coupon.state = 'REVOKED' THEN coupon.issued_at END
FROM decision d WHERE d.member_id = coupon.member_id AND d.id = coupon.decision_id;
ALTER TABLE coupon ALTER COLUMN programme_version DROP DEFAULT;
ALTER TABLE coupon ALTER COLUMN is_counted DROP DEFAULT;
ALTER TABLE coupon ALTER COLUMN changed_at DROP DEFAULT;
ALTER TABLE coupon DROP CONSTRAINT coupon_state_check;
ALTER TABLE coupon ADD CONSTRAINT coupon_state CHECK (state IN
    ('ISSUED', 'RESERVED', 'REDEEMED', 'RETURNED', 'FORFEITED', 'EXPIRED', 'REVOKED'));
ALTER TABLE coupon ADD CONSTRAINT coupon_checkout
    CHECK ((checkout_id IS NOT NULL) = (state IN ('RESERVED', 'REDEEMED', 'FORFEITED')));
ALTER TABLE coupon ADD CONSTRAINT coupon_redeemed
    CHECK ((redeemed_at IS NOT NULL) = (state IN ('REDEEMED', 'FORFEITED')));
ALTER TABLE coupon ADD CONSTRAINT coupon_returned
    CHECK (state <> 'RETURNED' OR returned_at IS NOT NULL);
-- One that is reserved or used is revoked when it comes back.
ALTER TABLE coupon ADD CONSTRAINT coupon_revoked CHECK (CASE
    WHEN state = 'REVOKED' THEN revoked_at IS NOT NULL
    WHEN state IN ('ISSUED', 'RETURNED') THEN revoked_at IS NULL ELSE true END);
-- In the order in which they expire.
CREATE INDEX coupon_due ON coupon (expires_at, member_id, id)
    WHERE state IN ('ISSUED', 'RETURNED') AND expires_at IS NOT NULL;
CREATE INDEX coupon_of_template ON coupon (member_id, template);
CREATE TABLE coupon_stock (
    template text PRIMARY KEY,
    issued bigint NOT NULL CHECK (issued >= 0)
);
GRANT SELECT, INSERT, UPDATE ON coupon_stock TO accrue_app;
