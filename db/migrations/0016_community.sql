-- Content: what members say, each row its author's own. Counts follow by jobs under the author's lock.
CREATE TABLE community_post (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('POST', 'ORDER_SHOW')),
    topic text,
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    images text[] NOT NULL CHECK (cardinality(images) <= 9),
    skus text[] NOT NULL CHECK (cardinality(skus) <= 50),
    purchase_id uuid,
    state text NOT NULL CHECK (state IN ('VISIBLE', 'DELETED')),
    like_count bigint NOT NULL CHECK (like_count >= 0),
    comment_count bigint NOT NULL CHECK (comment_count >= 0),
    heat bigint NOT NULL,
    published_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id),
    CHECK ((kind = 'ORDER_SHOW') = (purchase_id IS NOT NULL)),
    FOREIGN KEY (member_id, purchase_id) REFERENCES purchase (member_id, id)
);
CREATE INDEX community_post_member ON community_post (member_id, published_at DESC, id DESC)
    WHERE state = 'VISIBLE';
CREATE INDEX community_post_topic ON community_post (topic, published_at DESC, id DESC)
    WHERE state = 'VISIBLE';
CREATE INDEX community_post_hot ON community_post (heat DESC, id DESC) WHERE state = 'VISIBLE';
CREATE TABLE community_comment (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    post_member_id uuid NOT NULL,
    post_id uuid NOT NULL,
    parent_member_id uuid,
    parent_id uuid,
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    state text NOT NULL CHECK (state IN ('VISIBLE', 'DELETED')),
    like_count bigint NOT NULL CHECK (like_count >= 0),
    published_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id),
    CHECK ((parent_id IS NULL) = (parent_member_id IS NULL))
);
CREATE INDEX community_comment_post ON community_comment (post_id, published_at, id)
    WHERE state = 'VISIBLE' AND parent_id IS NULL;
CREATE INDEX community_comment_parent ON community_comment (parent_id, published_at, id)
    WHERE state = 'VISIBLE';
-- What a member likes and follows; a row stays when it is taken away, so that it can't count twice.
CREATE TABLE community_like (
    member_id uuid NOT NULL REFERENCES member (member_id),
    subject_id uuid NOT NULL,
    subject_member_id uuid NOT NULL CHECK (subject_member_id <> member_id),
    subject_kind text NOT NULL CHECK (subject_kind IN ('POST', 'COMMENT')),
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, subject_id)
);
CREATE TABLE community_follow (
    member_id uuid NOT NULL REFERENCES member (member_id),
    followed_id uuid NOT NULL CHECK (followed_id <> member_id),
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, followed_id)
);
CREATE TABLE community_topic_follow (
    member_id uuid NOT NULL REFERENCES member (member_id),
    topic text NOT NULL,
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, topic)
);
-- What a member has got from others, as far as it is counted.
CREATE TABLE community_received (
    member_id uuid NOT NULL REFERENCES member (member_id),
    kind text NOT NULL CHECK (kind IN ('LIKE', 'COMMENT', 'FOLLOW')),
    subject_id uuid NOT NULL,
    source_id uuid NOT NULL,
    from_member_id uuid NOT NULL,
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, kind, subject_id, source_id)
);
CREATE TABLE community_profile (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    follower_count bigint NOT NULL CHECK (follower_count >= 0),
    changed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE (state, like_count, comment_count, heat, changed_at)
    ON community_post TO accrue_app;
GRANT SELECT, INSERT, UPDATE (state, like_count, changed_at) ON community_comment TO accrue_app;
GRANT SELECT, INSERT, UPDATE (is_on, changed_at) ON community_like TO accrue_app;
GRANT SELECT, INSERT, UPDATE (is_on, changed_at) ON community_follow TO accrue_app;
GRANT SELECT, INSERT, UPDATE (is_on, changed_at) ON community_topic_follow TO accrue_app;
GRANT SELECT, INSERT, UPDATE (is_on, changed_at) ON community_received TO accrue_app;
GRANT SELECT, INSERT, UPDATE (follower_count, changed_at) ON community_profile TO accrue_app;
