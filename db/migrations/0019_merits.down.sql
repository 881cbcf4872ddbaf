DELETE FROM community_action WHERE action = 'PICKED';
ALTER TABLE community_action DROP CONSTRAINT community_action_action_check;
ALTER TABLE community_action ADD CONSTRAINT community_action_action_check
    CHECK (action IN ('HELD', 'HIDDEN', 'RESTORED', 'BANNED', 'BAN_LIFTED', 'APPEALED',
        'APPEAL_ACCEPTED', 'APPEAL_DISMISSED'));
DROP INDEX community_comment_said;
DROP INDEX community_post_said;
ALTER TABLE community_post DROP COLUMN picked_at;
ALTER TABLE community_like DROP COLUMN silent_for;
DROP TABLE community_merit;
