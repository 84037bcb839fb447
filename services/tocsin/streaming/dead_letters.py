"""Dead letters: records that cannot be processed, kept whole with what went wrong, and put back when it is cured.

A dead letter has the key, the value and all headers of the record as they came, byte by byte, and `dlq_` headers
beside them. A replay writes the record to its source topic again, with the same key and without those headers, but
with a count of how often that was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

HeaderList = list[tuple[str, bytes]]

PREFIX: Final = "dlq_"
REPLAYS: Final = "dlq_replays"
"""How often a record was put back; travels with it, so that a letter that keeps coming back can be seen."""

MAX_MESSAGE: Final = 2_000
"""Characters of an error message that are kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: topic on the broker, partition, offset and Kafka timestamp."""

    topic: str
    partition: int
    offset: int
    timestamp: datetime


def dead_letter_headers(
    headers: Iterable[tuple[str, bytes]] | None,
    source: Source,
    service: str,
    error: BaseException,
    failed_at: datetime | None = None,
) -> HeaderList:
    """Headers of the dead letter of a record with `headers` from `source`, which made `service` raise `error`."""
    told = {
        "dlq_service": service,
        "dlq_error": type(error).__name__,
        "dlq_message": str(error)[:MAX_MESSAGE],
        "dlq_topic": source.topic,
        "dlq_partition": str(source.partition),
        "dlq_offset": str(source.offset),
        "dlq_timestamp": source.timestamp.isoformat(),
        "dlq_failed_at": (failed_at or datetime.now(UTC)).isoformat(),
    }
    return [
        *((name, value) for name, value in headers or () if name not in told),
        *((name, value.encode()) for name, value in told.items()),
    ]


def original_headers(headers: Sequence[tuple[str, bytes]]) -> HeaderList:
    """The headers for a replay: those the record came with, and the count of replays, one higher."""
    kept = [(name, value) for name, value in headers if not name.startswith(PREFIX)]
    return [*kept, (REPLAYS, str(replays_of(headers) + 1).encode())]


def replays_of(headers: Iterable[tuple[str, bytes]]) -> int:
    """How often the record was put back already."""
    counts = [value for name, value in headers if name == REPLAYS]
    return int(counts[-1]) if counts and counts[-1].isdigit() else 0
