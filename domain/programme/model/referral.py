"""When does an invitation count, and what does it give to whom?"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from domain.programme.model.base import (
    Code,
    DaysPositive,
    MoneyMinor,
    Points,
    PointsPositive,
    Section,
)

CODE_PLACE = "{code}"


class InviteeMilestone(Section):
    """`points` once ever, when `count` invitees stand."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    points: PointsPositive


class Vigilance(Section):
    """What is looked at by staff before it is paid; each number still passes.

    `bindings_per_day`: of one inviter. `members_per_…`: who share one device, means of payment or
    mailbox. `chain_members`: who invited one after the other, and of whom nobody else came.
    """

    bindings_per_day: Annotated[int, Field(ge=1, le=10_000)] = 5
    members_per_device: Annotated[int, Field(ge=1, le=40)] = 3
    members_per_payment: Annotated[int, Field(ge=1, le=40)] = 3
    members_per_contact: Annotated[int, Field(ge=1, le=40)] = 1
    chain_members: Annotated[int, Field(ge=3, le=50)] = 5


def _has_its_place(link: str) -> str:
    if not link.startswith(("https://", "http://")) or link.count(CODE_PLACE) != 1:
        raise PydanticCustomError(
            "referral_link",
            "is not an address with the code's place in it",
            {"allowed": f"such as https://shop.example/join?code={CODE_PLACE}"},
        )
    return link


class Referral(Section):
    """`order_min` (in yuan) must be left of the first order when its return window ends.

    `link`: where a member's friends are sent, `{code}` standing for the code. Within
    `attribution_days` the first link that somebody opened is the one that counts. After
    `fingerprint_days` the hash of what a member left behind is forgotten until they leave it again.
    """

    bind_days: DaysPositive = 7
    qualify_days: DaysPositive = 60
    order_min_minor: MoneyMinor = Field(default=20, alias="order_min", ge=0, validate_default=True)
    inviter_points: Points = 500
    invitee_points: Points = 200
    invitee_coupon: Code | None = None
    milestones: Annotated[tuple[InviteeMilestone, ...], Field(max_length=20)] = (
        InviteeMilestone(count=3, points=300),
        InviteeMilestone(count=10, points=1_200),
        InviteeMilestone(count=30, points=5_000),
    )
    monthly_cap: Annotated[int, Field(ge=1, le=100_000)] = 30
    reversal_days: DaysPositive = 60
    link: Annotated[str, Field(max_length=500), AfterValidator(_has_its_place)] | None = None
    attribution_days: DaysPositive = 30
    fingerprint_days: DaysPositive = 730
    review: Vigilance = Vigilance()
