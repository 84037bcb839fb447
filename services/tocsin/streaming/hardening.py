"""What Faust gets wrong at the edges, put right: by subclasses at the places where Faust takes them, not by patches.

Each class says which fault of faust-streaming 0.15.3 it cures and how the fault shows (found by killing services,
STREAMING.md). tests/unit/streaming/test_pins.py fails when the version or one of the lines that this rests on changes:
then read the new lines, and run tests/component/streaming.

Not here, because this project does not go that way: Faust's streams (they acknowledge what they skip), its agents'
error handling (an exception loses the event), its producer buffer (nothing awaits it), its Prometheus sensor (halves
the throughput). `pipeline.py` reads the channel and writes to the producer itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import faust
from aiokafka import TopicPartition
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from . import metrics
from .logs import get_logger
from .producer import producer_options
from .records import Outgoing
from .settings import Settings
from .stores import MemoryPartition, Partition, PartitionedStore, RocksPartition

log = get_logger()


class App(faust.App):
    """A Faust app with our transport and tables, that can be waited for while partitions move.

    `settled` is set while partitions are ours and tables are whole; readers wait for it before they handle anything.
    """

    tocsin: Settings

    def __init__(self, id: str, *, tocsin: Settings, **options: Any) -> None:
        super().__init__(id, TableManager=Tables, **options)
        self.tocsin = tocsin
        self.settled = asyncio.Event()
        self._moving_since = time.monotonic()
        self.transport = Transport([URL(f"kafka://{server}") for server in tocsin.bootstrap_servers], self)

    def keep(self, table: ByteTable) -> PartitionedStore:
        """Recover `table` with the app; returns its store."""
        self.tables.add(table)
        return cast(PartitionedStore, table.data)

    def on_rebalance_start(self) -> None:
        """Partitions move. Called from the consumer's thread."""
        self._moving_since = time.monotonic()
        self.settled.clear()
        super().on_rebalance_start()

    def on_rebalance_end(self) -> None:
        """Partitions are ours, tables are recovered, records flow."""
        super().on_rebalance_end()
        seconds = time.monotonic() - self._moving_since
        metrics.RECOVERY_SECONDS.set(seconds)
        changelogs = self.tables.changelog_topics
        mine = sorted(f"{tp.topic}/{tp.partition}" for tp in self.consumer.assignment() if tp.topic not in changelogs)
        log.info("ready", seconds=round(seconds, 2), partitions=mine)
        self.settled.set()

    def _create_directories(self) -> None:
        """Only tables on disk need a folder; containers are read-only."""


class Producer(driver.Producer):
    """(i) Idempotent.

    Stock, a batch that the broker does not confirm within the request timeout is given up: 1,219 of 20,000 records
    lost, in silence, with the broker away for 45 s. aiokafka never expires a batch of an idempotent producer.
    """

    connected = False

    async def on_start(self) -> None:
        """Connect."""
        await super().on_start()
        self.connected = True

    def _settings_extra(self) -> Mapping[str, Any]:
        return producer_options(cast(App, self.app).tocsin)

    async def begin(self, record: Outgoing) -> asyncio.Future[Any]:
        """Hand `record` over; the future is done when the broker has it, and holds its RecordMetadata."""
        return await self._ensure_producer().send(
            record.topic, record.value, key=record.key, headers=record.headers, partition=record.partition
        )

    async def probe(self) -> None:
        """Ask the brokers, once there is a connection, for their metadata. Raises KafkaError when none answers."""
        if self.connected:
            await self._ensure_producer().client.fetch_all_metadata()


class Consumer(driver.Consumer):
    """(c) Commits never pass a record that is being worked on; (u) no partition is left where it happened to stand."""

    def _new_offset(self, tp: TP) -> int | None:
        """(c) Where nothing is committed yet, Faust commits past a gap in what was acknowledged (consumer.py:1140)."""
        offset = super()._new_offset(tp)
        if offset is None:
            return None
        lowest = min((m.offset for m in self.unacked if m.tp == tp and not m.acked), default=offset)
        return min(offset, lowest)

    async def perform_seek(self) -> None:
        """(u) Faust seeks to the committed offsets to read again what it dropped when partitions moved.

        A partition without a commit it leaves where it stands: what was dropped of it would be lost.
        """
        await super().perform_seek()
        changelogs = self.app.tables.changelog_topics
        uncommitted = [
            tp for tp in self.assignment() if tp.topic not in changelogs and self._committed_offset[tp] is None
        ]
        if uncommitted:
            await self.seek_wait(await self.earliest_offsets(*uncommitted))

    async def verify_all_partitions_active(self) -> None:
        """Faust's own watch over stalls looks at its streams, which are not used here. See `watchdog.py`."""

    def committed(self, tp: TP) -> int | None:
        """The next offset to be read after a restart, as far as this process knows."""
        return self._committed_offset.get(tp)

    def read_position(self, tp: TP) -> int | None:
        """The next offset that the client gives out, or None while it has none."""
        client = self._thread._consumer
        subscription = client._subscription.subscription if client is not None else None
        where = TopicPartition(tp.topic, tp.partition)
        if subscription is None or subscription.assignment is None or where not in subscription.assignment.tps:
            return None
        state = subscription.assignment.state_value(where)
        return state.position if state.has_valid_position else None

    def forget_back_pressure(self) -> None:
        """A partition that was paused because the buffer was full must not come back while tables recover."""
        self._buffered_partitions.clear()


class Transport(driver.Transport):
    """Hands out the two above."""

    Consumer: ClassVar[Any] = Consumer
    Producer: ClassVar[Any] = Producer


class OrderlyRecovery(Recovery):
    """(r) Records stay put until the tables are whole.

    Stock, after table recovery the source partitions are resumed while records flow (recovery.py:649), and what comes
    before the seek and `flow_control.resume()` is thrown away with the read offset advanced: events dropped in three
    of three runs, counts wrong for good.
    """

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Stop the flow first; Faust's own method starts it again at its end."""
        self.app.consumer.stop_flow()
        self.app.flow_control.suspend()
        await super().on_recovery_completed(generation_id)


class Tables(TableManager):
    """Faust's tables, recovered in order."""

    @property
    def recovery(self) -> Recovery:
        """The one recovery service of the app."""
        if self._recovery is None:
            self._recovery = OrderlyRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class ByteTable(faust.Table):
    """A Faust table that is recovered into a `PartitionedStore`, and otherwise left alone."""

    def __init__(self, app: App, name: str, partitions: int) -> None:
        super().__init__(app, name=name, key_type=bytes, value_type=bytes, partitions=partitions)

    def _new_store(self) -> PartitionedStore:
        store = PartitionedStore("memory://", self.app, self, table_name=self.name)
        store.open_partition = _opener(cast(App, self.app).tocsin, self.app.conf.tabledir, self.name)
        return store


def _opener(settings: Settings, folder: Path, table: str) -> Callable[[int], Partition]:
    if settings.store == "rocksdb":
        return lambda number: RocksPartition(folder / f"{table}-{number}")
    return lambda number: MemoryPartition()
