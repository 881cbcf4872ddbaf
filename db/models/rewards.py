"""What is left of a reward, and who redeemed it?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import TextKey


class RewardStock(Model):
    reward_code = TextKey(primary_key=True)
    sold = fields.BigIntField()

    class Meta(Model.Meta):
        table = "reward_stock"


class RewardCode(Model):
    pool = fields.TextField()
    code = TextKey(primary_key=True)
    member_id = fields.UUIDField(null=True)
    redemption_id = fields.UUIDField(null=True)
    added_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "reward_code"


class Redemption(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    reward_code = fields.TextField()
    quantity = fields.IntField()
    price_points = fields.BigIntField()
    state = fields.TextField()
    codes = ArrayField("text")
    debited_by = fields.BigIntField()
    decision_id = fields.UUIDField()
    programme_version = fields.IntField()
    created_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    paid_by = fields.UUIDField(null=True)
    price_community = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "redemption"
