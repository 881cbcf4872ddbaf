"""What can be won with which odds, what was drawn, and was it drawn as it should have been?"""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.lottery import rules, views
from domain.lottery.model import Drawn, Replaced, State
from domain.programme import model
from kit.ids import global_id
from kit.money import format_money
from kit.paging import Page
from resolvers import lottery
from resolvers.answers import Answer
from schema.gives import Gives
from schema.guards import Info, allow, allow_everybody
from schema.limits.catalogue import cap
from schema.node import Node
from schema.paging import PAGE_SIZE, Connection, PageInfo, page_arguments
from schema.programme import Money
from schema.refusals import Refusal, refusal_or_none
from schema.scalars import Points

_PRIZES_MAX = 20
_LOTTERIES_MAX = 10
strawberry.enum(State, name="DrawState")
strawberry.enum(Replaced, name="PrizeReplaced")


@strawberry.type
class LotteryPrize:
    code: str
    name: str
    weight: int
    odds_percent: str = strawberry.field(
        description="The weight in all weights, rounded to 6 decimals; the weights are exact."
    )
    gives: Gives = strawberry.field(description="At once; where `delivered`, if it can't be sent.")
    delivered: bool = strawberry.field(description="A thing that is sent.")
    value: Money = strawberry.field(description="What it is worth to who wins it.")
    stock: int | None = strawberry.field(description="In each round; null: endless.")
    is_consolation: bool = strawberry.field(
        description="Given instead of a prize that is exhausted or over the round's budget."
    )
    given: int | None = strawberry.field(
        description="In the current round so far; null where it isn't limited."
    )

    @classmethod
    def of(cls, prize: model.LotteryPrize, found: views.Listed, locale: str) -> "LotteryPrize":
        given = None if found.current is None else found.current.given.get(prize.code)
        return cls(
            code=prize.code,
            name=prize.name.in_(locale),
            weight=prize.weight,
            odds_percent=model.plain_decimal(found.lottery.odds_percent(prize)),
            gives=Gives.of(prize.gives, found.programme, locale),
            delivered=prize.delivered,
            value=_money(prize.value_minor, found.programme, locale),
            stock=prize.stock,
            is_consolation=prize.code == found.lottery.consolation,
            given=given,
        )


def _money(amount_minor: int, programme: model.Programme, locale: str) -> Money:
    currency = programme.currency
    return Money(
        amount_minor=amount_minor,
        currency=currency,
        formatted=format_money(amount_minor, currency, locale),
    )


@strawberry.type
class PublishedWeight:
    code: str
    weight: int


@strawberry.type
class LotteryRound:
    """The commitment is there from the beginning, the seed once the round is over."""

    lottery: str
    number: int
    commitment: str = strawberry.field(description="SHA-256 of the seed's 32 bytes, in hex.")
    seed: str | None = strawberry.field(description="In hex; null until the round is over.")
    prizes: list[PublishedWeight] = strawberry.field(
        description="Codes and weights in the order in which rolls name them.",
        metadata=cap(_PRIZES_MAX),
    )
    budget: Money
    opens_at: datetime
    closes_at: datetime | None = strawberry.field(description="Null: when the shop closes it.")
    closed_at: datetime | None

    @classmethod
    def of(cls, found: views.Shown, locale: str) -> "LotteryRound":
        round_ = found.round
        return cls(
            lottery=round_.lottery,
            number=round_.number,
            commitment=round_.commitment,
            seed=round_.told_seed,
            prizes=_weights(rules.published(found.lottery)),
            budget=_money(found.lottery.budget_minor, found.programme, locale),
            opens_at=round_.opens_at,
            closes_at=round_.closes_at,
            closed_at=round_.closed_at,
        )


def _weights(published: tuple[tuple[str, int], ...]) -> list[PublishedWeight]:
    return [PublishedWeight(code=code, weight=weight) for code, weight in published]


