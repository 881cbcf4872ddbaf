-- Long work that staff began: small tables of the programme, not of its members.
CREATE TABLE batch (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    checksum text,
    parameters jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('LOADING', 'READY', 'RUNNING', 'STOPPED', 'DONE', 'FAILED')),
    total bigint CHECK (total >= 0),
    done bigint NOT NULL CHECK (done >= 0),
    refused bigint NOT NULL CHECK (refused >= 0),
    cursor text,
    report jsonb NOT NULL,
    attempts integer NOT NULL CHECK (attempts >= 0),
    token bigint NOT NULL CHECK (token >= 0),
    run_at timestamptz NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    changed_at timestamptz NOT NULL,
    ended_at timestamptz,
    last_error text,
    CHECK (pg_column_size(report) < 262144),
    CHECK (pg_column_size(parameters) < 65536),
    CHECK (total IS NOT NULL OR state IN ('LOADING', 'STOPPED')),
    CHECK ((ended_at IS NOT NULL) = (state IN ('DONE', 'FAILED')))
);
-- The same input is the same batch.
CREATE UNIQUE INDEX batch_input ON batch (kind, checksum) WHERE checksum IS NOT NULL;
CREATE INDEX batch_due ON batch (run_at, id) WHERE state IN ('READY', 'RUNNING');
-- What a batch is made of, where that can't be told from its parameters.
CREATE TABLE batch_row (
    batch_id uuid NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    number bigint NOT NULL CHECK (number > 0),
    data jsonb NOT NULL,
    PRIMARY KEY (batch_id, number)
);
GRANT SELECT, INSERT, UPDATE ON batch TO accrue_app;
GRANT SELECT, INSERT, DELETE ON batch_row TO accrue_app;
