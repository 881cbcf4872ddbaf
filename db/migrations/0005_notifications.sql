-- What a member is told, once for each cause; `facts` fill the template in.
CREATE TABLE notification (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    template text NOT NULL,
    cause text NOT NULL,
    facts jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, template, cause)
);
CREATE INDEX notification_unread ON notification (member_id, id) WHERE read_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON notification TO accrue_app;

-- What became of it on each channel; it counts for the caps from started_at on.
CREATE TABLE delivery (
    member_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('in_app', 'email', 'sms', 'push')),
    state text NOT NULL CHECK (state IN ('WAITING', 'SENDING', 'SENT', 'FAILED', 'SKIPPED')),
    reason text CHECK (reason IN ('PREFERENCE', 'NO_ADDRESS', 'CAPPED', 'NO_PROVIDER', 'SUSPENDED', 'STALE')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    provider text,
    answer text CHECK (length(answer) <= 300),
    started_at timestamptz,
    next_at timestamptz,
    sent_at timestamptz,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, notification_id, channel),
    FOREIGN KEY (member_id, notification_id) REFERENCES notification (member_id, id),
    CHECK ((state = 'SKIPPED') = (reason IS NOT NULL)),
    CHECK ((state = 'WAITING') = (next_at IS NOT NULL)),
    CHECK ((state = 'SENT') = (sent_at IS NOT NULL))
);
CREATE INDEX delivery_started ON delivery (member_id, channel, started_at) WHERE started_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON delivery TO accrue_app;

-- How a member wants to be told. muted: class and channel, such as reminder:email.
CREATE TABLE preference (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    muted text[] NOT NULL,
    quiet_from_hour integer CHECK (quiet_from_hour BETWEEN 0 AND 23),
    quiet_until_hour integer CHECK (quiet_until_hour BETWEEN 0 AND 23),
    check_in_hour integer CHECK (check_in_hour BETWEEN 0 AND 23),
    changed_at timestamptz NOT NULL,
    CHECK ((quiet_from_hour IS NULL) = (quiet_until_hour IS NULL))
);
CREATE INDEX preference_check_in ON preference (check_in_hour, member_id) WHERE check_in_hour IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON preference TO accrue_app;

-- A directory: a device's token is the one's who registered it last.
CREATE TABLE push_address (
    token text PRIMARY KEY CHECK (length(token) BETWEEN 1 AND 512),
    member_id uuid NOT NULL REFERENCES member (member_id),
    registered_at timestamptz NOT NULL
);
CREATE INDEX push_address_member ON push_address (member_id, registered_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON push_address TO accrue_app;
