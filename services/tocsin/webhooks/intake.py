"""What comes in from Kafka: alerts, and requests to redeliver, of the partitions that the group gives this process.

The group reads both topics with the range assignor, so that who gets partition n of the alerts gets partition n of
the deliveries, and every delivery has one owner (docs/decisions on the outbox).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from pydantic import ValidationError

from tocsin.streaming import metrics
from tocsin.streaming.errors import FatalError
from tocsin.streaming.logs import get_logger
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import traceparent_of

from .engine import Engine, Incoming
from .rebuild import Rebuild, conclude_all
from .store import REQUEST, Store, TooLarge

MAX_RECORDS = 500

log = get_logger()


class DeadLetters(Protocol):
    """Where records go that cannot be read."""

    async def bury(self, record: ConsumerRecord[Any, Any], error: Exception) -> None:
        """Return when the record is safe on its dead-letter topic."""
        ...


class Intake(ConsumerRebalanceListener):
    """Feeds the engine. `consumer` is started and subscribed by `run`; `alerts` and `deliveries` are topic names."""

    def __init__(
        self, consumer: AIOKafkaConsumer, engine: Engine, store: Store, dead_letters: DeadLetters, alerts: str
    ) -> None:
        self._consumer = consumer
        self._engine = engine
        self._store = store
        self._dead_letters = dead_letters
        self._alerts = alerts
        self._lock = asyncio.Lock()
        self._restoring: asyncio.Task[None] | None = None
        self._owned: frozenset[int] = frozenset()
        self._generation = 0
        self.ready_reason = "waiting for the group to give out partitions"
        """Why alerts are not taken in yet; empty when they are."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Take in until `stopping` is set. Raises what only a restart mends."""
        self._consumer.subscribe([self._alerts, self._store.topic], listener=self)
        while not stopping.is_set():
            batches = await self._consumer.getmany(timeout_ms=500, max_records=MAX_RECORDS)
            generation = self._generation
            async with self._lock:
                for partition, records in batches.items():
                    # what waited here during a rebalance is fetched again after it, from what was committed
                    if partition.partition in self._owned and generation == self._generation:
                        await self._take(partition, records)
            self._raise_failures()

    def _raise_failures(self) -> None:
        if self._engine.failure is not None:
            raise self._engine.failure
        if self._restoring is not None and self._restoring.done() and not self._restoring.cancelled():
            self._restoring.result()

    async def _take(self, partition: TopicPartition, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        if partition.topic == self._store.topic:
            for record in records:
                if REQUEST in (record.headers or ()):
                    await self._obey(record)
            return
        batch = [incoming for record in records if (incoming := await self._read(record)) is not None]
        try:
            await self._engine.take_in(partition.partition, batch)
        except TooLarge:
            await self._one_at_a_time(records)
        await self._commit(partition, records[-1].offset + 1)

    async def _read(self, record: ConsumerRecord[Any, Any]) -> Incoming | None:
        if record.value is None:
            return None  # a tombstone: the alert was compacted away
        try:
            alert = Alert.model_validate_json(record.value)
        except ValidationError as error:
            await self._bury(record, error)
            return None
        return Incoming(alert, record.partition, record.offset, traceparent_of(record.headers))

    async def _one_at_a_time(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        for record in records:
            try:
                incoming = Incoming(
                    Alert.model_validate_json(record.value or b""),
                    record.partition,
                    record.offset,
                    traceparent_of(record.headers),
                )
                await self._engine.take_in(record.partition, [incoming])
            except ValidationError:
                continue  # buried when the batch was read
            except TooLarge as error:
                await self._bury(record, error)

    async def _bury(self, record: ConsumerRecord[Any, Any], error: Exception) -> None:
        await self._dead_letters.bury(record, error)
        metrics.WEBHOOK_ALERTS.labels(result="dead_letter").inc()

    async def _obey(self, record: ConsumerRecord[Any, Any]) -> None:
        try:
            asked = Delivery.model_validate_json(record.value or b"")
        except ValidationError as error:
            await self._dead_letters.bury(record, error)
            return
        if asked.state == "pending":
            await self._engine.redeliver(asked, record.partition, traceparent_of(record.headers))

    async def _commit(self, partition: TopicPartition, offset: int) -> None:
        try:
            await self._consumer.commit({partition: offset})
        except (CommitFailedError, IllegalStateError):
            return  # rebalanced meanwhile: read again by whoever has the partition now
        self._engine.committed(partition.partition, offset)

    # -- who owns what

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - aiokafka awaits it
        self, revoked: Iterable[TopicPartition]
    ) -> None:
        """Finish what is under way, then let go."""
        self.ready_reason = "the group is giving out partitions"
        if self._restoring is not None:
            self._restoring.cancel()
            await asyncio.gather(self._restoring, return_exceptions=True)
            self._restoring = None
        async with self._lock:
            self._owned = frozenset()
            await self._engine.release({partition.partition for partition in revoked})

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride] - aiokafka awaits it
        self, assigned: Iterable[TopicPartition]
    ) -> None:
        """Hold everything back until the outbox of these partitions is in memory."""
        partitions = set(assigned)
        alerts = {each.partition for each in partitions if each.topic == self._alerts}
        deliveries = {each.partition for each in partitions if each.topic == self._store.topic}
        self._generation += 1
        self._consumer.pause(*partitions)
        self._restoring = asyncio.create_task(self._restore(sorted(alerts), deliveries))

    async def _restore(self, alerts: Sequence[int], deliveries: set[int]) -> None:
        if set(alerts) != deliveries:
            raise FatalError(
                f"the topics {self._alerts} and {self._store.topic} must have equally many partitions, but this "
                f"process got {sorted(alerts)} of one and {sorted(deliveries)} of the other"
            )
        began = time.monotonic()
        rebuilds: dict[int, Rebuild] = {}
        for number in alerts:
            self.ready_reason = f"reading the outbox of partition {number}"
            rebuilds[number] = await self._read_outbox(number)
        conclude_all(rebuilds.values())
        for number, rebuild in rebuilds.items():
            waiting = self._engine.own(rebuild)
            self._owned |= {number}
            self._consumer.resume(TopicPartition(self._alerts, number), TopicPartition(self._store.topic, number))
            log.info("outbox restored", partition=number, waiting=waiting)
        metrics.WEBHOOK_RESTORE_SECONDS.observe(time.monotonic() - began)
        self.ready_reason = ""

    async def _read_outbox(self, number: int) -> Rebuild:
        committed = await self._consumer.committed(TopicPartition(self._alerts, number))
        rebuild = self._engine.rebuild(number, committed or 0)
        end = None
        async for record in self._store.read(number):
            end = record.offset + 1
            key = (record.key or b"").decode("utf-8", "replace")
            try:
                rebuild.take(key, record.value, traceparent_of(record.headers))
            except ValidationError as error:
                await self._dead_letters.bury(record, error)
                await self._store.forget(record.key or b"", number)
        if end is not None:
            self._consumer.seek(TopicPartition(self._store.topic, number), end)
        return rebuild
