DROP INDEX standing_due;
ALTER TABLE standing DROP COLUMN retention_at;
ALTER TABLE standing DROP COLUMN counts_since;
ALTER TABLE standing DROP COLUMN floor;
ALTER TABLE standing DROP COLUMN recovery;
ALTER TABLE standing DROP COLUMN warning;
ALTER TABLE standing DROP COLUMN period_helped;
ALTER TABLE standing DROP COLUMN period_anchored_at;
ALTER TABLE standing DROP COLUMN earned_tier;
