DROP INDEX purchase_checkout;
ALTER TABLE refund DROP CONSTRAINT refund_restored;
ALTER TABLE refund DROP COLUMN gift_charge_minor;
ALTER TABLE refund DROP COLUMN credit_restored_minor;
ALTER TABLE refund DROP COLUMN points_restored;
ALTER TABLE purchase DROP COLUMN sale;
