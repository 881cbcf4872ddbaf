-- A reward may be paid with COMMUNITY instead of points.
ALTER TABLE redemption ADD COLUMN price_community bigint NOT NULL DEFAULT 0 CHECK (price_community >= 0);
ALTER TABLE redemption
    DROP CONSTRAINT redemption_price_points_check,
    ADD CHECK (price_points >= 0),
    ADD CHECK ((price_points > 0) <> (price_community > 0));
