"""What was given to whom, and for what?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class Gift(Model):
    member_id = fields.UUIDField()
    kind = fields.TextField()
    code = TextKey(primary_key=True)
    day = fields.DateField()
    points = fields.BigIntField()
    given_at = fields.DatetimeField()
    decision_id = fields.UUIDField()

    class Meta(Model.Meta):
        table = "gift"
