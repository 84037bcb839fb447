"""Records of a topic as typed models, over plain aiokafka (`pip install tocsin-schemas[kafka]`).

    async for event in subscribe("capture", country="AFG", min_status="confirmed", group="my-desk"):
        print(event.place, event.evidence.sentence)

With a group it goes on where it stopped: a record counts as processed when the next one is asked for, so that a record in hand
when the program dies comes again (at least once; ids make that harmless). Without a group nothing is committed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Generic, Literal, Self, TypeVar, cast, overload

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from . import filters
from .alert import Alert
from .article import Article
from .control import Control
from .events import Capture, Diplomacy, Statement, Surrender
from .filters import MinStatus
from .incident import Incident
from .topics import BY_NAME, TOPICS, Topic, short_name

M = TypeVar("M", bound=BaseModel)
Start = Literal["latest", "earliest"] | datetime
OnBad = Callable[[Any, Exception], None]
"""Is given an `aiokafka.ConsumerRecord` and what is wrong with it."""
COMMIT_SECONDS: Final = 1.0
"""Time between two commits while records flow: what may come again after a crash."""
MAX_POLL: Final = 500
log: Final = logging.getLogger(__name__)


@overload
def subscribe(topic: Literal["capture"], /, **options: Any) -> Subscription[Capture]: ...
@overload
def subscribe(topic: Literal["surrender"], /, **options: Any) -> Subscription[Surrender]: ...
@overload
def subscribe(topic: Literal["statement"], /, **options: Any) -> Subscription[Statement]: ...
@overload
def subscribe(topic: Literal["diplomacy"], /, **options: Any) -> Subscription[Diplomacy]: ...
@overload
def subscribe(topic: Literal["incidents"], /, **options: Any) -> Subscription[Incident]: ...
@overload
def subscribe(topic: Literal["control"], /, **options: Any) -> Subscription[Control]: ...
@overload
def subscribe(topic: Literal["alerts"], /, **options: Any) -> Subscription[Alert]: ...
@overload
def subscribe(topic: Literal["articles"], /, **options: Any) -> Subscription[Article]: ...
def subscribe(topic: str, /, **options: Any) -> Subscription[Any]:
    """The records of a topic, by its short or full name; `options` are those of `Subscription`.

    Raises ValueError for a topic or an option that does not exist, ImportError when aiokafka is not installed.
    """
    found = BY_NAME.get(topic) or next((t for t in TOPICS if short_name(t.name) == topic), None)
    if found is None:
        raise ValueError(f"there is no topic {topic!r}; topics: " + ", ".join(short_name(t.name) for t in TOPICS))
    return Subscription(found, **options)


def ignore_bad(record: Any, error: Exception) -> None:
    """Logs a record that is none of the contract's, and goes on."""
    log.warning("%s/%s/%s is no record of the contract: %s", record.topic, record.partition, record.offset, error)


class Subscription(Generic[M]):
    """An async iterator of one topic's records as models; also an async context manager, which closes it.

    Breaking out of `async for` closes nothing: use `async with`, or call `close`, where the program goes on. Records without a
    value (a key deleted from a compacted topic) are passed over.
    """

    def __init__(
        self,
        topic: Topic,
        *,
        bootstrap: str = "127.0.0.1:9092",
        group: str | None = None,
        start: Start = "latest",
        country: str | None = None,
        min_status: MinStatus | None = None,
        on_bad: OnBad = ignore_bad,
        prefix: str = "",
        consumer: dict[str, Any] | None = None,
    ) -> None:
        """`bootstrap` are Kafka's addresses, `prefix` is what stands before the topics' names.

        `start` is where to begin, in a group only where it has committed nothing yet: at the end, at the beginning, or at a time
        (with a zone). `country` (ISO 3166-1 alpha-3) and `min_status` keep what is wanted. `on_bad` is called with each record
        that is not the contract's and may raise, which ends the iteration. `consumer` has further arguments of
        AIOKafkaConsumer (security). Raises ValueError, and ImportError when aiokafka is not installed.
        """
        filters.check(country, min_status, topic.model)
        if isinstance(start, datetime) and start.tzinfo is None:
            raise ValueError("start is a time without a zone")
        if not isinstance(start, datetime) and start not in ("latest", "earliest"):
            raise ValueError(f"start is 'latest', 'earliest' or a time with a zone, not {start!r}")
        try:
            import aiokafka  # pyright: ignore[reportMissingTypeStubs]
        except ImportError:
            raise ImportError("tocsin_schemas.subscribe needs aiokafka: pip install tocsin-schemas[kafka]") from None
        self._make: Callable[..., Any] = aiokafka.AIOKafkaConsumer
        self._partition: Callable[[str, int], Any] = aiokafka.TopicPartition
        self.topic = topic
        self._name = prefix + topic.name
        self._options: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "group_id": group,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest" if start == "earliest" else "latest",
            "max_poll_records": MAX_POLL,
        } | (consumer or {})
        self._group = group
        self._start = start
        self._country = country
        self._min_status = min_status
        self._on_bad = on_bad
        self._consumer: Any | None = None
        self._records: AsyncIterator[M] | None = None
        self._done: dict[Any, int] = {}
        self._committed = 0.0

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> M:
        if self._records is None:
            self._records = self._read()
        return await anext(self._records)

    async def close(self) -> None:
        """Commits what was processed and leaves the group. The record in hand is not committed."""
        consumer, self._consumer, self._records = self._consumer, None, None
        if consumer is None:
            return
        try:
            await self._commit(consumer)
        finally:
            await consumer.stop()

    async def _open(self) -> Any:
        if self._consumer is None:
            consumer = self._make(self._name, **self._options)
            await consumer.start()
            self._consumer = consumer
            await self._seek(consumer)
        return self._consumer

    async def _seek(self, consumer: Any) -> None:
        """To `start`, where it is a time, in the partitions for which nothing is committed."""
        if not isinstance(self._start, datetime):
            return
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100)
        mine = [p for p in consumer.assignment() if self._group is None or await consumer.committed(p) is None]
        found = await consumer.offsets_for_times(dict.fromkeys(mine, int(self._start.timestamp() * 1000)))
        for partition in mine:
            at = found.get(partition)
            if at is None:
                await consumer.seek_to_end(partition)
            else:
                consumer.seek(partition, at.offset)

    async def _read(self) -> AsyncIterator[M]:
        consumer = await self._open()
        while True:
            batch = await consumer.getmany(timeout_ms=1_000)
            for partition, records in batch.items():
                for record in records:
                    told = self._wanted(record)
                    if told is not None:
                        yield told
                    self._done[partition] = record.offset + 1
                    if time.monotonic() - self._committed > COMMIT_SECONDS:
                        await self._commit(consumer)
            if not batch:
                await self._commit(consumer)

    async def _commit(self, consumer: Any) -> None:
        self._committed = time.monotonic()
        mine = consumer.assignment()
        done = {partition: offset for partition, offset in self._done.items() if partition in mine}
        self._done = {}
        if self._group is not None and done:
            await consumer.commit(done)

    def _wanted(self, record: Any) -> M | None:
        if record.value is None:
            return None
        try:
            told = from_json(record.value)
            if isinstance(told, dict) and not filters.passes(
                cast(dict[str, Any], told), self._country, self._min_status
            ):
                return None
            return cast(M, self.topic.model.model_validate_json(record.value))
        except (ValidationError, ValueError) as error:
            self._on_bad(record, error)
            return None


__all__ = ["COMMIT_SECONDS", "OnBad", "Subscription", "ignore_bad", "subscribe"]
