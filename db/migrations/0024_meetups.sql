-- Who comes to a meetup of the programme: one row counts its seats, which many want at once.
CREATE TABLE meetup_tally (
    meetup text PRIMARY KEY,
    taken bigint NOT NULL CHECK (taken >= 0),
    waiting bigint NOT NULL CHECK (waiting >= 0),
    last_position bigint NOT NULL CHECK (last_position >= 0)
);
CREATE TABLE meetup_sign_up (
    member_id uuid NOT NULL REFERENCES member (member_id),
    meetup text NOT NULL,
    state text NOT NULL CHECK (state IN ('SEATED', 'WAITING', 'CANCELLED', 'ATTENDED')),
    position bigint NOT NULL CHECK (position >= 1),
    ticket text NOT NULL,
    signed_up_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    attended_at timestamptz,
    checked_in_by text,
    PRIMARY KEY (member_id, meetup),
    CHECK ((state = 'ATTENDED') = (attended_at IS NOT NULL)),
    CHECK ((attended_at IS NULL) = (checked_in_by IS NULL))
);
CREATE INDEX meetup_sign_up_list ON meetup_sign_up (meetup, position, member_id);
CREATE INDEX meetup_sign_up_waiting ON meetup_sign_up (meetup, position) WHERE state = 'WAITING';
-- A directory: whose a ticket is.
CREATE TABLE meetup_ticket (
    ticket text PRIMARY KEY CHECK (length(ticket) >= 16),
    member_id uuid NOT NULL,
    meetup text NOT NULL
);
GRANT SELECT, INSERT, UPDATE (taken, waiting, last_position) ON meetup_tally TO accrue_app;
GRANT SELECT, INSERT, UPDATE (state, position, signed_up_at, changed_at, attended_at, checked_in_by)
    ON meetup_sign_up TO accrue_app;
GRANT SELECT, INSERT ON meetup_ticket TO accrue_app;
GRANT UPDATE (member_id) ON meetup_ticket TO accrue_app;
-- Seats go with who is merged.
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
