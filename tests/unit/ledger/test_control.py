"""Who holds a place: now, on a day, and as it was known at a time."""

from __future__ import annotations

from ledger_theatre import (
    FRONT,
    REPUBLIC,
    Final,
    at,
    dated,
    denied,
    gave_up,
    on,
    place,
    retaken,
    said_by,
    taken,
    taken_back,
)
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.queries import Ledger
from tocsin_schemas import Control, EventDate


def ledger(*events) -> tuple[LedgerCore, Final]:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return core, seen


def control(*events) -> Control:
    return ledger(*events)[1].controls["Velmora"]


def told(core: LedgerCore, **when) -> list[tuple[str | None, str]]:
    return [(c.holder, c.status) for c in Ledger(core.store, core.places).controls(**when)]


def test_a_capture_moves_control_with_its_status() -> None:
    held = control(taken(when=dated(3), previous_holder=REPUBLIC))
    assert (held.holder, held.holder_name, held.status) == ("harrow-front", "Harrow Front", "claimed")
    assert (held.since, held.previous_holder) == (on(3), "state:XKX")
    assert control(taken(), taken(outlet="herald")).status == "confirmed"


def test_an_undated_capture_counts_from_its_first_report() -> None:
    assert control(taken(day=5)).since == on(5)


def test_a_recapture_ends_the_tenure() -> None:
    held = control(taken(when=dated(3)), retaken(when=dated(5)))
    assert (held.holder, held.previous_holder) == ("state:XKX", "harrow-front")
    assert [(t.holder, t.from_, t.to) for t in held.history] == [
        ("harrow-front", on(3), on(5)),
        ("state:XKX", on(5), None),
    ]


def test_a_week_late_report_ends_in_the_same_history() -> None:
    events = [taken(when=dated(3)), retaken(when=dated(5)), taken(day=12, when=dated(9), outlet="post")]
    one = control(*events)
    other = control(events[2], events[1], events[0])
    assert one.model_dump(exclude={"revision"}) == other.model_dump(exclude={"revision"})
    assert [t.holder for t in one.history] == ["harrow-front", "state:XKX", "harrow-front"]


def test_a_handover_moves_control() -> None:
    _, seen = ledger(gave_up(what="place"))
    assert seen.controls["Velmora"].holder == "harrow-front"
    assert sorted((i.type, i.kind) for i in seen.incidents.values()) == [
        ("capture", "handover"),
        ("surrender", "place"),
    ]


def test_soldiers_surrendering_in_a_place_do_not_hand_it_over() -> None:
    assert not ledger(gave_up(what="unit"))[1].controls


def test_a_place_lost_to_nobody_named_has_no_holder() -> None:
    held = control(taken(when=dated(3)), taken(by=None, previous_holder=FRONT, when=dated(6), day=6))
    assert (held.holder, held.status, held.previous_holder) == (None, "claimed", "harrow-front")


def test_holding_a_part_is_contested() -> None:
    held = control(taken(extent="partial"), taken(extent="partial", outlet="herald"))
    assert (held.holder, held.status, held.extent) == ("harrow-front", "contested", "partial")


def test_taking_the_rest_ends_the_contest() -> None:
    whole = [taken(day=4, outlet=o) for o in ("courier", "herald")]
    assert control(taken(extent="partial"), *whole).status == "confirmed"


def test_a_denied_capture_is_contested() -> None:
    held = control(taken(), taken(outlet="herald"), denied())
    assert (held.holder, held.status) == ("harrow-front", "contested")


def test_a_retracted_capture_gives_the_place_back() -> None:
    event = retaken(when=dated(5))
    held = control(taken(when=dated(3)), event, taken_back(event, day=6))
    assert (held.holder, held.since) == ("harrow-front", on(3))


def test_a_retracted_recapture_joins_what_it_had_split() -> None:
    event = retaken(when=dated(5))
    _, seen = ledger(taken(when=dated(3)), event, taken(day=8, outlet="herald"), taken_back(event, day=9))
    standing = [i for i in seen.of_place() if i.status != "retracted"]
    assert [i.n_reports for i in standing] == [2]
    assert seen.controls["Velmora"].status == "confirmed"


def test_nothing_is_known_once_the_only_report_is_taken_back() -> None:
    event = taken()
    held = control(event, taken_back(event, day=4))
    assert (held.holder, held.status, held.history, held.reports) == (None, "retracted", [], [])


