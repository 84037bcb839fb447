"""New and edited rules see what is there already: the topics are read once more, for them alone.

Matching is stateless and goes forward only. So when a rule is added that counts what holds now, or the match of one is
edited, the records that its streams still hold are read from the start (of the event streams, as far back as its
window reaches) and matched. Counting keeps of each item the latest revision, so that what was seen before does no harm.

Which rules have been through this stands in a file of the process; when that is lost, it happens again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from tocsin.streaming import metrics
from tocsin.streaming.logs import get_logger
from tocsin.streaming.producer import new_producer
from tocsin.streaming.records import Output, encode
from tocsin.streaming.runtime import running
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import group_name, topic_name, wait_for_topics
from tocsin_schemas.alert import SignalStream
from tocsin_schemas.topics import CAPTURE, CONTROL, DIPLOMACY, INCIDENTS, SIGNALS, STATEMENT, SURRENDER, Topic

from .live_rules import LiveRules
from .matching import signals
from .rules import CompiledRule, RuleSet

SERVICE: Final = "alerting-matching"
STREAM_TOPICS: Final[dict[SignalStream, Topic]] = {
    "control": CONTROL,
    "incidents": INCIDENTS,
    "capture": CAPTURE,
    "surrender": SURRENDER,
    "statement": STATEMENT,
    "diplomacy": DIPLOMACY,
}
MARGIN: Final = timedelta(days=7)
"""How much further back than its window a rule looks for reports that came late."""
PAUSE_SECONDS: Final = 5.0
POLL_MS: Final = 500

log = get_logger()


class Backfill:
    """Brings the rules that have not seen the past up to it, at the start and whenever rules are exchanged."""

    def __init__(self, rules: LiveRules, settings: Settings) -> None:
        self._rules = rules
        self._settings = settings
        self._memo = settings.state_dir / f"{group_name(SERVICE, settings)}-{settings.instance}.json"
        self._exchanged = asyncio.Event()
        self._partitions: dict[str, int] = {}
        rules.listen(self._exchanged.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within the context, it watches for rules to bring up."""
        with running(self._run()):
            yield

    async def _run(self) -> None:
        needed = [SIGNALS, *STREAM_TOPICS.values()]
        names = [topic_name(topic, self._settings) for topic in needed]
        self._partitions = await wait_for_topics(names, self._settings, lambda _: None)
        while True:
            self._exchanged.clear()
            rules = self._rules.current
            try:
                await self._bring_up(rules)
            except KafkaError as error:
                log.warning("backfill to be tried again", error=repr(error))
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            await self._exchanged.wait()

    async def _bring_up(self, rules: RuleSet) -> None:
        known = self._read_memo()
        if known is None:
            known = {} if await self._has_read() else _hashes(rules.by_name.values())
        new = [rule for name, rule in rules.by_name.items() if known.get(name) != rule.match_hash]
        if new:
            log.info("backfill begins", rules=[rule.name for rule in new])
            written = await self._read_again(new)
            log.info("backfill done", rules=[rule.name for rule in new], signals=written)
        self._write_memo(rules)

    async def _has_read(self) -> bool:
        """Whether the service has committed anything: if not, it reads everything from the start anyway."""
        consumer = self._consumer(group_name(SERVICE, self._settings))
        await consumer.start()
        try:
            places = [place for topic in STREAM_TOPICS.values() for place in self._places(topic)]
            consumer.assign(places)
            return any([await consumer.committed(place) is not None for place in places])
        finally:
            await consumer.stop()

    async def _read_again(self, new: Sequence[CompiledRule]) -> int:
        """Matches what the topics hold against `new`; how many signals that gave."""
        producer = new_producer(self._settings)
        consumer = self._consumer(None)
        await producer.start()
        try:
            await consumer.start()
            written = 0
            for stream, topic in STREAM_TOPICS.items():
                some = _only(new, stream)
                if some.by_name:
                    written += await self._read_stream(consumer, producer, topic, some)
            await producer.flush()
            return written
        finally:
            await consumer.stop()
            await producer.stop()

    async def _read_stream(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, topic: Topic, rules: RuleSet
    ) -> int:
        places = self._places(topic)
        consumer.assign(places)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
        await _seek(consumer, places, topic, rules)
        written = 0
        while left := [place for place in places if await consumer.position(place) < ends[place]]:
            batches: dict[TopicPartition, list[Any]] = await consumer.getmany(*left, timeout_ms=POLL_MS)
            for message in (message for batch in batches.values() for message in batch):
                if message.value is not None:
                    written += await self._match(producer, topic, rules, message.value)
        return written

    async def _match(self, producer: AIOKafkaProducer, topic: Topic, rules: RuleSet, value: bytes) -> int:
        try:
            record = topic.model.model_validate_json(value)
        except ValidationError:
            return 0  # the stream itself has dead-lettered it
        found = signals(rules, record)  # type: ignore[arg-type]
        for signal in found:
            outgoing = encode(Output(SIGNALS, signal), SERVICE, None, self._settings)
            await producer.send(outgoing.topic, outgoing.value, key=outgoing.key, headers=outgoing.headers)
        metrics.BACKFILLED.inc(len(found))
        return len(found)

    def _places(self, topic: Topic) -> list[TopicPartition]:
        name = topic_name(topic, self._settings)
        return [TopicPartition(name, number) for number in range(self._partitions[name])]

    def _consumer(self, group: str | None) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=",".join(self._settings.bootstrap_servers),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    def _read_memo(self) -> dict[str, str] | None:
        try:
            return json.loads(self._memo.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write_memo(self, rules: RuleSet) -> None:
        self._memo.parent.mkdir(parents=True, exist_ok=True)
        new = self._memo.with_suffix(".new")
        new.write_text(json.dumps(_hashes(rules.by_name.values())), encoding="utf-8")
        new.replace(self._memo)


def _hashes(rules: Iterable[CompiledRule]) -> dict[str, str]:
    return {rule.name: rule.match_hash for rule in rules}


def _only(rules: Sequence[CompiledRule], stream: SignalStream) -> RuleSet:
    """Those of `rules` that look at `stream`, there alone."""
    some = [(rule, source) for rule in rules for source in rule.sources if source.stream == stream]
    return RuleSet({rule.name: rule for rule, _ in some}, {stream: tuple(some)})


async def _seek(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], topic: Topic, rules: RuleSet) -> None:
    """To the start of a compacted topic; of another one, to where the longest window of `rules` reaches back to."""
    if "compact" in topic.cleanup:
        await consumer.seek_to_beginning(*places)
        return
    reach = max(
        (rule.window or 0) + rule.baseline + rule.quiet + rule.for_ + rule.keep for rule in rules.by_name.values()
    )
    since = datetime.now(UTC) - timedelta(microseconds=reach) - MARGIN
    found = await consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
    for place, offset in found.items():
        if offset is None:
            await consumer.seek_to_end(place)
        else:
            consumer.seek(place, offset.offset)
