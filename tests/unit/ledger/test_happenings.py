"""Incidents of surrenders, statements, diplomacy and tallies."""

from __future__ import annotations

from ledger_theatre import FRONT, REPUBLIC, Final, counted, dated, gave_up, met, on, said, taken_back
from tocsin.ledger.core import LedgerCore
from tocsin_schemas import Quantity

VOW = "We will hold the line at the river until the last of us has gone, whatever they bring against us."


def fold(*events) -> Final:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return seen


def test_reports_of_one_surrender_are_one_incident_with_the_largest_number() -> None:
    hundreds = Quantity(text="hundreds", minimum=200, maximum=999)
    seen = fold(
        gave_up(3, count=Quantity(text="20", value=20)),
        gave_up(4, outlet="herald", count=hundreds),
        gave_up(4, outlet="post", surrendering=None),
    )
    assert seen.only.n_reports == 3
    assert seen.only.count is not None
    assert (seen.only.count.minimum, seen.only.count.maximum) == (200, 999)
    assert [a.id for a in seen.only.actors] == ["harrow-front", "state:XKX"]


def test_the_other_side_surrendering_is_another_incident() -> None:
    assert len(fold(gave_up(3), gave_up(3, outlet="post", surrendering=FRONT, recipient=REPUBLIC)).incidents) == 2


def test_surrenders_a_week_apart_are_two() -> None:
    assert len(fold(gave_up(3), gave_up(10, outlet="post")).incidents) == 2


def test_a_defection_is_no_surrender() -> None:
    seen = fold(gave_up(3), gave_up(3, outlet="post", defection=True))
    assert sorted(i.kind for i in seen.incidents.values() if i.kind) == ["defection", "people"]


def test_one_statement_told_by_two_outlets_is_one_incident() -> None:
    seen = fold(
        said(VOW), said(VOW.replace("whatever", "no matter what"), 4, outlet="post"), said("Not one step back.")
    )
    assert sorted(i.n_reports for i in seen.incidents.values()) == [1, 2]


def test_the_same_words_of_another_speaker_are_another_statement() -> None:
    assert len(fold(said(VOW), said(VOW, speaker="General Tor Haal")).incidents) == 2


def test_short_statements_are_one_when_equal() -> None:
    assert fold(said("Fight on."), said("Fight on.", 4, outlet="post")).only.n_reports == 2


def test_anonymous_statements_stay_apart() -> None:
    assert len(fold(said(VOW, speaker=""), said(VOW, outlet="post", speaker="")).incidents) == 2


def test_talks_of_one_day_are_one_incident() -> None:
    seen = fold(met(3), met(4, outlet="post"), met(3, kind="ceasefire"), met(9, outlet="herald"))
    assert sorted((i.kind, i.n_reports) for i in seen.incidents.values() if i.kind) == [
        ("ceasefire", 1), ("talks", 1), ("talks", 2),
    ]  # fmt: skip


def test_the_order_in_which_parties_are_named_does_not_matter() -> None:
    assert fold(met(3), met(3, outlet="post", participants=[FRONT, REPUBLIC])).only.n_reports == 2


def test_a_tally_is_an_incident_of_its_own() -> None:
    seen = fold(counted(8), counted(8, 5, outlet="post"), counted(9, 6))
    assert sorted((i.kind, i.n_reports) for i in seen.incidents.values() if i.kind) == [("tally", 1), ("tally", 2)]
    assert not seen.controls


def test_a_retracted_report_leaves_the_incident_to_the_others() -> None:
    event = met(3)
    incident = fold(event, met(3, outlet="post"), taken_back(event, 5)).only
    assert (incident.n_reports, incident.status) == (1, "claimed")
    assert fold(event, taken_back(event, 5)).only.status == "retracted"


def test_a_dated_surrender_keeps_its_day() -> None:
    assert fold(gave_up(5, date=dated(3)), gave_up(6, outlet="post")).only.date.start == on(3)
