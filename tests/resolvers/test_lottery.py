"""What does a client see of lotteries, draws and layered rewards?"""

import hashlib
import hmac

import pytest

from domain.lottery.operations import turn
from domain.programme import operations as programmes
from kit import clock
from kit.ids import global_id
from tests.support.api import ADA, Asking, code_of
from tests.support.lotteries import NOTHING, a_lottery, prize, with_lottery
from tests.support.value import give
from tests.support.world import a_member

LAMP = prize(
    "LAMP", 50, value="20", stock=3, delivered=True, gives={"points": 5, "coupons": ["COUPON_10"]}
)
LOTTERIES = """{ lotteries { code name totalWeight
  prizes { code name weight oddsPercent delivered stock given isConsolation value { amountMinor }
    gives { points coupons } }
  currentRound { number commitment seed closesAt budget { amountMinor formatted }
    prizes { code weight } }
  rounds(first: 2) { nodes { number seed } } } }"""
REDEEM = """mutation ($seed: String!) {
  redeemReward(input: { rewardCode: "TICKET", idempotencyKey: "k", clientSeed: $seed }) {
    refusal { code }
    redemption { id state reward { code kind lottery cancellable }
      draws { id nonce roll named given replaced state points clientSeed } } } }"""
VERIFY = """query ($id: ID!) { verifyDraw(id: $id) { valid problems lottery round commitment seed
  member nonce clientSeed message prizes { code weight } consolation roll named given } }"""
CLOSE = """mutation { closeLotteryRound(lotteryCode: "SPRING") {
  refusal { __typename code ... on LotteryClosed { lottery } } round { number seed closedAt } } }"""


@pytest.fixture
async def ask(database) -> Asking:
    now = clock.now()
    published = with_lottery(a_lottery(LAMP, NOTHING))
    await programmes.publish(published, now=now, published_by="tests")
    await turn(as_of=now)
    return Asking(database)


async def a_player(points=1_000):
    now = clock.now()
    member = await a_member(now=now)
    await give(member.member_id, points, now=now)
    return member.member_id


async def test_everybody_sees_the_odds_and_the_commitment_of_the_open_round(ask: Asking):
    (found,) = (await ask(LOTTERIES))["data"]["lotteries"]
    lamp, nothing = found["prizes"]
    assert (found["code"], found["totalWeight"]) == ("SPRING", 100)
    assert lamp == {
        "code": "LAMP",
        "name": "LAMP",
        "weight": 50,
        "oddsPercent": "50",
        "delivered": True,
        "stock": 3,
        "given": 0,
        "isConsolation": False,
        "value": {"amountMinor": 2_000},
        "gives": {"points": 5, "coupons": ["¥10 off"]},
    }
    assert (nothing["isConsolation"], nothing["given"], nothing["stock"]) == (True, None, None)
    round_ = found["currentRound"]
    assert (round_["number"], len(round_["commitment"]), round_["seed"]) == (1, 64, None)
    assert round_["budget"] == {"amountMinor": 100_000, "formatted": "CN¥1,000.00"}
    assert round_["prizes"] == [{"code": "LAMP", "weight": 50}, {"code": "NOTHING", "weight": 50}]
    assert found["rounds"]["nodes"] == [{"number": 1, "seed": None}]


async def test_a_member_draws_and_verifies_the_draw_by_hand_once_the_seed_is_told(ask: Asking):
    member_id = await a_player()
    me, staff = ask.member(member_id), ask.staff()
    made = (await ask(REDEEM, me, seed="luck"))["data"]["redeemReward"]["redemption"]
    assert made["reward"] == {
        "code": "TICKET",
        "kind": "LOTTERY_TICKET",
        "lottery": "SPRING",
        "cancellable": False,
    }
    (draw,) = made["draws"]
    assert (draw["nonce"], draw["clientSeed"], made["state"]) == (1, "luck", "DELIVERED")
    before = (await ask(VERIFY, me, id=draw["id"]))["data"]["verifyDraw"]
    assert (before["valid"], before["seed"], before["problems"]) == (None, None, [])
    closed = (await ask(CLOSE, staff))["data"]["closeLotteryRound"]["round"]
    found = (await ask(VERIFY, me, id=draw["id"]))["data"]["verifyDraw"]
    assert (found["valid"], found["seed"]) == (True, closed["seed"])
    seed = bytes.fromhex(found["seed"])
    assert hashlib.sha256(seed).hexdigest() == before["commitment"]
    assert found["message"] == f"SPRING:1|{member_id}|1|luck"
    word = hmac.new(seed, found["message"].encode(), hashlib.sha256).digest()[:8]
    assert int.from_bytes(word) % 100 == draw["roll"]
    again = (await ask(CLOSE, staff))["data"]["closeLotteryRound"]["refusal"]
    assert again == {"__typename": "LotteryClosed", "code": "LOTTERY_CLOSED", "lottery": "SPRING"}


