"""How are members told, when and how often?"""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.programme.model.base import Frozen, Section, Text, no_entries
from domain.programme.model.messages import Channel, Template

_TEMPLATES = tuple(template.value for template in Template)

ChannelName = Literal["in_app", "email", "sms", "push"]
Hour = Annotated[int, Field(ge=0, le=23)]
MessagesMax = Annotated[int, Field(ge=0, le=100)]


def _known_template(name: str) -> str:
    if name not in _TEMPLATES:
        allowed = "one of " + ", ".join(_TEMPLATES)
        raise PydanticCustomError("template", "is no message", {"allowed": allowed})
    return name


TemplateName = Annotated[str, AfterValidator(_known_template)]


class Cap(Section):
    """Messages in any 24 hours and in any 7 days; those of the class `account` don't count."""

    per_day: MessagesMax
    per_week: MessagesMax


class Caps(Section):
    """For each channel that reaches a member outside the app."""

    email: Cap = Cap(per_day=3, per_week=10)
    sms: Cap = Cap(per_day=1, per_week=3)
    push: Cap = Cap(per_day=5, per_week=20)

    def of(self, channel: Channel) -> Cap | None:
        """None: as often as there is something to tell."""
        return getattr(self, channel.value, None)


class Wording(Section):
    """The operator's own words in one language; what is left out keeps the default's.

    `title` and `body` are read in the app and pushed; `subject` and `email` default to them.
    """

    title: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    body: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    email: Annotated[str, Field(min_length=1, max_length=5_000)] | None = None
    sms: Annotated[str, Field(min_length=1, max_length=300)] | None = None


class Wordings(Section):
    """In both languages: `{zh-CN: {…}, en: {…}}`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    zh_cn: Wording = Field(default=Wording(), validation_alias="zh-CN", serialization_alias="zh-CN")
    en: Wording = Wording()

    def in_(self, locale: str) -> Wording:
        return self.zh_cn if locale.lower().startswith("zh") else self.en


class Notifications(Section):
    """The policy of messages.

    From `quiet_from_hour` to `quiet_until_hour` of the member's zone nothing is sent that rings;
    equal hours: never quiet. `coupon_days`: so many days ahead members are told which coupons end
    (0: never). `sender` None: the programme's name.
    """

    quiet_from_hour: Hour = 22
    quiet_until_hour: Hour = 8
    coupon_days: Annotated[int, Field(ge=0, le=30)] = 3
    attempts_max: Annotated[int, Field(ge=1, le=10)] = 5
    sender: Text | None = None
    caps: Caps = Caps()
    channels: Frozen[TemplateName, Annotated[tuple[ChannelName, ...], Field(max_length=4)]] = Field(
        default_factory=no_entries
    )
    templates: Frozen[TemplateName, Wordings] = Field(default_factory=no_entries)
