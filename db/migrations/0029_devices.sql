-- The devices that a member was seen with; the id is the keyed hash of a device's name.
CREATE TABLE device (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    trusted_at timestamptz,
    trusted_by text CHECK (trusted_by IN ('REGISTRATION', 'FIRST', 'CODE')),
    forgotten_at timestamptz,
    PRIMARY KEY (member_id, id),
    CHECK (first_seen_at <= last_seen_at),
    CHECK ((trusted_at IS NULL) = (trusted_by IS NULL)),
    CHECK (trusted_at IS NULL OR forgotten_at IS NULL)
);
-- When a member was here, came back after long, proved a contact of theirs and raised an alarm.
CREATE TABLE presence (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    active_at timestamptz,
    woke_at timestamptz,
    confirmed_at timestamptz,
    alarmed_at timestamptz
);
-- The one-time code that is out: what it is made of with a secret that isn't here.
CREATE TABLE device_code (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    id uuid NOT NULL,
    device_id uuid,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL CHECK (tries BETWEEN 0 AND 5),
    used_at timestamptz,
    CHECK (asked_at < expires_at)
);
-- What left from devices that weren't trusted, or as an account woke.
CREATE TABLE device_taking (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    currency text NOT NULL CHECK (currency IN ('POINTS', 'CREDIT', 'COMMUNITY')),
    amount bigint NOT NULL CHECK (amount > 0),
    reason text NOT NULL CHECK (reason IN ('NEW_DEVICE', 'DORMANT')),
    device_id uuid,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id)
);
CREATE INDEX device_taking_recent ON device_taking (member_id, taken_at);
GRANT SELECT, INSERT, UPDATE ON device, presence, device_code TO accrue_app;
GRANT SELECT, INSERT ON device_taking TO accrue_app;
