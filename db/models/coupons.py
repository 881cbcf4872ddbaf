"""Which coupons does a member hold, and whose is a code?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Coupon(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    template = fields.TextField()
    code = fields.TextField()
    state = fields.TextField()
    source_type = fields.TextField()
    source_id = fields.TextField()
    decision_id = fields.UUIDField()
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "coupon"


class CouponCode(Model):
    code = TextKey(primary_key=True)
    member_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "coupon_code"
