-- Whom a member doesn't want to see, and who may not answer, like or follow them.
CREATE TABLE community_block (
    member_id uuid NOT NULL REFERENCES member (member_id),
    blocked_id uuid NOT NULL CHECK (blocked_id <> member_id),
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, blocked_id)
);
CREATE INDEX community_block_of ON community_block (blocked_id);
GRANT SELECT, INSERT, UPDATE (is_on, changed_at) ON community_block TO accrue_app;
