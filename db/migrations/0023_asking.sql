-- Questions with an accepted answer, reviews of a line that was bought, links that are shared.
ALTER TABLE community_post DROP CONSTRAINT community_post_kind_check;
ALTER TABLE community_post ADD CONSTRAINT community_post_kind_check
    CHECK (kind IN ('POST', 'ORDER_SHOW', 'QUESTION', 'REVIEW'));
ALTER TABLE community_post DROP CONSTRAINT community_post_check;
ALTER TABLE community_post ADD CONSTRAINT community_post_check
    CHECK ((kind IN ('ORDER_SHOW', 'REVIEW')) = (purchase_id IS NOT NULL));
ALTER TABLE community_post ADD COLUMN line_id text;
ALTER TABLE community_post ADD COLUMN rating integer CHECK (rating BETWEEN 1 AND 5);
ALTER TABLE community_post ADD COLUMN accepted_id uuid;
ALTER TABLE community_post ADD COLUMN accepted_member_id uuid;
ALTER TABLE community_post ADD COLUMN accepted_silent_for text;
ALTER TABLE community_post ADD CONSTRAINT community_post_review_check
    CHECK ((kind = 'REVIEW') = (line_id IS NOT NULL) AND (kind = 'REVIEW') = (rating IS NOT NULL));
ALTER TABLE community_post ADD CONSTRAINT community_post_accepted_check
    CHECK ((accepted_id IS NULL) = (accepted_member_id IS NULL)
        AND (accepted_id IS NULL OR kind = 'QUESTION'));
CREATE UNIQUE INDEX community_post_reviewed ON community_post (member_id, purchase_id, line_id)
    WHERE kind = 'REVIEW' AND state <> 'DELETED';
CREATE INDEX community_post_product ON community_post ((skus[1]), published_at DESC, id DESC)
    WHERE state = 'VISIBLE' AND kind = 'REVIEW';
ALTER TABLE community_received DROP CONSTRAINT community_received_kind_check;
ALTER TABLE community_received ADD CONSTRAINT community_received_kind_check
    CHECK (kind IN ('LIKE', 'COMMENT', 'FOLLOW', 'REPORT', 'ACCEPT', 'OPEN'));
ALTER TABLE community_merit DROP CONSTRAINT community_merit_kind_check;
ALTER TABLE community_merit ADD CONSTRAINT community_merit_kind_check
    CHECK (kind IN ('POST', 'COMMENT', 'LIKE_GIVEN', 'LIKE_RECEIVED', 'STAFF_PICK', 'REVIEW',
        'ANSWER_ACCEPTED', 'SHARE_OPENED'));
DROP INDEX community_merit_deed;
CREATE INDEX community_merit_deed ON community_merit (member_id, happened_at)
    WHERE kind IN ('POST', 'REVIEW', 'SHARE_OPENED');
-- A directory: the token of a link, whose it is.
CREATE TABLE community_link (
    token text PRIMARY KEY CHECK (length(token) >= 16),
    member_id uuid NOT NULL,
    share_id uuid NOT NULL
);
CREATE TABLE community_share (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    token text NOT NULL,
    post_member_id uuid,
    post_id uuid,
    sku text,
    open_count bigint NOT NULL CHECK (open_count >= 0),
    shared_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id),
    CHECK ((post_id IS NULL) = (post_member_id IS NULL)),
    CHECK ((post_id IS NULL) <> (sku IS NULL))
);
CREATE TABLE community_open (
    member_id uuid NOT NULL REFERENCES member (member_id),
    share_id uuid NOT NULL,
    share_member_id uuid NOT NULL CHECK (share_member_id <> member_id),
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, share_id)
);
GRANT UPDATE (accepted_id, accepted_member_id, accepted_silent_for) ON community_post TO accrue_app;
GRANT SELECT, INSERT ON community_link TO accrue_app;
GRANT SELECT, INSERT, UPDATE (open_count, changed_at) ON community_share TO accrue_app;
GRANT SELECT, INSERT ON community_open TO accrue_app;
GRANT UPDATE (member_id) ON community_link TO accrue_app;
GRANT UPDATE (post_member_id) ON community_share TO accrue_app;
-- Shares and what was opened go with who is merged.
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
                          'community_ban', 'community_appeal', 'community_merit', 'community_share',
                          'community_open', 'fingerprint']) THEN
        RAISE EXCEPTION 'rows of % stay', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DELETE FROM %I AS s WHERE s.member_id = $1 AND jsonb_build_array(%s) IN
        (SELECT jsonb_array_elements($3)) AND EXISTS (SELECT FROM %I AS t WHERE t.member_id = $2 AND %s)',
        name, listed, name, same) USING source, target, keys;
END $$;
