CREATE OR REPLACE FUNCTION drop_moved(name text, source uuid, target uuid, columns text[], keys jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    listed text := (SELECT string_agg(format('s.%I', c), ', ') FROM unnest(columns) AS c);
    same text := (SELECT string_agg(format('t.%I = s.%I', c, c), ' AND ') FROM unnest(columns) AS c);
BEGIN
    IF name <> ALL (ARRAY['purchase', 'check_in', 'badge', 'coupon', 'redemption', 'draw', 'checkout', 'referral',
                          'invitation', 'gift', 'task_progress', 'quiz_attempt', 'inbox', 'member_tag',
                          'notification', 'delivery', 'community_post', 'community_comment',
                          'community_topic_follow', 'community_received', 'community_report',
                          'community_ban', 'community_appeal', 'community_merit', 'fingerprint']) THEN
        RAISE EXCEPTION 'rows of % stay', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DELETE FROM %I AS s WHERE s.member_id = $1 AND jsonb_build_array(%s) IN
        (SELECT jsonb_array_elements($3)) AND EXISTS (SELECT FROM %I AS t WHERE t.member_id = $2 AND %s)',
        name, listed, name, same) USING source, target, keys;
END $$;
DROP TABLE community_open;
DROP TABLE community_share;
DROP TABLE community_link;
DROP INDEX community_merit_deed;
DELETE FROM community_merit WHERE kind IN ('REVIEW', 'ANSWER_ACCEPTED', 'SHARE_OPENED');
ALTER TABLE community_merit DROP CONSTRAINT community_merit_kind_check;
ALTER TABLE community_merit ADD CONSTRAINT community_merit_kind_check
    CHECK (kind IN ('POST', 'COMMENT', 'LIKE_GIVEN', 'LIKE_RECEIVED', 'STAFF_PICK'));
CREATE INDEX community_merit_deed ON community_merit (member_id, happened_at)
    WHERE kind = 'POST';
DELETE FROM community_received WHERE kind IN ('ACCEPT', 'OPEN');
ALTER TABLE community_received DROP CONSTRAINT community_received_kind_check;
ALTER TABLE community_received ADD CONSTRAINT community_received_kind_check
    CHECK (kind IN ('LIKE', 'COMMENT', 'FOLLOW', 'REPORT'));
DROP INDEX community_post_product;
DROP INDEX community_post_reviewed;
ALTER TABLE community_post DROP CONSTRAINT community_post_accepted_check;
ALTER TABLE community_post DROP CONSTRAINT community_post_review_check;
ALTER TABLE community_post DROP CONSTRAINT community_post_check;
UPDATE community_post SET kind = 'ORDER_SHOW' WHERE kind = 'REVIEW';
UPDATE community_post SET kind = 'POST' WHERE kind = 'QUESTION';
ALTER TABLE community_post ADD CONSTRAINT community_post_check
    CHECK ((kind = 'ORDER_SHOW') = (purchase_id IS NOT NULL));
ALTER TABLE community_post DROP CONSTRAINT community_post_kind_check;
ALTER TABLE community_post ADD CONSTRAINT community_post_kind_check
    CHECK (kind IN ('POST', 'ORDER_SHOW'));
ALTER TABLE community_post DROP COLUMN accepted_silent_for, DROP COLUMN accepted_member_id,
    DROP COLUMN accepted_id, DROP COLUMN rating, DROP COLUMN line_id;
