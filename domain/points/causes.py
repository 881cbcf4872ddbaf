"""Why did something other than an order, a check-in or a reward move points, or credit?

`given`: what the wallet got by the decision, in points or in money as it counts.
"""

from domain.points.words import Facts, Words, in_points


def referral(inputs: Facts, outcome: Facts) -> Words:
    if inputs["side"] == "invitee":
        points = in_points(inputs["points"])
        return Words(
            f"受邀首单达标，奖励 {points.zh}。",
            f"Your first order after an invitation counts: {points.en}.",
        )
    points, nth = in_points(outcome["points"]), inputs["awarded_this_month"] + 1
    month, most, reached = inputs["month"], inputs["monthly_cap"], outcome["milestones"]
    zh = "".join(f"累计邀请 {entry['count']} 人，另奖 {entry['points']}。" for entry in reached)
    en = "".join(f" {entry['points']} more for {entry['count']} friends." for entry in reached)
    return Words(
        f"好友首单达标，奖励 {points.zh}（{month} 第 {nth} 次，每月上限 {most} 次）。{zh}",
        f"A friend's first order counts: {points.en} ({nth} of at most {most} in {month}).{en}",
    )


def gift(inputs: Facts, _: Facts, given: Words) -> Words:
    words, code = _BY_OCCASION[inputs["occasion"]], inputs["code"]
    return Words(
        f"{words.zh.format(code=code)}：{given.zh}。",
        f"{words.en.format(code=code)}: {given.en}.",
    )


_BY_OCCASION = {
    "welcome": Words("入会礼", "Welcome gift"),
    "birthday": Words("{code} 年生日礼", "Birthday gift of {code}"),
    "tier": Words("{code} 升级礼", "Gift for reaching {code}"),
}


def referral_reversal(*_: Facts) -> Words:
    return Words(
        "达标订单已退款至低于最低金额，邀请奖励收回。",
        "The order that counted was refunded below the minimum: the award is taken back.",
    )


def referral_rejection(*_: Facts) -> Words:
    return Words(
        "该邀请经复核未通过，奖励收回。",
        "The invitation didn't pass a review: the award is taken back.",
    )


def referral_milestone_undone(inputs: Facts, _: Facts) -> Words:
    count, left = inputs["count"], inputs["net_invitees"]
    return Words(
        f"有效邀请减至 {left} 人，累计 {count} 人的奖励收回。",
        f"{left} invitations still count: the award for {count} is taken back.",
    )


def opening_balance(inputs: Facts, _: Facts) -> Words:
    reference = inputs["reference"]
    return Words(
        f"从原会员计划转入的期初余额（{reference}）。",
        f"Opening balance from your former programme ({reference}).",
    )


def draw(inputs: Facts, outcome: Facts, given: Words) -> Words:
    name, named, prize = inputs["name"], inputs["named_name"], outcome["given_name"]
    rolled = f"{inputs['roll']} / {inputs['outcomes']}"
    instead = Words("", "")
    if outcome["replaced"] is not None:
        why = _BY_REPLACED[outcome["replaced"]]
        instead = Words(
            f"（{why.zh}，故给予「{prize['zh-CN']}」）",
            f" ({why.en}, so “{prize['en']}” was given)",
        )
    return Words(
        f"抽奖「{name['zh-CN']}」第 {inputs['round']} 轮第 {inputs['nonce']} 次抽取，"
        f"点数 {rolled}，对应「{named['zh-CN']}」{instead.zh}：{given.zh}。",
        f"Draw {inputs['nonce']} in round {inputs['round']} of “{name['en']}” rolled {rolled}, "
        f"which is “{named['en']}”{instead.en}: {given.en}.",
    )


_BY_REPLACED = {
    "EXHAUSTED": Words("该奖品已发完", "there were none left"),
    "OVER_BUDGET": Words("本轮预算已用完", "the round's budget was used up"),
}


def prize_failed(inputs: Facts, _: Facts, given: Words) -> Words:
    name, prize = inputs["name"], inputs["prize_name"]
    return Words(
        f"抽奖「{name['zh-CN']}」的「{prize['zh-CN']}」未能送达，改为 {given.zh}。",
        f"“{prize['en']}”, won in “{name['en']}”, could not be delivered: {given.en} instead.",
    )


def packet(inputs: Facts, _: Facts) -> Words:
    return Words(f"商家红包：{inputs['reason']}", f"A red packet from the shop: {inputs['reason']}")


def challenge(inputs: Facts, _: Facts, given: Words) -> Words:
    name, score = inputs["name"], inputs["score"]
    if "rank" not in inputs:
        return Words(
            f"挑战「{name['zh-CN']}」得分达到 {score}：{given.zh}。",
            f"A score of {score} in “{name['en']}”: {given.en}.",
        )
    return Words(
        f"挑战「{name['zh-CN']}」以 {score} 分获第 {inputs['rank']} 名：{given.zh}。",
        f"Place {inputs['rank']} in “{name['en']}” with a score of {score}: {given.en}.",
    )


def task(inputs: Facts, _: Facts, given: Words) -> Words:
    name, period = inputs["task_name"], _period(inputs)
    return Words(
        f"完成任务「{name['zh-CN']}」{period.zh}：{given.zh}。",
        f"Task “{name['en']}”{period.en} done: {given.en}.",
    )


def task_undone(inputs: Facts, _: Facts) -> Words:
    name, period = inputs["task_name"], _period(inputs)
    progress, target = inputs["progress"], inputs["target"]
    return Words(
        f"任务「{name['zh-CN']}」{period.zh}不再达成（{progress}/{target}），奖励收回。",
        f"Task “{name['en']}”{period.en} is no longer done ({progress} of {target}): "
        "what it gave is taken back.",
    )


