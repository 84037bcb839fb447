"""Dead letters as operators see them: listed, and put back to where they came from.

    async for letter in read_letters(settings, service="capture"): ...
    count = await replay(settings, service="capture", ids={"tocsin.articles.v1.capture.dlq/0/17"})

Only the dead-letter topics that the filters leave are read, each once, up to its end at the time of the call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tocsin_schemas.topics import TOPICS, Topic

from .dead_letters import HeaderList, original_headers, replays_of
from .errors import TransientError
from .producer import new_producer
from .topics import SUBSCRIBERS, dlq_name, partitions_of, topic_name, unreachable

if TYPE_CHECKING:
    from .settings import Settings

POLL_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter. `id` is its place: topic, partition, offset. `source` is the topic it is put back to."""

    id: str
    service: str
    error: str
    message: str
    failed_at: datetime | None
    replays: int
    source: str
    key: bytes | None
    value: bytes | None
    headers: HeaderList


def letter_topics(settings: Settings, topic: str | None = None, service: str | None = None) -> dict[str, Topic]:
    """The dead-letter topics that a topic's short or full name and a service leave: name on the broker -> source."""
    return {
        dlq_name(source, consumer, settings): source
        for source in TOPICS
        for consumer in source.consumers
        if consumer != SUBSCRIBERS
        and service in (None, consumer)
        and (topic is None or topic in (*source.name.split("."), source.name))
    }


async def read_letters(
    settings: Settings,
    *,
    topic: str | None = None,
    service: str | None = None,
    error: str | None = None,
    ids: Collection[str] | None = None,
    limit: int | None = None,
) -> AsyncIterator[Letter]:
    """The dead letters that fit, oldest first in each partition, at most `limit`.

    Raises TransientError when the broker is away.
    """
    sources = letter_topics(settings, topic, service)
    there = await partitions_of(list(sources), settings)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        partitions = [TopicPartition(name, number) for name, count in there.items() for number in range(count)]
        if not partitions:
            return
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        given = 0
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for record in records:
                    if record.offset >= ends[partition]:
                        continue
                    letter = _letter(record, topic_name(sources[record.topic], settings))
                    if error not in (None, letter.error) or (ids is not None and letter.id not in ids):
                        continue
                    yield letter
                    given += 1
                    if limit is not None and given >= limit:
                        return
    except (KafkaError, OSError) as problem:
        raise TransientError(unreachable(settings, problem)) from problem
    finally:
        await consumer.stop()


async def replay(
    settings: Settings,
    *,
    topic: str | None = None,
    service: str | None = None,
    error: str | None = None,
    ids: Collection[str] | None = None,
    limit: int | None = None,
) -> int:
    """Put the letters that fit back to their topics, under their keys; returns how many.

    They stay in the dead-letter topic until its retention ends; what is put back carries how often that was done.
    Raises TransientError when the broker is away.
    """
    producer = new_producer(settings)
    count = 0
    try:
        await producer.start()
        async for letter in read_letters(settings, topic=topic, service=service, error=error, ids=ids, limit=limit):
            headers = original_headers(letter.headers)
            await producer.send_and_wait(letter.source, letter.value, key=letter.key, headers=headers)
            count += 1
    except (KafkaError, OSError) as problem:
        raise TransientError(unreachable(settings, problem)) from problem
    finally:
        await producer.stop()
    return count


def _letter(record: object, source: str) -> Letter:
    headers: HeaderList = [(name, bytes(value)) for name, value in record.headers]  # type: ignore[attr-defined]
    told = {name: value.decode("utf-8", "replace") for name, value in headers if name.startswith("dlq_")}
    failed = told.get("dlq_failed_at")
    return Letter(
        id=f"{record.topic}/{record.partition}/{record.offset}",  # type: ignore[attr-defined]
        service=told.get("dlq_service", ""),
        error=told.get("dlq_error", ""),
        message=told.get("dlq_message", ""),
        failed_at=datetime.fromisoformat(failed) if failed else None,
        replays=replays_of(headers),
        source=source,
        key=record.key,  # type: ignore[attr-defined]
        value=record.value,  # type: ignore[attr-defined]
        headers=headers,
    )
