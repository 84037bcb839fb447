"""From records to acknowledgements, in order: handle, write outputs, write changelogs, acknowledge.

    channel ─▶ read ─▶ handle ─▶ outputs on the broker ─▶ changelogs on the broker ─▶ tables, acknowledge
                        (one at a time, or N)        (each step for many records at once, in order)

A record goes from step to step only when all of it is done, but many are on their way: a hop costs its latency once,
not once a record. Nothing raises out of here: a poisoned record goes to its dead-letter topic like any output, and
whatever else goes wrong ends the process with nothing acknowledged (`exit.die`).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from faust.types import TP, EventT
from faust.types import Message as FaustMessage

from tocsin_schemas.topics import Topic

from . import metrics
from .errors import PoisonError, Remedy, remedy_for
from .exit import die, or_die
from .hardening import App, Consumer, Producer
from .logs import get_logger
from .records import Outgoing, Output, Record, dead_letter, decode, encode, timestamp_of
from .tables import Table, Write
from .topics import dlq_name

Handler = Callable[[Record[Any]], Awaitable[Sequence[Output]]]
Tick = Callable[[datetime], Awaitable[Sequence[Output]]]

ON_THEIR_WAY: Final = 1_000
"""Records that may wait for the broker's confirmation."""

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
"""Seconds between tries after a transient error: doubled each time, with jitter."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Source:
    """A topic that is read, and what is done with its records."""

    topic: Topic
    handler: Handler


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a record or a tick."""

    outgoing: list[Outgoing]
    writes: list[Write]
    name: str = "handled"


@dataclass(slots=True)
class Turn:
    """A record (or a tick: `message` None) on its way through the steps."""

    message: FaustMessage | None
    result: asyncio.Task[Result]
    confirmations: list[asyncio.Future[Any]]


class GapGuard:
    """Ends the process when an offset is skipped: what was skipped has been lost on the way here.

    Only for topics without compaction, where offsets have no gaps of their own. `earliest` asks the broker for a
    partition's first offset, which may be past the committed one after retention.
    """

    def __init__(self, committed: Callable[[TP], int | None], earliest: Callable[[TP], Awaitable[int]]) -> None:
        self._committed = committed
        self._earliest = earliest
        self._next: dict[tuple[TP, int | None], int] = {}

    async def check(self, message: FaustMessage) -> str | None:
        """What is missing before `message`, in words; None when nothing is."""
        place = message.tp, message.generation_id
        wanted = self._next.get(place)
        if wanted is None:
            wanted = self._committed(message.tp) or 0
        self._next[place] = message.offset + 1
        if message.offset <= wanted or message.offset <= await self._earliest(message.tp):
            return None
        return f"{message.topic}/{message.partition}: offset {wanted} was expected, {message.offset} came"

    def forget(self) -> None:
        """Partitions move: what comes next is counted from the committed offsets again."""
        self._next.clear()


