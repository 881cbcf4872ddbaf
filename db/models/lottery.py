"""Which rounds of a lottery were there, what have they given, and what was drawn?"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from db.models.fields import TextKey


class LotteryRound(Model):
    lottery = fields.TextField()
    number = fields.IntField(primary_key=True, generated=False)
    programme_version = fields.IntField()
    seed = fields.TextField()
    commitment = fields.TextField()
    opens_at = fields.DatetimeField()
    closes_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.TextField(null=True)
    revealed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "lottery_round"


class LotteryTally(Model):
    lottery = fields.TextField()
    number = fields.IntField(primary_key=True, generated=False)
    budget_minor = fields.BigIntField()
    spent_minor = fields.BigIntField()

    class Meta(Model.Meta):
        table = "lottery_tally"


class LotteryStock(Model):
    lottery = fields.TextField()
    number = fields.IntField()
    prize = TextKey(primary_key=True)
    stock = fields.BigIntField(null=True)
    cost_minor = fields.BigIntField()
    given = fields.BigIntField()

    class Meta(Model.Meta):
        table = "lottery_stock"


class Draw(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    redemption_id = fields.UUIDField()
    lottery = fields.TextField()
    round = fields.IntField()
    nonce = fields.IntField()
    client_seed = fields.TextField()
    roll = fields.BigIntField()
    named = fields.TextField()
    given = fields.TextField()
    replaced = fields.TextField(null=True)
    state = fields.TextField()
    points = fields.BigIntField()
    coupon_codes = ArrayField("text")
    decision_id = fields.UUIDField()
    drawn_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)
    drawn_by = fields.UUIDField(null=True)

    class Meta(Model.Meta):
        table = "draw"
