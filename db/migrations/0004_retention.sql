-- tier_code is the tier that a member has, with a floor; the period below is of earned_tier.
ALTER TABLE standing ADD COLUMN earned_tier text NOT NULL DEFAULT '';
ALTER TABLE standing ADD COLUMN period_anchored_at timestamptz;
ALTER TABLE standing ADD COLUMN period_helped boolean NOT NULL DEFAULT false;
ALTER TABLE standing ADD COLUMN warning jsonb;
ALTER TABLE standing ADD COLUMN recovery jsonb;
ALTER TABLE standing ADD COLUMN floor jsonb;
ALTER TABLE standing ADD COLUMN counts_since timestamptz;
ALTER TABLE standing ADD COLUMN retention_at timestamptz;
UPDATE standing SET earned_tier = tier_code, period_anchored_at = period_opened_at,
    counts_since = least(period_opened_at, (SELECT min((p ->> 'opened_at')::timestamptz) FROM jsonb_array_elements(former) AS p)),
    retention_at = CASE WHEN NOT provisional THEN period_ends_at - interval '30 days' END;
ALTER TABLE standing ALTER COLUMN earned_tier DROP DEFAULT;
ALTER TABLE standing ALTER COLUMN period_helped DROP DEFAULT;
CREATE INDEX standing_due ON standing (retention_at, member_id) WHERE retention_at IS NOT NULL;
