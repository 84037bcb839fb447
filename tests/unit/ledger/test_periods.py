"""What is told on both sides of a cut in time is one happening, wherever the cut falls and in whatever order it comes."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_theatre import FRONT, Final, at, gave_up, met, said, taken_back
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.queries import Ledger
from tocsin.ledger.rows import HOMES

VOW = "We will hold the line at the river until the last of us has gone, whatever they bring against us."
REWORDED = VOW.replace("whatever", "no matter what")


def ended(events: Any) -> tuple[LedgerCore, Final]:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return core, seen


@pytest.mark.parametrize("day", range(1, 7))
def test_a_statement_printed_a_day_later_is_the_same_on_any_day(day: int) -> None:
    for order in permutations([said(VOW, day), said(REWORDED, day + 1, outlet="post")]):
        assert ended(order)[1].only.n_reports == 2


@pytest.mark.parametrize("make", [met, lambda day, outlet="courier": gave_up(day, None, outlet=outlet)])
@pytest.mark.parametrize("day", [15, 30, 31, 32])
def test_what_two_outlets_tell_around_the_end_of_a_month_is_one(make: Any, day: int) -> None:
    for order in permutations([make(day), make(day + 1, outlet="post")]):
        assert ended(order)[1].only.n_reports == 2


@pytest.mark.parametrize("event", [said(VOW, 3), met(30), gave_up(30, None)])
@pytest.mark.parametrize("later", [1, 4, 40])
def test_a_report_that_is_taken_back_later_is_taken_back(event: Any, later: int) -> None:
    back = taken_back(event, int((event.article.published_at - at(1, 0)).days) + 1 + later)
    for order in permutations([event, back]):
        core, seen = ended(order)
        assert (seen.only.status, seen.only.n_reports) == ("retracted", 0)
        assert Ledger(core.store, core.places).incident(seen.only.id) == seen.only


@pytest.mark.parametrize("day", range(1, 7))
def test_a_statement_said_again_days_later_is_another(day: int) -> None:
    for pause in (4, 5, 7):
        assert len(ended([said(VOW, day), said(VOW, day + pause, outlet="post")])[1].incidents) == 2


@pytest.mark.parametrize("day", range(1, 7))
def test_a_chain_of_repetitions_ends_in_the_same_incidents_in_any_order(day: int) -> None:
    for steps in ((0, 2, 4, 6), (0, 3, 6, 8), (0, 2, 5, 7)):
        told = [said(VOW, day + step, outlet=f"paper{step}") for step in steps]
        first, *others = [ended(order)[1].without_revisions() for order in permutations(told)]
        assert all(other == first for other in others)


@pytest.mark.parametrize("day", range(1, 7))
def test_a_withdrawal_that_comes_ahead_of_its_report_holds_nothing_together(day: int) -> None:
    early = said(VOW, day)
    told = [early, taken_back(early, day + 6), said(VOW, day + 8, outlet="post"), said(VOW, day + 10, outlet="herald")]
    first, *others = [ended(order)[1].without_revisions() for order in permutations(told)]
    assert all(other == first for other in others)


def test_other_words_on_the_next_day_are_another_statement() -> None:
    for day in range(3, 6):
        told = [said(VOW, day), said("Nobody has asked us to come to a table.", day + 1, outlet="post")]
        assert len(ended(told)[1].incidents) == 2


def test_an_incident_that_moved_is_found_by_its_id_and_its_old_one_is_gone() -> None:
    for day in range(3, 6):
        core, seen = LedgerCore(), Final()
        (alone,) = core.apply(said(REWORDED, day + 1, outlet="post"))
        seen.see([alone]).see(core.apply(said(VOW, day)))
        ledger = Ledger(core.store, core.places)
        assert ledger.incident(seen.only.id) == seen.only
        assert seen.only.id != alone.id and ledger.incident(alone.id) is None


def test_what_is_let_go_is_let_go_with_all_that_points_to_it() -> None:
    core = LedgerCore(today=lambda: at(3).date())
    for event in (said(VOW, 3), said(REWORDED, 4, outlet="post"), met(3)):
        core.apply(event)
    core.expire(at(300).date())
    assert list(core.store.items()) == []


def test_events_that_only_add_to_a_count_leave_nothing_behind() -> None:
    told = [met(3, outlet=f"paper{n}", hour=n / 10, sentence=f"They met, {n}.") for n in range(40)]
    for order in (told, reversed(told)):
        core, _ = ended(order)
        assert sum(key.startswith(HOMES) for key, _ in core.store.items()) == 12


WORDS = st.sampled_from([VOW, REWORDED, "Fight on.", VOW.replace("river", "bridge").replace("last", "end")])


@st.composite
def tellings(draw: st.DrawFn) -> list[Any]:
    found: list[Any] = []
    for _ in range(draw(st.integers(2, 9))):
        day, outlet = draw(st.integers(1, 12)), draw(st.sampled_from(["courier", "herald", "post"]))
        edge = draw(st.integers(28, 35))
        make = draw(st.sampled_from(["said", "met", "gave_up"]))
        if make == "said":
            found.append(said(draw(WORDS), day, outlet=outlet))
        elif make == "met":
            found.append(met(edge, draw(st.sampled_from(["talks", "meeting"])), outlet=outlet))
        else:
            more = draw(st.sampled_from([{}, {"surrendering": None}, {"recipient": None}, {"surrendering": FRONT}]))
            found.append(gave_up(edge, None, outlet=outlet, **more))
    found = list({event.id: event for event in found}.values())
    gone = draw(st.lists(st.sampled_from(found), max_size=2, unique_by=lambda e: e.id))
    return found + [taken_back(event, draw(st.integers(36, 70))) for event in gone]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=tellings(), seed=st.integers(0, 2**32))
def test_any_order_and_repetition_end_in_the_same_incidents(told: list[Any], seed: int) -> None:
    chance = random.Random(seed)
    again = told + chance.choices(told, k=3)
    chance.shuffle(again)
    core, seen = ended(again)
    assert seen.without_revisions() == ended(told)[1].without_revisions()
    for incident in seen.incidents.values():
        assert Ledger(core.store, core.places).incident(incident.id) == incident
