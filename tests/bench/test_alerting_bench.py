"""Signals a second of alerting's cores, and how the cost of one grows with its group: as ratios within one run."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.alerting.counter import Counter
from tocsin.alerting.matching import signals
from tocsin.alerting.rules import RuleSet, load_rules, parse_rules
from tocsin.alerting.scenarios import Scenario
from tocsin_schemas import Signal

START = datetime(2026, 1, 1, tzinfo=UTC)
DEPLOY = Path(__file__).parents[2] / "deploy" / "rules"


def counting_rules(measure: str, least: int) -> RuleSet:
    return parse_rules(
        f"rules: [{{alert: Many, stream: statement, measure: {measure}, window: 30d, when: {{gte: {least}}}}}]"
    )


def told(rules: RuleSet, number: int) -> Signal:
    at = START + timedelta(seconds=number)
    return Signal(
        rule="Many",
        rule_hash=rules.by_name["Many"].match_hash,
        group={},
        stream="statement",
        item=f"item-{number}",
        revision=1,
        matched=True,
        value=f"v{number % 997}",
        at=at,
        known_at=at,
    )


def seconds_a_signal(rules: RuleSet, size: int, sample: int = 1_000) -> float:
    """What one more signal costs a group that has `size` items already."""
    counter = Counter(rules)
    some = [told(rules, number) for number in range(size + sample)]
    for signal in some[:size]:
        counter.apply(signal, signal.at)
    began = time.perf_counter()
    for signal in some[size:]:
        counter.apply(signal, signal.at)
    return (time.perf_counter() - began) / sample


def test_a_signal_costs_a_large_group_little_more_than_a_small_one() -> None:
    print()
    for measure in ("count", "{count_distinct: speaker.id}"):
        rules = counting_rules(measure, 500)
        small, large = (seconds_a_signal(rules, size) for size in (100, 20_000))
        print(f"counting {measure}: {1 / small:,.0f} signals/s at 100 items, {1 / large:,.0f} at 20,000")
        assert large < 4 * small


def test_records_matched_a_second_by_the_shipped_rules() -> None:
    rules, scenario = load_rules(DEPLOY), Scenario()
    control = scenario.record("control", {"place": "Kunduz, AFG", "holder": "taliban", "sentence": "It fell."}, START)
    statement = scenario.record("statement", {"speaker": "aide", "sentence": "All is well, he said."}, START)
    print()
    for name, record in (("control", control), ("statement", statement)):
        began = time.perf_counter()
        for _ in range(2_000):
            found = signals(rules, record)
        rate = 2_000 / (time.perf_counter() - began)
        print(f"matching {name}: {rate:,.0f} records/s against {len(rules.by_name)} rules, {len(found)} signals each")
        assert rate > 500
