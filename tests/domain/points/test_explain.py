"""Does an entry say in plain words, in both languages, why it is this amount?"""

import ast
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.checkins.model import CheckInState, MemberDays, Streak
from domain.checkins.rules import check_in
from domain.points.explain import KINDS, explain
from domain.points.model import (
    EarnDecision,
    InteractionFacts,
    OrderFacts,
    OrderLine,
    RefundFacts,
    RefundLine,
    StoredDecision,
)
from domain.points.rules import earn, interact, refund_step
from domain.programme.model import EarningRule, Match, PointsPolicy, Programme, Text

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
DEFAULT = Programme()
DOUBLE = EarningRule(
    code="TEA",
    name=Text(zh_cn="茶叶双倍", en="Double tea"),
    match=Match(category=("tea",)),
    multiplier=Decimal(2),
    cap_points={"day": 50},
)


def stored(kind, inputs, outcome) -> StoredDecision:
    return StoredDecision(kind=kind, programme_version=3, inputs=inputs, outcome=outcome)


def told(decision: StoredDecision, amount: int, movement="earn") -> tuple[str, str]:
    zh = explain(movement, amount, decision, locale="zh-CN")
    en = explain(movement, amount, decision, locale="en")
    assert zh.endswith("（会员计划第 3 版）")
    assert en.endswith(" (Programme version 3.)")
    return zh.removesuffix("（会员计划第 3 版）"), en.removesuffix(" (Programme version 3.)")


def line(line_id="l1", amount_minor=9_990, **more) -> OrderLine:
    return OrderLine(line_id=line_id, sku="s", amount_minor=amount_minor, **more)


def earned(*lines, programme=DEFAULT, used=0, **more) -> EarnDecision:
    facts = {"order_id": "o1", "paid_at": NOW, "currency": "CNY", "lines": lines} | more
    return earn(
        OrderFacts(**facts),
        programme,
        programme.tiers.tier("GOLD"),
        day=date(2026, 11, 21),
        caps_used={("TEA", "2026-11-21"): used},
        first_order=False,
    )


def purchase(decision: EarnDecision) -> StoredDecision:
    return stored("purchase", decision.inputs, decision.outcome)


def test_a_purchase_tells_base_multiplier_and_rounding():
    assert told(purchase(earned(line())), 124) == (
        (
            "订单 o1：计分金额 ¥99.90，每 ¥1.00 得 1 积分，金卡 ×1.25，为 124.875。"
            "整单向下取整一次：124 积分。"
        ),
        (
            "Order o1: CN¥99.90 at 1 point per CN¥1.00, ×1.25 for Gold, is 124.875. "
            "Rounded down once for the whole order: 124 points."
        ),
    )


def test_a_purchase_in_the_month_of_the_birthday_tells_so():
    decision = earned(line())
    inputs = decision.inputs | {"birthday_multiplier": "2"}
    zh, en = told(stored("purchase", inputs, decision.outcome), 124)
    assert "金卡 ×1.25、生日月 ×2，为" in zh
    assert "×1.25 for Gold, ×2 for the month of the birthday, is" in en


def test_a_purchase_tells_what_a_rule_adds_and_which_cap_trimmed_it():
    programme = Programme(points=PointsPolicy(rules=(DOUBLE,)))
    tea = line("l2", 3_990, category="tea")
    assert told(purchase(earned(line("l1", 6_000), tea, programme=programme)), 174) == (
        (
            "订单 o1：计分金额 ¥99.90，每 ¥1.00 得 1 积分，金卡 ×1.25，为 124.875。"
            "「茶叶双倍」×2 增加 50 积分。合计 174.75，整单向下取整一次：174 积分。"
        ),
        (
            "Order o1: CN¥99.90 at 1 point per CN¥1.00, ×1.25 for Gold, is 124.875. "
            "“Double tea” ×2 adds 50 points. "
            "Together 174.75; rounded down once for the whole order: 174 points."
        ),
    )
    trimmed = earned(line("l1", 6_000), tea, programme=programme, used=20)
    assert told(purchase(trimmed), 154) == (
        (
            "订单 o1：计分金额 ¥99.90，每 ¥1.00 得 1 积分，金卡 ×1.25，为 124.875。"
            "「茶叶双倍」×2 本可增加 50 积分；每日上限 50，已用 20，故增加 30 积分。"
            "合计 154.875，整单向下取整一次：154 积分。"
        ),
        (
            "Order o1: CN¥99.90 at 1 point per CN¥1.00, ×1.25 for Gold, is 124.875. "
            "“Double tea” ×2 would add 50 points; of its limit of 50 a day 20 were used, "
            "so it adds 30 points. "
            "Together 154.875; rounded down once for the whole order: 154 points."
        ),
    )


def test_a_purchase_tells_where_multipliers_stopped():
    triple = DOUBLE.model_copy(update={"multiplier": Decimal("4.5"), "cap_points": {}})
    programme = Programme(points=PointsPolicy(rules=(triple,)))
    zh, en = told(purchase(earned(line(category="tea"), programme=programme)), 499)
    assert "倍数相乘最高 ×5。" in zh
    assert "Multipliers together stop at ×5." in en


