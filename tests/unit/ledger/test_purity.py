"""What the ledger ends in is a function of the set of events: not of order, repetition, batches or restarts."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_theatre import (
    FRONT,
    REPUBLIC,
    Final,
    counted,
    dated,
    denied,
    gave_up,
    met,
    on,
    place,
    retaken,
    said,
    said_by,
    taken,
    taken_back,
    undated,
)
from tocsin.ledger.accounts import Weigher, merged
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.families import Families
from tocsin.ledger.fold import fold_place
from tocsin.ledger.queries import Ledger
from tocsin_schemas import EventDate

DAYS = st.integers(2, 14)
HOURS = st.sampled_from([6.0, 12.0, 12.5, 23.0])
OUTLETS = st.sampled_from(["courier", "herald", "post", "SANA"])
SENTENCES = st.sampled_from(
    [
        None,
        "Fighters of the front rolled into the town square this morning and met nobody there at all.",
        "Fighters of the front rolled into the town square this morning and met nobody there, it said.",
    ]
)

OTHERS = (
    gave_up(4), gave_up(4, outlet="post", what="place"), gave_up(5, None), gave_up(6, None, outlet="post"),
    said("We will hold the line until the very last day of this war"), said("We will hold the line", 4),
    met(3), met(4, outlet="post"), met(9), counted(3), counted(3, 5, outlet="post"), counted(4, 6),
)  # fmt: skip


@st.composite
def dates(draw: st.DrawFn, day: int) -> EventDate:
    kind = draw(st.sampled_from(["none", "day", "soft", "month"]))
    first = draw(st.integers(1, day))
    if kind == "day":
        return dated(first, min(day, first + draw(st.integers(0, 2))))
    if kind == "soft":
        return EventDate(start=on(day - 1), end=on(day), precision="day")
    if kind == "month":
        return EventDate(start=on(first), end=on(first + 29), precision="month", text="that month")
    return undated(day)


@st.composite
def captures(draw: st.DrawFn) -> Any:
    day = draw(DAYS)
    make = draw(st.sampled_from([taken, taken, retaken, denied]))
    more: dict[str, Any] = {
        "hour": draw(HOURS), "outlet": draw(OUTLETS), "when": draw(dates(day)), "sentence": draw(SENTENCES),
        "extent": draw(st.sampled_from(["full", "full", "partial"])),
        "mention": draw(st.sampled_from(["verbal", "verbal", "state"])),
        "previous_holder": draw(st.sampled_from([None, REPUBLIC, FRONT])),
    }  # fmt: skip
    if make is taken:
        more["by"] = draw(st.sampled_from([FRONT, FRONT, REPUBLIC, None, FRONT.model_copy(update={"id": None})]))
        more["modality"], more["attribution"] = draw(
            st.sampled_from([("asserted", None), ("asserted", said_by("losing")), ("claimed", said_by("gaining"))])
        )
    return make(draw(st.sampled_from(["Velmora", "Castrin"])), day, **more)


@st.composite
def events(draw: st.DrawFn) -> list[Any]:
    others = st.sampled_from(OTHERS)
    found = draw(st.lists(st.one_of(captures(), captures(), others), min_size=1, max_size=12))
    found = list({event.id: event for event in found}.values())
    gone = draw(st.lists(st.sampled_from(found), max_size=3, unique_by=lambda e: e.id))
    return found + [taken_back(event, day=draw(st.integers(14, 16))) for event in gone]


def ended(told: list[Any], restart_every: int = 0) -> dict[str, Any]:
    core, seen = LedgerCore(), Final()
    for number, event in enumerate(told):
        if restart_every and number % restart_every == 0:
            core = LedgerCore(core.store)
        seen.see(core.apply(event))
    return seen.without_revisions()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told=events(), seed=st.integers(0, 2**32))
def test_any_order_repetition_and_restart_end_in_the_same_records(told: list[Any], seed: int) -> None:
    chance = random.Random(seed)
    again = told + chance.choices(told, k=len(told) // 2)
    chance.shuffle(again)
    assert ended(again, restart_every=chance.randint(1, 5)) == ended(told)


@settings(max_examples=30, deadline=None)
@given(told=events())
def test_records_that_were_sent_tell_what_the_store_holds(told: list[Any]) -> None:
    core, seen = LedgerCore(), Final()
    for event in told:
        seen.see(core.apply(event))
    for incident in seen.incidents.values():
        assert Ledger(core.store, core.places).incident(incident.id) == incident
    for control in seen.controls.values():
        assert control in Ledger(core.store, core.places).controls()


@settings(max_examples=30, deadline=None)
@given(told=events())
def test_revisions_only_grow_and_each_has_one_content(told: list[Any]) -> None:
    core, written = LedgerCore(), {}
    last: dict[str, int] = {}
    for event in [*told, *told]:
        for record in core.apply(event):
            key = getattr(record, "id", None) or record.place.name
            content = record.model_dump_json(exclude={"revision"})
            assert written.setdefault((key, record.revision), content) == content
            assert record.revision >= last.get(key, 0)
            last[key] = record.revision


@settings(max_examples=30, deadline=None)
@given(told=st.lists(captures(), min_size=1, max_size=10, unique_by=lambda e: e.id))
def test_the_fold_of_a_place_is_a_function_of_the_set(told: list[Any]) -> None:
    weigher = Weigher(Families.load())
    accounts = [weigher.account(event.model_copy(update={"place": place()})) for event in told]
    assert fold_place(accounts) == fold_place(reversed(accounts)) == fold_place(sorted(accounts, key=lambda a: a.id))


@given(versions=st.permutations([1, 2, 3]), gone=st.sampled_from([1, 2, 3]))
def test_versions_merge_in_any_order(versions: list[int], gone: int) -> None:
    weigher, event = Weigher(Families.load()), taken()
    told = []
    for revision in versions:
        article = event.article.model_copy(update={"revision": revision, "published_at": event.article.published_at})
        told.append(weigher.account(event.model_copy(update={"article": article, "retracted": revision == gone})))
    a, b, c = told
    assert merged(merged(a, b), c) == merged(a, merged(b, c)) == merged(merged(c, b), a)
    assert merged(a, a) == a
    assert (merged(merged(a, b), c).withdrawn is not None) == (gone == 3)
