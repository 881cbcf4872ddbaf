ALTER TABLE redemption
    DROP COLUMN price_community,
    DROP CONSTRAINT redemption_price_points_check,
    ADD CHECK (price_points > 0);
