"""The desk: takes articles in, and answers only for what is safe.

Live, an article is answered for when the broker has it on all in-sync replicas. When Kafka does not take it within
a few seconds the desk is away: articles go to the spool, and are answered for when they are synced to the disk. When
Kafka is back the spool is handed on in order, and only then is the desk live again. A full spool takes nothing.

An article whose write was under way when Kafka went is in the spool too. Its write may still succeed; then it is
known when its turn in the spool comes, and is not written twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import orjson

from tocsin.streaming.errors import TransientError
from tocsin.streaming.logs import get_logger
from tocsin_schemas import Article

from .articles import Taken
from .refusal import Refusal
from .spool import Spool, SpoolFull

SEND_TIMEOUT: Final = 5.0
MAX_WAITING: Final = 5_000
HAND_ON: Final = 200
HAND_ON_TIMEOUT: Final = 20.0
BACK_OFF: Final = (0.25, 0.5, 1.0, 2.0)
RETRY_BUSY: Final = 1
RETRY_AWAY: Final = 15

State = Literal["connecting", "live", "away"]
log = get_logger()


class Unavailable(Exception):  # noqa: N818 - what the sender is told
    """Nothing of the batch is answered for; `retry_after` is in seconds. Sending it again is harmless."""

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Spooled:
    """An article that is safe on this machine's disk, and on its way."""

    id: str


Answer = Taken | Spooled | Refusal


class Topic(Protocol):
    """The articles topic as the desk uses it; see `articles.ArticleTopic`."""

    @property
    def failed(self) -> bool: ...

    def known(self) -> int: ...

    async def publish(self, candidate: Article, traceparent: str | None = None) -> Taken: ...

    async def answers(self) -> None: ...

    async def stop(self) -> None: ...


