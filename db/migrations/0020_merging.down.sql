-- What was merged can't be told apart without these tables: unmerge first.
REVOKE UPDATE (post_member_id, parent_member_id) ON community_comment FROM accrue_app;
DROP INDEX community_comment_of;
DROP FUNCTION drop_moved(text, uuid, uuid, text[], jsonb);
ALTER TABLE task_progress DROP COLUMN is_final;
DROP INDEX referral_moved;
ALTER TABLE referral DROP COLUMN bound_as;
ALTER TABLE redemption DROP COLUMN paid_by;
DROP INDEX draw_nonce;
ALTER TABLE draw ADD CONSTRAINT draw_member_id_lottery_round_nonce_key UNIQUE (member_id, lottery, round, nonce);
ALTER TABLE draw DROP COLUMN drawn_by;
ALTER TABLE checkout ADD CONSTRAINT checkout_member_id_credit_hold_id_fkey
    FOREIGN KEY (member_id, credit_hold_id) REFERENCES hold (member_id, id);
ALTER TABLE checkout ADD CONSTRAINT checkout_member_id_hold_id_fkey
    FOREIGN KEY (member_id, hold_id) REFERENCES hold (member_id, id);
ALTER TABLE checkout DROP COLUMN paid_by;
ALTER TABLE refund ADD CONSTRAINT refund_member_id_purchase_id_fkey
    FOREIGN KEY (member_id, purchase_id) REFERENCES purchase (member_id, id);
ALTER TABLE lot DROP CONSTRAINT lot_check1;
ALTER TABLE lot ADD CONSTRAINT lot_check1 CHECK (granted = remaining + held + spent + expired + taken);
ALTER TABLE lot DROP CONSTRAINT lot_moved_check;
ALTER TABLE lot ALTER COLUMN opened_by SET NOT NULL;
ALTER TABLE lot DROP COLUMN came_forfeited;
ALTER TABLE lot DROP COLUMN came_taken;
ALTER TABLE lot DROP COLUMN came_expired;
ALTER TABLE lot DROP COLUMN came_spent;
ALTER TABLE lot DROP COLUMN gone;
ALTER TABLE lot DROP COLUMN moved;
ALTER TABLE wallet DROP COLUMN lifetime_moved;
DROP INDEX transfer_merge;
ALTER TABLE transfer DROP CONSTRAINT transfer_credit_account_check;
ALTER TABLE transfer DROP CONSTRAINT transfer_debit_account_check;
ALTER TABLE transfer ADD CONSTRAINT transfer_debit_account_check CHECK (debit_account IN (
    'pending', 'available', 'held', 'debt', 'issuance', 'redemption', 'expiry', 'adjustment', 'lottery'));
ALTER TABLE transfer ADD CONSTRAINT transfer_credit_account_check CHECK (credit_account IN (
    'pending', 'available', 'held', 'debt', 'issuance', 'redemption', 'expiry', 'adjustment', 'lottery'));
DROP TABLE merge;
DROP TABLE alias;
DROP SEQUENCE alias_number;
DROP INDEX member_merged;
ALTER TABLE member DROP COLUMN merged_into;
