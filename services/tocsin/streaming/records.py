"""What handlers get and give: records read from a topic, outputs to be written to topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from tocsin_schemas import cloudevents
from tocsin_schemas.topics import Topic

from .dead_letters import HeaderList, Source, dead_letter_headers
from .errors import PoisonError
from .settings import Settings
from .topics import ROOM, consumer_of, max_bytes, topic_name

M = TypeVar("M", bound=BaseModel)

TOLD: Final = 3
"""Faults of a record that its error names; more would not help."""


class Message(Protocol):
    """A record as the broker gave it. Faust's and aiokafka's both are."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


@dataclass(frozen=True, slots=True)
class Record(Generic[M]):
    """One record of a topic of the contract. `value` is None for a tombstone; `timestamp` is Kafka's, in UTC."""

    topic: Topic
    key: str
    value: M | None
    partition: int
    offset: int
    timestamp: datetime
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context that came with the record."""
        return cloudevents.traceparent_of(self.headers)


@dataclass(frozen=True, slots=True)
class Output:
    """A record to be written. The key is the contract's, the trace context that of the record in hand, unless given.

    `value` None writes a tombstone: then `key` must be given.
    """

    topic: Topic
    value: BaseModel | None
    key: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record as the producer takes it, under the topic's name on the broker."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: HeaderList
    partition: int | None = None


def decode(topic: Topic, message: Message, timestamp: datetime) -> Record[Any]:
    """The record in `message`, which came from `topic`. Raises PoisonError saying what is wrong with it."""
    try:
        key = (message.key or b"").decode()
    except UnicodeDecodeError as error:
        raise PoisonError(f"the key is not UTF-8: {error}") from None
    value = None if message.value is None else _parse(topic.model, message.value)
    return Record(topic, key, value, message.partition, message.offset, timestamp, headers_of(message))


def headers_of(message: Message) -> tuple[tuple[str, bytes], ...]:
    """The headers of a message as pairs, whichever client read it."""
    found: Any = message.headers or ()
    pairs: Iterable[tuple[str, bytes | None]] = found.items() if isinstance(found, Mapping) else found
    return tuple((name, value or b"") for name, value in pairs)


def timestamp_of(seconds: float | None) -> datetime:
    """Kafka's timestamp in seconds as a time in UTC; a record without one is as of now."""
    return datetime.now(UTC) if seconds is None or seconds < 0 else datetime.fromtimestamp(seconds, UTC)


def encode(output: Output, service: str, traceparent: str | None, settings: Settings) -> Outgoing:
    """`output` as `service` writes it. Raises PoisonError when it is larger than its topic takes."""
    topic, value = output.topic, output.value
    trace = output.traceparent or traceparent
    if value is None:
        if output.key is None:
            raise ValueError(f"a tombstone on {topic.name} needs a key")
        trace_header = [("traceparent", trace.encode())] if trace else []
        return Outgoing(topic_name(topic, settings), output.key.encode(), None, trace_header)
    if not isinstance(value, topic.model):
        raise TypeError(f"{topic.name} carries {topic.model.__name__}, not {type(value).__name__}")
    body = cloudevents.encode(value)
    if len(body) > max_bytes(topic) - ROOM:
        raise PoisonError(f"its {topic.model.__name__} of {len(body)} bytes is more than {topic.name} takes")
    headers = cloudevents.headers(value, source=f"tocsin/{consumer_of(service)}", traceparent=trace)
    key = output.key if output.key is not None else topic.key_of(value)
    return Outgoing(topic_name(topic, settings), key.encode(), body, headers)


def dead_letter(message: Message, timestamp: datetime, name: str, service: str, error: BaseException) -> Outgoing:
    """`message`, which `service` cannot process, on its way to dead-letter topic `name`: whole, with `error` told."""
    source = Source(message.topic, message.partition, message.offset, timestamp)
    return Outgoing(name, message.key, message.value, dead_letter_headers(headers_of(message), source, service, error))


def _parse(model: type[BaseModel], value: bytes) -> BaseModel:
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        faults = [f"{'.'.join(map(str, d['loc'])) or 'value'}: {d['msg']}" for d in details[:TOLD]]
        more = f" and {len(details) - TOLD} more" if len(details) > TOLD else ""
        raise PoisonError(f"not a valid {model.__name__}: {'; '.join(faults)}{more}") from None
