"""Rows stay bounded, and what is left out early changes nothing."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_theatre import Final, dated, retaken, taken
from tocsin.ledger import fold
from tocsin.ledger.accounts import Account, Weigher
from tocsin.ledger.bounds import PER_CELL, PER_FAMILY, SKETCH, Overflow, base
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.families import Families
from tocsin.ledger.lifecycle import life_of
from tocsin.ledger.rows import Row
from tocsin_schemas import Incident

ROW = "place:geonames:1"
MANY = [
    taken(day=3, hour=8 + number / 60, outlet=f"paper{number % 20}", when=dated(3), sentence=f"It fell, {number}.")
    for number in range(120)
]


def ended(events) -> tuple[LedgerCore, Final]:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return core, seen


def test_a_cell_keeps_its_earliest_accounts_and_counts_the_rest() -> None:
    core, seen = ended(MANY)
    row = Row.decode(core.store.get(ROW) or b"")
    assert len(row.accounts) == PER_CELL
    assert seen.only.first_seen == MANY[0].article.published_at
    assert 0.75 * len(MANY) <= seen.only.n_reports <= 1.25 * len(MANY)


def test_a_family_has_a_few_places_in_a_cell() -> None:
    wordy = [taken(day=3, hour=8 + n / 60, sentence=f"It fell, {n}.") for n in range(10)]
    core, seen = ended([*wordy, taken(day=3, hour=20, outlet="herald")])
    row = Row.decode(core.store.get(ROW) or b"")
    assert [a.family for a in row.accounts.values()].count("courier") == PER_FAMILY
    assert (seen.only.status, seen.only.n_reports) == ("confirmed", 11)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_full_row_is_a_function_of_the_set(seed: int) -> None:
    shuffled = list(MANY)
    random.Random(seed).shuffle(shuffled)
    assert ended(shuffled)[1].without_revisions() == ended(MANY)[1].without_revisions()


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(1, 119), seed=st.integers(0, 2**32))
def test_the_base_of_a_union_is_the_base_of_the_bases(cut: int, seed: int) -> None:
    weigher = Weigher(Families.load())
    accounts = [weigher.account(event) for event in MANY]
    random.Random(seed).shuffle(accounts)
    parts = accounts[:cut], accounts[cut:]
    assert base(base(parts[0]) + base(parts[1])) == base(accounts)


def test_a_size_is_reached_and_not_passed() -> None:
    core, _ = ended(MANY)
    full = len(core.store.get(ROW) or b"")
    more = [
        taken(day=3, hour=14 + n / 60, outlet=f"more{n}", when=dated(3), sentence=f"Fell, {n}.") for n in range(200)
    ]
    for event in more:
        core.apply(event)
    assert len(core.store.get(ROW) or b"") < 1.1 * full


def test_of_a_place_long_in_the_news_only_what_a_report_changes_is_folded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core, _ = ended([(taken, retaken)[day % 2](day=day, when=dated(day)) for day in range(2, 43)])
    weighed: list[int] = []

    def weigh(accounts, known_at=None):
        weighed.append(len(accounts))
        return life_of(accounts, known_at)

    monkeypatch.setattr(fold, "life_of", weigh)
    core.apply(taken(day=42, when=dated(42), outlet="herald"))
    assert weighed == [2]
    LedgerCore(core.store).apply(taken(day=42, when=dated(42), outlet="post"))
    assert len(weighed) > 30  # a core that has not seen the place before folds all of it


def test_a_row_that_was_changed_elsewhere_is_read_anew() -> None:
    one = LedgerCore()
    one.apply(taken())
    other = LedgerCore(one.store)
    other.apply(taken(outlet="herald"))
    assert [r.n_reports for r in one.apply(taken(outlet="post")) if isinstance(r, Incident)] == [3]


def test_a_row_is_stored_in_a_third_of_its_letters() -> None:
    core, _ = ended([taken(outlet=f"paper{n}", hour=n, sentence=f"Velmora fell at dawn, {n}.") for n in range(8)])
    row = Row.decode(core.store.get(ROW) or b"")
    letters = sum(len(orjson.dumps([str(value) for value in row_values(a)])) for a in row.accounts.values())
    assert len(core.store.get(ROW) or b"") < letters / 3


def row_values(account: Account) -> list[object]:
    return [getattr(account, name) for name in Account.__slots__]


def test_a_count_is_exact_while_small_and_close_when_large() -> None:
    overflow = Overflow()
    for number in range(SKETCH - 1):
        assert overflow.add(f"event {number}")
        assert not overflow.add(f"event {number}")
    assert overflow.count == SKETCH - 1
    for number in range(5_000):
        overflow.add(f"event {number}")
    assert 3_500 < overflow.count < 6_500
    assert len(overflow.smallest) == SKETCH


def test_a_row_survives_its_encoding() -> None:
    core, _ = ended(MANY[:40])
    row = Row.decode(core.store.get(ROW) or b"")
    assert Row.decode(row.encode()) == row
