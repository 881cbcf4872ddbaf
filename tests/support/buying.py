"""How does a test quote a cart, open it, and pay?"""

from datetime import datetime, timedelta
from uuid import UUID

from db.connection import reader
from domain.checkouts import operations, views
from domain.checkouts.model import Asked, Checkout, Quote
from domain.coupons.model import Coupon
from domain.coupons.steps import held
from domain.effects.model import IssueCoupon
from domain.ledger.audit import Breach
from domain.ledger.operations import audit
from domain.pricing.model import Cart, CartLine, Wish
from kit.ids import new_id
from tests.support.programmes import in_force
from tests.support.value import give, issue_to, packet
from tests.support.world import NOW, a_member

MINUTE = timedelta(minutes=1)
GRACE = timedelta(seconds=60)
ENDS = NOW + 15 * MINUTE
LAPSES = ENDS + GRACE
_NAME = {"zh-CN": "测试", "en": "test"}


def template(code: str, **facts) -> dict:
    return {"code": code, "name": _NAME, **facts}


COUPONS = (
    template("TEN", amount_off=10),
    template("FIFTH", kind="PERCENT_OFF", percent_off=20, stacking="exclusive_coupons"),
    template("CUP", kind="GIFT", gift={"sku": "cup", "value": 12}),
    template("BACK", kind="CASHBACK", cashback={"points": 100}),
    template("SHORT", amount_off=10, valid_days=1),
    template("NEW_MEMBER_20", amount_off=20),
    template("COUPON_10", amount_off=10),
)


async def in_force_with_coupons(**sections) -> None:
    """The default programme: 5 % off at the lowest tier, 80 points a yuan, 15 minutes to pay."""
    await in_force(coupons=list(COUPONS), **sections)


def line(amount_minor: int, line_id: str = "1", **facts) -> CartLine:
    return CartLine(line_id=line_id, sku="tea", amount_minor=amount_minor, **facts)


def cart(*amounts: int, shipping_minor: int = 0) -> Cart:
    """A line of each amount; ¥100 where none is named."""
    lines = tuple(line(amount, str(n)) for n, amount in enumerate(amounts or (10_000,), start=1))
    return Cart(lines=lines, shipping_minor=shipping_minor)


async def a_buyer(points: int = 0, *coupons: str, **facts) -> UUID:
    """A member with so many points and a coupon of each template."""
    member_id = (await a_member()).member_id
    if points:
        await give(member_id, points, **facts)
    if coupons:
        await a_coupon(member_id, *coupons)
    return member_id


async def a_payer(points: int, credit_minor: int) -> UUID:
    """A member with points and credit."""
    member_id = await a_buyer(points)
    await packet(member_id, credit_minor)
    return member_id


async def a_coupon(member_id: UUID, *templates: str, now: datetime = NOW) -> list[Coupon]:
    effects = [IssueCoupon(code) for code in templates]
    return (await issue_to(member_id, effects, now=now)).coupons


async def quoted(member_id: UUID, wish: Wish, *, of: Cart | None = None, now=NOW) -> Quote:
    return await views.quote(member_id, of or cart(), wish, now=now)


async def asked(member_id: UUID, wish: Wish, *, of: Cart | None = None, now=NOW, **facts) -> Asked:
    """Agreeing to what it costs now."""
    quote = await quoted(member_id, wish, of=of, now=now)
    found = {"digest": quote.price.digest, "key": str(new_id()), "opened_by": "member", **facts}
    return Asked(member_id=member_id, cart=of or cart(), wish=wish, **found)


async def opened(member_id: UUID, *, of: Cart | None = None, now=NOW, **wish) -> Checkout:
    """With `wish` as a Wish has it; with no coupon unless it says so."""
    wanted = Wish(**{"coupon_ids": (), **wish})
    return await operations.open_checkout(await asked(member_id, wanted, of=of, now=now), now=now)


async def paid(found: Checkout, *, at: datetime = NOW, now: datetime = NOW, **facts) -> Checkout:
    return await operations.complete(found.member_id, found.id, paid_at=at, now=now, **facts)


async def cancelled(found: Checkout, *, now: datetime = NOW) -> Checkout:
    return await operations.cancel(found.member_id, found.id, now=now)


async def coupon_states(member_id: UUID, *coupons: Coupon) -> list[str]:
    """As they are stored, in the order asked for."""
    async with reader() as tx:
        found = await held(tx, member_id, [coupon.id for coupon in coupons])
    states = {one.coupon.id: one.coupon.state for one in found}
    return [states[coupon.id] for coupon in coupons]


async def stored(found: Checkout) -> Checkout:
    return (await views.checkout(found.member_id, found.id, now=NOW)).checkout


async def wrong(now: datetime = NOW) -> list[Breach]:
    """What must not be; that work waits is no wrong."""
    return [one for one in (await audit(now=now)).breaches if one.severity == "breach"]
