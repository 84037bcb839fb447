"""What was known when: the history of one place in knowledge time, beside that in valid time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_theatre import COUNTRY, at, dated, denied, on, place, retaken, said_by, taken, taken_back
from tocsin.ledger.accounts import micros
from tocsin.ledger.beliefs import beliefs_of
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.fold import fold_place
from tocsin.ledger.queries import Ledger, Standing
from tocsin.ledger.rows import Row

FELL = taken(when=dated(3))
SECOND = taken(day=4, outlet="herald", when=dated(3))
DENIAL = denied(day=5)
BACK = retaken(day=9, when=dated(6))
STORY = [FELL, SECOND, DENIAL, BACK, taken_back(BACK, 11)]


def history(*events, name: str = "Velmora", **more) -> list[Standing]:
    core = LedgerCore()
    for event in events:
        core.apply(event)
    return Ledger(core.store, core.places).history(name, **more)


def known(standing: Standing) -> list[tuple[object, ...]]:
    return [(b.at, b.held and b.held.holder, b.held and b.held.status, b.cause) for b in standing.beliefs]


def test_each_change_of_what_was_known_is_told_with_its_cause() -> None:
    (standing,) = history(*reversed(STORY))
    assert known(standing) == [
        (micros(at(3)), "harrow-front", "claimed", FELL.id),
        (micros(at(4)), "harrow-front", "confirmed", SECOND.id),
        (micros(at(5)), "harrow-front", "contested", DENIAL.id),
        (micros(at(9)), "state:XKX", "claimed", BACK.id),
        (micros(at(11)), "harrow-front", "contested", BACK.id),
    ]
    assert [b.held.reason for b in standing.beliefs if b.held] == [
        "told in its own voice by one publisher family only (courier)",
        "told by two independent publisher families in their own voice",
        "denied by the interior ministry",
        "told in its own voice by one publisher family only (courier)",
        "denied by the interior ministry",
    ]


def test_both_times_stand_beside_each_other() -> None:
    (then,) = history(*STORY, known_at=at(10))
    assert [(t.holder, t.from_, t.to) for t in then.control.history] == [
        ("harrow-front", on(3), on(6)),
        ("state:XKX", on(6), None),
    ]
    assert then.beliefs[-1].at == micros(at(9))
    (now,) = history(*STORY)
    assert [(t.holder, t.from_, t.to) for t in now.control.history] == [("harrow-front", on(3), None)]


def test_a_place_of_which_nothing_is_left_is_told_to_have_been_believed() -> None:
    (standing,) = history(FELL, taken_back(FELL, 4))
    assert known(standing)[-1] == (micros(at(4)), None, None, FELL.id)
    assert (standing.reason, standing.families) == (None, 0)


def test_a_place_is_found_by_its_id_and_by_its_name_in_any_case() -> None:
    abroad = place("Velmora", id="geonames:77", country="AFG")
    told = [FELL, taken(abroad), taken("Castrin")]
    assert [s.control.place.id for s in history(*told, name="velmora")] == ["geonames:1", "geonames:77"]
    assert [s.control.place.id for s in history(*told, name="geonames:77")] == ["geonames:77"]
    assert [s.control.place.id for s in history(*told, country=COUNTRY)] == ["geonames:1"]
    assert history(*told, name="Ostrel") == []


def test_a_partial_holding_says_so() -> None:
    (standing,) = history(taken(extent="partial"), taken(extent="partial", outlet="herald"))
    assert (standing.control.status, standing.reason) == ("contested", "only a part of it is held")


def test_the_reason_is_what_holds_it_up_now() -> None:
    claim = taken(modality="claimed", attribution=said_by("gaining", "a spokesman"))
    other = taken(day=4, outlet="post", modality="claimed", attribution=said_by("gaining", "a commander"))
    (standing,) = history(claim, other, taken_back(claim, 5))
    assert (standing.control.status, standing.reason) == ("claimed", "claimed by a commander")


def test_a_later_confirmation_of_the_same_holder_brings_its_reason_and_families() -> None:
    later = [taken(day=20, when=dated(20), outlet=outlet) for outlet in ("post", "herald")]
    (standing,) = history(FELL, *later)
    assert (standing.control.since, standing.control.status, standing.families) == (on(3), "confirmed", 2)
    assert standing.reason == "told by two independent publisher families in their own voice"


@settings(max_examples=60, deadline=None)
@given(chosen=st.lists(st.sampled_from(STORY), min_size=1), hour=st.integers(0, 13 * 24))
def test_at_any_time_the_last_belief_is_what_the_fold_knew(chosen, hour: int) -> None:
    core = LedgerCore()
    for event in chosen:
        core.apply(event)
    accounts = list(Row.decode(core.store.get("place:geonames:1") or b"").accounts.values())
    asked = micros(at(1, hour))
    told = [belief for belief in beliefs_of(accounts) if belief.at <= asked]
    assert told == beliefs_of(accounts, asked)
    assert (told[-1].held if told else None) == fold_place(accounts, asked).held_on()
