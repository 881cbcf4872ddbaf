-- Directories: keyed by their own value, pointing to a member.
CREATE TABLE contact (
    kind text NOT NULL CHECK (kind IN ('email', 'phone')),
    value text NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE TABLE external_id (
    external_id text PRIMARY KEY,
    member_id uuid NOT NULL
);
CREATE TABLE referral_code (
    code text PRIMARY KEY,
    member_id uuid NOT NULL
);
CREATE TABLE coupon_code (
    code text PRIMARY KEY,
    member_id uuid NOT NULL
);
CREATE TABLE event_key (
    source text NOT NULL,
    key text NOT NULL,
    member_id uuid NOT NULL,
    content_hash text NOT NULL,
    PRIMARY KEY (source, key)
);
CREATE TABLE service_key (
    caller text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    member_id uuid NOT NULL,
    input_hash text NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, operation, key)
);

-- Programme-wide tables, small ones.
CREATE TABLE programme_version (
    version integer PRIMARY KEY CHECK (version >= 1),
    digest text NOT NULL,
    document jsonb NOT NULL,
    effective_from timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL
);
CREATE TABLE reward_stock (
    reward_code text PRIMARY KEY,
    sold bigint NOT NULL CHECK (sold >= 0)
);
CREATE TABLE reward_code (
    pool text NOT NULL,
    code text NOT NULL,
    member_id uuid,
    redemption_id uuid,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (pool, code),
    CHECK ((member_id IS NULL) = (redemption_id IS NULL))
);
CREATE INDEX reward_code_free ON reward_code (pool, code) WHERE member_id IS NULL;
CREATE TABLE api_key (
    id text PRIMARY KEY,
    name text NOT NULL,
    digest text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE TABLE schedule_run (
    name text NOT NULL,
    period timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    token bigint NOT NULL,
    run_at timestamptz NOT NULL,
    lease_until timestamptz,
    cursor text,
    progress bigint NOT NULL,
    started_at timestamptz,
    done_at timestamptz,
    last_error text,
    PRIMARY KEY (name, period)
);

-- Member tables: member_id in every key.
CREATE TABLE member (
    member_id uuid PRIMARY KEY,
    external_id text,
    nickname text NOT NULL CHECK (length(nickname) BETWEEN 1 AND 64),
    email text,
    phone text,
    timezone text NOT NULL,
    next_timezone text,
    timezone_changed_at timestamptz,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    referral_code text NOT NULL,
    device_hash text,
    joined_at timestamptz NOT NULL,
    suspended_at timestamptz,
    recorded_at timestamptz NOT NULL
);
CREATE TABLE credential (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE TABLE staff_action (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id)
);
CREATE TABLE idempotency (
    member_id uuid NOT NULL REFERENCES member (member_id),
    operation text NOT NULL,
    key text NOT NULL,
    input_hash text NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, operation, key)
);
CREATE TABLE decision (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    programme_version integer NOT NULL,
    inputs jsonb NOT NULL,
    outcome jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, key)
);
CREATE TABLE wallet (
    member_id uuid NOT NULL REFERENCES member (member_id),
    currency text NOT NULL CHECK (currency IN ('POINTS', 'GROWTH', 'COMMUNITY')),
    pending bigint NOT NULL CHECK (pending >= 0),
    available bigint NOT NULL CHECK (available >= 0),
    held bigint NOT NULL CHECK (held >= 0),
    debt bigint NOT NULL CHECK (debt <= 0),
    lifetime_earned bigint NOT NULL CHECK (lifetime_earned >= 0),
    seq bigint NOT NULL CHECK (seq >= 0),
    head text NOT NULL,
    next_due_at timestamptz,
    decays_at timestamptz,
    PRIMARY KEY (member_id, currency),
    CHECK (debt = 0 OR available = 0)
);
CREATE INDEX wallet_due ON wallet (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE TABLE transfer (
    member_id uuid NOT NULL,
    currency text NOT NULL,
    seq bigint NOT NULL CHECK (seq >= 1),
    amount bigint NOT NULL CHECK (amount > 0),
    debit_account text NOT NULL,
    credit_account text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    source_type text NOT NULL,
    source_id text NOT NULL,
    decision_id uuid NOT NULL,
    programme_version integer NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (member_id, currency, seq),
    FOREIGN KEY (member_id, currency) REFERENCES wallet (member_id, currency),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id),
    CHECK (debit_account IN ('pending', 'available', 'held', 'debt',
        'issuance', 'redemption', 'expiry', 'adjustment', 'lottery')),
    CHECK (credit_account IN ('pending', 'available', 'held', 'debt',
        'issuance', 'redemption', 'expiry', 'adjustment', 'lottery')),
    CHECK (debit_account <> credit_account),
    CHECK (debit_account IN ('pending', 'available', 'held', 'debt')
        OR credit_account IN ('pending', 'available', 'held', 'debt'))
);
CREATE INDEX transfer_interaction ON transfer (member_id, occurred_at)
    WHERE currency = 'GROWTH' AND reason = 'interaction';
