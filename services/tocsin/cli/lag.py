"""How far the services are behind: records on their topics that they have not committed yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tocsin_schemas.topics import TOPICS

from .services import SERVICES, Service

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings


async def total_lag(settings: Settings, services: Iterable[Service] = SERVICES) -> int:
    """Records that the groups of these services have not worked off yet, over the topics that they read."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

    from tocsin.streaming.topics import group_name, topic_name

    readers = {
        s.name: [t for t in TOPICS if _reads(s.name, t.producer, t.consumers)] for s in services if s.name != "ingest"
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False)
    await admin.start()
    await consumer.start()
    try:
        partitions = [TopicPartition(topic_name(t, settings), n) for t in TOPICS for n in range(t.partitions)]
        ends = await consumer.end_offsets(partitions)
        lag = 0
        for name, topics in readers.items():
            committed = await admin.list_consumer_group_offsets(group_name(name, settings))
            for topic in topics:
                for number in range(topic.partitions):
                    partition = TopicPartition(topic_name(topic, settings), number)
                    at = committed.get(partition)
                    lag += max(0, ends[partition] - (at.offset if at is not None and at.offset >= 0 else 0))
        return lag
    finally:
        await consumer.stop()
        await admin.close()


def _reads(service: str, producer: str, consumers: tuple[str, ...]) -> bool:
    """Whether a process works off a topic; alerting's two read different ones."""
    if service == "alerting-counting":
        return producer == "alerting" and "alerting" in consumers
    if service == "alerting-matching":
        return producer != "alerting" and "alerting" in consumers
    return service in consumers and service != producer
