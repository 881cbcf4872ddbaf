-- Content may wait for the staff or be hidden by them; what was done about it is kept.
ALTER TABLE community_post DROP CONSTRAINT community_post_state_check;
ALTER TABLE community_post ADD CONSTRAINT community_post_state_check
    CHECK (state IN ('VISIBLE', 'HELD', 'HIDDEN', 'DELETED'));
ALTER TABLE community_post ADD COLUMN held_for text CHECK (held_for IN ('WORDS', 'REPORTS'));
ALTER TABLE community_post ADD COLUMN report_count bigint NOT NULL DEFAULT 0 CHECK (report_count >= 0);
ALTER TABLE community_post ADD COLUMN reviewed_at timestamptz;
ALTER TABLE community_comment DROP CONSTRAINT community_comment_state_check;
ALTER TABLE community_comment ADD CONSTRAINT community_comment_state_check
    CHECK (state IN ('VISIBLE', 'HELD', 'HIDDEN', 'DELETED'));
ALTER TABLE community_comment ADD COLUMN held_for text CHECK (held_for IN ('WORDS', 'REPORTS'));
ALTER TABLE community_comment ADD COLUMN report_count bigint NOT NULL DEFAULT 0 CHECK (report_count >= 0);
ALTER TABLE community_comment ADD COLUMN reviewed_at timestamptz;
CREATE INDEX community_post_queue ON community_post (published_at, id)
    WHERE state = 'HELD' OR (state = 'VISIBLE' AND report_count > 0 AND reviewed_at IS NULL);
CREATE INDEX community_comment_queue ON community_comment (published_at, id)
    WHERE state = 'HELD' OR (state = 'VISIBLE' AND report_count > 0 AND reviewed_at IS NULL);
ALTER TABLE community_received DROP CONSTRAINT community_received_kind_check;
ALTER TABLE community_received ADD CONSTRAINT community_received_kind_check
    CHECK (kind IN ('LIKE', 'COMMENT', 'FOLLOW', 'REPORT'));
CREATE TABLE community_report (
    member_id uuid NOT NULL REFERENCES member (member_id),
    subject_id uuid NOT NULL,
    subject_member_id uuid NOT NULL CHECK (subject_member_id <> member_id),
    subject_kind text NOT NULL CHECK (subject_kind IN ('POST', 'COMMENT')),
    reason text NOT NULL CHECK (reason IN ('SPAM', 'ABUSE', 'FALSE', 'OTHER')),
    note text NOT NULL CHECK (length(note) <= 500),
    has_voice boolean NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, subject_id)
);
CREATE INDEX community_report_subject ON community_report (subject_id);
CREATE TABLE community_ban (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz CHECK (ends_at > begins_at),
    lifted_at timestamptz,
    lifted_by text,
    PRIMARY KEY (member_id, id),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE TABLE community_appeal (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('POST', 'COMMENT', 'BAN')),
    subject_id uuid NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    state text NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED', 'DISMISSED')),
    appealed_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    answer text,
    PRIMARY KEY (member_id, id),
    CHECK ((state = 'OPEN') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
CREATE UNIQUE INDEX community_appeal_open ON community_appeal (member_id, subject_id)
    WHERE state = 'OPEN';
CREATE INDEX community_appeal_queue ON community_appeal (appealed_at, id) WHERE state = 'OPEN';
CREATE TABLE community_action (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    actor text NOT NULL,
    action text NOT NULL CHECK (action IN ('HELD', 'HIDDEN', 'RESTORED', 'BANNED', 'BAN_LIFTED',
        'APPEALED', 'APPEAL_ACCEPTED', 'APPEAL_DISMISSED')),
    subject_kind text NOT NULL CHECK (subject_kind IN ('POST', 'COMMENT', 'BAN')),
    subject_id uuid NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id)
);
GRANT UPDATE (held_for, report_count, reviewed_at) ON community_post TO accrue_app;
GRANT UPDATE (held_for, report_count, reviewed_at) ON community_comment TO accrue_app;
GRANT SELECT, INSERT ON community_report TO accrue_app;
GRANT SELECT, INSERT, UPDATE (lifted_at, lifted_by) ON community_ban TO accrue_app;
GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, answer)
    ON community_appeal TO accrue_app;
GRANT SELECT, INSERT ON community_action TO accrue_app;
