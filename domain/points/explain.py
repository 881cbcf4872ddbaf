"""Why is an entry this amount? Plain sentences, in zh-CN and en, from the stored decision.

Entries are of points, of COMMUNITY and GROWTH, or of credit, whose amounts are money.

Which inputs and outcomes a kind of decision has:
purchase, refund, silence (a refund that nobody sent, with `silence_days`), interaction: as
`domain.points.rules` gives them; check_in, make_up: as `domain.checkins.rules`; referral: a side of
`domain.referrals.rules.award`; referral_reversal, referral_rejection: nothing that is told;
referral_milestone_undone: `count`, `net_invitees`; redemption: `reward` (code), `quantity`,
`price_points` or `price_community` and, where so, `from_expiring`; redemption_return: `reward`,
`reason`, and in its outcome `community` where that comes back; both `title` (zh-CN, en) where
known; bundle: `title`; draw: `name` (zh-CN, en), `round`, `nonce`, `roll`, `outcomes`,
`named_name`, and what was `given_name` with why it `replaced` the named one; prize_failed: `name`,
`prize_name`; adjustment, credit_grant: `reason`, and for staff only `reason_code`, `by` and, where
a second had to, `approved_by`; checkout, checkout_cancelled: nothing;
checkout_completed: `order_id` and `is_late`; welcome_gift, birthday_gift, tier_gift: `occasion` and
its `code`; challenge_prize, challenge_milestone: `name` (zh-CN, en), `score` and, of a prize,
`rank`; task, task_undone: `task_name` (zh-CN, en), `period`, `progress` and `target`; removed:
`type`, that of the event which gave it; opening_balance: `reference`, the row's in the file;
cashback: `order_id`, `coupons` (`template`, `points`); refund_settled: `order_id`; merge, unmerge:
`with`, the other's nickname (read with it); community, community_undone: `merit`, of the latter its
`reason`; meetup: `name` (zh-CN, en). Gifts, challenges and tasks have in their outcome what
`programme.model.Gives.outcome` says; any that gives coupons may have `coupons_left_out` (`name` in
zh-CN and en, `reason`).
"""

from collections.abc import Callable

from domain.points import causes
from domain.points.leaving_out import left_out
from domain.points.model import StoredDecision
from domain.points.movements import OF_CURRENCY, OWED
from domain.points.words import POINTS, Facts, Unit, Words, in_community, in_money, in_points
from kit.money import exponent

_LINES_MAX = 5
_PERIODS = {"day": ("每日", "a day"), "week": ("每周", "a week"), "month": ("每月", "a month")}


def explain(
    movement: str,
    amount: int,
    decision: StoredDecision,
    *,
    locale: str,
    unit: Unit = POINTS,
    for_staff: bool = False,
) -> str:
    """Why `amount` (unsigned) of `unit` moved; `movement` is the transfer's kind in the ledger.

    A movement whose decision is of a kind not known here still says what it is. `for_staff`: with
    who of them had a part in it.
    """
    words = _words(movement, amount, decision, unit)
    if for_staff:
        words = _joined(words, causes.by_staff(decision.inputs))
    if locale.startswith("zh"):
        return f"{words.zh}（会员计划第 {decision.programme_version} 版）"
    return f"{words.en} (Programme version {decision.programme_version}.)"


def _words(movement: str, amount: int, decision: StoredDecision, unit: Unit) -> Words:
    origin = _origin(decision, unit)
    if movement == "spend" and decision.kind == "make_up":
        origin = _make_up_card(decision.inputs)
    words = OF_CURRENCY[unit.currency].get(movement)
    if movement == "shortfall" and decision.kind == "checkout_completed":
        words = OWED
    if words is None or (unit.currency == "GROWTH" and decision.kind in _BY_GIVING):
        return origin
    moved = unit.of(amount)
    return Words(
        words.zh.format(amount=moved.zh, origin=origin.zh),
        words.en.format(amount=moved.en, origin=origin.en),
    )


def _origin(decision: StoredDecision, unit: Unit) -> Words:
    inputs, outcome = decision.inputs, decision.outcome
    giving = _BY_GIVING.get(decision.kind)
    if giving is not None:
        words = giving(inputs, outcome, unit.given(outcome))
        return _joined(words, *left_out(outcome))
    tell = _BY_DECISION.get(decision.kind)
    if tell is None:
        return Words(f"按「{decision.kind}」规则。", f"By the rule “{decision.kind}”.")
    return _joined(tell(inputs, outcome), *left_out(outcome))


