"""How much may one of the staff give or take alone, and for which reasons?"""

from typing import Annotated

from pydantic import Field

from domain.programme.model.base import (
    Code,
    Days,
    MoneyMinor,
    Section,
    Text,
    an_empty_section,
)

_Whole = Annotated[int, Field(ge=0, le=10**12)]


class Alone(Section):
    """What one person of the staff may do without a second; 0: nothing. Money is in yuan.

    `points`, `credit`: in one adjustment, up or down. `…_per_day`: within any 24 hours, over all
    members together, what is given and what is taken added up.
    """

    points: _Whole = 1_000_000
    points_per_day: _Whole = 10_000_000
    credit_minor: MoneyMinor = Field(default=5_000, alias="credit", ge=0, validate_default=True)
    credit_per_day_minor: MoneyMinor = Field(
        default=50_000, alias="credit_per_day", ge=0, validate_default=True
    )
    coupons_per_day: _Whole = 1_000_000
    vouchers_per_day: _Whole = 10_000


class Reason(Section):
    """Why a balance is changed; staff name it by its code."""

    code: Code
    name: Text


REASONS_DEFAULT = (
    Reason(code="GOODWILL", name=Text(zh_cn="善意补偿", en="Goodwill")),
    Reason(code="CORRECTION", name=Text(zh_cn="更正", en="Correction")),
    Reason(code="MIGRATION", name=Text(zh_cn="迁移", en="Migration")),
    Reason(code="FRAUD", name=Text(zh_cn="欺诈", en="Fraud")),
    Reason(code="OTHER", name=Text(zh_cn="其他", en="Other")),
)


class Adjustments(Section):
    """How staff change balances. What one may not do alone waits `proposal_days` for a second.

    `reason_default`: the code of who names none; None: a code must be named.
    """

    alone: Alone = Field(default_factory=an_empty_section, validate_default=True)
    proposal_days: Annotated[Days, Field(ge=1, le=90)] = 7
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=100)] = REASONS_DEFAULT
    reason_default: Code | None = "OTHER"
