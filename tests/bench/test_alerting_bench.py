"""Signals a second of alerting's cores, and how the cost of one grows with its group: as ratios within one run."""

from __future__ import annotations

import gc
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import twenty_capitals as war
from tocsin.alerting.backtest import events_for_the_ledger
from tocsin.alerting.counter import Counter
from tocsin.alerting.matching import signals
from tocsin.alerting.rules import RuleSet, load_rules, parse_rules
from tocsin.alerting.scenarios import Scenario
from tocsin.cli.backtesting import run
from tocsin.cli.extractors import AnyEvent
from tocsin_schemas import AlertEvidence, Signal

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


# --- many groups: memory, and the time to take them up again ---------------------------------------------------


FEW, MANY = 500, 5_000
BY_SPEAKER = parse_rules(
    "rules: [{alert: Speaks, stream: statement, measure: count, window: 30d, when: {gte: 1}, group_by: speaker.id}]"
)


def of_speaker(number: int) -> Signal:
    """A signal by which the rule rings for one more speaker."""
    at = START + timedelta(seconds=number)
    proof = AlertEvidence(item=f"item-{number}", label="Somebody", sentence="All is well, somebody said." * 4, at=at)
    return Signal(
        rule="Speaks", rule_hash=BY_SPEAKER.by_name["Speaks"].match_hash, group={"speaker.id": f"speaker-{number}"},
        stream="statement", item=f"item-{number}", revision=1, matched=True, at=at, known_at=at, evidence=[proof],
    )  # fmt: skip


def groups(count: int) -> tuple[Counter, float, float]:
    """A counter with so many open alerts, each of a group of its own; bytes and seconds for one of them."""
    some = [of_speaker(number) for number in range(count)]
    counter = Counter(BY_SPEAKER)
    gc.collect()
    tracemalloc.start()
    for signal in some:
        counter.apply(signal, signal.at)
    taken = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    again = Counter(BY_SPEAKER)
    began = time.perf_counter()
    for signal in some:
        again.apply(signal, signal.at)
    return counter, taken, (time.perf_counter() - began) / count


def test_an_open_group_costs_the_same_memory_and_recovery_among_few_and_many() -> None:
    print()
    costs: list[tuple[float, float]] = []
    for count in (FEW, MANY):
        counter, taken, told = groups(count)
        stored = sum(len(key) + len(value) for key, value in counter.store.items()) / count
        restarted = Counter(BY_SPEAKER, counter.store)
        began = time.perf_counter()
        assert restarted.load(START + timedelta(seconds=count)) == []
        recovered = time.perf_counter() - began
        assert len(restarted.groups) == count
        costs.append((taken, recovered / count))
        print(
            f"{count:,} open groups: {taken / 1_000:.1f} kB each in memory with its store ({stored / 1_000:.1f} kB stored); "
            f"{1 / told:,.0f} signals/s opened them, taken up again in {recovered:.2f} s, {recovered / count / told:.2f} of that"
        )
    (few_bytes, few_seconds), (many_bytes, many_seconds) = costs
    print(
        f"many by few: {many_bytes / few_bytes:.2f} of the memory, {many_seconds / few_seconds:.2f} of the recovery, each"
    )
    assert many_bytes < 1.5 * few_bytes
    assert many_seconds < 3 * few_seconds


# --- sequences ---------------------------------------------------------------------------------------------------


def seconds_a_step(size: int, sample: int = 500) -> float:
    """What one more step costs a sequence whose group has so many steps already, twelve hours apart."""
    rules = parse_rules(
        "rules: [{alert: Broken, window: 7d, when: {gte: 1}, measure: {sequence: ["
        "{stream: diplomacy, match: {kind: ceasefire}}, {stream: capture}]}}]"
    )
    counter, own = Counter(rules, lateness=10**18), rules.by_name["Broken"].match_hash

    def step(number: int) -> Signal:
        at, first = START + timedelta(hours=12 * number), number % 20 == 0
        return Signal(
            rule="Broken", rule_hash=own, group={}, stream="diplomacy" if first else "capture", matched=True, at=at,
            item=f"{'' if first else '1:'}item-{number}", value=0 if first else 1, known_at=at,
        )  # fmt: skip

    some = [step(number) for number in range(size + sample)]
    for signal in some[:size]:
        counter.apply(signal, signal.at)
    began = time.perf_counter()
    for signal in some[size:]:
        counter.apply(signal, signal.at)
    return (time.perf_counter() - began) / sample


def test_a_step_costs_a_long_sequence_little_more_than_a_short_one() -> None:
    short, long = seconds_a_step(100), seconds_a_step(5_000)
    print(f"\nsequence: {1 / short:,.0f} steps/s at 100, {1 / long:,.0f} at 5,000 ({long / short:.1f} times the time)")
    assert long < 4 * short


# --- backtests ---------------------------------------------------------------------------------------------------


def test_alerts_alone_are_told_several_times_as_fast() -> None:
    """Statements are most of what articles give, and the shipped rules ask no ledger of them."""
    rules = load_rules(DEPLOY)
    told: list[AnyEvent] = [*war.events()]
    scenario = Scenario()
    for number in range(5 * len(told)):
        words = f"Speaker {number} said that the roads to town {number % 97} were open and that people left, {number}."
        at = told[number % len(told)].article.published_at + timedelta(seconds=number)
        told.append(scenario.record("statement", {"speaker": f"s{number % 50}", "sentence": words}, at))
    articles = len({event.article.id for event in told})
    rates: list[float] = []
    for folded in (None, events_for_the_ledger(rules)):
        began = time.process_time()
        alerts = list(run(rules, told, lambda *_: None, folded=folded))
        rates.append(len(told) / (time.process_time() - began))
    print(
        f"\nbacktest of {len(told)} kept events of {articles} articles, {len(alerts)} states of alerts: {rates[0]:,.0f} events/s "
        f"with all records, {rates[1]:,.0f} with alerts alone ({rates[1] / rates[0]:.1f} times)"
    )
    assert rates[1] > 1.5 * rates[0]
