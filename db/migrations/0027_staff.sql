-- What staff did: a chain of hashes for each person, without words and without names of members.
CREATE TABLE staff_act (
    person text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    actor text NOT NULL,
    act text NOT NULL,
    member_id uuid,
    subject uuid NOT NULL,
    unit text CHECK (unit IN ('POINTS', 'CREDIT', 'COUPONS', 'VOUCHERS')),
    amount bigint,
    alone_total bigint CHECK (alone_total >= abs(amount)),
    reason_code text,
    programme_version integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (person, seq),
    CHECK ((unit IS NULL) = (amount IS NULL)),
    CHECK (alone_total IS NULL OR amount IS NOT NULL)
);
CREATE INDEX staff_act_alone ON staff_act (person, unit, recorded_at, seq) WHERE alone_total IS NOT NULL;
CREATE INDEX staff_act_subject ON staff_act (subject);
CREATE INDEX staff_act_member ON staff_act (member_id, recorded_at) WHERE member_id IS NOT NULL;
CREATE INDEX staff_act_time ON staff_act (recorded_at, person, seq);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_act
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- One row a person, locked by whoever acts as them: the end of their chain.
CREATE TABLE staff_head (
    person text PRIMARY KEY,
    seq bigint NOT NULL CHECK (seq >= 0),
    head text NOT NULL,
    acted_at timestamptz NOT NULL
);
-- What one of the staff may not do alone. Its words may go with who it is about.
CREATE TABLE staff_proposal (
    id uuid PRIMARY KEY,
    verb text NOT NULL CHECK (verb IN ('adjustPoints', 'adjustCredit', 'grantCredit', 'issueCoupons',
        'makeVouchers')),
    member_id uuid REFERENCES member (member_id),
    unit text NOT NULL CHECK (unit IN ('POINTS', 'CREDIT', 'COUPONS', 'VOUCHERS')),
    amount bigint NOT NULL CHECK (amount <> 0),
    reason text NOT NULL,
    reason_code text,
    terms jsonb NOT NULL,
    key text NOT NULL,
    proposed_by text NOT NULL,
    programme_version integer NOT NULL,
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > proposed_at),
    state text NOT NULL CHECK (state IN ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    decided_by text,
    decided_at timestamptz,
    note text,
    CHECK ((state = 'PENDING') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    UNIQUE (proposed_by, verb, key)
);
CREATE INDEX staff_proposal_queue ON staff_proposal (state, id);
CREATE INDEX staff_proposal_member ON staff_proposal (member_id) WHERE member_id IS NOT NULL;
GRANT SELECT, INSERT ON staff_act TO accrue_app;
GRANT SELECT, INSERT, UPDATE ON staff_head TO accrue_app;
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note) ON staff_proposal TO accrue_app;
