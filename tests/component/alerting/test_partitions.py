"""Counters follow their table: through failed calls, other processes' writes and exchanged rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.alerting.live_rules import AlertingSettings, LiveRules
from tocsin.alerting.matching import signals
from tocsin.alerting.partitions import MARK, Partitions
from tocsin.alerting.scenarios import Scenario
from tocsin.streaming.errors import SettingsError
from tocsin.streaming.stores import MemoryPartition
from tocsin.streaming.tables import Table
from tocsin_schemas import Alert, Signal

NOW = datetime(2021, 8, 20, tzinfo=UTC)
RULES = """\
rules:
  - alert: Held
    stream: control
    match: {holder: taliban}
    measure: {count_distinct: place.id}
    when: {gte: 2}
"""


class Broker:
    """A table's partitions, as they outlive the processes that hold them."""

    def __init__(self) -> None:
        self.partitions: dict[int, MemoryPartition] = {}

    def partition(self, number: int) -> MemoryPartition:
        return self.partitions.setdefault(number, MemoryPartition())


class Process:
    """A process that counts: calls have the broker's partition in hand, as the runtime gives it to them."""

    def __init__(self, broker: Broker, rules: LiveRules) -> None:
        self.table: Table[bytes] = Table("groups", bytes, bytes)
        self.table.attach(broker, "changelog")  # type: ignore[arg-type]
        self.partitions = Partitions(self.table, rules, timedelta(days=30), timedelta())
        self.loaded = 0

    def call(self, partition: int, some: list[Signal], fail: bool = False) -> list[Alert]:
        """Applies signals; what a call that fails wrote is forgotten."""
        self.table.begin(partition)
        done = False
        try:
            with self.partitions.in_hand(NOW) as hand:
                for signal in some:
                    assert hand.counter.apply(signal, NOW) == []  # it settles first
                alerts = [*hand.alerts, *hand.counter.tick(NOW)]
                if fail:
                    raise ValueError("the call fails")
            done = True
            return alerts
        finally:
            for write in self.table.end(done):
                self.table.apply(write, 0)

    def moved(self) -> None:
        """Partitions come and go."""
        self.table.forget()


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], LiveRules]:
    def live(text: str = RULES) -> LiveRules:
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return LiveRules.read(AlertingSettings(rules=path))

    return live


def falls(live: LiveRules, *names: str) -> list[list[Signal]]:
    scenario = Scenario()
    fields = {"holder": "taliban", "since": date(2021, 8, 11)}
    records = [scenario.record("control", {"place": f"{name}, AFG", **fields}, NOW) for name in names]
    return [signals(live.current, record) for record in records]


def test_a_counter_is_kept_between_calls_and_partitions_do_not_mix(rules: Callable[[], LiveRules]) -> None:
    live = rules()
    process = Process(Broker(), live)
    first, second = falls(live, "Kunduz", "Zaranj")
    assert process.call(0, first) == []
    assert process.call(1, second) == []
    assert [alert.value for alert in process.call(0, second)] == [2]
    assert [alert.value for alert in process.call(1, first)] == [2]


def test_what_a_failed_call_did_is_forgotten_by_the_counter_too(rules: Callable[[], LiveRules]) -> None:
    live = rules()
    process = Process(Broker(), live)
    first, second = falls(live, "Kunduz", "Zaranj")
    process.call(0, first)
    with pytest.raises(ValueError, match="the call fails"):
        process.call(0, second, fail=True)
    assert [(alert.value, alert.revision) for alert in process.call(0, second)] == [(2, 1)]


def test_a_partition_that_was_elsewhere_is_read_anew(rules: Callable[[], LiveRules]) -> None:
    live, broker = rules(), Broker()
    one, other = Process(broker, live), Process(broker, live)
    first, second = falls(live, "Kunduz", "Zaranj")
    one.call(0, first)
    assert [alert.value for alert in other.call(0, second)] == [2]
    one.moved()
    assert one.call(0, second) == []
    (third,) = falls(live, "Farah")
    assert one.call(0, third) == []


def test_an_empty_partition_is_left_without_a_mark(rules: Callable[[], LiveRules]) -> None:
    broker = Broker()
    process = Process(broker, rules())
    assert process.call(0, []) == []
    assert broker.partition(0).get(MARK.encode()) is None


def test_exchanged_rules_reach_every_partition_at_its_next_call(rules: Callable[[], LiveRules]) -> None:
    live = rules()
    process = Process(Broker(), live)
    first, second = falls(live, "Kunduz", "Zaranj")
    for partition in (0, 1):
        process.call(partition, [*first, *second])
    live.path.write_text(RULES.replace("gte: 2", "gte: 3"), encoding="utf-8")
    assert live.reload()
    for partition in (0, 1):
        assert [alert.reason for alert in process.call(partition, [])] == ["rule edited"]
        assert process.call(partition, []) == []


def test_broken_rules_are_refused_and_the_old_ones_stay(rules: Callable[[], LiveRules]) -> None:
    live = rules()
    before = live.current
    live.path.write_text(RULES.replace("holder", "hodler"), encoding="utf-8")
    assert not live.reload()
    assert (live.current, live.version) == (before, 1)


def test_without_a_path_the_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="TOCSIN_ALERTING__RULES is not set"):
        LiveRules.read(AlertingSettings())
