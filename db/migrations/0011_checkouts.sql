-- A cart that is being paid: coupons are reserved and value is held until it is paid, cancelled or lapses.
-- `digest` is of the price that was agreed to; the debits are transfers of the member's wallets.
CREATE TABLE checkout (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'COMPLETED', 'CANCELLED', 'EXPIRED')),
    opened_by text NOT NULL,
    idempotency text NOT NULL,
    input_hash text NOT NULL,
    cart jsonb NOT NULL,
    price jsonb NOT NULL,
    digest text NOT NULL,
    coupon_ids text[] NOT NULL,
    points bigint NOT NULL CHECK (points >= 0),
    credit_minor bigint NOT NULL CHECK (credit_minor >= 0),
    payable_minor bigint NOT NULL CHECK (payable_minor >= 0),
    hold_id uuid,
    credit_hold_id uuid,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL,
    paid_at timestamptz,
    resolved_at timestamptz,
    source text,
    order_id text,
    debited_by bigint,
    points_taken bigint NOT NULL CHECK (points_taken >= 0),
    debt_points bigint NOT NULL CHECK (debt_points >= 0),
    credit_debited_by bigint,
    credit_taken_minor bigint NOT NULL CHECK (credit_taken_minor >= 0),
    credit_debt_minor bigint NOT NULL CHECK (credit_debt_minor >= 0),
    overused text[] NOT NULL,
    decision_id uuid NOT NULL,
    programme_version integer NOT NULL,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, opened_by, idempotency),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id),
    FOREIGN KEY (member_id, hold_id) REFERENCES hold (member_id, id),
    FOREIGN KEY (member_id, credit_hold_id) REFERENCES hold (member_id, id),
    CHECK ((state = 'OPEN') = (resolved_at IS NULL)),
    CHECK ((state = 'COMPLETED') = (paid_at IS NOT NULL)),
    CHECK (state = 'COMPLETED' OR (debited_by IS NULL AND credit_debited_by IS NULL)),
    CHECK (opened_at < expires_at AND expires_at <= lapses_at AND paid_at <= lapses_at),
    CHECK ((points > 0) = (hold_id IS NOT NULL)),
    CHECK ((credit_minor > 0) = (credit_hold_id IS NOT NULL)),
    CHECK ((points_taken > 0) = (debited_by IS NOT NULL)),
    CHECK ((credit_taken_minor > 0) = (credit_debited_by IS NOT NULL)),
    CHECK (points_taken + debt_points <= points),
    CHECK (credit_taken_minor + credit_debt_minor <= credit_minor),
    CHECK ((source IS NULL) = (order_id IS NULL))
);
CREATE UNIQUE INDEX checkout_order ON checkout (member_id, source, order_id)
    WHERE order_id IS NOT NULL;
CREATE INDEX checkout_open ON checkout (member_id) WHERE state = 'OPEN';
-- A coupon that was used meanwhile, for staff to look at.
CREATE INDEX checkout_overused ON checkout (id) WHERE overused <> '{}';
-- A hold that lapses is due, like an expiry: each look at a wallet asks for its open ones.
CREATE INDEX hold_open ON hold (member_id) WHERE state = 'open';
GRANT SELECT, INSERT, UPDATE ON checkout TO accrue_app;
