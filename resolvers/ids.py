"""Which row does a global id stand for? What is none of ours is NOT_FOUND, like an unknown one."""

from functools import lru_cache
from uuid import UUID

from domain.members import aliases
from kit.errors import NotFound
from kit.ids import derived_id, global_id, parse_global_id

REWARDS_KEPT_MAX = 2_000


def number_as_uuid(number: int) -> UUID:
    return UUID(int=number)


@lru_cache(REWARDS_KEPT_MAX)
def reward_id(code: str) -> str:
    """Rewards are known by their code, which every programme version keeps."""
    return global_id("Reward", derived_id("reward", code))


def uuids(text: str, kind: str, count: int, what: str) -> tuple[UUID, ...]:
    """The uuids of a global id of that kind. Refuses NOT_FOUND."""
    found = parse_global_id(text)
    if found is None or found[0] != kind or len(found[1]) != count:
        raise NotFound(what)
    return found[1]


def member_id(text: str) -> UUID:
    """A merged member's id is that of the member as whom they go on. Refuses NOT_FOUND."""
    return aliases.current(member_itself(text))


def member_itself(text: str) -> UUID:
    """The very member, merged or not. Refuses NOT_FOUND."""
    (found,) = uuids(text, "Member", 1, "member")
    return found


def redemption_ids(text: str) -> tuple[UUID, UUID]:
    """The member's id and the redemption's. Refuses NOT_FOUND."""
    member, redemption = uuids(text, "Redemption", 2, "redemption")
    return aliases.current(member), redemption


def draw_ids(text: str) -> tuple[UUID, UUID]:
    """The member's id and the draw's. Refuses NOT_FOUND."""
    member, draw = uuids(text, "Draw", 2, "draw")
    return aliases.current(member), draw


def coupon_ids(text: str) -> tuple[UUID, UUID]:
    """The member's id and the coupon's. Refuses NOT_FOUND."""
    member, coupon = uuids(text, "Coupon", 2, "coupon")
    return aliases.current(member), coupon


def device_id(text: str, owner: UUID) -> UUID:
    """A device of that member. Refuses NOT_FOUND."""
    member, device = uuids(text, "Device", 2, "device")
    if aliases.current(member) != owner:
        raise NotFound("device")
    return device


def attempt_id(text: str) -> UUID:
    """A try of a quiz. Refuses NOT_FOUND."""
    (found,) = uuids(text, "QuizAttempt", 1, "quiz attempt")
    return found


def checkout_ids(text: str) -> tuple[UUID, UUID]:
    """The member's id and the checkout's. Refuses NOT_FOUND."""
    member, checkout = uuids(text, "Checkout", 2, "checkout")
    return aliases.current(member), checkout
