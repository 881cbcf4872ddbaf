-- Credit: money to spend in the shop. A member's wallet is written with their first red packet.
ALTER TABLE wallet DROP CONSTRAINT wallet_currency_check;
ALTER TABLE wallet ADD CONSTRAINT wallet_currency_check
    CHECK (currency IN ('POINTS', 'GROWTH', 'COMMUNITY', 'CREDIT'));
-- What may expire soon, without looking at all lots.
CREATE INDEX lot_credit_expiring ON lot (expires_at, member_id)
    WHERE currency = 'CREDIT' AND remaining > 0 AND expires_at IS NOT NULL;
