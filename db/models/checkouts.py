"""Which carts are being paid, and which were?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class Checkout(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    state = fields.TextField()
    opened_by = fields.TextField()
    idempotency = fields.TextField()
    input_hash = fields.TextField()
    cart = fields.JSONField()
    price = fields.JSONField()
    digest = fields.TextField()
    coupon_ids = ArrayField("text")
    points = fields.BigIntField()
    credit_minor = fields.BigIntField()
    payable_minor = fields.BigIntField()
    hold_id = fields.UUIDField(null=True)
    credit_hold_id = fields.UUIDField(null=True)
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    lapses_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    resolved_at = fields.DatetimeField(null=True)
    source = fields.TextField(null=True)
    order_id = fields.TextField(null=True)
    debited_by = fields.BigIntField(null=True)
    points_taken = fields.BigIntField()
    debt_points = fields.BigIntField()
    credit_debited_by = fields.BigIntField(null=True)
    credit_taken_minor = fields.BigIntField()
    credit_debt_minor = fields.BigIntField()
    overused = ArrayField("text")
    decision_id = fields.UUIDField()
    programme_version = fields.IntField()
    paid_by = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "checkout"
