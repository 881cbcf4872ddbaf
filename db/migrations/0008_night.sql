-- In the order in which they are due: a run that finds nothing reads nothing, and each batch of a long one only itself.
DROP INDEX wallet_due;
CREATE INDEX wallet_due ON wallet (next_due_at, member_id) WHERE next_due_at IS NOT NULL;
