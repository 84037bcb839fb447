"""Reports of one happening become one incident; a change of hands in between makes two."""

from __future__ import annotations

from ledger_theatre import FRONT, REPUBLIC, Final, at, dated, denied, on, place, retaken, taken
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.queries import Ledger
from tocsin_schemas import Actor, EventDate

WORDS = "Fighters swept into the provincial seat of Velmora at dawn and raised their colours over the mill."


def fold(*events) -> Final:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return seen


def test_an_undated_report_on_a_following_day_joins_the_dated_one() -> None:
    seen = fold(taken(day=3, when=dated(3)), taken(day=5, outlet="herald"), taken(day=9, outlet="post"))
    assert seen.only.n_reports == 3
    assert seen.only.date.start == on(3)


def test_a_recapture_in_between_splits_the_reports() -> None:
    seen = fold(taken(day=3, when=dated(3)), retaken(day=5, when=dated(5)), taken(day=8, outlet="herald"))
    assert [i.actors[0].id for i in seen.of_place()] == ["harrow-front", "state:XKX", "harrow-front"]
    assert [i.kind for i in seen.of_place()] == ["capture", "recapture", "capture"]


def test_a_late_report_of_the_recapture_splits_what_was_one() -> None:
    seen = fold(taken(day=3, when=dated(3)), taken(day=8, outlet="herald"), retaken(day=10, when=dated(5)))
    assert [i.actors[0].id for i in seen.of_place()] == ["harrow-front", "state:XKX", "harrow-front"]


def test_old_news_on_the_day_of_the_recapture_is_no_new_capture() -> None:
    seen = fold(taken(day=3, when=dated(3)), retaken(day=5, hour=9), taken(day=5, hour=11, outlet="herald"))
    assert seen.controls["Velmora"].holder == "state:XKX"
    assert [i.n_reports for i in seen.of_place()] == [2, 1]


def test_a_copy_printed_days_after_the_recapture_is_no_new_capture() -> None:
    seen = fold(
        taken(day=3, sentence=WORDS),
        retaken(day=5),
        taken(day=8, outlet="herald", sentence=WORDS.replace("dawn", "sunrise")),
    )
    assert seen.controls["Velmora"].holder == "state:XKX"


def test_dates_that_are_too_far_apart_make_two_incidents() -> None:
    assert len(fold(taken(day=3, when=dated(3)), taken(day=6, when=dated(6))).incidents) == 1
    assert len(fold(taken(day=3, when=dated(3)), taken(day=9, when=dated(9))).incidents) == 2


def test_a_date_of_a_month_joins_the_day_within_it() -> None:
    month = EventDate(start=on(1), end=on(31), precision="month", text="in March")
    seen = fold(taken(day=3, when=dated(3)), retaken(day=5, when=dated(5)), taken(day=31, when=month, outlet="herald"))
    assert [i.n_reports for i in seen.of_place()] == [2, 1]
    assert seen.controls["Velmora"].holder == "state:XKX"


def test_a_month_alone_makes_an_incident_with_that_date() -> None:
    month = EventDate(start=on(1), end=on(20), precision="month", text="this month")
    assert fold(taken(day=20, when=month)).only.date.precision == "month"


def test_a_report_without_a_named_captor_joins_the_one_that_names_it() -> None:
    seen = fold(taken(day=3, by=None), taken(day=3, hour=14, outlet="herald"))
    assert seen.only.actors[0].id == "harrow-front"
    assert seen.only.n_reports == 2


def test_losing_a_place_is_no_report_of_having_taken_it() -> None:
    seen = fold(taken(day=3, when=dated(3)), taken(day=5, by=None, previous_holder=FRONT, when=dated(5)))
    assert [i.kind for i in seen.of_place()] == ["capture", "loss"]
    assert seen.controls["Velmora"].holder is None
    assert seen.controls["Velmora"].previous_holder == "harrow-front"


def test_a_captor_that_nobody_knows_keeps_its_words() -> None:
    strangers = Actor(text="masked riders", kind="unknown")
    control = fold(taken(by=strangers)).controls["Velmora"]
    assert (control.holder, control.holder_name) == (None, "masked riders")


def test_a_state_is_not_taken_for_unknown_militants() -> None:
    militants = Actor(text="militants", kind="armed_group")
    seen = fold(taken(day=3, by=REPUBLIC, when=dated(3)), taken(day=3, hour=15, by=militants, when=dated(3)))
    assert len(seen.incidents) == 2


def test_the_loser_saying_that_it_holds_the_place_contests_the_loss() -> None:
    words = {"by": REPUBLIC, "mention": "state", "modality": "claimed"}
    seen = fold(taken(day=3, when=dated(3), previous_holder=REPUBLIC), taken(day=4, **words))
    assert seen.only.status == "contested"
    assert seen.controls["Velmora"].holder == "harrow-front"


def test_a_denial_goes_to_what_it_denies() -> None:
    seen = fold(taken(day=3, when=dated(3)), retaken(day=8, when=dated(8)), denied(day=4))
    assert [i.status for i in seen.of_place()] == ["contested", "claimed"]


def test_a_denial_alone_takes_no_place() -> None:
    seen = fold(denied(day=4))
    assert seen.only.status == "contested"
    assert not seen.controls


def test_ids_do_not_change_when_more_is_learnt_about_the_day() -> None:
    core, seen = LedgerCore(), Final()
    seen.see(core.apply(taken(day=3)))
    before = seen.only.id
    seen.see(core.apply(taken(day=4, outlet="herald", when=dated(2))))
    assert seen.only.id == before
    assert seen.only.date.start == on(2)


def test_an_incident_whose_reports_join_another_is_retired() -> None:
    core, seen = LedgerCore(), Final()
    first = core.apply(taken(day=3, by=None))
    records = core.apply(taken(day=3, hour=13, outlet="herald"))
    retired = next(r for r in records if r.id == first[0].id)
    assert (retired.status, retired.reports) == ("retracted", [])
    assert retired.revision == 2
    assert "belong to incident" in retired.transitions[-1].reason
    assert Ledger(core.store, core.places).incident(first[0].id) is None
    seen.see(first).see(records)
    assert seen.only.n_reports == 2


def test_each_report_keeps_its_sentence_and_its_offsets() -> None:
    event = taken(day=3)
    report = fold(event).only.reports[0]
    assert report.event_id == event.id
    assert report.evidence == event.evidence


def test_first_and_last_seen_are_publication_times() -> None:
    incident = fold(taken(day=3, hour=8), taken(day=4, hour=20, outlet="herald")).only
    assert (incident.first_seen, incident.last_seen) == (at(3, 8), at(4, 20))


def test_a_later_incident_names_the_one_it_supersedes() -> None:
    first, second = fold(taken(day=3, when=dated(3)), retaken(day=5, when=dated(5))).of_place()
    assert second.supersedes == first.id


def test_a_date_after_the_publication_is_no_date() -> None:
    incident = fold(taken(day=3, when=dated(20))).only
    assert incident.date.start is None
    assert incident.date.end == on(3)


def test_namesakes_in_two_countries_are_two_places() -> None:
    here = place("Long Ford", id=None)
    there = place("Long Ford", id=None, country="AFG")
    seen = fold(taken(here, day=3), retaken(there, day=5))
    assert len(seen.incidents) == 2
    assert seen.controls["Long Ford"].place.country == "AFG"
    assert len({i.id for i in seen.incidents.values()}) == 2
