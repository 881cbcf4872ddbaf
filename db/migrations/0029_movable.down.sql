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
                          'community_open', 'meetup_sign_up', 'fingerprint']) THEN
        RAISE EXCEPTION 'rows of % stay', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DELETE FROM %I AS s WHERE s.member_id = $1 AND jsonb_build_array(%s) IN
        (SELECT jsonb_array_elements($3)) AND EXISTS (SELECT FROM %I AS t WHERE t.member_id = $2 AND %s)',
        name, listed, name, same) USING source, target, keys;
END $$;
DROP TABLE movable;
