"""What did staff do, and what waits for a second of them?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class StaffAct(Model):
    person = fields.TextField()
    seq = fields.BigIntField(primary_key=True, generated=False)
    actor = fields.TextField()
    act = fields.TextField()
    member_id = fields.UUIDField(null=True)
    subject = fields.UUIDField()
    unit = fields.TextField(null=True)
    amount = fields.BigIntField(null=True)
    alone_total = fields.BigIntField(null=True)
    reason_code = fields.TextField(null=True)
    programme_version = fields.IntField()
    recorded_at = fields.DatetimeField()
    hash = fields.TextField()

    class Meta(Model.Meta):
        table = "staff_act"


class StaffHead(Model):
    person = TextKey(primary_key=True)
    seq = fields.BigIntField()
    head = fields.TextField()
    acted_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "staff_head"


class StaffProposal(Model):
    id = fields.UUIDField(primary_key=True, default=None)
    verb = fields.TextField()
    member_id = fields.UUIDField(null=True)
    unit = fields.TextField()
    amount = fields.BigIntField()
    reason = fields.TextField()
    reason_code = fields.TextField(null=True)
    terms = fields.JSONField()
    key = fields.TextField()
    proposed_by = fields.TextField()
    programme_version = fields.IntField()
    proposed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    state = fields.TextField()
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    note = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "staff_proposal"