def _purchase(inputs: Facts, outcome: Facts) -> Words:
    currency = inputs["currency"]
    base = in_money(outcome["base_minor"], currency)
    yuan = in_money(10 ** exponent(currency), currency)
    tier = inputs["tier_name"]
    per_yuan = in_points(inputs["per_yuan"])
    times, points = inputs["tier_multiplier"], in_points(outcome["points"])
    by_tier, together = outcome["by_tier"], ""
    birthday = _birthday_month(inputs)
    if outcome["rules"]:
        together = outcome["exact"]
    return _joined(
        Words(
            f"订单 {inputs['order_id']}：计分金额 {base.zh}，每 {yuan.zh} 得 {per_yuan.zh}，"
            f"{tier['zh-CN']} ×{times}{birthday.zh}，为 {by_tier}。",
            f"Order {inputs['order_id']}: {base.en} at {per_yuan.en} per {yuan.en}, "
            f"×{times} for {tier['en']}{birthday.en}, is {by_tier}.",
        ),
        *(_rule(rule) for rule in outcome["rules"]),
        _ceiling(inputs),
        *_not_counted(inputs),
        Words(
            f"{'合计 ' + together + '，' if together else ''}整单向下取整一次：{points.zh}。",
            f"{'Together ' + together + '; r' if together else 'R'}ounded down once for the whole "
            f"order: {points.en}.",
        ),
    )


def _birthday_month(inputs: Facts) -> Words:
    times = inputs.get("birthday_multiplier")
    if times is None:
        return Words("", "")
    return Words(f"、生日月 ×{times}", f", ×{times} for the month of the birthday")


def _rule(rule: Facts) -> Words:
    name, times = rule["name"], rule["multiplier"]
    trimmed = rule["trimmed"]
    if trimmed is None:
        return Words(
            f"「{name['zh-CN']}」×{times} 增加 {rule['points']} 积分。",
            f"“{name['en']}” ×{times} adds {in_points(rule['points']).en}.",
        )
    zh_period, en_period = _PERIODS[trimmed["period"]]
    wanted, cap, used = trimmed["wanted_points"], trimmed["cap_points"], trimmed["used_points"]
    return Words(
        f"「{name['zh-CN']}」×{times} 本可增加 {wanted} 积分；{zh_period}上限 {cap}，已用 {used}，"
        f"故增加 {rule['points']} 积分。",
        f"“{name['en']}” ×{times} would add {in_points(wanted).en}; of its limit of {cap} "
        f"{en_period} {used} were used, so it adds {in_points(rule['points']).en}.",
    )


def _ceiling(inputs: Facts) -> Words:
    most = inputs["multiplier_max"]
    if not any(line["rules"] and line["multiplier"] == most for line in inputs["lines"]):
        return Words("", "")
    return Words(f"倍数相乘最高 ×{most}。", f"Multipliers together stop at ×{most}.")


def _not_counted(inputs: Facts) -> list[Words]:
    lines = inputs["lines"]
    found: list[Words] = []
    if inputs["rate"] is not None:
        currency, rate = inputs["order_currency"], inputs["rate"]
        found.append(
            Words(
                f"{currency} 金额按 {rate} 逐行换算，向下取整。",
                f"Converted from {currency} at {rate}, line by line, rounded down.",
            )
        )
    paid = in_money(sum(line["points_paid_minor"] for line in lines), inputs["currency"])
    if any(line["points_paid_minor"] for line in lines):
        found.append(
            Words(f"积分抵扣的 {paid.zh} 不计分。", f"{paid.en} paid with points earns nothing.")
        )
    credit = sum(line.get("credit_paid_minor", 0) for line in lines)
    if credit:
        paid = in_money(credit, inputs["currency"])
        found.append(
            Words(
                f"余额支付的 {paid.zh} 不计分。",
                f"{paid.en} paid from the balance earns nothing.",
            )
        )
    excluded = sum(line["net_minor"] for line in lines if not line["eligible"])
    if excluded:
        amount = in_money(excluded, inputs["order_currency"])
        found.append(
            Words(
                f"不参与积分的商品 {amount.zh} 不计分。",
                f"{amount.en} of goods that take no part earns nothing.",
            )
        )
    return found