async def test_draws_are_their_member_s_and_staff_s_to_see(ask: Asking):
    me, other = await a_player(), await a_player()
    made = await ask(REDEEM, ask.member(me), seed="")
    (draw,) = made["data"]["redeemReward"]["redemption"]["draws"]
    node = "query ($id: ID!) { node(id: $id) { id ... on Draw { roll } } }"
    mine = "{ myDraws(first: 5) { nodes { id } pageInfo { hasNextPage } } }"
    for token, seen in ((ask.member(me), True), (ask.staff(), True), (ask.member(other), False)):
        verified = (await ask(VERIFY, token, id=draw["id"]))["data"]["verifyDraw"]
        shown = (await ask(node, token, id=draw["id"]))["data"]["node"]
        assert [verified is not None, shown is not None] == [seen, seen]
    found = (await ask(mine, ask.member(me)))["data"]["myDraws"]
    assert found == {"nodes": [{"id": draw["id"]}], "pageInfo": {"hasNextPage": False}}
    assert (await ask(mine, ask.member(other)))["data"]["myDraws"]["nodes"] == []
    unknown = global_id("Draw", me, other)
    assert (await ask(node, ask.member(me), id=unknown))["data"]["node"] is None
    assert (await ask(VERIFY, ask.member(me), id="x"))["data"]["verifyDraw"] is None


async def test_staff_sends_what_was_won(ask: Asking):
    player = await a_player(10_000)
    token, staff = ask.member(player), ask.staff()
    redeem = REDEEM.replace('"k"', '"many", quantity: 20').replace("draws", "draws(first: 20)")
    made = (await ask(redeem, token, seed=""))["data"]["redeemReward"]["redemption"]
    won = [draw["id"] for draw in made["draws"] if draw["given"] == "LAMP"]
    small = next(draw["id"] for draw in made["draws"] if draw["given"] == "NOTHING")
    assert len(won) == 3
    step = """mutation ($id: ID!) {{ {0}(id: $id{1}) {{
      refusal {{ code }} draw {{ state points }} }} }}"""

    async def stepped(name, draw, more=""):
        return (await ask(step.format(name, more), staff, id=draw))["data"][name]

    assert (await stepped("shipPrize", won[0]))["draw"]["state"] == "SHIPPED"
    assert (await stepped("deliverPrize", won[0]))["draw"]["state"] == "DELIVERED"
    failed = await stepped("failPrize", won[1], ', reason: "lost"')
    assert failed["draw"] == {"state": "FAILED", "points": 5}
    assert (await stepped("shipPrize", small))["refusal"] == {"code": "WRONG_KIND"}
    assert (await stepped("shipPrize", "x"))["refusal"] == {"code": "NOT_FOUND"}
    assert code_of(await ask(step.format("shipPrize", ""), token, id=won[2])) == "FORBIDDEN"


LOAD = """mutation ($csv: String!) { loadRewardCodes(pool: "CODES", csv: $csv) {
  refusal { code ... on InvalidInput { path } }
  batch { kind state total parameters createdBy } } }"""


async def test_staff_loads_codes_as_a_batch(ask: Asking):
    begun = (await ask(LOAD, ask.staff(), csv="code\na\nb\n"))["data"]["loadRewardCodes"]
    assert begun["batch"] == {
        "kind": "rewards.codes",
        "state": "READY",
        "total": 2,
        "parameters": {"pool": "CODES"},
        "createdBy": ADA,
    }
    refused = (await ask(LOAD, ask.staff(), csv="a\nb\n"))["data"]["loadRewardCodes"]["refusal"]
    assert refused == {"code": "INVALID_INPUT", "path": ["csv"]}
    assert code_of(await ask(LOAD, ask.member(await a_player()), csv="code\na")) == "FORBIDDEN"


SHELF = """query ($filter: RewardFilter) { rewards(first: 50, filter: $filter) {
  totalCount nodes { code locked tierMin expiringPricePoints cancellable } } }"""


async def test_the_shelf_takes_a_filter(ask: Asking):
    token = ask.member(await a_player(850))
    everything = (await ask(SHELF, token))["data"]["rewards"]
    assert [one["code"] for one in everything["nodes"]] == [
        *("COUPON_10", "MUG", "MUSIC_MONTH", "POINTS_50", "CONTRIBUTOR_10", "TICKET")
    ]
    assert everything["nodes"][0] == {
        "code": "COUPON_10",
        "locked": False,
        "tierMin": None,
        "expiringPricePoints": None,
        "cancellable": True,
    }
    wanted = {"kinds": ["COUPON", "PHYSICAL"], "affordable": True}
    found = (await ask(SHELF, token, filter=wanted))["data"]["rewards"]
    assert ([one["code"] for one in found["nodes"]], found["totalCount"]) == (["COUPON_10"], 1)


async def test_the_lower_price_is_asked_for_and_refused_with_its_facts(ask: Asking):
    mutation = """mutation { redeemReward(input: {
      rewardCode: "MUG", idempotencyKey: "k", fromExpiring: true }) {
      refusal { code ... on InvalidInput { path } } } }"""
    refused = (await ask(mutation, ask.member(await a_player())))["data"]["redeemReward"]["refusal"]
    assert refused == {"code": "INVALID_INPUT", "path": ["input", "fromExpiring"]}
