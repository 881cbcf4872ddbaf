-- Where a shop wants to hear of facts: a small table of the programme.
CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    event_types text[] NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    disabled_at timestamptz,
    disabled_reason text,
    failing_since timestamptz,
    paused_until timestamptz,
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);
-- A fact as it is told; a test has no member, and the nil id for one.
CREATE TABLE webhook_event (
    member_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id)
);
CREATE INDEX webhook_event_age ON webhook_event (created_at);
-- An endpoint may be deleted at any moment: what is addressed to none is ended when its time comes.
CREATE TABLE webhook_delivery (
    member_id uuid NOT NULL,
    event_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('WAITING', 'SENT', 'DEAD')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    last_status integer,
    last_error text,
    next_at timestamptz,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (member_id, event_id, endpoint_id),
    FOREIGN KEY (member_id, event_id) REFERENCES webhook_event (member_id, id) ON DELETE CASCADE,
    CHECK ((state = 'WAITING') = (next_at IS NOT NULL)),
    CHECK ((state = 'WAITING') = (ended_at IS NULL))
);
CREATE INDEX webhook_delivery_log ON webhook_delivery (endpoint_id, created_at, event_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoint, webhook_event, webhook_delivery
    TO accrue_app;