def test_a_purchase_tells_what_was_not_counted():
    programme = Programme.of({"rates": {"USD": "7.1234"}})
    decision = earned(
        line(amount_minor=10_000),
        line("gift-card", 5_000, eligible=False),
        programme=programme,
        currency="USD",
        points_paid_minor=1_000,
    )
    zh, en = told(purchase(decision), 801)
    assert "USD 金额按 7.1234 逐行换算，向下取整。积分抵扣的 ¥71.23 不计分。" in zh
    assert "不参与积分的商品 US$50.00 不计分。" in zh
    assert "Converted from USD at 7.1234, line by line, rounded down." in en
    assert "CN¥71.23 paid with points earns nothing." in en
    assert "$50.00 of goods that take no part earns nothing." in en


def refund(*lines, of: EarnDecision) -> StoredDecision:
    facts = RefundFacts("r1", tuple(RefundLine(line_id, amount) for line_id, amount in lines))
    decision = refund_step(of.purchase, facts)
    return stored("refund", decision.inputs, decision.outcome)


def test_a_refund_tells_what_each_line_keeps():
    assert told(refund(("l1", 2_997), of=earned(line())), 38, "take_back") == (
        (
            "订单 o1 退款 r1：l1 净额 ¥99.90 剩 ¥69.93，124 积分保留 86（此前 124），向下取整。"
            "收回 38 积分，订单剩 86 积分。"
        ),
        (
            "Refund r1 of order o1: of line l1 CN¥69.93 of CN¥99.90 is left, which keeps 86 of "
            "124 points, rounded down (124 before). 38 points taken back, 86 of the order stay."
        ),
    )


def test_a_refund_tells_which_points_come_back():
    decision = earned(line(), points_paid_minor=1_000, points_spent=800)
    zh, en = told(refund(of=decision), 800, "restore")
    assert zh.endswith("退还所用的 800 积分。")
    assert en.endswith("800 points spent on it come back.")


def test_a_refund_of_many_lines_tells_the_first_five():
    zh, en = told(refund(of=earned(*(line(f"l{n}") for n in range(7)))), 874, "take_back")
    assert zh.count("净额") == en.count("is left") == 5
    assert "另有 2 行。" in zh
    assert "And 2 more lines." in en


@pytest.mark.parametrize(
    ("kind", "with_photo", "zh", "en"),
    [
        (
            "review",
            True,
            "评价通过（带图）：30 积分，金卡互动 ×1.5，向下取整为 45 积分。",
            "Approved review with a photo: 30 points, ×1.5 for Gold, rounded down: 45 points.",
        ),
        (
            "share_opened",
            False,
            "分享被打开：5 积分，金卡互动 ×1.5，向下取整为 7 积分。",
            "Shared link opened: 5 points, ×1.5 for Gold, rounded down: 7 points.",
        ),
    ],
)
def test_an_interaction_tells_its_list_price_and_multiplier(*, kind, with_photo, zh, en):
    facts = InteractionFacts(kind=kind, reference="x", counted_today=0, with_photo=with_photo)
    tier = DEFAULT.tiers.tier("GOLD").model_copy(update={"activity_multiplier": Decimal("1.5")})
    decision = interact(facts, DEFAULT, tier)
    assert told(stored("interaction", decision.inputs, decision.outcome), 7) == (zh, en)


def test_a_check_in_tells_the_milestones_that_add_up():
    before = CheckInState(days=MemberDays("Asia/Shanghai"), streak=Streak(date(2026, 11, 20), 209))
    decision = check_in(before, NOW, DEFAULT)
    assert told(stored("check_in", decision.inputs, decision.outcome), 130) == (
        (
            "2026-11-21 签到，连续第 210 天：10 积分，连续 7 天奖励 20，连续 30 天奖励 100，"
            "共 130 积分。"
        ),
        (
            "Check-in on 2026-11-21, day 210 in a row: 10 points, 20 more for 7 days, "
            "100 more for 30 days; 130 points in all."
        ),
    )


MADE_UP = stored(
    "make_up",
    {"day": "2026-11-15", "price_points": 50, "paid_points": 0},
    {"points": 20, "streak_days": 8, "badges": []},
)


def test_a_make_up_tells_its_price_and_what_it_made_due():
    assert told(MADE_UP, 50, "spend") == (
        "补签 2026-11-15 使用 50 积分。",
        "Making up 2026-11-15: 50 points.",
    )
    assert told(MADE_UP, 20) == (
        "补签 2026-11-15 后连续 8 天，补发连续奖励 20 积分。",
        "With 2026-11-15 made up the streak is 8 days, which makes 20 points of milestones due.",
    )


REDEEMED = {"reward": "MUG", "quantity": 2, "price_points": 1_200}


def test_a_redemption_tells_price_and_quantity():
    assert told(stored("redemption", REDEEMED, {}), 2_400, "spend") == (
        "兑换「MUG」2 份，每份 1200 积分，共 2400 积分。",
        "Redeemed 2 × “MUG” at 1200 points: 2400 points.",
    )


