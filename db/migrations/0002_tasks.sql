CREATE INDEX inbox_deeds ON inbox (member_id, occurred_at) WHERE type IN ('review.approved',
    'share.opened', 'post.published', 'campaign.joined', 'review.removed', 'post.removed');
-- A target that was reached in a period; `settles_at`: when what it gives becomes available.
CREATE TABLE task_progress (
    member_id uuid NOT NULL REFERENCES member (member_id),
    task text NOT NULL,
    period text NOT NULL,
    progress bigint NOT NULL CHECK (progress >= 0),
    target bigint NOT NULL CHECK (target >= 1),
    state text NOT NULL CHECK (state IN ('OPEN', 'COMPLETED', 'CLAIMABLE', 'REWARDED', 'FALLEN')),
    completed_at timestamptz NOT NULL,
    settles_at timestamptz,
    awaits_word boolean NOT NULL,
    times_rewarded integer NOT NULL CHECK (times_rewarded >= 0),
    decision_id uuid,
    programme_version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, task, period),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id),
    CHECK (state NOT IN ('REWARDED', 'FALLEN') OR decision_id IS NOT NULL)
);
-- A try of a quiz; what was answered is kept with how many were right.
CREATE TABLE quiz_attempt (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    task text NOT NULL,
    day date NOT NULL,
    programme_version integer NOT NULL,
    started_at timestamptz NOT NULL,
    answers jsonb,
    right_count integer,
    is_passed boolean,
    answered_at timestamptz,
    PRIMARY KEY (member_id, id),
    CHECK ((answered_at IS NULL) = (is_passed IS NULL))
);
CREATE INDEX quiz_attempt_task ON quiz_attempt (member_id, task, day);
-- What staff call a member; audiences may ask for it.
CREATE TABLE member_tag (
    member_id uuid NOT NULL REFERENCES member (member_id),
    tag text NOT NULL,
    tagged_by text NOT NULL,
    tagged_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, tag)
);
-- How far members have been looked at because a version of the programme changed its tasks.
CREATE TABLE task_backfill (
    version integer PRIMARY KEY,
    last_member_id uuid,
    done_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON task_progress, quiz_attempt, task_backfill TO accrue_app;
GRANT SELECT, INSERT, DELETE ON member_tag TO accrue_app;
