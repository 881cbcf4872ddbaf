"""How does a test sign in as somebody and take what it can? Over HTTP, from whatever device."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from db.connection import reader
from domain.devices.rules import code_text
from kit.ids import parse_global_id
from tests.support.api import SECRET, Asking
from tests.support.programmes import in_force

EMAIL, PASSWORD = "ming@example.com", "correct horse battery"
PHONE, LAPTOP = "mings-own-phone-0001", "a-laptop-of-a-thief-1"
DAY = timedelta(days=1)
LIMIT = 500
MANY = {
    "code": "TEA",
    "title": {"zh-CN": "茶", "en": "Tea"},
    "kind": "PHYSICAL",
    "price_points": 100,
    "stock": 1_000,
}
FOR_COMMUNITY = {
    "code": "CAKE",
    "title": {"zh-CN": "蛋糕", "en": "Cake"},
    "kind": "PHYSICAL",
    "price_community": 100,
}
REFUSED = """refusal { code ... on NewDeviceLimit { reason currency limit left }
  ... on CodeWrong { triesLeft } }"""
_IN = "accessToken member { id } refusal { code }"
REGISTER = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ {_IN} }} }}"
SIGN_IN = f"mutation($input: SignInInput!) {{ signIn(input: $input) {{ {_IN} }} }}"
REDEEM = f"""mutation($quantity: Int!, $key: String!) {{
  redeemReward(input: {{rewardCode: "TEA", quantity: $quantity, idempotencyKey: $key}}) {{
    redemption {{ pricePoints }} {REFUSED} }} }}"""
QUOTE = "query($input: QuoteCartInput!) { quoteCart(input: $input) { quote { digest } } }"
OPEN = f"""mutation($input: OpenCheckoutInput!) {{
  openCheckout(input: $input) {{ checkout {{ id }} {REFUSED} }} }}"""
ASK = f"mutation {{ requestDeviceCode {{ expiresAt {REFUSED} }} }}"
_DEVICES = "id isTrusted isCurrent firstSeenAt lastSeenAt confirmedAt forgottenAt"
CONFIRM = f"""mutation($code: String!) {{
  confirmDevice(code: $code) {{ devices {{ {_DEVICES} }} {REFUSED} }} }}"""
FORGET = f"""mutation($id: ID!, $wasNotMe: Boolean!) {{
  forgetDevice(id: $id, wasNotMe: $wasNotMe) {{ devices {{ {_DEVICES} }} {REFUSED} }} }}"""
MINE = f"{{ myDevices {{ {_DEVICES} }} }}"
CART = {"lines": [{"lineId": "1", "sku": "tea", "amountMinor": 10_000}], "shippingMinor": 0}


async def a_shop(**security: Any) -> None:
    """The default programme with TEA for 100 points, and of security what is given."""
    await in_force(rewards=[MANY, FOR_COMMUNITY], security=security)


async def signed_up(ask: Asking, *, on_device: str | None = PHONE) -> tuple[UUID, str]:
    """Ming, who joins on their own phone; their token."""
    asked = {"nickname": "Ming", "email": EMAIL, "password": PASSWORD}
    made = (await ask(REGISTER, input=asked, on_device=on_device))["data"]["register"]
    found = parse_global_id(made["member"]["id"])
    assert found is not None
    return found[1][0], made["accessToken"]


async def signed_in(ask: Asking, on_device: str | None) -> str:
    asked = {"email": EMAIL, "password": PASSWORD}
    made = (await ask(SIGN_IN, input=asked, on_device=on_device))["data"]["signIn"]
    assert made["refusal"] is None
    return made["accessToken"]


async def redeemed(
    ask: Asking, token: str, key: str, *, on_device: str | None, quantity: int = 1
) -> dict[str, Any]:
    made = await ask(REDEEM, token, on_device=on_device, quantity=quantity, key=key)
    return made["data"]["redeemReward"]


async def opened(
    ask: Asking, token: str, key: str, *, on_device: str | None, **pays: int
) -> dict[str, Any]:
    """A checkout of ¥100 of tea, paid in part with `points` or `creditMinor`."""
    quoted = await ask(QUOTE, token, input={"cart": CART, **pays})
    digest = quoted["data"]["quoteCart"]["quote"]["digest"]
    asked = {"cart": CART, "digest": digest, "idempotencyKey": key, **pays}
    made = await ask(OPEN, token, on_device=on_device, input=asked)
    return made["data"]["openCheckout"]


async def the_code(member_id: UUID) -> str:
    """What stands in the letter that the member alone gets."""
    async with reader() as tx:
        found = await tx.fetchval("SELECT id FROM device_code WHERE member_id = $1", member_id)
    return code_text(member_id, found, SECRET)


async def confirmed(ask: Asking, member_id: UUID, token: str, on_device: str | None) -> None:
    asked = (await ask(ASK, token, on_device=on_device))["data"]["requestDeviceCode"]
    assert asked["refusal"] is None
    code = await the_code(member_id)
    made = (await ask(CONFIRM, token, on_device=on_device, code=code))["data"]["confirmDevice"]
    assert made["refusal"] is None
    assert [one["isTrusted"] for one in made["devices"] if one["isCurrent"]] == [True] * bool(
        on_device
    )


async def left(member_id: UUID, currency: str = "POINTS") -> int:
    """What is neither spent nor set aside."""
    async with reader() as tx:
        return await tx.fetchval(
            "SELECT available::int FROM wallet WHERE member_id = $1 AND currency = $2",
            member_id,
            currency,
        )
