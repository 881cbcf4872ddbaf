"""What did a member buy and send back, and what of it still counts?"""

from tortoise import fields
from tortoise.models import Model


class Purchase(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    source = fields.TextField()
    order_id = fields.TextField()
    paid_at = fields.DatetimeField()
    day = fields.DateField()
    currency = fields.TextField()
    lines = fields.JSONField()
    net_minor = fields.BigIntField()
    base_minor = fields.BigIntField()
    base_left_minor = fields.BigIntField()
    eligible_left_minor = fields.BigIntField()
    points = fields.BigIntField()
    points_left = fields.BigIntField()
    growth = fields.BigIntField()
    growth_left = fields.BigIntField()
    lot_id = fields.UUIDField(null=True)
    tier_code = fields.TextField()
    settles_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)
    decision_id = fields.UUIDField()
    programme_version = fields.IntField()
    sale = fields.JSONField(null=True)

    class Meta(Model.Meta):
        table = "purchase"


class Refund(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    purchase_id = fields.UUIDField()
    refund_id = fields.TextField()
    occurred_at = fields.DatetimeField()
    lines = fields.JSONField()
    points = fields.BigIntField()
    growth = fields.BigIntField()
    decision_id = fields.UUIDField()
    points_restored = fields.BigIntField()
    credit_restored_minor = fields.BigIntField()
    gift_charge_minor = fields.BigIntField()

    class Meta(Model.Meta):
        table = "refund"
