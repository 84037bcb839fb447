"""Ten days of a fictitious war: the count of every day is the written truth, in whatever order it was told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import theatre
from tocsin.alerting.backtest import backtest
from tocsin.alerting.counter import Counter
from tocsin.alerting.fields import Record
from tocsin.alerting.matching import signals
from tocsin.alerting.rules import parse_rules
from tocsin_schemas import Alert

RULES = parse_rules(theatre.RULES)
LATER = theatre.at(40, 0)


def alerts_of(records: list[Record], restart_every: int = 10**9) -> list[Alert]:
    counter = Counter(RULES)
    written: list[Alert] = []
    for number, record in enumerate(records, start=1):
        if number % restart_every == 0:
            counter = Counter(RULES, counter.store)
            written += counter.load(LATER)
        for signal in signals(RULES, record):
            written += counter.apply(signal, LATER)
    return written


CALM = theatre.standing(alerts_of(theatre.story()))


@pytest.mark.parametrize(("number", "held"), list(enumerate(theatre.HELD, start=1)))
def test_each_days_count_is_the_written_truth(number: int, held: int) -> None:
    end = theatre.at(number + 1, 0) - timedelta(seconds=1)
    assert held_as_of(held, end)
    assert not held_as_of(held + 1, end)


def held_as_of(least: int, end: datetime) -> bool:
    """Whether, with all that is known in the end, at least so many capitals were held at that time of the war."""
    rules = parse_rules(theatre.RULES.replace("when: {gte: 10}\n    steps: [15]", f"when: {{gte: {least}}}"))
    told = [alert for _, alert in backtest(rules, theatre.story(), LATER)]
    last = {alert.id: alert for alert in told if alert.rule == "TenCapitalsHeld"}
    return any(
        alert.starts_at <= end and (alert.ends_at is None or end < alert.ends_at)
        for alert in last.values()
        if alert.change != "taken back"
    )


def test_the_bells_of_the_ten_days() -> None:
    told = [(alert["rule"], alert["state"], alert["starts_at"], alert["ends_at"], alert["value"]) for alert in CALM]
    assert told == [
        ("HalfOfThemForADay", "firing", "2026-03-07T00:00:00Z", None, 0.5),
        ("SixInThreeDays", "resolved", "2026-03-03T00:00:00Z", "2026-03-05T12:00:00Z", 6.0),
        ("SixInThreeDays", "resolved", "2026-03-06T00:00:00Z", "2026-03-09T12:00:00Z", 6.0),
        ("Surrenders", "resolved", "2026-03-03T18:00:00Z", "2026-03-05T10:00:00Z", 370.0),
        ("TenCapitalsHeld", "firing", "2026-03-06T00:00:00Z", None, 15.0),
    ]


@pytest.mark.parametrize("seed", range(60))
def test_any_order_with_duplicates_and_restarts_ends_in_the_same_alerts(seed: int) -> None:
    assert theatre.standing(alerts_of(theatre.shuffled(seed), restart_every=7 + seed % 9)) == CALM


def test_told_as_it_happened_it_ends_in_the_same_alerts() -> None:
    assert theatre.standing(alert for _, alert in backtest(RULES, theatre.story(), LATER)) == CALM
