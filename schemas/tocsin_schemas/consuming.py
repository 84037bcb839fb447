"""How `subscribe` reads a topic: where a group begins, what is committed when, and what a rebalance takes away.

The only module of this package that needs aiokafka, which has no complete types: hence not strict.
"""

# pyright: standard
from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError

Start = Literal["latest", "earliest"] | datetime
COMMIT_SECONDS: Final = 1.0
"""Time between two commits while records flow: what may come again after a crash."""
POLL_MS: Final = 1000


async def starts(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], start: Start
) -> dict[TopicPartition, int]:
    """The offsets to read from: of the first record that is kept, of the next to come, or of the first at a time or after."""
    partitions = list(partitions)
    if start == "earliest":
        return await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    if start == "latest":
        return ends
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(start.timestamp() * 1000)))
    return {one: at.offset if (at := found.get(one)) is not None else ends[one] for one in partitions}


class Consuming(ConsumerRebalanceListener):
    """One topic, read record by record, with what its group has done."""

    def __init__(self, name: str, start: Start, options: dict[str, Any]) -> None:
        self.consumer = AIOKafkaConsumer(**options, enable_auto_commit=False)
        self._name = name
        self._start: Start = start
        self._group = options["group_id"] is not None
        self._assigned = asyncio.Event()
        self._moves = 0
        self._floor: dict[TopicPartition, int] = {}
        self._done: dict[TopicPartition, int] = {}
        self._committed = 0.0

    async def open(self) -> None:
        """Connect, and wait until there are partitions. Raises KafkaError without a broker, LookupError without the topic."""
        await self.consumer.start()
        if self._name not in await self.consumer.topics():
            raise LookupError(f"there is no topic {self._name} on this Kafka")
        if self._group:
            self.consumer.subscribe([self._name], listener=self)
            await self._assigned.wait()
            return
        await self.consumer._client.set_topics([self._name])  # else its partitions may not be known yet
        partitions = [TopicPartition(self._name, one) for one in self.consumer.partitions_for_topic(self._name) or ()]
        self.consumer.assign(partitions)
        await self._begin(partitions)

    async def on_partitions_revoked(self, revoked: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - aiokafka awaits it
        """Commits what was done; what is in hand will be given to whoever has its partition next."""
        self._assigned.clear()
        await self.commit()
        self._moves += 1

    async def on_partitions_assigned(self, assigned: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - aiokafka awaits it
        """Where the group has committed nothing it begins now, and that is committed: it holds before the first record."""
        new = [one for one in assigned if await self.consumer.committed(one) is None]
        await self._begin(new)
        self._done |= self._floor
        await self.commit()

    async def _begin(self, partitions: list[TopicPartition]) -> None:
        self._floor = await starts(self.consumer, partitions, self._start) if partitions else {}
        for one, offset in self._floor.items():
            self.consumer.seek(one, offset)
        self._assigned.set()

    async def next(self) -> tuple[ConsumerRecord[Any, Any], int] | None:
        """The next record, with what `done` wants to be told; None when none came for a while. Commits in between."""
        await self.commit(every=COMMIT_SECONDS)
        got = await self.consumer.getmany(timeout_ms=0, max_records=1)
        if not got:
            await self.commit()
            got = await self.consumer.getmany(timeout_ms=POLL_MS, max_records=1)
        await self._assigned.wait()
        for one, records in got.items():
            if records[0].offset >= self._floor.get(
                one, 0
            ):  # else it was fetched before `_begin` looked where to begin
                return records[0], self._moves
        return None

    def done(self, record: ConsumerRecord[Any, Any], moves: int) -> None:
        """The record was processed; after partitions moved it is no longer ours to say so."""
        if self._group and moves == self._moves:
            self._done[TopicPartition(record.topic, record.partition)] = record.offset + 1

    async def commit(self, *, every: float = 0.0) -> None:
        """Tell the broker what is done, unless that was less than `every` seconds ago."""
        if not self._group or not self._done or time.monotonic() - self._committed < every:
            return
        done, self._done = self._done, {}
        self._committed = time.monotonic()
        # else another process of the group has these partitions, and is given the records again
        with contextlib.suppress(CommitFailedError, IllegalGenerationError, RebalanceInProgressError):
            await self.consumer.commit(done)

    async def close(self) -> None:
        """Commit what was done, and leave the group."""
        try:
            await self.commit()
        finally:
            await self.consumer.stop()