CREATE TABLE lot (
    member_id uuid NOT NULL,
    id uuid NOT NULL,
    currency text NOT NULL,
    granted bigint NOT NULL CHECK (granted > 0),
    remaining bigint NOT NULL CHECK (remaining >= 0),
    held bigint NOT NULL CHECK (held >= 0),
    spent bigint NOT NULL CHECK (spent >= 0),
    expired bigint NOT NULL CHECK (expired >= 0),
    taken bigint NOT NULL CHECK (taken >= 0),
    forfeited bigint NOT NULL CHECK (forfeited BETWEEN 0 AND expired),
    occurred_at timestamptz NOT NULL,
    activates_at timestamptz,
    activated_at timestamptz,
    expires_at timestamptz,
    reinstated boolean NOT NULL,
    opened_by bigint NOT NULL,
    source_type text NOT NULL,
    source_id text NOT NULL,
    decision_id uuid NOT NULL,
    programme_version integer NOT NULL,
    PRIMARY KEY (member_id, id),
    FOREIGN KEY (member_id, currency, opened_by) REFERENCES transfer (member_id, currency, seq),
    CHECK (granted = remaining + held + spent + expired + taken),
    CHECK (activated_at IS NOT NULL OR (held = 0 AND spent = 0 AND expired = 0))
);
CREATE INDEX lot_live ON lot (member_id, currency) WHERE remaining > 0 OR held > 0;
CREATE INDEX lot_source ON lot (member_id, source_type, source_id);
CREATE TABLE lot_move (
    member_id uuid NOT NULL,
    currency text NOT NULL,
    seq bigint NOT NULL,
    lot_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    position integer NOT NULL CHECK (position >= 0),
    PRIMARY KEY (member_id, currency, seq, lot_id),
    FOREIGN KEY (member_id, currency, seq) REFERENCES transfer (member_id, currency, seq),
    FOREIGN KEY (member_id, lot_id) REFERENCES lot (member_id, id)
);
CREATE TABLE hold (
    member_id uuid NOT NULL,
    id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL CHECK (state IN ('open', 'committed', 'released')),
    held_by bigint NOT NULL,
    source_type text NOT NULL,
    source_id text NOT NULL,
    decision_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (member_id, id),
    FOREIGN KEY (member_id, currency, held_by) REFERENCES transfer (member_id, currency, seq),
    CHECK ((state = 'open') = (resolved_at IS NULL))
);
CREATE INDEX hold_lapse ON hold (expires_at) WHERE state = 'open';
CREATE TABLE usage (
    member_id uuid NOT NULL REFERENCES member (member_id),
    code text NOT NULL,
    period text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (member_id, code, period)
);

