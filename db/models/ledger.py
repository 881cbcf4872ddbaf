"""What value has each member, and by which decisions and transfers did it come about?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Decision(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    key = fields.TextField()
    kind = fields.TextField()
    programme_version = fields.IntField()
    inputs = fields.JSONField()
    outcome = fields.JSONField()
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "decision"


class Wallet(Model):
    member_id = fields.UUIDField()
    currency = TextKey(primary_key=True)
    pending = fields.BigIntField()
    available = fields.BigIntField()
    held = fields.BigIntField()
    debt = fields.BigIntField()
    lifetime_earned = fields.BigIntField()
    seq = fields.BigIntField()
    head = fields.TextField()
    next_due_at = fields.DatetimeField(null=True)
    decays_at = fields.DatetimeField(null=True)
    lifetime_moved = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "wallet"


class Transfer(Model):
    member_id = fields.UUIDField()
    currency = fields.TextField()
    seq = fields.BigIntField(primary_key=True, generated=False)
    amount = fields.BigIntField()
    debit_account = fields.TextField()
    credit_account = fields.TextField()
    kind = fields.TextField()
    reason = fields.TextField()
    source_type = fields.TextField()
    source_id = fields.TextField()
    decision_id = fields.UUIDField()
    programme_version = fields.IntField()
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    hash = fields.TextField()

    class Meta(Model.Meta):
        table = "transfer"


class Lot(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    currency = fields.TextField()
    granted = fields.BigIntField()
    remaining = fields.BigIntField()
    held = fields.BigIntField()
    spent = fields.BigIntField()
    expired = fields.BigIntField()
    taken = fields.BigIntField()
    forfeited = fields.BigIntField()
    occurred_at = fields.DatetimeField()
    activates_at = fields.DatetimeField(null=True)
    activated_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)
    reinstated = fields.BooleanField()
    opened_by = fields.BigIntField(null=True)
    source_type = fields.TextField()
    source_id = fields.TextField()
    decision_id = fields.UUIDField()
    programme_version = fields.IntField()
    moved = fields.BigIntField(default=0)
    gone = fields.BooleanField(default=False)
    came_spent = fields.BigIntField(default=0)
    came_expired = fields.BigIntField(default=0)
    came_taken = fields.BigIntField(default=0)
    came_forfeited = fields.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "lot"


class LotMove(Model):
    member_id = fields.UUIDField()
    currency = fields.TextField()
    seq = fields.BigIntField()
    lot_id = fields.UUIDField(primary_key=True, default=None)
    amount = fields.BigIntField()
    position = fields.IntField()

    class Meta(Model.Meta):
        table = "lot_move"


class Hold(Model):
    member_id = fields.UUIDField()
    id = fields.UUIDField(primary_key=True, default=None)
    currency = fields.TextField()
    amount = fields.BigIntField()
    state = fields.TextField()
    held_by = fields.BigIntField()
    source_type = fields.TextField()
    source_id = fields.TextField()
    decision_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "hold"


class Usage(Model):
    member_id = fields.UUIDField()
    code = fields.TextField()
    period = TextKey(primary_key=True)
    amount = fields.BigIntField()

    class Meta(Model.Meta):
        table = "usage"
