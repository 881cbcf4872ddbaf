"""Who comes to a meetup, and who waits for a seat?"""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import TextKey


class MeetupTally(Model):
    meetup = TextKey(primary_key=True)
    taken = fields.BigIntField()
    waiting = fields.BigIntField()
    last_position = fields.BigIntField()

    class Meta(Model.Meta):
        table = "meetup_tally"


class MeetupSignUp(Model):
    member_id = fields.UUIDField()
    meetup = TextKey(primary_key=True)
    state = fields.TextField()
    position = fields.BigIntField()
    ticket = fields.TextField()
    signed_up_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    attended_at = fields.DatetimeField(null=True)
    checked_in_by = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "meetup_sign_up"


class MeetupTicket(Model):
    ticket = TextKey(primary_key=True)
    member_id = fields.UUIDField()
    meetup = fields.TextField()

    class Meta(Model.Meta):
        table = "meetup_ticket"