def _refund(inputs: Facts, outcome: Facts) -> Words:
    taken, restored = outcome["points_taken"], outcome["points_restored"]
    lines = inputs["lines"]
    more = len(lines) - _LINES_MAX
    return _joined(
        Words(
            f"订单 {inputs['order_id']} 退款 {inputs['refund_id']}：",
            f"Refund {inputs['refund_id']} of order {inputs['order_id']}:",
        ),
        *(_refunded_line(line, inputs["currency"]) for line in lines[:_LINES_MAX]),
        Words(f"另有 {more} 行。", f"And {more} more lines.") if more > 0 else Words("", ""),
        Words(
            f"收回 {taken} 积分，订单剩 {outcome['points_left']} 积分。",
            f"{in_points(taken).en} taken back, {outcome['points_left']} of the order stay.",
        ),
        Words(f"退还所用的 {restored} 积分。", f"{in_points(restored).en} spent on it come back.")
        if restored
        else Words("", ""),
        _credit_restored(outcome.get("credit_restored_minor", 0), inputs["currency"]),
    )


def _credit_restored(amount_minor: int, currency: str) -> Words:
    if not amount_minor:
        return Words("", "")
    amount = in_money(amount_minor, currency)
    return Words(f"退还余额 {amount.zh}。", f"{amount.en} goes back to the balance.")


def _silence(inputs: Facts, outcome: Facts) -> Words:
    order_id, days = inputs["order_id"], inputs["silence_days"]
    return Words(
        f"订单 {order_id} 在 {days} 天内未确认完成，收回 {outcome['points_taken']} 积分。",
        f"Order {order_id} was not completed within {days} days: "
        f"{in_points(outcome['points_taken']).en} taken back.",
    )


def _refunded_line(line: Facts, currency: str) -> Words:
    net, left = in_money(line["net_minor"], currency), in_money(line["left_minor"], currency)
    points, kept, before = line["points"], line["kept"], line["kept_before"]
    return Words(
        f"{line['line_id']} 净额 {net.zh} 剩 {left.zh}，{points} 积分保留 {kept}（此前 {before}），"
        "向下取整。",
        f"of line {line['line_id']} {left.en} of {net.en} is left, which keeps {kept} of "
        f"{points} points, rounded down ({before} before).",
    )


def _interaction(inputs: Facts, outcome: Facts) -> Words:
    zh, en = {
        "review": ("评价通过", "Approved review"),
        "share_opened": ("分享被打开", "Shared link opened"),
        "post": ("发布帖子", "Published post"),
    }[inputs["interaction"]]
    photo = Words("（带图）", " with a photo") if inputs["with_photo"] else Words("", "")
    tier, times = inputs["tier_name"], inputs["multiplier"]
    base, points = in_points(inputs["base_points"]), in_points(outcome["points"])
    return Words(
        f"{zh}{photo.zh}：{base.zh}，{tier['zh-CN']}互动 ×{times}，向下取整为 {points.zh}。",
        f"{en}{photo.en}: {base.en}, ×{times} for {tier['en']}, rounded down: {points.en}.",
    )


def _check_in(inputs: Facts, outcome: Facts) -> Words:
    base, points = in_points(inputs["points"]), in_points(outcome["points"])
    bonuses = outcome["bonuses"]
    zh = "".join(f"，连续 {entry['every_days']} 天奖励 {entry['points']}" for entry in bonuses)
    en = "".join(f", {entry['points']} more for {entry['every_days']} days" for entry in bonuses)
    return Words(
        f"{inputs['day']} 签到，连续第 {inputs['streak_days']} 天：{base.zh}{zh}，共 {points.zh}。",
        f"Check-in on {inputs['day']}, day {inputs['streak_days']} in a row: "
        f"{base.en}{en}; {points.en} in all.",
    )


def _make_up(inputs: Facts, outcome: Facts) -> Words:
    points = in_points(outcome["points"])
    return Words(
        f"补签 {inputs['day']} 后连续 {outcome['streak_days']} 天，补发连续奖励 {points.zh}。",
        f"With {inputs['day']} made up the streak is {outcome['streak_days']} days, "
        f"which makes {points.en} of milestones due.",
    )


def _make_up_card(inputs: Facts) -> Words:
    price = in_points(inputs["price_points"])
    return Words(
        f"补签 {inputs['day']} 使用 {price.zh}。", f"Making up {inputs['day']}: {price.en}."
    )


