"""The counters of the partitions that this process holds, over a table that shows one partition at a time.

A counter keeps in memory what its partition of the table says. The two agree as long as the mark in the table is the
one that the counter left there: another process, or a call that failed and was forgotten, leaves another one, and
then the counter is made anew from the table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tocsin.streaming import metrics
from tocsin.streaming.tables import Table
from tocsin_schemas import Alert

from .counter import Counter
from .live_rules import LiveRules

MARK: Final = "mark"
"""Key of the mark; a counter's own keys have more parts."""
REMEMBERED: Final = 64
"""Counters kept; more than there can be partitions in use."""


class PartitionStore(MutableMapping[str, bytes]):
    """A counter's store: the partition in hand of a table, without the mark. `written` tells of writes."""

    def __init__(self, table: Table[bytes]) -> None:
        self._table = table
        self.written = False

    def __getitem__(self, key: str) -> bytes:
        value = self._table.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: bytes) -> None:
        self.written = True
        self._table.set(key, value)

    def __delitem__(self, key: str) -> None:
        if self._table.get(key) is None:
            raise KeyError(key)
        self.written = True
        self._table.delete(key)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._table.items() if key != MARK)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class _Kept:
    counter: Counter
    store: PartitionStore
    version: int
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    calls: int = 0


@dataclass(slots=True)
class InHand:
    """The counter of the partition in hand, and what taking it up brought about."""

    counter: Counter
    alerts: list[Alert]


class Partitions:
    """Counters by the marks that they left in the table."""

    def __init__(self, table: Table[bytes], rules: LiveRules, lateness: timedelta, settle: timedelta) -> None:
        self._table = table
        self._rules = rules
        self._lateness = lateness // timedelta(microseconds=1)
        self._settle = settle // timedelta(microseconds=1)
        self._kept: dict[bytes, _Kept] = {}

    @contextmanager
    def in_hand(self, now: datetime) -> Iterator[InHand]:
        """The counter of the partition in hand, under the rules in use. What it stores counts if the block ends well."""
        mark = self._table.get(MARK)
        kept = self._kept.pop(mark, None) if mark is not None else None
        alerts: list[Alert] = []
        if kept is None:
            store = PartitionStore(self._table)
            counter = Counter(self._rules.current, store, self._lateness, self._settle)
            kept = _Kept(counter, store, self._rules.version)
            alerts = counter.load(now)
        elif kept.version != self._rules.version:
            kept.version = self._rules.version
            alerts = kept.counter.adopt(self._rules.current, now)
        yield InHand(kept.counter, alerts)
        self._leave(mark, kept)

    def _leave(self, mark: bytes | None, kept: _Kept) -> None:
        if kept.store.written:
            kept.store.written = False
            kept.calls += 1
            mark = f"{kept.name}:{kept.calls}".encode()
            self._table.set(MARK, mark)
        if mark is not None:
            self._kept[mark] = kept
            while len(self._kept) > REMEMBERED:
                del self._kept[next(iter(self._kept))]
        metrics.ALERT_GROUPS.set(sum(len(one.counter.groups) for one in self._kept.values()))
        metrics.ALERT_GROUPS_UNSETTLED.set(sum(one.counter.unsettled for one in self._kept.values()))
