"""Where do members talk to each other, who may come in, and which levels are there?"""

from typing import Annotated

from pydantic import ConfigDict, Field

from domain.programme.model.base import (
    Code,
    Instant,
    Points,
    Section,
    Text,
    an_empty_section,
)
from domain.programme.model.gives import Gives

TOPICS_MAX = 100
LEVELS_MAX = 20
WORDS_MAX = 5_000
Listed = Annotated[
    tuple[Annotated[str, Field(min_length=2, max_length=50)], ...], Field(max_length=WORDS_MAX)
]


class Access(Section):
    """Who comes in: of this tier and of this community level at least; None: everybody."""

    tier_min: Code | None = None
    level_min: Code | None = None

    @property
    def is_for_everybody(self) -> bool:
        return self.tier_min is None and self.level_min is None


class Topic(Section):
    """What posts are about. Who may not read one sees neither it nor what is in it."""

    code: Code
    name: Text
    description: Text | None = None
    read: Access = Access()
    write: Access = Access()


class CommunityLevel(Section):
    """Reached with so much COMMUNITY earned, spent or not; what was taken back doesn't count."""

    code: Code
    name: Text
    earned: Points
    benefits: Annotated[tuple[Text, ...], Field(max_length=10)] = ()


LEVELS_DEFAULT = (
    CommunityLevel(code="LV1", name=Text(zh_cn="新人", en="Newcomer"), earned=0),
    CommunityLevel(code="LV2", name=Text(zh_cn="常客", en="Regular"), earned=100),
    CommunityLevel(code="LV3", name=Text(zh_cn="达人", en="Contributor"), earned=500),
    CommunityLevel(code="LV4", name=Text(zh_cn="专家", en="Expert"), earned=2_000),
    CommunityLevel(code="LV5", name=Text(zh_cn="领袖", en="Leader"), earned=10_000),
)


class WordLists(Section):
    """Chinese words are found wherever they stand, whatever is put between their characters.

    English ones as whole words, in whatever letters and with digits for letters.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    zh_cn: Listed = Field(default=(), validation_alias="zh-CN", serialization_alias="zh-CN")
    en: Listed = ()


REFUSED_DEFAULT = WordLists(
    zh_cn=("刷单", "代开发票", "裸聊", "赌博网", "套现"),
    en=("fuck", "cunt", "casino bonus", "buy followers", "viagra"),
)
REVIEWED_DEFAULT = WordLists(
    zh_cn=("加微信", "加群", "返利", "代购"),
    en=("whatsapp", "telegram", "promo code"),
)


class Moderation(Section):
    """`refused` words can't be said; what has one of `reviewed` waits for the staff.

    New is who joined less than `new_member_days` ago. A voice counts of who isn't new and is above
    the lowest tier: so many reports by those hold content back until the staff has looked.
    """

    refused: WordLists = REFUSED_DEFAULT
    reviewed: WordLists = REVIEWED_DEFAULT
    links_max: Annotated[int, Field(ge=0, le=100)] = 5
    new_member_days: Annotated[int, Field(ge=0, le=365)] = 7
    new_member_links_max: Annotated[int, Field(ge=0, le=100)] = 0
    reports_to_hold: Annotated[int, Field(ge=1, le=1_000)] = 3


class Quality(Section):
    """What is worth points: so many letters and digits, and unlike one's own latest texts.

    Alike are two texts that have so much in common, of a hundred; the latest `compare_last` of the
    last `compare_days` are looked at.
    """

    post_length_min: Annotated[int, Field(ge=1, le=1_000)] = 15
    comment_length_min: Annotated[int, Field(ge=1, le=1_000)] = 5
    similar_percent: Annotated[int, Field(ge=1, le=100)] = 60
    compare_last: Annotated[int, Field(ge=1, le=100)] = 20
    compare_days: Annotated[int, Field(ge=1, le=365)] = 30
    pick_points: Points = 50


class Meetup(Section):
    """An event in time and place; `capacity` seats. `sign_up_until` None: until it begins.

    `called_off`: why it doesn't take place after all, as who signed up is told.
    """

    code: Code
    name: Text
    details: Text | None = None
    place: Text
    starts_at: Instant
    ends_at: Instant
    sign_up_until: Instant | None = None
    capacity: Annotated[int, Field(ge=1, le=1_000_000)]
    access: Access = Access()
    gives: Gives = Field(default_factory=an_empty_section, validate_default=True)
    called_off: Text | None = None


class Community(Section):
    """Lengths in characters. Attention counts half after each `hot_half_life_hours`.

    `share_url`: the shop's page that a shared link opens, with `{token}` in it.
    """

    topics: Annotated[tuple[Topic, ...], Field(max_length=TOPICS_MAX)] = ()
    levels: Annotated[tuple[CommunityLevel, ...], Field(min_length=1, max_length=LEVELS_MAX)] = (
        LEVELS_DEFAULT
    )
    post_length_max: Annotated[int, Field(ge=1, le=5_000)] = 2_000
    comment_length_max: Annotated[int, Field(ge=1, le=2_000)] = 500
    images_max: Annotated[int, Field(ge=0, le=9)] = 9
    follows_max: Annotated[int, Field(ge=1, le=2_000)] = 1_000
    share_url: Annotated[str, Field(max_length=300, pattern=r"^https://\S+$")] | None = None
    hot_half_life_hours: Annotated[int, Field(ge=1, le=720)] = 12
    moderation: Moderation = Moderation()
    quality: Quality = Quality()
    meetups: Annotated[tuple[Meetup, ...], Field(max_length=100)] = ()

    def topic(self, code: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.code == code), None)

    def link(self, token: str) -> str | None:
        """The address of a shared link; None where the shop has none."""
        return self.share_url and self.share_url.replace("{token}", token)

    def meetup(self, code: str) -> Meetup | None:
        return next((found for found in self.meetups if found.code == code), None)

    def level(self, earned: int) -> CommunityLevel:
        """The highest that is reached with so much COMMUNITY earned."""
        return [level for level in self.levels if level.earned <= max(earned, 0)][-1]

    def is_below(self, earned: int, required: str) -> bool:
        """Whether who has earned so much is below the level with that code."""
        found = next(level for level in self.levels if level.code == required)
        return max(earned, 0) < found.earned
