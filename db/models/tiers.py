"""Which tier does a member hold, and which did they hold before?"""

from tortoise import fields
from tortoise.models import Model


class Standing(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    tier_code = fields.TextField()
    provisional = fields.BooleanField()
    period_opened_at = fields.DatetimeField(null=True)
    period_ends_at = fields.DatetimeField(null=True)
    former = fields.JSONField(null=True)
    settled_only_until = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()
    earned_tier = fields.TextField()
    period_anchored_at = fields.DatetimeField(null=True)
    period_helped = fields.BooleanField()
    warning = fields.JSONField(null=True)
    recovery = fields.JSONField(null=True)
    floor = fields.JSONField(null=True)
    counts_since = fields.DatetimeField(null=True)
    retention_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "standing"


class TierChange(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    from_tier = fields.TextField()
    to_tier = fields.TextField()
    reason = fields.TextField()
    decision_id = fields.UUIDField()
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "tier_change"
