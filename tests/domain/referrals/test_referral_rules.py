"""Is an invitation bound, counted, awarded and undone as the domain says?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.points.model import PurchaseLine
from domain.programme.model import Programme
from domain.referrals.errors import (
    AlreadyBound,
    BindingTooLate,
    CircularReferral,
    OwnCode,
    SameContact,
    SameDevice,
    SamePayment,
)
from domain.referrals.model import (
    Invitee,
    Inviter,
    InviterRecord,
    Mark,
    MilestonePaid,
    OrderState,
    Refunded,
    SettledOrder,
)
from domain.referrals.rules import (
    award,
    contact_marks,
    is_reversed,
    lapses_after,
    milestones_lost,
    qualifies,
    require_bindable,
)

DEFAULT = Programme()
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
SECRET = b"tests"
ANN, BEN, EVE = (UUID(int=number) for number in (1, 2, 3))


def marks(**left: str) -> frozenset[Mark]:
    return frozenset(Mark(kind, digest) for kind, digest in left.items())  # pyright: ignore[reportArgumentType]  kinds are keywords


def bind(now=NOW, *, inviter=None, invitee=None) -> None:
    left: dict[str, Any] = {"member_id": ANN} | (inviter or {})
    right: dict[str, Any] = {"member_id": BEN, "joined_at": NOW} | (invitee or {})
    require_bindable(Inviter(**left), Invitee(**right), now, programme=DEFAULT)


def test_a_newcomer_is_bound():
    bind()
    bind(
        inviter={"marks": marks(device="a", contact="x", payment="p"), "inviters": {EVE}},
        invitee={"marks": marks(device="b", contact="y", payment="q", address="x")},
    )


def test_ones_own_code_is_refused():
    with pytest.raises(OwnCode):
        bind(inviter={"member_id": BEN})


def test_a_circle_is_refused_however_long():
    with pytest.raises(CircularReferral):
        bind(inviter={"inviters": frozenset({EVE, BEN})})


def test_the_first_touch_wins():
    with pytest.raises(AlreadyBound):
        bind(invitee={"inviter_id": EVE})
    with pytest.raises(AlreadyBound):
        bind(invitee={"inviter_id": ANN})


def test_a_code_is_taken_until_seven_days_after_joining():
    bind(NOW + timedelta(days=7) - timedelta(microseconds=1))
    with pytest.raises(BindingTooLate) as refusal:
        bind(NOW + timedelta(days=7))
    assert refusal.value.facts == {"days": 7}


def test_after_the_first_paid_order_it_is_too_late():
    with pytest.raises(BindingTooLate):
        bind(NOW + timedelta(hours=2), invitee={"first_paid_at": NOW + timedelta(hours=1)})


def test_the_same_device_is_refused():
    with pytest.raises(SameDevice):
        bind(
            inviter={"marks": marks(device="a") | marks(device="b")},
            invitee={"marks": marks(device="b") | marks(device="c")},
        )


def test_the_same_means_of_payment_is_refused():
    with pytest.raises(SamePayment):
        bind(inviter={"marks": marks(payment="p")}, invitee={"marks": marks(payment="p")})


def test_one_address_is_no_reason_to_refuse():
    bind(inviter={"marks": marks(address="a")}, invitee={"marks": marks(address="a")})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann.lee+1@gmail.com", "AnnLee@googlemail.com"),
        ("ann@outlook.com", "ann+shop@outlook.com"),
        ("138 0013 8000", "+86 13800138000"),
    ],
)
def test_the_same_contact_is_refused_after_normalisation(one, other):
    with pytest.raises(SameContact):
        bind(
            inviter={"marks": frozenset(contact_marks([one], SECRET))},
            invitee={"marks": frozenset(contact_marks(["b@example.com", other], SECRET))},
        )


def test_refusals_come_in_their_documented_order():
    everything: tuple[dict[str, Any], dict[str, Any]] = (
        {
            "member_id": BEN,
            "inviters": frozenset({BEN}),
            "marks": marks(device="a", contact="x", payment="p"),
        },
        {
            "inviter_id": EVE,
            "joined_at": NOW - timedelta(days=30),
            "marks": marks(device="a", contact="x", payment="p"),
        },
    )
    mended: list[tuple[Any, tuple[int, str, Any]]] = [
        (OwnCode, (0, "member_id", ANN)),
        (CircularReferral, (0, "inviters", frozenset())),
        (AlreadyBound, (1, "inviter_id", None)),
        (BindingTooLate, (1, "joined_at", NOW)),
        (SameDevice, (0, "marks", marks(contact="x", payment="p"))),
        (SameContact, (0, "marks", marks(payment="p"))),
        (SamePayment, (0, "marks", frozenset())),
    ]
    for refusal, (side, fact, value) in mended:
        with pytest.raises(refusal):
            bind(inviter=everything[0], invitee=everything[1])
        everything[side][fact] = value
    bind(inviter=everything[0], invitee=everything[1])


@pytest.mark.parametrize(
    ("paid_after", "left_minor", "expected"),
    [
        (timedelta(0), 2_000, True),
        (timedelta(days=60) - timedelta(seconds=1), 2_000, True),
        (timedelta(days=60), 2_000, False),
        (-timedelta(seconds=1), 2_000, False),
        (timedelta(days=1), 1_999, False),
        (timedelta(days=1), 100, False),
    ],
)
def test_an_order_of_20_yuan_within_60_days_qualifies(paid_after, left_minor, expected):
    assert qualifies(NOW, SettledOrder(NOW + paid_after, left_minor), DEFAULT) is expected


def test_a_trial_order_does_not_use_the_chance_up():
    trial, real = SettledOrder(NOW, 100), SettledOrder(NOW + timedelta(days=9), 2_000)
    assert [qualifies(NOW, order, DEFAULT) for order in (trial, real)] == [False, True]


def test_a_binding_lapses_when_an_order_on_its_last_day_has_had_its_window():
    assert lapses_after(DEFAULT) == timedelta(days=60 + 7 + 8)
    waiting = Programme.of({"points": {"completion": "completed_only", "silence_days": 45}})
    assert lapses_after(waiting) == timedelta(days=60 + 45)


def record(net_invitees=0, awarded_this_month=0, paid=()) -> InviterRecord:
    return InviterRecord(
        net_invitees=net_invitees,
        awarded_this_month=awarded_this_month,
        milestones_paid=frozenset(paid),
    )


def test_an_award_gives_500_and_200_points():
    decision = award(record(), NOW, DEFAULT)
    assert (decision.inviter_points, decision.invitee_points) == (500, 200)
    assert (decision.milestones, decision.invitee_coupon, decision.is_capped) == ((), None, False)
    assert (decision.net_invitees, decision.month) == (1, "2026-11")
    assert decision.inviter_inputs == {
        "side": "inviter",
        "points": 500,
        "month": "2026-11",
        "awarded_this_month": 0,
        "monthly_cap": 30,
        "net_invitees": 1,
    }
    assert decision.inviter_outcome == {"points": 500, "is_capped": False, "milestones": []}
    assert decision.invitee_inputs == {"side": "invitee", "points": 200}
    assert decision.invitee_outcome == {"points": 200, "coupon": None}


def test_the_month_of_an_award_is_the_programmes():
    late = datetime(2026, 11, 30, 16, tzinfo=UTC)  # 1 December in Shanghai
    assert award(record(), late, DEFAULT).month == "2026-12"


def test_a_milestone_is_paid_when_its_count_is_reached_unless_it_stands():
    assert award(record(2), NOW, DEFAULT).milestones == (MilestonePaid(3, 300),)
    assert award(record(2, paid=[3]), NOW, DEFAULT).milestones == ()
    assert award(record(3, paid=[3]), NOW, DEFAULT).milestones == ()


def test_above_the_monthly_cap_only_the_invitee_is_awarded():
    assert award(record(29, 29, [3, 10]), NOW, DEFAULT).inviter_points == 500
    decision = award(record(30, 30, [3, 10, 30]), NOW, DEFAULT)
    assert (decision.inviter_points, decision.invitee_points) == (0, 200)
    assert (decision.is_capped, decision.net_invitees) == (True, 31)


def test_a_milestone_that_the_cap_held_back_is_paid_with_the_next_award():
    programme = Programme.of({"referral": {"monthly_cap": 2}})
    held_back = award(record(2, 2), NOW, programme)
    assert (held_back.milestones, held_back.net_invitees) == ((), 3)
    assert award(record(3, 0), NOW, programme).milestones == (MilestonePaid(3, 300),)


def bought(line_id, net_minor, eligible_minor):
    """As it is stored in the end, with everything sent back."""
    return PurchaseLine(
        line_id=line_id,
        net_minor=net_minor,
        eligible_minor=eligible_minor,
        base_minor=eligible_minor,
        points=0,
        growth=0,
        refunded_minor=net_minor,
    )


def order(*refunds, eligible_minor=6_000):
    """Of ¥100 on two lines; `refunds`: days after the award, and amounts by line."""
    return OrderState(
        *(ANN, NOW, NOW, None, 0, 1, NOW),
        lines=(
            bought("a", 6_000, eligible_minor),
            bought("b", 4_000, 4_000),
        ),
        refunds=tuple(Refunded(NOW + later, amounts) for later, amounts in refunds),
    )


@pytest.mark.parametrize(
    ("later", "amount", "expected"),
    [
        (timedelta(days=1), 2_001, True),
        (timedelta(days=1), 2_000, False),
        (timedelta(days=60) - timedelta(seconds=1), 2_001, True),
        (timedelta(days=60), 4_000, False),
    ],
)
def test_a_refund_below_the_minimum_within_60_days_undoes_the_award(later, amount, expected):
    refunds = (timedelta(days=0), {"a": 6_000}), (later, {"b": amount})
    assert is_reversed(NOW, order(*refunds), DEFAULT) is expected


def test_an_award_is_undone_by_the_refund_that_crossed_the_line_not_by_the_last_one():
    crossing = timedelta(days=59), {"a": 6_000, "b": 2_001}
    last = timedelta(days=61), {"b": 1_999}
    assert is_reversed(NOW, order(crossing, last), DEFAULT)
    assert not is_reversed(NOW, order((timedelta(days=59), {"a": 6_000}), last), DEFAULT)
    late = timedelta(days=61), {"b": 2_001}
    assert not is_reversed(NOW, order((timedelta(days=59), {"a": 6_000}), late), DEFAULT)


def test_a_refund_without_lines_is_of_the_whole_order_and_no_refund_undoes_nothing():
    assert is_reversed(NOW, order((timedelta(days=1), {})), DEFAULT)
    assert not is_reversed(NOW, order(), DEFAULT)


def test_what_was_not_eligible_never_held_the_award_up():
    sent_back = timedelta(days=1), {"b": 2_001}
    assert is_reversed(NOW, order(sent_back, eligible_minor=0), DEFAULT)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_however_awards_and_reversals_follow_each_milestone_stands_once_and_only_where_reached(
    steps,
):
    net, standing, months = 0, set[int](), dict.fromkeys(range(41), 0)
    for month, undo in steps:
        if undo:
            net = max(0, net - 1)
            standing -= set(milestones_lost(net, standing))
        else:
            decision = award(record(net, months[month], standing), NOW, DEFAULT)
            reached = [milestone.count for milestone in decision.milestones]
            assert not standing & set(reached)
            standing |= set(reached)
            net = decision.net_invitees
            months[month] += decision.inviter_points > 0
        assert all(count <= net for count in standing)
    assert all(count <= 30 for count in months.values())