CREATE TABLE inbox (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'done', 'parked', 'refused', 'dead')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    waits_for text,
    note text,
    processed_at timestamptz,
    PRIMARY KEY (member_id, id)
);
CREATE INDEX inbox_open ON inbox (member_id, id) WHERE state IN ('new', 'parked');
CREATE INDEX inbox_set_aside ON inbox (received_at) WHERE state IN ('dead', 'parked', 'refused');
CREATE TABLE purchase (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    source text NOT NULL,
    order_id text NOT NULL,
    paid_at timestamptz NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    lines jsonb NOT NULL,
    net_minor bigint NOT NULL CHECK (net_minor >= 0),
    base_minor bigint NOT NULL CHECK (base_minor >= 0),
    base_left_minor bigint NOT NULL CHECK (base_left_minor BETWEEN 0 AND base_minor),
    -- In the currency of the programme, as the base is; net_minor is in that of the order.
    eligible_left_minor bigint NOT NULL CHECK (eligible_left_minor >= 0),
    points bigint NOT NULL CHECK (points >= 0),
    points_left bigint NOT NULL CHECK (points_left BETWEEN 0 AND points),
    growth bigint NOT NULL CHECK (growth >= 0),
    growth_left bigint NOT NULL CHECK (growth_left BETWEEN 0 AND growth),
    lot_id uuid,
    tier_code text NOT NULL,
    settles_at timestamptz NOT NULL,
    completed_at timestamptz,
    decision_id uuid NOT NULL,
    programme_version integer NOT NULL,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, source, order_id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE INDEX purchase_paid ON purchase (member_id, paid_at);
CREATE TABLE refund (
    member_id uuid NOT NULL,
    id uuid NOT NULL,
    purchase_id uuid NOT NULL,
    refund_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    lines jsonb NOT NULL,
    points bigint NOT NULL CHECK (points >= 0),
    growth bigint NOT NULL CHECK (growth >= 0),
    decision_id uuid NOT NULL,
    PRIMARY KEY (member_id, id),
    UNIQUE (member_id, purchase_id, refund_id),
    FOREIGN KEY (member_id, purchase_id) REFERENCES purchase (member_id, id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE standing (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    tier_code text NOT NULL,
    provisional boolean NOT NULL,
    period_opened_at timestamptz,
    period_ends_at timestamptz,
    former jsonb,
    settled_only_until timestamptz,
    changed_at timestamptz NOT NULL
);
CREATE TABLE tier_change (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    from_tier text NOT NULL,
    to_tier text NOT NULL,
    reason text NOT NULL,
    decision_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE check_in (
    member_id uuid NOT NULL REFERENCES member (member_id),
    day date NOT NULL,
    streak_days integer NOT NULL CHECK (streak_days >= 1),
    points_awarded bigint NOT NULL CHECK (points_awarded >= 0),
    made_up boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    decision_id uuid NOT NULL,
    PRIMARY KEY (member_id, day),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE badge (
    member_id uuid NOT NULL REFERENCES member (member_id),
    code text NOT NULL,
    decision_id uuid NOT NULL,
    awarded_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, code),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE coupon (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    template text NOT NULL,
    code text NOT NULL,
    state text NOT NULL CHECK (state IN ('ISSUED', 'REVOKED')),
    source_type text NOT NULL,
    source_id text NOT NULL,
    decision_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (member_id, id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE redemption (
    member_id uuid NOT NULL REFERENCES member (member_id),
    id uuid NOT NULL,
    reward_code text NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100),
    price_points bigint NOT NULL CHECK (price_points > 0),
    state text NOT NULL CHECK (state IN
        ('REQUESTED', 'SHIPPED', 'DELIVERED', 'FAILED', 'ISSUED', 'CANCELLED')),
    codes text[] NOT NULL,
    debited_by bigint NOT NULL,
    decision_id uuid NOT NULL,
    programme_version integer NOT NULL,
    created_at timestamptz NOT NULL,
    resolved_at timestamptz,
    PRIMARY KEY (member_id, id),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
CREATE TABLE referral (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    inviter_id uuid NOT NULL,
    code text NOT NULL,
    state text NOT NULL CHECK (state IN ('BOUND', 'QUALIFIED', 'REWARDED', 'REVERSED', 'LAPSED')),
    bound_at timestamptz NOT NULL,
    qualified_at timestamptz,
    rewarded_at timestamptz,
    purchase_id uuid,
    programme_version integer NOT NULL,
    CHECK (member_id <> inviter_id)
);
CREATE INDEX referral_bound ON referral (bound_at) WHERE state = 'BOUND';
CREATE TABLE invitation (
    member_id uuid NOT NULL REFERENCES member (member_id),
    invitee_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('BOUND', 'QUALIFIED', 'REWARDED', 'REVERSED', 'CAPPED')),
    points bigint NOT NULL CHECK (points >= 0),
    bound_at timestamptz NOT NULL,
    qualified_at timestamptz,
    rewarded_at timestamptz,
    PRIMARY KEY (member_id, invitee_id),
    CHECK (member_id <> invitee_id)
);
CREATE TABLE job (
    member_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    attempts integer NOT NULL CHECK (attempts >= 0),
    token bigint NOT NULL CHECK (token >= 0),
    run_at timestamptz NOT NULL,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    last_error text,
    PRIMARY KEY (member_id, id),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('done', 'dead')) = (done_at IS NOT NULL))
);
CREATE UNIQUE INDEX job_waiting ON job (member_id, kind, key) WHERE state = 'ready';
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'ready';
ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX job_lease ON job (lease_until, id) WHERE state = 'running';
CREATE INDEX job_ended ON job (done_at) WHERE state IN ('done', 'dead');

-- The ledger's past can't be changed: not by the application's role, and not by a mistake of the owner's.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['transfer', 'lot_move', 'decision', 'tier_change', 'staff_action',
                                'event_key', 'programme_version', 'refund']
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;

-- The role belongs to the whole cluster: another database's migration may make it at this moment,
-- and where the owner may not make roles, an administrator has made it and granted it beforehand.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'accrue_app') THEN
        BEGIN
            CREATE ROLE accrue_app NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
END $$;
DO $$
BEGIN
    FOR attempt IN 1..20 LOOP
        EXIT WHEN pg_has_role(current_user, 'accrue_app', 'SET');
        BEGIN
            EXECUTE format('GRANT accrue_app TO %I', current_user);
        EXCEPTION
            WHEN unique_violation THEN NULL;
            WHEN internal_error THEN    -- "tuple concurrently updated"
                IF attempt = 20 THEN
                    RAISE;
                END IF;
        END;
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA public TO accrue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO accrue_app;
REVOKE UPDATE, DELETE ON transfer, lot_move, decision, tier_change, staff_action, event_key,
    programme_version, refund FROM accrue_app;
REVOKE DELETE ON wallet, lot, hold, member, purchase, redemption, referral, invitation, standing,
    check_in, badge, coupon FROM accrue_app;
REVOKE INSERT, UPDATE, DELETE ON tortoise_migrations FROM accrue_app;
