"""Which code did somebody mean, is it good, and how many vouchers may be made at once?"""

from datetime import datetime

from domain.members.rules import keyed_hash
from domain.programme.model import CouponTemplate
from domain.programme.rules.coupons import meant
from kit.errors import InvalidInput

TYPED_LENGTH_MAX = 64
VOUCHERS_MAX = 10_000
LISTED_MAX = 5_000


def digest_of(code: str, secret: bytes) -> str:
    """All that is kept of a voucher's code: whoever reads the table can't tell codes from it."""
    return keyed_hash(f"voucher:{code}", secret)


def is_public_code(face: CouponTemplate, code: str) -> bool:
    """Whether the template's public code was meant; both as `meant` has them."""
    public = face.public_code
    return public is not None and meant(public) == code and face.may_come_by("public_code")


def check_vouchers(quantity: int, expires_at: datetime | None, now: datetime) -> None:
    """Refuses INVALID_INPUT."""
    if not 1 <= quantity <= VOUCHERS_MAX:
        raise InvalidInput(
            ["input", "quantity"],
            f"{quantity} is not within 1 to {VOUCHERS_MAX}",
            f"{quantity} 不在 1 至 {VOUCHERS_MAX} 之间",
        )
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(["input", "expiresAt"], "it lies in the past", "到期时间已过")
