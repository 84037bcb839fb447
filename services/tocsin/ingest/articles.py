"""The articles topic: what is on it, and one more article.

    topic = ArticleTopic(settings, index=settings.state_dir / "seen.sqlite")
    await topic.start()
    taken = await topic.publish(article)         # Taken("new", id, 1) when the broker has it
    await topic.stop()

Articles of one id are taken one after the other, whatever comes in at the same time. What is known of an article is
read from the topic itself, so that a restart, or a second writer, goes on where the topic stands.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from pydantic import ValidationError

from tocsin.streaming import metrics
from tocsin.streaming.errors import TransientError
from tocsin.streaming.logs import get_logger
from tocsin.streaming.producer import producer_options
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import topic_name
from tocsin_schemas import Article, PreviousRevision
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import ARTICLES

from .refusal import Refusal
from .revisions import Known, Outcome, decide, next_revision
from .seen import Seen
from .tail import Tail

START_TIMEOUT: Final = 30.0
FETCH_TIMEOUT: Final = 20.0
STOP_TIMEOUT: Final = 5.0
BATCH_BYTES: Final = 1_000_000
"""With the usual 128 kB every article under way is woken for each batch that goes: at 500 of them 4 times slower."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an article: on the broker (or known to be), as which revision."""

    outcome: Outcome
    id: str
    revision: int


