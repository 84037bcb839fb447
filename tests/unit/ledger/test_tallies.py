"""What outlets count, against what the ledger has."""

from __future__ import annotations

import pytest

from ledger_theatre import CAPITALS, COUNTRY, FRONT, counted, dated, on, place, retaken, taken, taken_back
from tocsin.ledger.accounts import Weigher
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.families import Families
from tocsin.ledger.queries import Ledger
from tocsin.ledger.tallies import TallyGap, sort_of
from tocsin_schemas import EventDate, Quantity


def gaps(*events) -> list[TallyGap]:
    core = LedgerCore()
    for event in events:
        core.apply(event)
    return Ledger(core.store, core.places).tallies(COUNTRY)


def fallen(number: int, day: int = 3):
    return [taken(name, day, when=dated(day)) for name in CAPITALS[:number]]


def test_outlets_count_nine_and_the_ledger_has_eight() -> None:
    (gap,) = gaps(*fallen(8), counted(9, 4))
    assert (gap.captor, gap.sort) == ("harrow-front", "capitals")
    assert (gap.outlets, gap.ledger, gap.gap) == (9, 8, 1)


def test_what_fell_after_the_tally_does_not_close_the_gap() -> None:
    (gap,) = gaps(*fallen(3), counted(4, 4), taken("Tarn", 6, when=dated(6)))
    assert (gap.outlets, gap.ledger) == (4, 3)


def test_a_recaptured_place_is_not_counted() -> None:
    (gap,) = gaps(*fallen(3), retaken(day=4, when=dated(4)), counted(2, 5))
    assert (gap.ledger, gap.gap) == (2, 0)


def test_an_ordinal_of_a_capture_is_a_tally() -> None:
    (gap,) = gaps(*fallen(2), taken("Tarn", 4, ordinal=4))
    assert (gap.sort, gap.outlets, gap.ledger) == ("cities", 4, 3)


def test_the_highest_of_the_last_days_counts() -> None:
    (gap,) = gaps(*fallen(2), counted(5, 4), counted(4, 5, outlet="post"))
    assert gap.outlets == 5
    (gap,) = gaps(*fallen(2), counted(5, 4), counted(4, 12, outlet="post"))
    assert gap.outlets == 4


def test_since_leaves_out_what_fell_before() -> None:
    since = EventDate(start=on(5), end=on(7), precision="day", text="since then")
    (gap,) = gaps(*fallen(2), taken("Tarn", 6, when=dated(6)), counted(2, 7, since=since))
    assert (gap.ledger, gap.since) == (1, on(5))


def test_a_share_has_no_gap() -> None:
    quarter = Quantity(text="more than a quarter", fraction=0.25)
    (gap,) = gaps(*fallen(2), counted(0, 4, count=quarter))
    assert (gap.outlets, gap.share, gap.ledger, gap.gap) == (None, 0.25, 2, None)


def test_two_more_are_no_total() -> None:
    assert gaps(*fallen(2), counted(2, 4, of="two more provincial capitals")) == []


def test_a_retracted_tally_does_not_count() -> None:
    event = counted(9, 4)
    assert gaps(*fallen(2), event, taken_back(event, 5)) == []


def test_another_side_is_compared_by_itself() -> None:
    rivals = FRONT.model_copy(update={"id": "marsh-league"})
    told = gaps(*fallen(2), taken("Tarn", 4, by=rivals), counted(2, 5), counted(1, 5, captor=rivals))
    assert [(gap.captor, gap.ledger) for gap in told] == [("harrow-front", 2), ("marsh-league", 1)]


@pytest.mark.parametrize(
    ("words", "sort"),
    [
        ("provincial capitals", "capitals"),
        ("the ninth city", "cities"),
        ("towns and villages", "cities"),
        ("a dozen districts", "districts"),
        ("strongholds", "places"),
    ],
)
def test_the_words_tell_what_is_counted(words: str, sort: str) -> None:
    assert sort_of(Weigher(Families.load()).account(counted(3, of=words))) == sort


def test_a_village_is_no_capital() -> None:
    village = place("Long Ford", is_admin1_capital=False)
    (gap,) = gaps(*fallen(2), taken(village, 3), counted(3, 5))
    assert gap.ledger == 2
