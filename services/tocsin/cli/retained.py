"""The events that a Kafka still keeps, for `--from-topics`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from tocsin_schemas import EVENT
from tocsin_schemas.topics import EVENT_TOPICS

from .console import ERR, fail

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

    from tocsin.streaming.settings import Settings

    from .extractors import AnyEvent


async def retained_events(settings: Settings) -> list[AnyEvent]:
    """Every event on the four event topics, from the earliest that is kept to the end at the time of the call."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    from tocsin.streaming.topics import topic_name

    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    found: list[AnyEvent] = []
    unreadable = 0
    try:
        await consumer.start()
        names = {topic_name(topic, settings) for topic in EVENT_TOPICS.values()}
        await _all_there(consumer, names, settings)
        # else their partitions may not be known yet, and nothing would be read
        await consumer._client.set_topics(names)
        partitions = [TopicPartition(name, n) for name in names for n in consumer.partitions_for_topic(name) or ()]
        if len({partition.topic for partition in partitions}) < len(names):
            fail(f"{settings.kafka.bootstrap} does not tell the partitions of its topics", hint="try again", code=1)
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    try:
                        found.append(EVENT.validate_json(record.value or b""))
                    except ValidationError:
                        unreadable += 1
    except KafkaError:
        fail(f"no Kafka answers at {settings.kafka.bootstrap}", hint="set TOCSIN_KAFKA__BOOTSTRAP", code=1)
    finally:
        await consumer.stop()
    if unreadable:
        ERR.print(f"[yellow]{unreadable} records are no events and were passed over[/]")
    return found


async def _all_there(consumer: AIOKafkaConsumer, names: set[str], settings: Settings) -> None:
    missing = sorted(names - await consumer.topics())
    if missing:
        fail(
            f"{settings.kafka.bootstrap} has no topic {missing[0]}",
            hint="`tocsin topics create` makes the topics; TOCSIN_KAFKA__TOPIC_PREFIX names an installation's own",
            code=1,
        )