class Pipeline:
    """The steps of one service. `run` reads from a Faust channel's queue until it is cancelled."""

    def __init__(
        self,
        app: App,
        service: str,
        sources: Mapping[str, Source],
        tables: Sequence[Table[Any]],
        concurrency: int,
    ) -> None:
        self._app = app
        self._service = service
        self._settings = app.tocsin
        self._sources = sources
        self._tables = tables
        self._slots = asyncio.Semaphore(concurrency)
        self._handled: asyncio.Queue[Turn] = asyncio.Queue(ON_THEIR_WAY)
        self._written: asyncio.Queue[Turn] = asyncio.Queue(ON_THEIR_WAY)
        self._logged: asyncio.Queue[Turn] = asyncio.Queue(ON_THEIR_WAY)
        self._in_hand: dict[TP, int] = {}
        self._open = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._guard = GapGuard(self._committed, self._first_offset) if tables else None
        self.retrying = 0

    @property
    def _consumer(self) -> Consumer:
        return self._app.consumer  # type: ignore[return-value]

    @property
    def _producer(self) -> Producer:
        return self._app.producer  # type: ignore[return-value]

    async def run(self, queue: asyncio.Queue[EventT]) -> None:
        """All steps, until cancelled. What they raise ends the process."""
        steps = [self._read(queue), self._write_outputs(), self._write_changelogs(), self._acknowledge()]
        tasks = [asyncio.create_task(or_die(step)) for step in steps]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def tick(self, tick: Tick, partition: int) -> None:
        """Let a timer have its turn with `partition` in hand. What it raises ends the process."""
        await self._slots.acquire()
        if not self._app.settled.is_set():
            self._slots.release()
            return
        await self._enter(None, self._tick(tick, partition))

    async def drained(self) -> None:
        """Wait until nothing is on its way."""
        await self._idle.wait()

    def forget_offsets(self) -> None:
        """Partitions have moved."""
        if self._guard is not None:
            self._guard.forget()
        for table in self._tables:
            table.forget()

    def in_hand(self, tp: TP) -> int:
        """Records of a partition that were read and are not finished."""
        return self._in_hand.get(tp, 0)

    # --- read and handle -------------------------------------------------------------------------------------------

    async def _read(self, queue: asyncio.Queue[EventT]) -> None:
        while True:
            try:
                message = (await queue.get()).message
            except StopAsyncIteration:  # how Faust tells an agent that the app stops
                return
            if not self._app.settled.is_set():
                await self._app.settled.wait()
            if self._app.should_stop or message.generation_id != self._app.consumer_generation_id:
                continue  # not acknowledged: it comes again, here or elsewhere
            if self._guard is not None:
                missing = await self._guard.check(message)
                if missing is not None:
                    die(f"records are missing: {missing}")
            self._consumer.track_message(message)
            source = self._sources[message.topic]
            metrics.RECORDS_READ.labels(topic=source.topic.name).inc()
            await self._slots.acquire()
            await self._enter(message, self._handle(source, message))

    async def _enter(self, message: FaustMessage | None, work: Coroutine[Any, Any, Result]) -> None:
        """Start `work`, for which a slot was acquired, and queue it: order is that of entering."""
        self._open += 1
        self._idle.clear()
        if message is not None:
            self._in_hand[message.tp] = self._in_hand.get(message.tp, 0) + 1
        metrics.IN_HAND.set(self._open)
        await self._handled.put(Turn(message, asyncio.create_task(self._in_slot(work)), []))

    async def _in_slot(self, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            return await work
        finally:
            self._slots.release()

    async def _handle(self, source: Source, message: FaustMessage) -> Result:
        started, timestamp = time.monotonic(), timestamp_of(message.timestamp)
        try:
            return await self._until_it_works(source, message, timestamp)
        except Exception as error:
            if remedy_for(error) is not Remedy.DEAD_LETTER:
                raise
            return self._bury(source, message, timestamp, error)
        finally:
            metrics.HANDLE_SECONDS.labels(topic=source.topic.name).observe(time.monotonic() - started)

    async def _until_it_works(self, source: Source, message: FaustMessage, timestamp: datetime) -> Result:
        record, pause = decode(source.topic, message, timestamp), FIRST_PAUSE
        while True:
            try:
                return await self._call(message.partition, lambda: source.handler(record), record.traceparent)
            except Exception as error:
                if remedy_for(error) is not Remedy.RETRY:
                    raise
                log.warning("to be tried again", error=str(error), pause=pause, **_place(message))
            metrics.RETRIES.labels(topic=source.topic.name).inc()
            self.retrying += 1
            try:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            finally:
                self.retrying -= 1
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _tick(self, tick: Tick, partition: int) -> Result:
        return await self._call(partition, lambda: tick(datetime.now(UTC)), None)

    async def _call(
        self, partition: int, handler: Callable[[], Awaitable[Sequence[Output]]], traceparent: str | None
    ) -> Result:
        """Call a handler with its tables open; what it wrote to them counts only if all of its outputs can be sent."""
        for table in self._tables:
            table.begin(partition)
        keep = False
        try:
            outgoing = [encode(output, self._service, traceparent, self._settings) for output in await handler()]
            keep = True
        finally:
            writes = [write for table in self._tables for write in table.end(keep)]
        return Result(outgoing, writes)

    def _bury(self, source: Source, message: FaustMessage, timestamp: datetime, error: Exception) -> Result:
        name = dlq_name(source.topic, self._service, self._settings)
        letter = dead_letter(message, timestamp, name, self._service, error)
        metrics.DEAD_LETTERS.labels(topic=source.topic.name, error=type(error).__name__).inc()
        unforeseen = None if isinstance(error, PoisonError) else error
        log.error("dead letter", error=repr(error), dead_letters=letter.topic, exc_info=unforeseen, **_place(message))
        return Result([letter], [], "dead_letter")

    # --- write and acknowledge -------------------------------------------------------------------------------------

    async def _write_outputs(self) -> None:
        while True:
            turn = await self._handled.get()
            result = await turn.result
            turn.confirmations = [await self._producer.begin(record) for record in result.outgoing]
            await self._written.put(turn)

    async def _write_changelogs(self) -> None:
        while True:
            turn = await self._written.get()
            result = turn.result.result()
            for record, confirmation in zip(result.outgoing, turn.confirmations, strict=True):
                await confirmation
                metrics.RECORDS_WRITTEN.labels(topic=self._plain(record.topic)).inc()
            turn.confirmations = [
                await self._producer.begin(
                    Outgoing(write.table.changelog, write.key.encode(), write.value, [], write.partition)
                )
                for write in result.writes
            ]
            await self._logged.put(turn)

    async def _acknowledge(self) -> None:
        while True:
            turn = await self._logged.get()
            result = turn.result.result()
            for write, confirmation in zip(result.writes, turn.confirmations, strict=True):
                write.table.apply(write, (await confirmation).offset)
            if turn.message is not None:
                self._finish(turn.message, result)
            self._open -= 1
            metrics.IN_HAND.set(self._open)
            if not self._open:
                self._idle.set()

    def _finish(self, message: FaustMessage, result: Result) -> None:
        message.ack(self._consumer)
        self._in_hand[message.tp] -= 1
        topic = self._sources[message.topic].topic.name
        metrics.RECORDS_DONE.labels(topic=topic, result=result.name).inc()
        age = datetime.now(UTC) - timestamp_of(message.timestamp)
        metrics.RECORD_AGE_SECONDS.labels(topic=topic).observe(max(0.0, age.total_seconds()))

    def _plain(self, name: str) -> str:
        return name.removeprefix(self._settings.kafka.topic_prefix)

    def _committed(self, tp: TP) -> int | None:
        return self._consumer.committed(tp)

    async def _first_offset(self, tp: TP) -> int:
        return (await self._consumer.earliest_offsets(tp))[tp]


def _place(message: FaustMessage) -> dict[str, Any]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}
