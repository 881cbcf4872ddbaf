DROP INDEX wallet_due;
CREATE INDEX wallet_due ON wallet (next_due_at) WHERE next_due_at IS NOT NULL;
