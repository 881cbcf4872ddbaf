-- A round: its secret's hash is there from the beginning, the secret is told once the round is over.
CREATE TABLE lottery_round (
    lottery text NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    programme_version integer NOT NULL,
    seed text NOT NULL CHECK (seed ~ '^[0-9a-f]{64}$'),
    commitment text NOT NULL CHECK (commitment = encode(sha256(decode(seed, 'hex')), 'hex')),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz CHECK (closes_at > opens_at),
    closed_at timestamptz CHECK (closed_at >= opens_at),
    closed_by text,
    revealed_at timestamptz CHECK (revealed_at >= closed_at),
    PRIMARY KEY (lottery, number),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE UNIQUE INDEX lottery_round_open ON lottery_round (lottery) WHERE closed_at IS NULL;
-- What a round has given so far: one row that winners of what is limited wait for.
CREATE TABLE lottery_tally (
    lottery text NOT NULL,
    number integer NOT NULL,
    budget_minor bigint NOT NULL CHECK (budget_minor >= 0),
    spent_minor bigint NOT NULL CHECK (spent_minor BETWEEN 0 AND budget_minor),
    PRIMARY KEY (lottery, number),
    FOREIGN KEY (lottery, number) REFERENCES lottery_round (lottery, number)
);
-- Of a prize with a stock, or that costs something.
CREATE TABLE lottery_stock (
    lottery text NOT NULL,
    number integer NOT NULL,
    prize text NOT NULL,
    stock bigint CHECK (stock >= 0),
    cost_minor bigint NOT NULL CHECK (cost_minor >= 0),
    given bigint NOT NULL CHECK (given >= 0 AND (stock IS NULL OR given <= stock)),
    PRIMARY KEY (lottery, number, prize),
    FOREIGN KEY (lottery, number) REFERENCES lottery_round (lottery, number)
);
-- What was rolled, which prize that names, and which was given.
CREATE TABLE draw (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    redemption_id uuid NOT NULL,
    lottery text NOT NULL,
    round integer NOT NULL,
    nonce integer NOT NULL CHECK (nonce >= 1),
    client_seed text NOT NULL CHECK (length(client_seed) <= 64),
    roll bigint NOT NULL CHECK (roll >= 0),
    named text NOT NULL,
    given text NOT NULL,
    replaced text CHECK (replaced IN ('EXHAUSTED', 'OVER_BUDGET')),
    state text NOT NULL CHECK (state IN ('GIVEN', 'REQUESTED', 'SHIPPED', 'DELIVERED', 'FAILED')),
    points bigint NOT NULL CHECK (points >= 0),
    coupon_codes text[] NOT NULL,
    decision_id uuid NOT NULL,
    drawn_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, lottery, round, nonce),
    CHECK ((named = given) = (replaced IS NULL)),
    FOREIGN KEY (member_id, redemption_id) REFERENCES redemption (member_id, id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id),
    FOREIGN KEY (lottery, round) REFERENCES lottery_round (lottery, number)
);
CREATE INDEX draw_redemption ON draw (member_id, redemption_id);
CREATE INDEX draw_round ON draw (lottery, round);
GRANT SELECT, INSERT, UPDATE (closed_at, closed_by, revealed_at) ON lottery_round TO accrue_app;
GRANT SELECT, INSERT, UPDATE (spent_minor) ON lottery_tally TO accrue_app;
GRANT SELECT, INSERT, UPDATE (given) ON lottery_stock TO accrue_app;
GRANT SELECT, INSERT, UPDATE (state, points, coupon_codes, resolved_at) ON draw TO accrue_app;
