"""The producer of services without Faust: what is acknowledged is on the broker, once and in order."""

from __future__ import annotations

from typing import Any, Final

from aiokafka import AIOKafkaProducer

from .settings import Settings

MAX_REQUEST_BYTES: Final = 32_000_000
"""Above the largest article before compression; what the broker takes of it is the topic's `max.message.bytes`."""

LINGER_MS: Final = 5
BATCH_BYTES: Final = 131_072
REQUEST_TIMEOUT_MS: Final = 30_000


def producer_options(settings: Settings) -> dict[str, Any]:
    """Options of every producer of the project. Idempotent, so that a batch that was sent is never given up."""
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": LINGER_MS,
        "max_batch_size": BATCH_BYTES,
        "max_request_size": MAX_REQUEST_BYTES,
        "compression_type": "lz4",
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
    }


def new_producer(settings: Settings) -> AIOKafkaProducer:
    """A producer, not started; to be made where an event loop runs."""
    return AIOKafkaProducer(**producer_options(settings))
