"""The contract's topics as a test writes and reads them: events in, every record out, the last one of each key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import topic_name
from tocsin_schemas.base import Model
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import EVENT_TOPICS, Topic

M = TypeVar("M", bound=Model)


async def publish(settings: Settings, events: Iterable[Any]) -> None:
    """Put events on their topics, as the extractors do."""
    producer = new_producer(settings)
    await producer.start()
    try:
        sent = []
        for event in events:
            topic = EVENT_TOPICS[event.type]
            sent.append(
                await producer.send(
                    topic_name(topic, settings), encode(event), key=topic.key_of(event).encode(),
                    headers=headers(event, f"tocsin/{event.type}"),
                )
            )  # fmt: skip
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def records(settings: Settings, topic: Topic, name: str | None = None) -> list[tuple[str, bytes | None]]:
    """Every key and value of a topic, in the order of each partition. `name`: another topic of as many partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(name or topic_name(topic, settings), n) for n in range(topic.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[tuple[str, bytes | None]] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for some in (await consumer.getmany(timeout_ms=300)).values():
                found += [((r.key or b"").decode(), r.value) for r in some]
        return found
    finally:
        await consumer.stop()


async def latest(settings: Settings, topic: Topic, model: type[M]) -> dict[str, M]:
    """The last record of each key, as a reader of a compacted topic sees it; what has a tombstone is not there."""
    found: dict[str, M] = {}
    for key, value in await records(settings, topic):
        if value is None:
            found.pop(key, None)
        else:
            found[key] = model.model_validate_json(value)
    return found