class ArticleTopic:
    """One writer to the articles topic, made inside a running event loop and started once.

    `index` is the file of the local index (None: in memory). `mend` also settles forks (see `Tail`): the service
    does, a command need not.
    """

    def __init__(
        self, settings: Settings, index: Path | None, *, source: str = "tocsin/ingest", mend: bool = False
    ) -> None:
        self._bootstrap = settings.kafka.bootstrap
        self._topic = topic_name(ARTICLES, settings)
        self._source = source
        self._mends = mend
        self._seen = Seen(index, self._topic)
        self._own: dict[str, Known] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._look_up = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None
        self._producer = AIOKafkaProducer(
            **producer_options(settings) | {"max_batch_size": BATCH_BYTES, "client_id": "tocsin-ingest"}
        )
        self._tail = Tail(self._bootstrap, self._topic, self._seen, self._read)
        self._reader: AIOKafkaConsumer | None = None

    async def start(self, timeout: float = START_TIMEOUT) -> None:  # noqa: ASYNC109 - it bounds the connection alone
        """Connects and reads the topic to its end; `timeout` seconds bound the connecting, not the reading.

        Raises TransientError when Kafka does not answer or has no such topic.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._producer.start()
                await self._tail.start(await self._producer.partitions_for(self._topic))
            await self._tail.catch_up()
        except (KafkaError, TimeoutError) as problem:
            await self.stop()
            reason = str(problem) or f"no answer within {timeout:.0f} s"
            raise TransientError(
                f"the topic {self._topic} at {self._bootstrap} cannot be reached: {reason}"
            ) from problem
        except BaseException:
            await self.stop()
            raise
        self._running = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Waits a few seconds for what is on its way to the broker, and leaves it."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None
        for client in (self._producer, self._tail, self._reader):
            if client is not None:
                try:
                    await asyncio.wait_for(client.stop(), STOP_TIMEOUT)
                except (KafkaError, TimeoutError):
                    log.warning("Kafka did not let go in time", client=type(client).__name__)
        self._reader = None
        self._seen.close()

    @property
    def failed(self) -> bool:
        """Whether following the topic has ended by a fault: then start anew."""
        return self._running is not None and self._running.done()

    def known(self) -> int:
        """Articles that the topic holds, as far as it has been read."""
        return len(self._seen)

    async def publish(self, candidate: Article, traceparent: str | None = None) -> Taken:
        """Writes `candidate` as the revision that it is, or nothing when it is nothing new.

        Returns when the broker has it on all in-sync replicas. Raises Refusal (withdrawal of an unknown article,
        record too large) and TransientError. While Kafka is away it waits for its return.
        """
        async with self._lock(candidate.id):
            known = self._own.get(candidate.id) or self._seen.get(candidate.id)
            step = decide(candidate, known)
            if not step.publishes:
                return Taken(step.outcome, candidate.id, step.revision)
            previous = await self._previous(candidate.id, known) if known is not None else None
            article = next_revision(candidate, known, previous)
            self._own[article.id] = await self._send(article, traceparent)
            return Taken(step.outcome, article.id, article.revision)

    async def answers(self) -> None:
        """Returns when the broker answers. Raises TransientError when it does not within a few seconds."""
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                await self._producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError) as problem:
            raise TransientError(f"Kafka at {self._bootstrap} does not answer: {problem}") from problem

    def _lock(self, article_id: str) -> asyncio.Lock:
        lock = self._locks.get(article_id)
        if lock is None:
            lock = self._locks[article_id] = asyncio.Lock()
        return lock

    async def _send(self, article: Article, traceparent: str | None) -> Known:
        try:
            written = await self._producer.send_and_wait(
                self._topic,
                encode(article),
                key=article.id.encode(),
                headers=headers(article, self._source, traceparent),
            )
        except (MessageSizeTooLargeError, RecordListTooLargeError) as problem:
            raise Refusal("too_large", f"is larger, as a record, than Kafka takes: {problem}", "text") from problem
        except KafkaError as problem:
            raise TransientError(f"Kafka at {self._bootstrap} did not take an article: {problem}") from problem
        return Known(
            article.revision,
            article.status,
            article.content_hash,
            article.earlier_hashes,
            written.partition,
            written.offset,
        )

    async def _previous(self, article_id: str, known: Known) -> PreviousRevision | None:
        """The revision that `known` is of, fetched from where it lies; None when it is gone."""
        article = await self._fetch(article_id, known)
        if article is None:
            log.warning("previous revision is gone from the topic", article=article_id, revision=known.revision)
            return None
        return PreviousRevision(
            revision=article.revision, title=article.title, text=article.text, published_at=article.published_at
        )

    async def _fetch(self, article_id: str, known: Known) -> Article | None:
        tp = TopicPartition(self._topic, known.partition)
        try:
            async with self._look_up, asyncio.timeout(FETCH_TIMEOUT):
                if self._reader is None:
                    self._reader = AIOKafkaConsumer(
                        bootstrap_servers=self._bootstrap, enable_auto_commit=False, client_id="tocsin-ingest-look-up"
                    )
                    await self._reader.start()
                self._reader.assign([tp])
                if known.offset < (await self._reader.beginning_offsets([tp]))[tp]:
                    return None
                self._reader.seek(tp, known.offset)
                record = await self._reader.getone(tp)
        except (KafkaError, TimeoutError) as problem:
            raise TransientError(f"the revision before cannot be read from {self._bootstrap}: {problem}") from problem
        if record.offset != known.offset or record.key != article_id.encode():
            return None
        try:
            return Article.model_validate_json(record.value or b"")
        except ValidationError:
            return None

    def _read(self, article_id: str, known: Known) -> None:
        own = self._own.get(article_id)
        if own is not None and own.partition == known.partition and known.offset >= own.offset:
            del self._own[article_id]

    async def _follow(self) -> None:
        following = asyncio.create_task(self._tail.run())
        try:
            while not following.done():
                await asyncio.wait([following], timeout=1)
                if self._mends:
                    await self._mend_forks()
            following.result()
        except (KafkaError, TransientError) as problem:
            log.error("following the articles topic ended", problem=str(problem))
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError, KafkaError):
                await following

    async def _mend_forks(self) -> None:
        """Writes the text of a fork again, as the revision after the one that it did not know of."""
        while self._tail.forks:
            article_id, fork = self._tail.forks.popitem()
            article = await self._fetch(article_id, fork)
            if article is None:
                continue
            candidate = article.model_copy(update={"revision": 1, "earlier_hashes": (), "previous": None})
            taken = await self.publish(candidate)
            metrics.INGEST_FORKS.inc()
            log.info("fork settled", article=article_id, outcome=taken.outcome, revision=taken.revision)
