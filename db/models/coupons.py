"""Which coupons does a member hold, whose is a code, and how many were issued of a template?"""

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
    programme_version = fields.IntField()
    starts_at = fields.DatetimeField(null=True)
    is_counted = fields.BooleanField()
    checkout_id = fields.UUIDField(null=True)
    changed_at = fields.DatetimeField()
    redeemed_at = fields.DatetimeField(null=True)
    returned_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "coupon"


class CouponCode(Model):
    code = TextKey(primary_key=True)
    member_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "coupon_code"


class CouponStock(Model):
    template = TextKey(primary_key=True)
    issued = fields.BigIntField()

    class Meta(Model.Meta):
        table = "coupon_stock"


class VoucherBatch(Model):
    id = fields.UUIDField(primary_key=True, default=None)
    template = fields.TextField()
    programme_version = fields.IntField()
    quantity = fields.IntField()
    is_counted = fields.BooleanField()
    expires_at = fields.DatetimeField(null=True)
    key = fields.TextField()
    input_hash = fields.TextField()
    made_by = fields.TextField()
    made_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "voucher_batch"


class Voucher(Model):
    digest = TextKey(primary_key=True)
    batch_id = fields.UUIDField()
    member_id = fields.UUIDField(null=True)
    coupon_id = fields.UUIDField(null=True)
    redeemed_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "voucher"