def test_a_cancellation_tells_that_the_very_points_come_back():
    inputs = {"reward": "MUG", "title": {"zh-CN": "马克杯", "en": "Mug"}}

    def returned(reason):
        decision = stored("redemption_return", inputs | {"reason": reason}, {})
        return told(decision, 2_400, "restore")

    assert returned("cancelled_by_member") == (
        "取消兑换「马克杯」，原积分按原有效期退还。",
        "“Mug” was cancelled: the very points come back, with their former expiry.",
    )
    assert returned("cancelled_by_shop") == (
        "商家取消了兑换「马克杯」，原积分退还。",
        "The shop cancelled “Mug”: the very points come back.",
    )
    assert returned("delivery_failed") == (
        "「马克杯」未能送达，原积分退还。",
        "“Mug” could not be delivered: the very points come back.",
    )


def test_an_adjustment_tells_its_reason():
    assert told(stored("adjustment", {"reason": "Sorry"}, {}), 5, "adjust") == (
        "人工调整：Sorry",
        "Adjusted by staff: Sorry",
    )


@pytest.mark.parametrize(
    ("movement", "zh", "en"),
    [
        ("activate", "1 积分可以使用了。来源：", "1 point became available. Where from: "),
        (
            "expire",
            "1 积分有效期已到。来源：",
            "1 point reached the end of their time. Where from: ",
        ),
        ("repay", "1 积分用于偿还欠分。来源：", "1 point repaid a debt. Where from: "),
        (
            "decay",
            "年末衰减，可用积分按比例减少，向下取整，其中 1 积分的来源：",
            (
                "The yearly decay takes a share of what is available, rounded down; "
                "1 point of it came from: "
            ),
        ),
        (
            "shortfall",
            "应收回的积分已被使用，1 积分记为欠分。",
            "What is to be taken back had been spent, so 1 point became a debt. ",
        ),
        (
            "recoup",
            "应收回的积分已被使用，1 积分从其他可用积分中扣除。",
            "What is to be taken back had been spent, so 1 point came from other points. ",
        ),
    ],
)
def test_what_happens_to_points_later_tells_where_they_came_from(*, movement, zh, en):
    decision = stored("adjustment", {"reason": "{Sorry}"}, {})
    assert told(decision, 1, movement) == (
        f"{zh}人工调整：{{Sorry}}",
        f"{en}Adjusted by staff: {{Sorry}}",
    )


NAME = {"zh-CN": "晒单周", "en": "Review week"}


@pytest.mark.parametrize(
    ("kind", "inputs", "outcome", "zh", "en"),
    [
        (
            "task",
            {"task_name": NAME, "period": "2026-W47", "progress": 2, "target": 2},
            {"points": 50},
            "完成任务「晒单周」（2026-W47）：50 积分。",
            "Task “Review week” of 2026-W47 done: 50 points.",
        ),
        (
            "task",
            {"task_name": NAME, "period": "once", "progress": 1, "target": 1},
            {"points": 1},
            "完成任务「晒单周」：1 积分。",
            "Task “Review week” done: 1 point.",
        ),
        (
            "task_undone",
            {"task_name": NAME, "period": "window", "progress": 1, "target": 2},
            {"points": 50},
            "任务「晒单周」不再达成（1/2），奖励收回。",
            "Task “Review week” is no longer done (1 of 2): what it gave is taken back.",
        ),
        (
            "removed",
            {"type": "review.approved", "reference": "r"},
            {"growth": 20},
            "评价已被移除，所得收回。",
            "The review was taken down: what it gave is taken back.",
        ),
        (
            "removed",
            {"type": "post.published", "reference": "p"},
            {"growth": 5},
            "帖子已被移除，所得收回。",
            "The post was taken down: what it gave is taken back.",
        ),
    ],
)
def test_what_is_neither_an_order_nor_a_reward_tells_its_cause(*, kind, inputs, outcome, zh, en):
    assert told(stored(kind, inputs, outcome), 50) == (zh, en)


def test_every_kind_of_decision_that_moves_points_has_its_sentence():
    untold = {
        *("badge", "coupon", "retention", "tier"),
        # Given by their callers, below; and holds, which no verb of the interface makes yet.
        *("kind", "f'{occasion.kind}_gift'", "reason"),
    }
    named = {"SOURCE": "task", "_UNDONE": "task_undone", "REMOVED": "removed"}
    found = set()
    for path in (Path(__file__).parents[3] / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("desk.decide"):
                kind = node.args[1]
                word = str(kind.value) if isinstance(kind, ast.Constant) else ast.unparse(kind)
                found.add(named.get(word, word))
    given = {
        *("welcome_gift", "birthday_gift", "tier_gift", "challenge_prize", "challenge_milestone"),
        *("referral_reversal", "referral_rejection", "merge", "unmerge"),
    }
    assert (found - untold) | given == KINDS


def test_a_decision_of_another_kind_is_named():
    assert told(stored("import", {}, {}), 5) == ("按「import」规则。", "By the rule “import”.")
