-- Which honours a member shows to others; who has no row shows all but their growth.
CREATE TABLE honour_setting (
    member_id uuid PRIMARY KEY REFERENCES member (member_id),
    shows_badges boolean NOT NULL,
    shows_title boolean NOT NULL,
    shows_tier boolean NOT NULL,
    shows_growth boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON honour_setting TO accrue_app;
