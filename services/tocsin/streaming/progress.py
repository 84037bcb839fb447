"""Where a Faust app stands: what the watchdog, /readyz and the lag metrics are told of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final, cast

from faust.exceptions import ConsumerNotStarted
from faust.tables.recovery import Recovery
from faust.types import TP
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .hardening import App, Consumer, Tables
from .tables import Table

MOVING: Final = "partitions are being moved"


class Progress:
    """Reads offsets out of a running app. `in_hand` counts a partition's unfinished records."""

    def __init__(self, app: App, compacted: frozenset[str], in_hand: Callable[[TP], int]) -> None:
        self._app = app
        self._compacted = compacted
        self._in_hand = in_hand

    @property
    def _consumer(self) -> Consumer:
        return self._app.consumer  # type: ignore[return-value]

    @property
    def _recovery(self) -> Recovery:
        return cast(Tables, self._app.tables).recovery

    def sources(self) -> list[TP]:
        """The partitions of source topics that this process owns."""
        changelogs = self._app.tables.changelog_topics
        try:
            assigned = self._consumer.assignment()
        except ConsumerNotStarted:
            return []
        return sorted(tp for tp in assigned if tp.topic not in changelogs)

    def marks(self) -> Mapping[Hashable, object]:
        """What should move now, with a mark that changes when it does."""
        if not self._app.settled.is_set():
            return {MOVING: sum(offset or 0 for offset in self._recovery.active_offsets.values())}
        return {tp: self._consumer.committed(tp) for tp in self.sources() if self._waits(tp)}

    def _waits(self, tp: TP) -> bool:
        highwater = self._consumer.highwater(tp)
        if not highwater or (self._consumer.committed(tp) or 0) >= highwater:
            return False
        if self._in_hand(tp) or tp.topic not in self._compacted:
            return True
        # Compaction may have left nothing between the committed offset and the end.
        return (self._consumer.read_position(tp) or 0) < highwater

    async def is_stalled(self, what: Hashable) -> bool:
        """Whether `what`, which has not moved for long, really has records to move for: retention may have had them."""
        if not isinstance(what, TP):
            return True
        earliest = (await self._consumer.earliest_offsets(what))[what]
        return max(earliest, self._consumer.committed(what) or 0) < (self._consumer.highwater(what) or 0)

    def recovering(self) -> str | None:
        """What is being waited for before records are handled, in words; None when nothing is."""
        if self._app.settled.is_set():
            return None
        if self._app.in_recovery:
            left = max(0, self._recovery.active_remaining_total())
            return f"tables are being recovered, {left} changes to go"
        return MOVING


class LagCollector(Collector):
    """Lag and offsets, asked for when Prometheus scrapes: nothing is counted on the way of a record."""

    def __init__(self, app: App, progress: Progress, tables: Iterable[Table[Any]], prefix: str) -> None:
        self._app = app
        self._progress = progress
        self._tables = list(tables)
        self._prefix = prefix

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The families of one scrape."""
        labels = ["topic", "partition"]
        lag = GaugeMetricFamily(
            "tocsin_consumer_lag_records", "Records that wait, those in hand included", labels=labels
        )
        end = GaugeMetricFamily("tocsin_consumer_end_offset", "Offset that the next record will get", labels=labels)
        done = GaugeMetricFamily("tocsin_consumer_committed_offset", "Next offset after a restart", labels=labels)
        keys = GaugeMetricFamily("tocsin_table_keys", "Keys of a table in this process's partitions", labels=["table"])
        consumer: Consumer = self._app.consumer  # type: ignore[assignment]
        for tp in self._progress.sources():
            where = [tp.topic.removeprefix(self._prefix), str(tp.partition)]
            highwater, committed = consumer.highwater(tp), consumer.committed(tp)
            if highwater is not None:
                end.add_metric(where, highwater)
                lag.add_metric(where, max(0, highwater - (committed or 0)))
            if committed is not None:
                done.add_metric(where, committed)
        for table in self._tables:
            keys.add_metric([table.name], len(table))
        return [lag, end, done, keys]