@strawberry.type
class Lottery:
    code: str
    name: str
    total_weight: int = strawberry.field(description="How many rolls there are.")
    prizes: list[LotteryPrize] = strawberry.field(metadata=cap(_PRIZES_MAX))
    current_round: LotteryRound | None = strawberry.field(description="Null: none is open.")

    @strawberry.field(description="The newest first.")
    async def rounds(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[LotteryRound]:
        page = await lottery.rounds(self.code, *page_arguments(first, after))
        locale = info.context.locale
        return Connection(
            nodes=[LotteryRound.of(one, locale) for one in page.items],
            page_info=PageInfo.of(page),
            cursors=page.cursors,
        )

    @classmethod
    def of(cls, found: views.Listed, locale: str) -> "Lottery":
        return cls(
            code=found.lottery.code,
            name=found.lottery.name.in_(locale),
            total_weight=found.lottery.weights,
            prizes=[LotteryPrize.of(prize, found, locale) for prize in found.lottery.prizes],
            current_round=found.current and LotteryRound.of(found.current, locale),
        )


@strawberry.type
class Draw(Node):
    """What was rolled, which prize that names, and which was given."""

    lottery: str
    round: int
    nonce: int = strawberry.field(description="Which of the member's draws in the round it was.")
    client_seed: str
    roll: int
    named: str = strawberry.field(description="The code of the prize that the roll names.")
    named_name: str
    given: str = strawberry.field(description="The code of the prize that was given.")
    given_name: str
    replaced: Replaced | None = strawberry.field(
        description="Why the consolation was given instead; null: it wasn't."
    )
    state: State
    points: Points
    coupon_codes: list[str] = strawberry.field(metadata=cap(_PRIZES_MAX))
    drawn_at: datetime

    @classmethod
    def of(cls, found: Drawn, locale: str) -> "Draw":
        draw = found.draw
        named = found.lottery.prize(draw.named)
        assert named is not None, "a round's prizes don't change"
        return cls(
            id=strawberry.ID(global_id("Draw", draw.member_id, draw.id)),
            lottery=draw.lottery,
            round=draw.round,
            nonce=draw.nonce,
            client_seed=draw.client_seed,
            roll=draw.roll,
            named=draw.named,
            named_name=named.name.in_(locale),
            given=draw.given,
            given_name=found.prize.name.in_(locale),
            replaced=None if draw.replaced is None else Replaced(draw.replaced),
            state=State(draw.state),
            points=draw.points,
            coupon_codes=list(draw.coupon_codes),
            drawn_at=draw.drawn_at,
        )


@strawberry.type
class DrawVerification:
    """All that a draw is recomputed from, as `tools/verify_draw.py` reads it, and what we found."""

    valid: bool | None = strawberry.field(
        description="Null: the round isn't over, so that its seed isn't told yet."
    )
    problems: list[str] = strawberry.field(description="What is wrong; empty where nothing is.")
    lottery: str
    round: int
    commitment: str
    seed: str | None
    member: str
    nonce: int
    client_seed: str
    message: str = strawberry.field(description="What the seed's HMAC-SHA-256 is made of.")
    prizes: list[PublishedWeight] = strawberry.field(metadata=cap(_PRIZES_MAX))
    consolation: str
    roll: int
    named: str
    given: str

    @classmethod
    def of(cls, found: views.Verified) -> "DrawVerification":
        evidence = found.evidence
        valid = not found.problems if found.problems or found.is_revealed else None
        return cls(
            valid=valid,
            problems=found.problems,
            lottery=evidence.lottery,
            round=evidence.round,
            commitment=evidence.commitment,
            seed=evidence.seed,
            member=evidence.member,
            nonce=evidence.nonce,
            client_seed=evidence.client_seed,
            message=evidence.message,
            prizes=_weights(evidence.prizes),
            consolation=evidence.consolation,
            roll=evidence.roll,
            named=evidence.named,
            given=evidence.given,
        )


def draw_connection(page: Page[Drawn], locale: str) -> Connection[Draw]:
    return Connection(
        nodes=[Draw.of(found, locale) for found in page.items],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
    )


@strawberry.type
class LotteryQueries:
    @strawberry.field(
        extensions=allow_everybody(),
        description="With their odds and the commitment of the open round.",
        metadata=cap(_LOTTERIES_MAX),
    )
    async def lotteries(self, info: Info) -> list[Lottery]:
        found = await lottery.lotteries(info.context)
        return [Lottery.of(one, info.context.locale) for one in found]

    @strawberry.field(extensions=allow("member"), description="The viewer's own, newest first.")
    async def my_draws(
        self, info: Info, first: int | None = PAGE_SIZE, after: str | None = strawberry.UNSET
    ) -> Connection[Draw]:
        page = await lottery.my_draws(info.context, *page_arguments(first, after))
        return draw_connection(page, info.context.locale)

    @strawberry.field(
        extensions=allow("member", "staff"),
        description="Recompute a draw; null for what isn't there or isn't the viewer's to see.",
    )
    async def verify_draw(
        self, info: Info, id_: Annotated[strawberry.ID, strawberry.argument(name="id")]
    ) -> DrawVerification | None:
        found = await lottery.verify(info.context, id_)
        return found and DrawVerification.of(found)


@strawberry.type
class LotteryRoundPayload:
    round: LotteryRound | None = None
    refusal: Refusal | None = None


@strawberry.type
class DrawPayload:
    draw: Draw | None = None
    refusal: Refusal | None = None

    @classmethod
    def of(cls, made: Answer[Drawn], info: Info) -> "DrawPayload":
        locale = info.context.locale
        return cls(
            draw=made.value and Draw.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )


_DrawId = Annotated[strawberry.ID, strawberry.argument(name="id")]


@strawberry.type
class LotteryMutations:
    @strawberry.mutation(
        extensions=allow("staff"),
        description="End the open round and tell its seed; the next one opens within a minute.",
    )
    async def close_lottery_round(self, info: Info, lottery_code: str) -> LotteryRoundPayload:
        made = await lottery.close_round(info.context, lottery_code)
        locale = info.context.locale
        return LotteryRoundPayload(
            round=made.value and LotteryRound.of(made.value, locale),
            refusal=refusal_or_none(made.refusal, locale),
        )

    @strawberry.mutation(extensions=allow("staff"), description="A thing that was won has left.")
    async def ship_prize(self, info: Info, id_: _DrawId) -> DrawPayload:
        return DrawPayload.of(await lottery.ship_prize(info.context, id_), info)

    @strawberry.mutation(extensions=allow("staff"), description="It has arrived.")
    async def deliver_prize(self, info: Info, id_: _DrawId) -> DrawPayload:
        return DrawPayload.of(await lottery.deliver_prize(info.context, id_), info)

    @strawberry.mutation(
        extensions=allow("staff"),
        description="It can't be delivered: the winner gets what the prize says instead.",
    )
    async def fail_prize(self, info: Info, id_: _DrawId, reason: str) -> DrawPayload:
        return DrawPayload.of(await lottery.fail_prize(info.context, id_, reason), info)
