"""The ledger as its callers use it: events in, records out, questions answered, old rows let go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger_theatre import COUNTRY, Final, at, dated, denied, gave_up, met, place, retaken, said, taken
from tocsin.ledger.core import KEPT_DAYS, LedgerCore, fold_events
from tocsin.ledger.places import Places
from tocsin.ledger.queries import Ledger
from tocsin.ledger.rows import HOMES, INDEX, MemoryStore, Row, row_key
from tocsin_schemas import Control, Incident
from tocsin_schemas.topics import EVENT_TOPICS


def test_an_event_that_is_known_changes_nothing() -> None:
    core = LedgerCore()
    assert len(core.apply(taken())) == 2
    assert core.apply(taken()) == []


def test_only_what_changed_is_returned() -> None:
    core = LedgerCore()
    core.apply(taken(when=dated(3)))
    core.apply(retaken(when=dated(6), day=6))
    records = core.apply(denied(day=7, by=taken().captor))
    assert [type(r) for r in records] == [Incident, Control]
    assert {r.status for r in records if isinstance(r, Incident)} == {"contested"}


def test_a_report_that_adds_nothing_to_control_leaves_it_alone() -> None:
    core = LedgerCore()
    for hour in range(5):
        core.apply(taken(hour=9 + hour, outlet=f"paper{hour}"))
    assert [type(r) for r in core.apply(taken(hour=20, outlet="late"))] == [Incident]


def test_incidents_come_before_the_control_that_names_them() -> None:
    core = LedgerCore()
    incident, control = core.apply(taken())
    assert isinstance(incident, Incident) and isinstance(control, Control)
    assert control.incident == incident.id


def test_events_are_folded_in_order_of_publication() -> None:
    told = [retaken(day=6, when=dated(6)), taken(day=3, when=dated(3))]
    holders = [r.holder for r in fold_events(told) if isinstance(r, Control)]
    assert holders == ["harrow-front", "state:XKX"]


@pytest.mark.parametrize("event", [taken(), gave_up(), gave_up(where=None), said("No."), met()])
def test_a_row_is_named_after_the_topic_key_of_its_events(event) -> None:
    core = LedgerCore()
    core.apply(event)
    rows = [key for key, _ in core.store.items() if not key.startswith((INDEX, HOMES))]
    assert len(rows) == 1 and EVENT_TOPICS[event.type].key_of(event) in rows[0]


def test_captures_and_surrenders_of_a_place_share_a_row() -> None:
    assert row_key(taken()) == row_key(gave_up())


def test_a_speakers_rows_are_cut_by_time() -> None:
    core = LedgerCore()
    for day in (3, 13):
        core.apply(said("No.", day))
    assert sum(key.startswith("statement:") for key, _ in core.store.items()) == 2


def test_rows_without_news_for_long_are_let_go_and_places_are_not() -> None:
    today = [date(2019, 3, 3)]
    core = LedgerCore(today=lambda: today[0])
    spoken, fell = core.apply(said("No."))[0], core.apply(taken())[0]
    today[0] += timedelta(days=KEPT_DAYS - 10)
    core.apply(met())
    assert core.expire(today[0]) == 0
    assert core.expire(today[0] + timedelta(days=11)) == 1
    ledger = Ledger(core.store, core.places)
    assert isinstance(spoken, Incident) and isinstance(fell, Incident)
    assert ledger.incident(spoken.id) is None
    assert ledger.incident(fell.id) is not None
    assert len(ledger.controls()) == 1


def test_places_are_found_again_in_the_store() -> None:
    core = LedgerCore()
    for event in (taken("Velmora"), taken("Castrin"), taken(place("Far Away", country="AFG"))):
        core.apply(event)
    places = Places()
    places.scan(core.store.items())
    assert places.of() == core.places.of()
    assert places.countries == ["AFG", COUNTRY]
    assert {c.place.name for c in Ledger(core.store, places).controls(COUNTRY)} == {"Velmora", "Castrin"}


def test_a_place_whose_row_is_elsewhere_is_left_out() -> None:
    core = LedgerCore()
    core.apply(taken())
    assert Ledger(MemoryStore(), core.places).controls() == []


def test_a_row_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="rebuild the ledger from the event topics"):
        Row.decode(b'{"format":1,"touched":0,"accounts":[]}')


def test_an_incident_that_comes_back_goes_on_counting_its_revisions() -> None:
    core, seen = LedgerCore(), Final()
    nameless = taken(day=3, by=None)
    first = core.apply(nameless)[0]
    retired = core.apply(taken(day=3, hour=13, outlet="herald", when=dated(3)))[0]
    assert isinstance(first, Incident) and isinstance(retired, Incident)
    assert (retired.id, retired.revision) == (first.id, 2)
    gone = taken(day=3, hour=13, outlet="herald", when=dated(3))
    ref = gone.article.model_copy(update={"revision": 2, "published_at": at(4)})
    records = core.apply(gone.model_copy(update={"article": ref, "retracted": True}))
    seen.see(records)
    assert [r.revision for r in records if isinstance(r, Incident) and r.id == first.id] == [3]


def test_an_incident_of_an_earlier_version_is_retired_all_the_same() -> None:
    core = LedgerCore()
    identity = core.apply(taken())[0].id
    key = row_key(taken())
    row = Row.decode(core.store.get(key) or b"")
    (sent,) = row.sent.values()
    sent["of-other-rules"] = sent.pop(identity)
    core.store.set(key, row.encode())
    records = core.apply(taken(hour=15, outlet="herald"))
    assert [(r.id, r.status) for r in records if isinstance(r, Incident)] == [
        ("of-other-rules", "retracted"),
        (identity, "confirmed"),
    ]
