"""What becomes of points that are held until their time is over, and of points that are owed?"""

from datetime import UTC, datetime

from domain.ledger.model import Decay
from tests.domain.ledger.books import (
    DAY,
    a_book,
    because,
    earn,
    hold,
    kinds,
    later,
    standing,
)
from tests.support.world import NOW


def test_a_hold_lapses_by_itself_dated_when_its_time_was_over():
    book = a_book(NOW)
    lot = earn(book, 100, lasts=10 * DAY)
    held, _ = hold(book, 60, lasts=2 * DAY)
    assert book.wallet.next_due_at == NOW + 2 * DAY
    later(book, 5 * DAY)
    assert standing(book) == {"available": 100}
    assert (held.state, held.resolved_at) == ("released", NOW + 2 * DAY)
    made = book.transfers[-1]
    assert (made.kind, made.reason, made.occurred_at) == ("release", "hold_lapsed", NOW + 2 * DAY)
    assert made.decision_id == held.decision_id
    assert book.wallet.next_due_at == NOW + 10 * DAY
    assert (lot.held, lot.remaining) == (0, 100)


def test_expired_points_are_not_revived_by_a_hold_that_lapses():
    book = a_book(NOW)
    earn(book, 100, lasts=DAY)
    hold(book, 100, lasts=2 * DAY)
    later(book, 3 * DAY)
    assert standing(book) == {}
    assert kinds(book)[-2:] == [("release", 100), ("expire", 100)]
    assert book.transfers[-1].occurred_at == NOW + 2 * DAY


def test_what_a_lapsed_hold_gives_back_pays_a_debt_first():
    book = a_book(NOW)
    lot = earn(book, 100)
    hold(book, 100, lasts=DAY)
    book.take_back(lot, 30, because(NOW))
    assert standing(book) == {"held": 100, "debt": -30}
    later(book, DAY)
    assert standing(book) == {"available": 70}


def test_a_hold_over_the_years_end_loses_the_share_that_the_decay_missed():
    book = a_book(datetime(2026, 12, 31, 12, tzinfo=UTC), decay=Decay(10, spared_days=0))
    earn(book, 100)
    hold(book, 100, lasts=DAY)
    later(book, 2 * DAY)
    assert kinds(book)[-2:] == [("release", 100), ("decay", 10)]
    assert standing(book) == {"available": 90}


def test_what_is_owed_is_taken_from_what_is_there_and_the_rest_is_a_debt():
    book = a_book(NOW)
    soon, late = earn(book, 30, lasts=DAY), earn(book, 40)
    taken = book.take(100, because(NOW))
    assert (taken.amount, taken.debt) == (70, 30)
    assert standing(book) == {"debt": -30}
    assert (soon.spent, late.spent) == (30, 40)
    assert kinds(book)[-2:] == [("spend", 70), ("shortfall", 30)]
    assert book.transfers[-1].credit_account == "redemption"
    again = book.take(5, because(NOW))
    assert (again.seq, again.amount, again.debt) == (None, 0, 5)


def test_what_is_owed_and_not_there_is_forgiven_where_the_programme_forgives():
    book = a_book(NOW, shortfall="only_pending")
    earn(book, 30)
    assert (book.take(100, because(NOW)).amount, book.wallet.debt) == (30, 0)
