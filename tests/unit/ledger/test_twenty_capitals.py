"""Ten days of a war over twenty capitals: every day's count is the written truth, and the bells ring as written."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

import twenty_capitals as war
from ledger_theatre import COUNTRY, Final, at, on
from tocsin.alerting.backtest import backtest
from tocsin.ledger.core import LedgerCore, fold_events
from tocsin.ledger.queries import Ledger
from tocsin_schemas import Alert, Control, Incident


def folded(events: Iterable[Any]) -> tuple[Ledger, Final]:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return Ledger(core.store, core.places), seen


LEDGER, CALM = folded(war.events())


def held(controls: Iterable[Control]) -> int:
    return sum(c.holder == "harrow-front" and c.status in ("claimed", "confirmed") for c in controls)


@pytest.mark.parametrize(("day", "count"), list(enumerate(war.HELD, start=1)))
def test_each_days_count_is_the_written_truth(day: int, count: int) -> None:
    assert held(LEDGER.controls(COUNTRY, on=on(day))) == count


@pytest.mark.parametrize(("day", "count"), list(enumerate(war.KNOWN, start=1)))
def test_each_evening_as_much_was_known_as_was_written(day: int, count: int) -> None:
    assert held(LEDGER.controls(COUNTRY, known_at=at(day + 1, 0) - timedelta(seconds=1))) == count


def test_reports_of_one_happening_are_one_incident() -> None:
    standing = [incident for incident in CALM.incidents.values() if incident.kind != "tally"]
    assert dict(Tally(incident.type for incident in standing)) == war.INCIDENTS


def test_outlets_count_nine_and_the_ledger_has_eight() -> None:
    (gap,) = LEDGER.tallies(COUNTRY)
    assert {"outlets": gap.outlets, "ledger": gap.ledger, "gap": gap.gap} == war.TALLY


def test_each_transition_names_its_reason_and_a_report_that_the_incident_has() -> None:
    for incident in CALM.incidents.values():
        reports = {report.event_id for report in incident.reports}
        assert incident.transitions
        for transition in incident.transitions:
            assert transition.reason and transition.event_id in reports


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("Brenmoor", ["claimed", "confirmed"]),
        ("Calvert", ["claimed"]),
        ("Dunholm", ["claimed", "contested", "confirmed"]),
        ("Harrowgate", ["claimed", "contested"]),
        ("Inverlea", ["claimed", "confirmed", "contested", "confirmed"]),
        ("Thornaby", ["claimed", "retracted"]),
    ],
)
def test_the_life_of_a_claim_is_the_written_one(name: str, statuses: list[str]) -> None:
    (incident,) = [i for i in CALM.of_place(name) if i.place and i.place.precision == "exact"]
    assert [transition.status for transition in incident.transitions] == statuses


@pytest.mark.parametrize("seed", range(50))
def test_any_order_with_duplicates_ends_in_the_same_incidents_and_control(seed: int) -> None:
    assert folded(war.shuffled(seed))[1].without_revisions() == CALM.without_revisions()


def alerts() -> list[Alert]:
    told: list[Control | Incident] = list(fold_events(war.events()))
    return war.standing(alert for _, alert in backtest(war.rules(), told, war.LATER))


def test_the_bells_ring_and_stop_at_the_written_minutes() -> None:
    rung = alerts()
    assert war.rang(rung) == war.written_alerts()
    for rule, starts, details in war.written_details():
        (alert,) = [a for a in rung if (a.rule, a.starts_at) == (rule, starts)]
        assert {name: getattr(alert, name) for name in details} == details