def test_only_places_named_exactly_move_control() -> None:
    for precision in ("near", "admin1", "country"):
        assert not ledger(taken(place(precision=precision)))[1].controls


def test_a_report_about_the_province_leaves_its_capital_alone() -> None:
    near = place(precision="admin1", kind="province")
    held = control(taken(when=dated(3)), retaken(near, when=dated(5)))
    assert held.holder == "harrow-front"


def test_a_facility_does_not_move_its_city() -> None:
    airport = place(id="geonames:1", kind="facility").model_copy(update={"name": "Velmora airport"})
    _, seen = ledger(taken(airport), retaken(day=4))
    assert seen.controls["Velmora"].holder == "state:XKX"
    assert seen.controls["Velmora airport"].holder == "harrow-front"
    assert seen.controls["Velmora airport"].place.id is None


def test_background_enters_history_with_its_date() -> None:
    then = EventDate(start=on(-60), end=on(-60), precision="day", text="in the winter")
    held = control(taken(day=3, by=REPUBLIC, when=dated(2)), taken(day=3, hour=14, when=then, background=True))
    assert [t.holder for t in held.history] == ["harrow-front", "state:XKX"]
    assert held.holder == "state:XKX"


def test_as_of_tells_valid_time() -> None:
    core, _ = ledger(taken(when=dated(3)), retaken(when=dated(6), day=6))
    assert told(core, on=on(2)) == []
    assert told(core, on=on(3)) == told(core, on=on(5)) == [("harrow-front", "claimed")]
    assert told(core, on=on(6)) == [("state:XKX", "claimed")]


def test_known_at_tells_knowledge_time() -> None:
    core, _ = ledger(
        taken(when=dated(3)), taken(day=9, hour=9, outlet="herald", when=dated(3)), retaken(day=9, when=dated(6))
    )
    assert told(core, known_at=at(2)) == []
    assert told(core, known_at=at(8)) == [("harrow-front", "claimed")]
    assert told(core, known_at=at(9, 10)) == [("harrow-front", "confirmed")]
    assert told(core) == [("state:XKX", "claimed")]
    assert told(core, on=on(7), known_at=at(9, 10)) == [("harrow-front", "confirmed")]


def test_known_at_before_a_retraction_still_believes() -> None:
    event = taken()
    core, _ = ledger(event, taken_back(event, day=6))
    assert told(core, known_at=at(5)) == [("harrow-front", "claimed")]
    assert told(core, known_at=at(7)) == [(None, "retracted")]


def test_the_instant_of_the_last_change_is_kept() -> None:
    assert control(taken(), taken(day=4, outlet="herald"), taken(day=7, outlet="post")).as_of == at(4)


def test_control_names_the_reports_it_rests_on() -> None:
    first, second = taken(hour=9), taken(hour=8, outlet="herald", modality="claimed", attribution=said_by("gaining"))
    held = control(first, second, denied(day=2))
    assert [r.event_id for r in held.reports] == [second.id, first.id]
    assert held.history[0].reports == held.reports


def test_the_same_holder_going_on_keeps_its_tenure() -> None:
    held = control(taken(when=dated(3)), taken(day=20, when=dated(20)), taken(day=20, when=dated(20), outlet="post"))
    assert [(t.from_, t.status) for t in held.history] == [(on(3), "confirmed")]


def test_allies_take_a_place_together() -> None:
    syrian = place("Hollow Spring", country="SYR")
    allies = [
        FRONT.model_copy(update={"id": i, "name": i, "country": "SYR"}) for i in ("hts", "fsa", "hts", "ahrar-al-sham")
    ]
    reports = [taken(syrian, day=3, hour=9 + n, by=ally, outlet=f"paper{n}") for n, ally in enumerate(allies)]
    _, seen = ledger(*reports)
    assert seen.only.n_reports == 4
    assert seen.controls["Hollow Spring"].holder == "hts"


def test_allies_that_fight_each_other_are_two_sides() -> None:
    syrian = place("Hollow Spring", country="SYR")
    hts, fsa = (FRONT.model_copy(update={"id": i, "name": i, "country": "SYR"}) for i in ("hts", "fsa"))
    _, seen = ledger(
        taken(syrian, by=fsa, when=dated(3)), taken(syrian, day=6, by=hts, previous_holder=fsa, when=dated(6))
    )
    assert [t.holder for t in seen.controls["Hollow Spring"].history] == ["fsa", "hts"]
