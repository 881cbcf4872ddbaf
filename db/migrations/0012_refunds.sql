-- What an order's checkout put into it, and what has come back of that.
ALTER TABLE purchase ADD COLUMN sale jsonb;
ALTER TABLE refund ADD COLUMN points_restored bigint NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN credit_restored_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN gift_charge_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE refund ADD CONSTRAINT refund_restored
    CHECK (points_restored >= 0 AND credit_restored_minor >= 0);
-- One order for each checkout.
CREATE UNIQUE INDEX purchase_checkout ON purchase (member_id, (sale ->> 'checkout_id'))
    WHERE sale IS NOT NULL;
