"""What is said of a movement whose kind says more than its decision does?

`amount` is what moved, `origin` what the decision says.
"""

from domain.points.words import Words

BY_MOVEMENT = {
    "activate": Words(
        "{amount}可以使用了。来源：{origin}", "{amount} became available. Where from: {origin}"
    ),
    "expire": Words(
        "{amount}有效期已到。来源：{origin}",
        "{amount} reached the end of their time. Where from: {origin}",
    ),
    "decay": Words(
        "年末衰减，可用积分按比例减少，向下取整，其中 {amount}的来源：{origin}",
        "The yearly decay takes a share of what is available, rounded down; {amount} of it came "
        "from: {origin}",
    ),
    "repay": Words(
        "{amount}用于偿还欠分。来源：{origin}", "{amount} repaid a debt. Where from: {origin}"
    ),
    "shortfall": Words(
        "应收回的积分已被使用，{amount}记为欠分。{origin}",
        "What is to be taken back had been spent, so {amount} became a debt. {origin}",
    ),
    "forgive": Words(
        "{amount}欠分不再需要偿还。{origin}", "{amount} of what was owed is owed no more. {origin}"
    ),
    "recoup": Words(
        "应收回的积分已被使用，{amount}从其他可用积分中扣除。{origin}",
        "What is to be taken back had been spent, so {amount} came from other points. {origin}",
    ),
    "merge_in": Words("{origin}{amount}转入。", "{origin} {amount} came over."),
    "merge_out": Words("{origin}{amount}转出。", "{origin} {amount} went over."),
    "merge_debt": Words(
        "{origin}{amount}欠分一并转移。", "{origin} A debt of {amount} went along."
    ),
}
OWED = Words(
    "应付的 {amount}在此之前已被使用，记为欠账。{origin}",
    "{amount} of it had been spent by then and is owed. {origin}",
)
CREDIT_BY_MOVEMENT = {
    "activate": BY_MOVEMENT["activate"],
    "expire": Words(
        "{amount} 红包余额有效期已到。来源：{origin}",
        "{amount} of credit reached the end of its time. Where from: {origin}",
    ),
    "repay": Words(
        "{amount} 用于偿还欠款。来源：{origin}", "{amount} repaid a debt. Where from: {origin}"
    ),
    "shortfall": Words(
        "应收回的红包已被使用，{amount} 记为欠款。{origin}",
        "What is to be taken back had been spent, so {amount} became a debt. {origin}",
    ),
    "forgive": Words(
        "{amount} 欠款不再需要偿还。{origin}", "{amount} of what was owed is owed no more. {origin}"
    ),
    "recoup": Words(
        "应收回的红包已被使用，{amount} 从其他红包余额中扣除。{origin}",
        "What is to be taken back had been spent, so {amount} came from other credit. {origin}",
    ),
    "merge_in": BY_MOVEMENT["merge_in"],
    "merge_out": BY_MOVEMENT["merge_out"],
    "merge_debt": Words(
        "{origin}{amount} 欠款一并转移。", "{origin} A debt of {amount} went along."
    ),
}
COMMUNITY_BY_MOVEMENT = {
    "shortfall": Words(
        "应收回的社区积分已被使用，{amount}记为欠分。{origin}",
        "What is to be taken back had been spent, so {amount} became a debt. {origin}",
    ),
    "merge_in": BY_MOVEMENT["merge_in"],
    "merge_out": BY_MOVEMENT["merge_out"],
    "merge_debt": BY_MOVEMENT["merge_debt"],
}
GROWTH_BY_MOVEMENT = {
    "earn": Words("{amount}。来源：{origin}", "{amount}. Where from: {origin}"),
    "take_back": Words("收回 {amount}。{origin}", "{amount} taken back. {origin}"),
    "merge_in": BY_MOVEMENT["merge_in"],
    "merge_out": BY_MOVEMENT["merge_out"],
}
OF_CURRENCY = {
    "POINTS": BY_MOVEMENT,
    "CREDIT": CREDIT_BY_MOVEMENT,
    "COMMUNITY": COMMUNITY_BY_MOVEMENT,
    "GROWTH": GROWTH_BY_MOVEMENT,
}
