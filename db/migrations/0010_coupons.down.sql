DROP TABLE coupon_stock;
DROP INDEX coupon_of_template;
DROP INDEX coupon_due;
ALTER TABLE coupon DROP CONSTRAINT coupon_revoked;
ALTER TABLE coupon DROP CONSTRAINT coupon_returned;
ALTER TABLE coupon DROP CONSTRAINT coupon_redeemed;
ALTER TABLE coupon DROP CONSTRAINT coupon_checkout;
ALTER TABLE coupon DROP CONSTRAINT coupon_state;
-- What came after ISSUED is no state of before: it can't be used, or it can.
UPDATE coupon SET state = CASE WHEN state IN ('ISSUED', 'RETURNED', 'RESERVED') THEN 'ISSUED'
    ELSE 'REVOKED' END;
ALTER TABLE coupon ADD CONSTRAINT coupon_state_check CHECK (state IN ('ISSUED', 'REVOKED'));
ALTER TABLE coupon DROP COLUMN revoked_at;
ALTER TABLE coupon DROP COLUMN returned_at;
ALTER TABLE coupon DROP COLUMN redeemed_at;
ALTER TABLE coupon DROP COLUMN changed_at;
ALTER TABLE coupon DROP COLUMN checkout_id;
ALTER TABLE coupon DROP COLUMN is_counted;
ALTER TABLE coupon DROP COLUMN starts_at;
ALTER TABLE coupon DROP COLUMN programme_version;
