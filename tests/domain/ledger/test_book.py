"""Do points move as the domain says? Each scenario closes an exploit or an unfairness."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.ledger.errors import HoldResolved, InsufficientPoints
from domain.ledger.model import Decay, Lot
from tests.domain.ledger.books import (
    DAY,
    a_book,
    because,
    earn,
    give_back,
    hold,
    kinds,
    later,
    spend,
    standing,
)

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_debits_take_the_soonest_expiry_first_and_never_last():
    book = a_book(NOW)
    endless = earn(book, 10)
    late, soon = earn(book, 10, lasts=9 * DAY), earn(book, 10, lasts=DAY)
    assert [part.lot_id for part in spend(book, 25)] == [soon.id, late.id, endless.id]
    assert endless.remaining == 5


def test_of_equal_expiry_what_was_earned_first_goes_first_although_it_came_in_later():
    book = a_book(NOW)
    on_time = earn(book, 10)
    belated = earn(book, 10, occurred_at=NOW - DAY)
    assert [part.lot_id for part in spend(book, 15)] == [belated.id, on_time.id]


def test_of_equal_expiry_and_instant_the_lower_id_goes_first():
    book = a_book(NOW)
    lots = [
        book.open_lot(UUID(int=n), 10, because(NOW), activates_at=None, expires_at=None)
        for n in (30, 20, 10)
    ]
    assert [part.lot_id for part in spend(book, 30)] == [lot.id for lot in reversed(lots)]


def test_a_late_job_changes_no_result():
    times = [NOW + days * DAY for days in (10, 15, 20)]
    punctual, late = a_book(NOW), a_book(NOW)
    for book in (punctual, late):
        earn(book, 100, waits=10 * DAY, lasts=5 * DAY)
        earn(book, 50, lasts=20 * DAY)
    for at in times:
        later(punctual, at - punctual.now)
    later(late, 20 * DAY)
    assert kinds(late) == kinds(punctual)
    assert [made.occurred_at for made in late.transfers] == [NOW, NOW, *times]


def test_an_expiry_clock_starts_with_the_activation():
    book = a_book(NOW)
    earn(book, 100, waits=15 * DAY, lasts=30 * DAY)
    later(book, 44 * DAY)
    assert standing(book) == {"available": 100}
    later(book, DAY)
    assert standing(book) == {}


def test_a_spend_and_its_undoing_do_not_launder_an_expiry():
    book = a_book(NOW)
    lot = earn(book, 100, lasts=10 * DAY)
    slices = spend(book, 100)
    later(book, 9 * DAY)
    give_back(book, slices, spent_at=NOW)
    assert lot.expires_at == NOW + 10 * DAY
    later(book, DAY)
    assert standing(book) == {}


def test_a_members_own_cancel_after_the_expiry_has_no_grace():
    book = a_book(NOW)
    earn(book, 100, lasts=10 * DAY)
    slices = spend(book, 60)
    later(book, 20 * DAY)
    give_back(book, slices, spent_at=NOW)
    assert kinds(book)[-2:] == [("restore", 60), ("expire", 60)]
    assert standing(book) == {}


def test_the_shops_fault_gives_30_days_of_grace_once_per_lot():
    book = a_book(NOW)
    lot = earn(book, 100, lasts=10 * DAY)
    one, two = spend(book, 40), spend(book, 60)
    later(book, 20 * DAY)
    give_back(book, one, spent_at=NOW, shop_fault=True)
    assert (lot.remaining, lot.expires_at) == (40, NOW + 50 * DAY)
    later(book, 30 * DAY)
    assert standing(book) == {}
    give_back(book, two, spent_at=NOW, shop_fault=True)
    assert standing(book) == {}
    assert (lot.expired, lot.expires_at) == (100, NOW + 50 * DAY)


def test_a_grace_of_another_length_is_the_programmes():
    book = a_book(NOW, reinstate_days=7)
    lot = earn(book, 100, lasts=10 * DAY)
    slices = spend(book, 100)
    later(book, 20 * DAY)
    give_back(book, slices, spent_at=NOW, shop_fault=True)
    assert lot.expires_at == NOW + 27 * DAY


def test_a_lot_that_expires_while_held_is_honoured_on_commit():
    book = a_book(NOW)
    earn(book, 100, lasts=10 * DAY)
    held, slices = hold(book, 100)
    later(book, 20 * DAY)
    assert standing(book) == {"held": 100}
    book.commit(held, slices, because(book.now))
    assert kinds(book) == [("earn", 100), ("hold", 100), ("commit", 100)]


def test_a_hold_that_is_let_go_gives_an_expired_lot_no_grace_and_a_failing_shop_does():
    for shop_fault, left in ((False, {}), (True, {"available": 100})):
        book = a_book(NOW)
        earn(book, 100, lasts=10 * DAY)
        held, slices = hold(book, 100)
        later(book, 20 * DAY)
        book.release(held, slices, because(book.now), shop_fault=shop_fault)
        assert standing(book) == left


def test_a_hold_is_resolved_once():
    book = a_book(NOW)
    earn(book, 100)
    held, slices = hold(book, 60)
    book.release(held, slices, because(NOW))
    for resolve in (book.commit, book.release):
        with pytest.raises(HoldResolved):
            resolve(held, slices, because(NOW))
    assert standing(book) == {"available": 100}


def test_more_than_is_available_is_neither_spent_nor_held():
    book = a_book(NOW)
    earn(book, 100)
    earn(book, 100, waits=DAY)
    hold(book, 30)
    before = kinds(book)
    for verb in (spend, hold):
        with pytest.raises(InsufficientPoints) as refused:
            verb(book, 71)
        assert refused.value.facts == {"available": 70, "required": 71}
    assert kinds(book) == before


def take_back(book, lot: Lot, amount: int) -> int:
    return book.take_back(lot, amount, because(book.now))


def test_a_refund_takes_from_its_own_pending_lot_first():
    book = a_book(NOW)
    earn(book, 100, lasts=DAY)
    lot = earn(book, 50, waits=15 * DAY)
    take_back(book, lot, 20)
    take_back(book, lot, 30)
    assert standing(book) == {"available": 100}
    assert (lot.taken, lot.remaining) == (50, 0)


def test_a_refund_of_an_active_lot_takes_from_it_although_another_expires_sooner():
    book = a_book(NOW)
    earn(book, 100, lasts=DAY)
    lot = earn(book, 50)
    take_back(book, lot, 50)
    assert (lot.remaining, standing(book)) == (0, {"available": 100})


def test_what_was_spent_of_the_refunded_lot_is_taken_from_others_in_debit_order():
    book = a_book(NOW)
    lot = earn(book, 50, lasts=DAY)
    late, soon = earn(book, 40, lasts=9 * DAY), earn(book, 40, lasts=2 * DAY)
    spend(book, 30)
    take_back(book, lot, 50)
    assert kinds(book)[-2:] == [("take_back", 20), ("recoup", 30)]
    assert (soon.remaining, late.remaining) == (10, 40)


def test_what_has_expired_of_the_refunded_lot_counts_as_taken():
    book = a_book(NOW)
    lot = earn(book, 50, lasts=DAY)
    spend(book, 10)
    earn(book, 100)
    later(book, 2 * DAY)
    take_back(book, lot, 45)
    assert kinds(book)[-2:] == [("expire", 40), ("recoup", 5)]
    take_back(book, lot, 5)
    assert standing(book) == {"available": 90}
    assert (lot.expired, lot.forfeited) == (40, 40)
    assert book.wallet.lifetime_earned == 100


def test_holds_and_other_orders_pending_points_are_never_touched_by_a_refund():
    book = a_book(NOW)
    lot = earn(book, 50)
    held, slices = hold(book, 50)
    earn(book, 70, waits=15 * DAY)
    take_back(book, lot, 50)
    assert standing(book) == {"pending": 70, "held": 50, "debt": -50}
    book.release(held, slices, because(NOW))
    assert standing(book) == {"pending": 70}


def test_a_shortfall_is_a_debt_that_every_next_credit_repays_first():
    book = a_book(NOW)
    lot = earn(book, 100)
    slices = spend(book, 100)
    earn(book, 30, waits=DAY)
    take_back(book, lot, 100)
    assert standing(book) == {"pending": 30, "debt": -100}
    later(book, DAY)
    assert standing(book) == {"debt": -70}
    earn(book, 20)
    assert standing(book) == {"debt": -50}
    give_back(book, slices, spent_at=NOW)
    assert standing(book) == {"available": 50}
    assert book.wallet.lifetime_earned == 50


def test_a_debt_means_that_no_active_lot_has_anything_left():
    book = a_book(NOW)
    lot, other = earn(book, 100), earn(book, 10)
    spend(book, 105)
    take_back(book, lot, 100)
    assert standing(book) == {"debt": -95}
    assert (lot.remaining, other.remaining) == (0, 0)


def test_a_programme_may_forgive_what_is_missing():
    book = a_book(NOW, shortfall="only_pending")
    lot = earn(book, 100)
    spend(book, 80)
    assert take_back(book, lot, 100) == 80
    assert standing(book) == {}


def test_partial_refunds_in_any_number_of_steps_add_up():
    one, many = a_book(NOW), a_book(NOW)
    for book, steps in ((one, [100]), (many, [1, 33, 33, 33])):
        lot = earn(book, 100)
        earn(book, 40)
        spend(book, 70)
        for amount in steps:
            take_back(book, lot, amount)
    assert standing(one) == standing(many) == {"debt": -30}


def test_a_suspended_members_pending_points_wait_and_are_posted_when_they_were_due():
    book = a_book(NOW)
    earn(book, 100, waits=DAY, lasts=30 * DAY)
    book.activates = False
    later(book, 10 * DAY)
    assert (standing(book), book.wallet.next_due_at) == ({"pending": 100}, None)
    book.activates = True
    book.settle()
    assert book.transfers[-1].occurred_at == NOW + DAY
    assert (standing(book), book.wallet.next_due_at) == ({"available": 100}, NOW + 31 * DAY)


YEAR_END = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_decay_takes_a_tenth_in_debit_order_and_spares_young_lots():
    book = a_book(NOW, decay=Decay(10))
    soon = earn(book, 9, lasts=365 * DAY)
    rest = earn(book, 200)
    later(book, YEAR_END - 29 * DAY - NOW)
    young = earn(book, 1000)
    later(book, YEAR_END - book.now)
    assert kinds(book)[-2:] == [("decay", 9), ("decay", 11)]
    assert (soon.remaining, rest.remaining, young.remaining) == (0, 189, 1000)


def test_a_decay_comes_once_a_year_and_after_what_expires_with_the_year():
    book = a_book(NOW, decay=Decay(10))
    earn(book, 100, lasts=YEAR_END - NOW)
    earn(book, 100)
    later(book, 2 * 366 * DAY)
    assert kinds(book)[2:] == [("expire", 100), ("decay", 10), ("decay", 9)]


def test_points_that_were_away_lose_their_tenth_when_they_come_back():
    book = a_book(NOW, decay=Decay(10))
    earn(book, 100)
    slices = spend(book, 60)
    later(book, YEAR_END + 5 * DAY - NOW)
    give_back(book, slices, spent_at=NOW)
    assert kinds(book)[-3:] == [("decay", 4), ("restore", 60), ("decay", 6)]


def test_points_that_were_spent_after_the_decay_do_not_lose_again():
    book = a_book(NOW, decay=Decay(10))
    earn(book, 100)
    later(book, YEAR_END + DAY - NOW)
    spent_at, slices = book.now, spend(book, 60)
    later(book, 5 * DAY)
    give_back(book, slices, spent_at=spent_at)
    assert standing(book) == {"available": 90}


def test_of_what_has_decayed_a_refund_takes_nothing_again():
    book = a_book(NOW, decay=Decay(10))
    lot = earn(book, 100)
    later(book, YEAR_END + DAY - NOW)
    take_back(book, lot, 100)
    assert standing(book) == {}


def test_growth_is_credited_and_taken_back_without_lots():
    book = a_book(NOW)
    book.credit(70, because(NOW))
    book.uncredit(30, because(NOW))
    assert (standing(book), book.lots, book.moves) == ({"available": 40}, {}, [])
    assert book.wallet.lifetime_earned == 40


def test_an_order_that_is_completed_early_activates_its_lot_and_never_opens_another():
    book = a_book(NOW)
    lot = earn(book, 50, waits=15 * DAY, lasts=60 * DAY)
    later(book, 3 * DAY)
    book.reschedule(lot, book.now, book.now + 60 * DAY)
    assert (standing(book), len(book.lots)) == ({"available": 50}, 1)
    book.reschedule(lot, book.now + DAY, None)
    assert lot.expires_at == NOW + 63 * DAY


def test_the_clock_of_inactivity_moves_every_expiry():
    book = a_book(NOW)
    earn(book, 50, lasts=10 * DAY)
    earn(book, 50, lasts=20 * DAY)
    book.extend(NOW + 100 * DAY)
    later(book, 99 * DAY)
    assert book.expiring_by(NOW + 100 * DAY) == 100
    assert book.expiring_by(NOW + 100 * DAY - timedelta(seconds=1)) == 0
