"""The durable side of the outbox: `tocsin.deliveries.v1`, written before anything is promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    TopicAuthorizationFailedError,
    UnknownProducerId,
)

from tocsin.streaming.logs import get_logger
from tocsin_schemas import Delivery
from tocsin_schemas.cloudevents import encode, headers

SOURCE: Final = "tocsin/webhooks"

REQUEST: Final = ("tocsin-request", b"redeliver")
"""The header of a record that asks for a redelivery: written by anybody, obeyed by the partition's owner."""

RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits while Kafka cannot be written to; the last one repeats."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Write:
    """A delivery to be written to its partition, with the trace that it belongs to."""

    delivery: Delivery
    partition: int
    traceparent: str | None = None
    request: bool = False


_FATAL: Final = (
    ClusterAuthorizationFailedError,
    InvalidProducerEpoch,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    TopicAuthorizationFailedError,
    UnknownProducerId,
)
"""After these a producer never writes again: the process has to be restarted."""


class TooLarge(ValueError):  # noqa: N818 - it names what the record is
    """A delivery larger than the broker takes. It will never be written."""


class Store:
    """Writes deliveries and reads them back. `topic` is the full name, `producer` a started, idempotent one."""

    def __init__(self, producer: AIOKafkaProducer, topic: str, bootstrap: str) -> None:
        self._producer = producer
        self._bootstrap = bootstrap
        self.topic = topic

    async def write(self, writes: Sequence[Write]) -> None:
        """Write, and return when all is on the broker. While Kafka is away it waits, and tries again.

        Raises TooLarge, and KafkaError when this producer will never write again.
        """
        left, tries = list(writes), 0
        while left:
            results = await asyncio.gather(*(self._send(write) for write in left), return_exceptions=True)
            failed: list[Write] = []
            for write, result in zip(left, results, strict=True):
                if isinstance(result, MessageSizeTooLargeError):
                    raise TooLarge(f"the delivery {write.delivery.id} is larger than a record may be") from result
                if isinstance(result, KafkaError) and not isinstance(result, _FATAL):
                    failed.append(write)
                elif isinstance(result, BaseException):
                    raise result
            if failed:
                wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                errors = {type(result).__name__ for result in results if isinstance(result, KafkaError)}
                log.warning("deliveries cannot be written, trying again", waiting=len(failed), errors=sorted(errors))
                await asyncio.sleep(wait)
            left, tries = failed, tries + 1

    async def _send(self, write: Write) -> None:
        record_headers = headers(write.delivery, SOURCE, write.traceparent)
        if write.request:
            record_headers.append(REQUEST)
        await self._producer.send_and_wait(
            self.topic,
            encode(write.delivery),
            key=write.delivery.id.encode(),
            partition=write.partition,
            headers=record_headers,
        )

    async def forget(self, key: bytes, partition: int) -> None:
        """Write a tombstone for a record that has been moved to the dead letters."""
        await self._producer.send_and_wait(self.topic, None, key=key, partition=partition)

    def read(self, partition: int) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
        """All records that the partition holds now, from the first to the last at the time of the call."""
        return read_partitions(self._bootstrap, self.topic, [partition])


async def read_partitions(
    bootstrap: str, topic: str, partitions: Sequence[int] | None = None
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """The records of some partitions (None: all) up to their ends at the time of the call.

    In the order of the log within a partition. Raises KafkaError when the broker is away.
    """
    consumer = AIOKafkaConsumer(
        *([topic] if partitions is None else []),  # a topic without a group: all of its partitions
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=2000,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    try:
        if partitions is None:
            wanted = sorted(consumer.assignment())
        else:
            wanted = [TopicPartition(topic, number) for number in partitions]
            consumer.assign(wanted)
        ends = await consumer.end_offsets(wanted)
        await consumer.seek_to_beginning(*wanted)
        unread = {tp for tp in wanted if await consumer.position(tp) < ends[tp]}
        consumer.pause(*(set(wanted) - unread))
        while unread:
            for tp, records in (await consumer.getmany(*unread, timeout_ms=1000)).items():
                for record in records:
                    if record.offset < ends[tp]:
                        yield record
            for tp in list(unread):
                if await consumer.position(tp) >= ends[tp]:
                    unread.discard(tp)
    finally:
        await consumer.stop()
