DROP INDEX referral_by_inviter, referral_bound_at;
UPDATE referral SET state = 'REVERSED' WHERE state = 'REJECTED';
ALTER TABLE referral DROP CONSTRAINT referral_state_check;
ALTER TABLE referral ADD CONSTRAINT referral_state_check
    CHECK (state IN ('BOUND', 'QUALIFIED', 'REWARDED', 'REVERSED', 'LAPSED'));
DROP TABLE referral_review, fingerprint;