class Desk:
    """Takes articles to the topic, over the spool while Kafka is away.

    `connect` gives a started topic or raises TransientError. `refuse` gets what came out of the spool and cannot be
    taken (its sender is gone), with the reason: it goes to the dead-letter topic.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Topic]],
        spool: Spool | None,
        refuse: Callable[[bytes, Refusal], Awaitable[None]],
        *,
        send_timeout: float = SEND_TIMEOUT,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._connect = connect
        self._spool = spool
        self._refuse = refuse
        self._send_timeout = send_timeout
        self._max_waiting = max_waiting
        self._topic: Topic | None = None
        self._disk = asyncio.Lock()
        self._away = asyncio.Event()
        self._writes: set[asyncio.Task[Taken]] = set()
        self.state: State = "connecting"
        self.reason = "not connected to Kafka yet"

    @property
    def spooled(self) -> int:
        """Articles in the spool."""
        return len(self._spool) if self._spool is not None else 0

    @property
    def spool_bytes(self) -> int:
        """Their bytes on the disk."""
        return self._spool.bytes if self._spool is not None else 0

    @property
    def known(self) -> int:
        """Articles that the topic holds, as far as it has been read; 0 before it is connected to."""
        return self._topic.known() if self._topic is not None else 0

    @property
    def takes(self) -> bool:
        """Whether an article that comes now would be taken: Kafka is there, or the spool has room."""
        return self.state == "live" or (self._spool is not None and self._spool.room > 0)

    async def take(self, candidates: Sequence[Article], traceparent: str | None = None) -> list[Answer]:
        """One answer for each article, in order. Raises Unavailable: then none is answered for."""
        if self.state == "live" and self._topic is not None:
            return await self._write(self._topic, candidates, traceparent)
        async with self._disk:
            if self.state != "live":
                return await self._keep(candidates, traceparent)
        return await self.take(candidates, traceparent)  # it went live while we waited for the disk

    async def run(self) -> None:
        """Connects, hands the spool on, goes live, and does so again when Kafka has been away. Until cancelled."""
        try:
            while True:
                topic = await self._connected()
                await self._hand_on(topic)
                while self.state == "live" and not topic.failed:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._away.wait(), 1)
                if topic.failed:
                    self._leave("following the articles topic ended")
                    await self._disconnect()
        finally:
            await self._disconnect()

    async def drain(self, seconds: float) -> None:
        """Waits, at most so long, for writes that are under way."""
        if self._writes:
            await asyncio.wait(self._writes, timeout=seconds)

    async def _write(self, topic: Topic, candidates: Sequence[Article], traceparent: str | None) -> list[Answer]:
        if len(self._writes) + len(candidates) > self._max_waiting and self._writes:
            raise Unavailable("too many articles are under way", RETRY_BUSY)
        tasks = [asyncio.create_task(topic.publish(candidate, traceparent)) for candidate in candidates]
        for task in tasks:
            self._writes.add(task)
            task.add_done_callback(self._written)
        await asyncio.wait(tasks, timeout=self._send_timeout)
        answers: dict[int, Answer] = {}
        for index, task in enumerate(tasks):
            if (answer := _answer(task)) is not None:
                answers[index] = answer
        open_ones = [index for index in range(len(tasks)) if index not in answers]
        if open_ones:
            self._leave("Kafka does not take articles")
            async with self._disk:
                kept = await self._keep([candidates[index] for index in open_ones], traceparent)
            answers.update(zip(open_ones, kept, strict=True))
        return [answers[index] for index in range(len(tasks))]

    def _written(self, task: asyncio.Task[Taken]) -> None:
        self._writes.discard(task)
        _noticed(task)

    def _leave(self, reason: str) -> None:
        if self.state == "live":
            log.warning("away from Kafka", reason=reason, spool=self.spooled)
            self.state = "away"
            self._away.set()
        self.reason = reason

    async def _keep(self, candidates: Sequence[Article], traceparent: str | None) -> list[Answer]:
        """On the disk, or Unavailable. The caller holds the disk."""
        if self._spool is None:
            raise Unavailable(f"{self.reason}, and there is no spool", RETRY_AWAY)
        try:
            await asyncio.to_thread(self._spool.append, [_entry(one, traceparent) for one in candidates])
        except SpoolFull as full:
            raise Unavailable(f"{self.reason}, and the spool is full: {full}", RETRY_AWAY) from None
        except OSError as problem:
            log.error("spool cannot be written", problem=str(problem))
            raise Unavailable(f"{self.reason}, and the spool cannot be written: {problem}", RETRY_AWAY) from None
        return [Spooled(candidate.id) for candidate in candidates]

    async def _connected(self) -> Topic:
        tries = 0
        while self._topic is None:
            try:
                self._topic = await self._connect()
            except TransientError as problem:
                self.reason = str(problem)
                log.warning("not connected to Kafka", problem=str(problem), tries=tries + 1)
                await asyncio.sleep(BACK_OFF[min(tries, len(BACK_OFF) - 1)])
                tries += 1
        return self._topic

    async def _disconnect(self) -> None:
        if self._topic is not None:
            topic, self._topic = self._topic, None
            await topic.stop()

    async def _hand_on(self, topic: Topic) -> None:
        """Writes what the spool holds, in order, then goes live; returns early when the topic has failed."""
        tries = 0
        while not topic.failed:
            try:
                await topic.answers()
                if await self._hand_on_some(topic):
                    return
                tries = 0
            except TransientError as problem:
                self.reason = str(problem)
                await asyncio.sleep(BACK_OFF[min(tries, len(BACK_OFF) - 1)])
                tries += 1

    async def _hand_on_some(self, topic: Topic) -> bool:
        """One stretch of the spool; True when it is empty and the desk is live.

        While the last stretch is written nobody may append: else a busy sender keeps the desk away for good.
        """
        spool = self._spool
        if spool is None:
            self._go_live()
            return True
        async with self._disk:
            entries = await asyncio.to_thread(spool.head, HAND_ON)
            if len(entries) == len(spool):
                await self._publish_entries(topic, entries)
                await asyncio.to_thread(spool.drop, len(entries))
                self._go_live()
                return True
        self.reason = "the spool is being handed on"
        await self._publish_entries(topic, entries)
        async with self._disk:
            await asyncio.to_thread(spool.drop, len(entries))
        return False

    async def _publish_entries(self, topic: Topic, entries: list[bytes]) -> None:
        """Writes entries of the spool. Raises TransientError when that takes too long."""
        if not entries:
            return
        tasks = [asyncio.create_task(self._publish_entry(topic, entry)) for entry in entries]
        _, late = await asyncio.wait(tasks, timeout=max(self._send_timeout, HAND_ON_TIMEOUT))
        if late:
            for task in late:
                task.add_done_callback(_noticed)
            raise TransientError("Kafka does not take what is in the spool")
        for entry, task in zip(entries, tasks, strict=True):
            refusal = task.result()
            if refusal is not None:
                await self._refuse(entry, refusal)

    async def _publish_entry(self, topic: Topic, entry: bytes) -> Refusal | None:
        kept = orjson.loads(entry)
        try:
            await topic.publish(Article.model_validate(kept["article"]), kept["traceparent"])
        except Refusal as refusal:
            return refusal
        return None

    def _go_live(self) -> None:
        log.info("live on Kafka")
        self._away.clear()
        self.state = "live"
        self.reason = "Kafka takes articles"


def _noticed(task: asyncio.Task[Any]) -> None:
    """A late write may fail unheard: its article is in the spool."""
    if not task.cancelled():
        task.exception()


def _answer(task: asyncio.Task[Taken]) -> Taken | Refusal | None:
    """The answer of a write that has ended, or None when it has not, or has failed for the time being."""
    if not task.done():
        return None
    problem = task.exception()
    if problem is None:
        return task.result()
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, TransientError):
        return None
    raise problem


def _entry(article: Article, traceparent: str | None) -> bytes:
    return orjson.dumps({"article": article.model_dump(mode="json"), "traceparent": traceparent})
