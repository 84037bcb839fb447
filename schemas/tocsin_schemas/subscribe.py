"""Records of a topic as typed models, over plain aiokafka (`pip install tocsin-schemas[kafka]`).

    async for event in subscribe("capture", country="AFG", min_status="confirmed", group="my-desk"):
        print(event.place, event.evidence.sentence)

With a group it goes on where it stopped, or, new, where it first looked: a record counts as processed when the next one is asked for, so that a record in hand
when the program dies comes again (at least once; ids make that harmless). Without a group nothing is committed.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Self, TypedDict, TypeVar, Unpack, cast, overload

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

if TYPE_CHECKING:
    from .consuming import Consuming

M = TypeVar("M", bound=BaseModel)
Start = Literal["latest", "earliest"] | datetime
"""Where a new reader begins."""
OnBad = Callable[[Any, Exception], None]
"""Is given an `aiokafka.ConsumerRecord` and what is wrong with it."""
log: Final = logging.getLogger(__name__)


class Options(TypedDict, total=False):
    """The options of every subscription, as `Subscription` explains them."""

    bootstrap: str
    group: str | None
    start: Start
    country: str | None
    on_bad: OnBad
    prefix: str
    consumer: dict[str, Any]


class StatusOptions(Options, total=False):
    """Those of topics whose records are more or less sure."""

    min_status: MinStatus | None


@overload
def subscribe(topic: Literal["capture"], /, **options: Unpack[StatusOptions]) -> Subscription[Capture]: ...
@overload
def subscribe(topic: Literal["surrender"], /, **options: Unpack[StatusOptions]) -> Subscription[Surrender]: ...
@overload
def subscribe(topic: Literal["statement"], /, **options: Unpack[StatusOptions]) -> Subscription[Statement]: ...
@overload
def subscribe(topic: Literal["diplomacy"], /, **options: Unpack[StatusOptions]) -> Subscription[Diplomacy]: ...
@overload
def subscribe(topic: Literal["incidents"], /, **options: Unpack[StatusOptions]) -> Subscription[Incident]: ...
@overload
def subscribe(topic: Literal["control"], /, **options: Unpack[StatusOptions]) -> Subscription[Control]: ...
@overload
def subscribe(topic: Literal["alerts"], /, **options: Unpack[Options]) -> Subscription[Alert]: ...
@overload
def subscribe(topic: Literal["articles"], /, **options: Unpack[Options]) -> Subscription[Article]: ...
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
        AIOKafkaConsumer (security). Raises ValueError, and ImportError when aiokafka is not installed; when iterated, KafkaError
        without a broker and LookupError without the topic.
        """
        filters.check(country, min_status, topic.model)
        if isinstance(start, datetime) and start.tzinfo is None:
            raise ValueError("start is a time without a zone")
        if not isinstance(start, datetime) and start not in ("latest", "earliest"):
            raise ValueError(f"start is 'latest', 'earliest' or a time with a zone, not {start!r}")
        try:
            from .consuming import Consuming
        except ImportError:
            raise ImportError("tocsin_schemas.subscribe needs aiokafka: pip install tocsin-schemas[kafka]") from None
        self.topic = topic
        options: dict[str, Any] = {"bootstrap_servers": bootstrap, "group_id": group, "auto_offset_reset": "earliest"}
        self._make = lambda: Consuming(prefix + topic.name, start, options | (consumer or {}))
        self._wants = filters.Wanted(country, min_status)
        self._on_bad = on_bad
        self._consuming: Consuming | None = None
        self._records: AsyncIterator[M] | None = None

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
        consuming, self._consuming, self._records = self._consuming, None, None
        if consuming is not None:
            await consuming.close()

    async def _open(self) -> Consuming:
        if self._consuming is None:
            consuming = self._make()
            try:
                await consuming.open()
            except BaseException:
                await consuming.close()
                raise
            self._consuming = consuming
        return self._consuming

    async def _read(self) -> AsyncIterator[M]:
        consuming = await self._open()
        while True:
            got = await consuming.next()
            if got is None:
                continue
            record, moves = got
            told = self._wanted(record)
            if told is not None:
                yield told
            consuming.done(record, moves)

    def _wanted(self, record: Any) -> M | None:
        if record.value is None:
            return None
        try:
            told = from_json(record.value)
            key = (record.key or b"").decode("utf-8", "replace")
            if isinstance(told, dict) and not self._wants.takes(cast(dict[str, Any], told), key):
                return None
            return cast(M, self.topic.model.model_validate_json(record.value))
        except (ValidationError, ValueError) as error:
            self._on_bad(record, error)
            return None


__all__ = ["OnBad", "Options", "StatusOptions", "Subscription", "ignore_bad", "subscribe"]
