"""How large may a red packet be, and how long does it last?"""

from typing import Annotated, Literal

from pydantic import Field

from domain.programme.model.base import Days, DaysPositive, MoneyMinor, Section


class Credit(Section):
    """Money that members are given to spend in the shop. Amounts are written in yuan.

    A packet expires `expires_days` after it can be used (None: never). `packet_max` bounds one that
    the programme or staff give; beyond `balance_max` (what waits and what is held included) staff
    give no more, while what the programme promises is always given. `shortfall` and
    `reinstate_days` are those of points where they are left out.
    """

    expires_days: DaysPositive | None = 90
    packet_max_minor: MoneyMinor = Field(
        default=200, alias="packet_max", gt=0, validate_default=True
    )
    balance_max_minor: MoneyMinor = Field(
        default=5_000, alias="balance_max", gt=0, validate_default=True
    )
    shortfall: Literal["within_balance", "only_pending", "unlimited"] | None = None
    reinstate_days: Days | None = None
    expiring_days: Annotated[tuple[DaysPositive, ...], Field(max_length=10)] = (30, 7)
