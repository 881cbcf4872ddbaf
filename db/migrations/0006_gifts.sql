-- When a member was born, since when that is known, and when they last changed it.
ALTER TABLE member ADD COLUMN birthday date;
ALTER TABLE member ADD COLUMN birthday_set_at timestamptz;
ALTER TABLE member ADD COLUMN birthday_changed_at timestamptz;
ALTER TABLE member ADD CONSTRAINT member_birthday_set
    CHECK ((birthday IS NULL) = (birthday_set_at IS NULL));
-- Month and day as one number, such as 229.
CREATE INDEX member_birthday ON member
    (((EXTRACT(MONTH FROM birthday) * 100 + EXTRACT(DAY FROM birthday))::integer), member_id)
    WHERE birthday IS NOT NULL;
-- A gift is given once for what it is for: joining, the birthday of a year, a tier.
CREATE TABLE gift (
    member_id uuid NOT NULL REFERENCES member (member_id),
    kind text NOT NULL CHECK (kind IN ('welcome', 'birthday', 'tier')),
    code text NOT NULL,
    day date NOT NULL,
    points bigint NOT NULL CHECK (points >= 0),
    given_at timestamptz NOT NULL,
    decision_id uuid NOT NULL,
    PRIMARY KEY (member_id, kind, code),
    FOREIGN KEY (member_id, decision_id) REFERENCES decision (member_id, id)
);
-- What may expire soon, without looking at all lots.
CREATE INDEX lot_expiring ON lot (expires_at, member_id)
    WHERE currency = 'POINTS' AND remaining > 0 AND expires_at IS NOT NULL;
GRANT SELECT, INSERT ON gift TO accrue_app;
