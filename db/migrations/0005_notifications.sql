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
GRANT SELECT, INSERT, UPDATE ON notification TO accrue_app;