def _redemption(inputs: Facts, _: Facts) -> Words:
    title, quantity = _title(inputs), inputs["quantity"]
    in_units = in_community if "price_community" in inputs else in_points
    one = inputs.get("price_community") or inputs["price_points"]
    price, total = in_units(one), in_units(one * quantity)
    lower = Words("", "")
    if inputs.get("from_expiring"):
        lower = Words(
            "（30 天内到期积分的优惠价）", " (the lower price, from points that expire soon)"
        )
    return Words(
        f"兑换「{title.zh}」{quantity} 份，每份 {price.zh}{lower.zh}，共 {total.zh}。",
        f"Redeemed {quantity} × “{title.en}” at {price.en}{lower.en}: {total.en}.",
    )


def _redemption_return(inputs: Facts, outcome: Facts) -> Words:
    table = _COMMUNITY_BY_RETURN if "community" in outcome else _BY_RETURN
    title, words = _title(inputs), table[inputs["reason"]]
    return Words(words.zh.format(title=title.zh), words.en.format(title=title.en))


_BY_RETURN = {
    "cancelled_by_member": Words(
        "取消兑换「{title}」，原积分按原有效期退还。",
        "“{title}” was cancelled: the very points come back, with their former expiry.",
    ),
    "cancelled_by_shop": Words(
        "商家取消了兑换「{title}」，原积分退还。",
        "The shop cancelled “{title}”: the very points come back.",
    ),
    "not_raised": Words(
        "「{title}」未能再提升等级，原积分退还。",
        "“{title}” would have lifted you to no higher tier: the very points come back.",
    ),
    "delivery_failed": Words(
        "「{title}」未能送达，原积分退还。",
        "“{title}” could not be delivered: the very points come back.",
    ),
}


_COMMUNITY_BY_RETURN = {
    "cancelled_by_member": Words(
        "取消兑换「{title}」，社区积分退还。",
        "“{title}” was cancelled: the community points come back.",
    ),
    "cancelled_by_shop": Words(
        "商家取消了兑换「{title}」，社区积分退还。",
        "The shop cancelled “{title}”: the community points come back.",
    ),
    "not_raised": Words(
        "「{title}」未能再提升等级，社区积分退还。",
        "“{title}” would have lifted you to no higher tier: the community points come back.",
    ),
    "delivery_failed": Words(
        "「{title}」未能送达，社区积分退还。",
        "“{title}” could not be delivered: the community points come back.",
    ),
}


def _adjustment(inputs: Facts, _: Facts) -> Words:
    return Words(f"人工调整：{inputs['reason']}", f"Adjusted by staff: {inputs['reason']}")


_BY_GIVING: dict[str, Callable[[Facts, Facts, Words], Words]] = {
    "community": causes.community,
    "bundle": causes.bundle,
    "meetup": causes.meetup,
    "welcome_gift": causes.gift,
    "birthday_gift": causes.gift,
    "tier_gift": causes.gift,
    "challenge_prize": causes.challenge,
    "challenge_milestone": causes.challenge,
    "task": causes.task,
    "draw": causes.draw,
    "prize_failed": causes.prize_failed,
}
_BY_DECISION: dict[str, Callable[[Facts, Facts], Words]] = {
    "community_undone": causes.community_undone,
    "purchase": _purchase,
    "refund": _refund,
    "silence": _silence,
    "interaction": _interaction,
    "check_in": _check_in,
    "make_up": _make_up,
    "redemption": _redemption,
    "redemption_return": _redemption_return,
    "adjustment": _adjustment,
    "checkout": causes.checkout,
    "checkout_completed": causes.checkout_completed,
    "checkout_cancelled": causes.checkout_cancelled,
    "credit_grant": causes.packet,
    "referral": causes.referral,
    "referral_reversal": causes.referral_reversal,
    "referral_rejection": causes.referral_rejection,
    "referral_milestone_undone": causes.referral_milestone_undone,
    "task_undone": causes.task_undone,
    "removed": causes.removed,
    "opening_balance": causes.opening_balance,
    "cashback": causes.cashback,
    "refund_settled": causes.refund_settled,
    "merge": causes.merge,
    "unmerge": causes.unmerge,
}
KINDS = frozenset(_BY_DECISION) | frozenset(_BY_GIVING)
"""Of decisions, those that have a sentence of their own."""


def _title(inputs: Facts) -> Words:
    title = inputs.get("title")
    return (
        Words(title["zh-CN"], title["en"]) if title else Words(inputs["reward"], inputs["reward"])
    )


def _joined(*parts: Words) -> Words:
    return Words("".join(part.zh for part in parts), " ".join(part.en for part in parts if part.en))
