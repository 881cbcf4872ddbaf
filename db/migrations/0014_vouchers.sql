-- Codes that are nobody's until a member enters one; of a code a keyed hash is kept.
CREATE TABLE voucher_batch (
    id uuid PRIMARY KEY,
    template text NOT NULL,
    programme_version integer NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    is_counted boolean NOT NULL,
    expires_at timestamptz,
    key text NOT NULL,
    input_hash text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX voucher_batch_key ON voucher_batch (made_by, key);
CREATE TABLE voucher (
    digest text PRIMARY KEY,
    batch_id uuid NOT NULL REFERENCES voucher_batch (id),
    member_id uuid,
    coupon_id uuid,
    redeemed_at timestamptz,
    revoked_at timestamptz,
    FOREIGN KEY (member_id, coupon_id) REFERENCES coupon (member_id, id)
        DEFERRABLE INITIALLY DEFERRED,
    CHECK ((member_id IS NULL) = (coupon_id IS NULL)),
    CHECK ((member_id IS NULL) = (redeemed_at IS NULL)),
    CHECK (revoked_at IS NULL OR redeemed_at IS NULL)
);
CREATE INDEX voucher_of_batch ON voucher (batch_id);
GRANT SELECT, INSERT ON voucher_batch TO accrue_app;
GRANT SELECT, INSERT, UPDATE ON voucher TO accrue_app;
