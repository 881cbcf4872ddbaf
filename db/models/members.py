"""Who is in the programme?"""

from tortoise import fields
from tortoise.models import Model


class Member(Model):
    member_id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "member"
