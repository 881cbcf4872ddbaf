-- What content and likes have earned, each once: paid, not paid for a reason, or taken back.
CREATE TABLE community_merit (
    member_id uuid NOT NULL REFERENCES member (member_id),
    kind text NOT NULL CHECK (kind IN ('POST', 'COMMENT', 'LIKE_GIVEN', 'LIKE_RECEIVED', 'STAFF_PICK')),
    subject_id uuid NOT NULL,
    source_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('PAID', 'UNPAID', 'TAKEN_BACK')),
    reason text,
    currency text NOT NULL CHECK (currency IN ('POINTS', 'COMMUNITY')),
    amount bigint NOT NULL CHECK (amount >= 0),
    growth bigint NOT NULL CHECK (growth >= 0),
    times integer NOT NULL CHECK (times >= 0),
    decision_id uuid,
    happened_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, kind, subject_id, source_id),
    CHECK ((state = 'PAID') = (reason IS NULL)),
    CHECK ((state = 'UNPAID') = (decision_id IS NULL)),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE INDEX community_merit_deed ON community_merit (member_id, happened_at)
    WHERE kind = 'POST';
ALTER TABLE community_like ADD COLUMN silent_for text;
ALTER TABLE community_post ADD COLUMN picked_at timestamptz;
GRANT SELECT, INSERT, UPDATE (state, reason, amount, growth, times, decision_id, changed_at)
    ON community_merit TO accrue_app;
GRANT UPDATE (silent_for) ON community_like TO accrue_app;
GRANT UPDATE (picked_at) ON community_post TO accrue_app;
CREATE INDEX community_post_said ON community_post (member_id, published_at);
CREATE INDEX community_comment_said ON community_comment (member_id, published_at);
ALTER TABLE community_action DROP CONSTRAINT community_action_action_check;
ALTER TABLE community_action ADD CONSTRAINT community_action_action_check
    CHECK (action IN ('HELD', 'HIDDEN', 'RESTORED', 'PICKED', 'BANNED', 'BAN_LIFTED', 'APPEALED',
        'APPEAL_ACCEPTED', 'APPEAL_DISMISSED'));
