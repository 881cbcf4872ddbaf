CREATE TABLE challenge_entry (
    member_id uuid NOT NULL REFERENCES member (member_id),
    challenge text NOT NULL,
    score bigint NOT NULL CHECK (score >= 0),
    reached_at timestamptz,
    ranks boolean NOT NULL,
    settles_at timestamptz,
    milestone bigint NOT NULL CHECK (milestone >= 0),
    joined_at timestamptz,
    left_at timestamptz,
    version bigint NOT NULL CHECK (version >= 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, challenge),
    CHECK (NOT ranks OR (reached_at IS NOT NULL AND left_at IS NULL))
);
-- The board itself; and what was changed lately, to be told to the cache again.
CREATE INDEX challenge_board ON challenge_entry (challenge, score DESC, reached_at, member_id) WHERE ranks;
CREATE INDEX challenge_entry_updated ON challenge_entry (updated_at);
CREATE TABLE challenge_close (
    challenge text PRIMARY KEY,
    programme_version integer NOT NULL,
    ends_at timestamptz NOT NULL,
    begun_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK (closed_at >= ends_at)
);
CREATE TABLE challenge_result (
    member_id uuid NOT NULL REFERENCES member (member_id),
    challenge text NOT NULL,
    rank integer NOT NULL CHECK (rank >= 1),
    score bigint NOT NULL CHECK (score >= 1),
    closed_at timestamptz NOT NULL,
    decision_id uuid,
    PRIMARY KEY (member_id, challenge),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE leaderboard_name (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    shown text NOT NULL CHECK (shown IN ('nickname', 'masked', 'anonymous')),
    changed_at timestamptz NOT NULL
);
CREATE TABLE chosen_title (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    badge text NOT NULL,
    chosen_at timestamptz NOT NULL,
    FOREIGN KEY (member_id, badge) REFERENCES badge (member_id, code)
);
GRANT SELECT, INSERT, UPDATE ON challenge_entry, challenge_close, challenge_result TO accrue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON leaderboard_name, chosen_title TO accrue_app;
