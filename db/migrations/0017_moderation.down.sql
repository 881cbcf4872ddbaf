DROP TABLE community_action;
DROP TABLE community_appeal;
DROP TABLE community_ban;
DROP TABLE community_report;
DELETE FROM community_received WHERE kind = 'REPORT';
ALTER TABLE community_received DROP CONSTRAINT community_received_kind_check;
ALTER TABLE community_received ADD CONSTRAINT community_received_kind_check
    CHECK (kind IN ('LIKE', 'COMMENT', 'FOLLOW'));
DROP INDEX community_comment_queue;
DROP INDEX community_post_queue;
ALTER TABLE community_comment DROP COLUMN held_for, DROP COLUMN report_count, DROP COLUMN reviewed_at;
ALTER TABLE community_post DROP COLUMN held_for, DROP COLUMN report_count, DROP COLUMN reviewed_at;
UPDATE community_comment SET state = 'DELETED' WHERE state IN ('HELD', 'HIDDEN');
UPDATE community_post SET state = 'DELETED' WHERE state IN ('HELD', 'HIDDEN');
ALTER TABLE community_comment DROP CONSTRAINT community_comment_state_check;
ALTER TABLE community_comment ADD CONSTRAINT community_comment_state_check
    CHECK (state IN ('VISIBLE', 'DELETED'));
ALTER TABLE community_post DROP CONSTRAINT community_post_state_check;
ALTER TABLE community_post ADD CONSTRAINT community_post_state_check
    CHECK (state IN ('VISIBLE', 'DELETED'));
