"""Whose personal data was erased?"""

from tortoise import fields
from tortoise.models import Model


class Erasure(Model):
    member_id = fields.UUIDField(primary_key=True, default=None)
    erased_at = fields.DatetimeField()
    erased_by = fields.TextField()
    reason = fields.TextField()
    request_id = fields.TextField()
    content = fields.TextField()

    class Meta(Model.Meta):
        table = "erasure"
