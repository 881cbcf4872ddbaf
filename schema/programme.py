"""What does the programme in force offer? Its name, its tiers, its base rate."""

import strawberry

from domain.programme import model
from kit.money import format_money
from resolvers.context import Context
from schema.guards import Info, allow_everybody
from schema.limits.catalogue import cap
from schema.scalars import Points

_TIERS_MAX = 20


@strawberry.type
class Money:
    """An amount in minor units (fen, cents) of a currency, and as a reader writes it."""

    amount_minor: Points
    currency: str
    formatted: str

    @classmethod
    def of(cls, amount_minor: int, currency: str, locale: str) -> "Money":
        return cls(
            amount_minor=amount_minor,
            currency=currency,
            formatted=format_money(amount_minor, currency, locale),
        )


@strawberry.type
class Tier:
    """A step of the ladder; `rank` 0 is the lowest."""

    code: str
    name: str
    rank: int
    threshold: int = strawberry.field(description="The score, or the growth, that reaches it.")
    discount_percent: str = strawberry.field(description='A decimal, such as "17.5".')
    points_multiplier: str = strawberry.field(description='A decimal, such as "1.25".')
    points_per_yuan: int = strawberry.field(description="What a yuan costs when paid in points.")
    return_days: int = strawberry.field(
        description="Days after payment in which goods can be sent back."
    )

    @classmethod
    def of(cls, tier: model.Tier, programme: model.Programme, locale: str) -> "Tier":
        return cls(
            code=tier.code,
            name=tier.name.in_(locale),
            rank=programme.tiers.rank(tier.code),
            threshold=programme.tiers.threshold(tier),
            discount_percent=model.plain_decimal(tier.discount_percent),
            points_multiplier=model.plain_decimal(tier.points_multiplier),
            points_per_yuan=tier.points_per_yuan,
            return_days=tier.return_days,
        )


@strawberry.type
class Programme:
    """The version in force now."""

    version: int
    name: str
    currency: str
    timezone: str
    points_per_yuan: int = strawberry.field(description="Points for each yuan paid.")
    tiers: list[Tier] = strawberry.field(
        description="From the lowest up.", metadata=cap(_TIERS_MAX)
    )

    @classmethod
    def of(cls, context: Context) -> "Programme":
        programme, locale = context.programme, context.locale
        return cls(
            version=context.version,
            name=programme.name.in_(locale),
            currency=programme.currency,
            timezone=programme.zone,
            points_per_yuan=programme.points.per_yuan,
            tiers=[Tier.of(tier, programme, locale) for tier in programme.tiers.ladder],
        )


@strawberry.type
class ProgrammeQueries:
    @strawberry.field(extensions=allow_everybody())
    async def programme(self, info: Info) -> Programme:
        await info.context.speak()
        return Programme.of(info.context)