def _period(inputs: Facts) -> Words:
    period = inputs["period"]
    if period in {"once", "window"}:
        return Words("", "")
    return Words(f"（{period}）", f" of {period}")


def checkout(*_: Facts) -> Words:
    return Words("结算时预留，等待支付。", "Set aside for a checkout until it is paid.")


def checkout_cancelled(*_: Facts) -> Words:
    return Words(
        "结算已取消，所预留的按原有效期退还。",
        "The checkout was cancelled: the very same comes back, with its former expiry.",
    )


def checkout_completed(inputs: Facts, _: Facts) -> Words:
    order_id = inputs["order_id"]
    found = Words(
        f"用于支付订单 {order_id}。" if order_id else "用于支付订单。",
        f"Paid toward order {order_id}." if order_id else "Paid toward an order.",
    )
    if not inputs["is_late"]:
        return found
    return Words(
        f"{found.zh}支付通知晚到，预留已释放，故重新扣除。",
        f"{found.en} The payment was told late, when nothing was set aside for it any more, so it "
        "was taken again.",
    )


def removed(inputs: Facts, _: Facts) -> Words:
    zh, en = {"review.approved": ("评价", "review"), "post.published": ("帖子", "post")}[
        inputs["type"]
    ]
    return Words(
        f"{zh}已被移除，所得收回。", f"The {en} was taken down: what it gave is taken back."
    )


def cashback(inputs: Facts, outcome: Facts) -> Words:
    """Of the order as it stood: refunds that came before are left out."""
    points, order_id = in_points(outcome["points"]), inputs["order_id"]
    names = [coupon["template"] for coupon in inputs["coupons"]]
    return Words(
        f"订单 {order_id} 使用返利券（{'、'.join(names)}），返 {points.zh}，退货期结束后可用。",
        f"Cashback of order {order_id} by {', '.join(names)}: {points.en}, available once the time "
        "to send it back is over.",
    )


def refund_settled(inputs: Facts, _: Facts) -> Words:
    order_id = inputs["order_id"]
    return Words(
        f"订单 {order_id} 的付款晚于退款确认，按已退款比例退还所用积分和余额。",
        f"The payment of order {order_id} was confirmed after its refund: what it used of points "
        "and balance comes back for what was refunded.",
    )


def community(inputs: Facts, _: Facts, given: Words) -> Words:
    words = _BY_MERIT[inputs["merit"]]
    if "again" in inputs:
        return Words(
            f"{words.zh}重新可见，所得恢复：{given.zh}。",
            f"{words.en} stands again, and with it what it gave: {given.en}.",
        )
    return Words(f"{words.zh}：{given.zh}。", f"{words.en}: {given.en}.")


def community_undone(inputs: Facts, _: Facts) -> Words:
    words, why = _BY_MERIT[inputs["merit"]], _BY_UNDOING[inputs["reason"]]
    return Words(
        f"{words.zh}{why.zh}，所得收回。", f"{words.en} {why.en}: what it gave is taken back."
    )


_BY_MERIT = {
    "POST": Words("社区发帖", "A post in the community"),
    "COMMENT": Words("社区评论", "A comment in the community"),
    "LIKE_GIVEN": Words("点赞", "A like"),
    "LIKE_RECEIVED": Words("内容获赞", "A like of what you wrote"),
    "STAFF_PICK": Words("内容入选精选", "A pick of the staff"),
    "REVIEW": Words("商品评价", "A review of what you bought"),
    "ANSWER_ACCEPTED": Words("回答被采纳", "An answer that was accepted"),
    "SHARE_OPENED": Words("分享链接被打开", "A link of yours that was opened"),
}
_BY_UNDOING = {
    "HIDDEN": Words("已被隐藏", "was hidden"),
    "DELETED": Words("已被删除", "was deleted"),
    "RETURNED": Words("所评商品已退回", "was of what was sent back"),
    "WITHDRAWN": Words("已取消", "was taken away"),
}


def bundle(inputs: Facts, _: Facts, given: Words) -> Words:
    title = inputs["title"]
    return Words(
        f"礼包「{title['zh-CN']}」：{given.zh}。", f"The bundle “{title['en']}”: {given.en}."
    )


def merge(inputs: Facts, _: Facts) -> Words:
    other = inputs["with"]
    return Words(f"会员账号与「{other}」合并。", f"The membership was merged with that of {other}.")


def unmerge(inputs: Facts, _: Facts) -> Words:
    other = inputs["with"]
    return Words(
        f"与「{other}」的会员账号合并已撤销。",
        f"The merge with the membership of {other} was undone.",
    )


def meetup(inputs: Facts, _: Facts, given: Words) -> Words:
    name = inputs["name"]
    return Words(
        f"参加「{name['zh-CN']}」：{given.zh}。", f"You came to “{name['en']}”: {given.en}."
    )


def by_staff(inputs: Facts) -> Words:
    """Who changed a balance and why, for their colleagues; nothing of other decisions."""
    code, by, second = inputs.get("reason_code"), inputs.get("by"), inputs.get("approved_by")
    if by is None:
        return Words("", "")
    if second is None:
        return Words(f"[{code}，操作人 {by}]", f"[{code}, by {by}]")
    return Words(
        f"[{code}，申请人 {by}，批准人 {second}]", f"[{code}, by {by}, approved by {second}]"
    )
