DROP INDEX lot_credit_expiring;
ALTER TABLE wallet DROP CONSTRAINT wallet_currency_check;
ALTER TABLE wallet ADD CONSTRAINT wallet_currency_check
    CHECK (currency IN ('POINTS', 'GROWTH', 'COMMUNITY'));
