"""Reading the articles topic from where the index stands to its end, and on as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Final

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from tocsin.streaming.logs import get_logger

from .revisions import Known
from .seen import Position, Seen

POLL_MS: Final = 500
BATCH: Final = 2_000

log = get_logger()


class AnotherTopic(Exception):  # noqa: N818 - says what was found
    """The topic is not the one that the index was made from: it has been deleted and made again."""


def known_of(record: ConsumerRecord[bytes | None, bytes | None]) -> Known | None:
    """What a record of the articles topic says of its article; None when it is no article."""
    try:
        value = orjson.loads(record.value or b"")
        return Known(
            int(value["revision"]),
            value["status"],
            str(value["content_hash"]),
            tuple(value.get("earlier_hashes") or ()),
            record.partition,
            record.offset,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


class Tail:
    """Keeps `seen` at the end of the topic. `on_read` gets each article's id and what its record says.

    Two writers that do not know of each other may write two different texts as one and the same revision. The first
    in the topic's order counts; the second is a fork: it is not taken in, and `forks` has it until a later
    revision settles it.
    """

    def __init__(self, bootstrap: str, topic: str, seen: Seen, on_read: Callable[[str, Known], None]) -> None:
        self._topic = topic
        self._seen = seen
        self._on_read = on_read
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=BATCH,
            client_id="tocsin-ingest-tail",
        )
        self._first_keys: dict[TopicPartition, tuple[int, str]] = {}
        self.forks: dict[str, Known] = {}

    async def start(self, partitions: Collection[int]) -> None:
        """Begins to read where the index stands. Raises KafkaError when the broker does not answer."""
        await self._consumer.start()
        assigned = [TopicPartition(self._topic, number) for number in sorted(partitions)]
        self._consumer.assign(assigned)
        first = await self._consumer.beginning_offsets(assigned)
        end = await self._consumer.end_offsets(assigned)
        positions = self._seen.positions()
        if any(positions[tp.partition].next > end[tp] for tp in assigned if tp.partition in positions):
            self._start_anew("the topic is shorter than the index")
            positions = {}
        for tp in assigned:
            self._seen.forget_before(tp.partition, first[tp])
            at = positions.get(tp.partition)
            # one record back: its key tells whether this is still the same topic
            resume = at.next - 1 if at is not None else first[tp]
            if at is not None and resume >= first[tp]:
                self._first_keys[tp] = (resume, at.last_key)
            self._consumer.seek(tp, max(resume, first[tp]))

    def _start_anew(self, reason: str) -> None:
        log.warning("index of seen articles is rebuilt", reason=reason)
        self._seen.clear()
        self.forks.clear()
        self._first_keys.clear()

    async def catch_up(self) -> None:
        """Reads to what is the end of the topic now. Raises KafkaError."""
        assigned = list(self._consumer.assignment())
        end = await self._consumer.end_offsets(assigned)
        while any([await self._consumer.position(tp) < end[tp] for tp in assigned]):
            await self._read_some()

    async def run(self) -> None:
        """Reads on until it is cancelled."""
        while True:
            await self._read_some()

    async def stop(self) -> None:
        """Leaves the topic."""
        await self._consumer.stop()

    async def _read_some(self) -> None:
        batches = await self._consumer.getmany(timeout_ms=POLL_MS)
        try:
            for tp, records in batches.items():
                self._take(tp, records)
        except AnotherTopic as found:
            self._start_anew(str(found))
            await self._consumer.seek_to_beginning()
        if batches:
            await asyncio.sleep(0)  # a long catch-up leaves room for the health page

    def _take(self, tp: TopicPartition, records: list[ConsumerRecord[bytes | None, bytes | None]]) -> None:
        self._check_origin(tp, records[0])
        entries: dict[str, Known] = {}
        for record in records:
            key = (record.key or b"").decode("utf-8", "replace")
            known = known_of(record)
            if known is None:
                log.warning("record is no article", partition=record.partition, offset=record.offset)
                continue
            before = entries.get(key) or self._seen.get(key)
            if self._counts(key, known, before):
                entries[key] = known
            self._on_read(key, known)
        last = records[-1]
        position = Position(last.offset + 1, (last.key or b"").decode("utf-8", "replace"))
        self._seen.advance(entries.items(), {tp.partition: position})

    def _check_origin(self, tp: TopicPartition, record: ConsumerRecord[bytes | None, bytes | None]) -> None:
        expected = self._first_keys.pop(tp, None)
        if expected is None:
            return
        offset, key = expected
        if record.offset == offset and (record.key or b"").decode("utf-8", "replace") != key:
            raise AnotherTopic(f"record {offset} of partition {tp.partition} is not the one that was read before")

    def _counts(self, key: str, known: Known, before: Known | None) -> bool:
        """Whether a record is the newest word on its article."""
        if before is None or known.revision > before.revision:
            self.forks.pop(key, None)
            return True
        if known.content_hash == before.content_hash:
            return known.revision == before.revision  # the same revision again: its newest offset survives compaction
        if known.offset > before.offset and known.content_hash not in before.earlier_hashes:
            self.forks[key] = known
        return False
