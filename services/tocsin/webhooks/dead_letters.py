"""Where records go that no receiver can be told of: the dead-letter topics of alerts and deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaProducer, ConsumerRecord

from tocsin.streaming import metrics
from tocsin.streaming.dead_letters import Source, dead_letter_headers
from tocsin.streaming.logs import get_logger
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import dlq_name, topic_name
from tocsin_schemas.topics import ALERTS, DELIVERIES

SERVICE: Final = "webhooks"

log = get_logger()


class TopicDeadLetters:
    """Writes to `<topic>.webhooks.dlq`: raw bytes, original headers, and what was wrong."""

    def __init__(self, producer: AIOKafkaProducer, settings: Settings) -> None:
        self._producer = producer
        self._names = {
            topic_name(topic, settings): dlq_name(topic, SERVICE, settings) for topic in (ALERTS, DELIVERIES)
        }

    async def bury(self, record: ConsumerRecord[Any, Any], error: Exception) -> None:
        """Return when the record is safe. Raises KafkaError when it cannot be written: then nothing is committed."""
        at = datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)
        source = Source(record.topic, record.partition, record.offset, at)
        await self._producer.send_and_wait(
            self._names[record.topic],
            record.value,
            key=record.key,
            headers=dead_letter_headers(record.headers, source, SERVICE, error),
        )
        metrics.DEAD_LETTERS.labels(topic=record.topic, error=type(error).__name__).inc()
        log.warning("dead letter", topic=record.topic, partition=record.partition, offset=record.offset)
