"""A service of the lab in a process of its own, the records it reads, and what it wrote."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from streaming_lab import NAME

from tocsin.embedded.broker import free_port
from tocsin.streaming.producer import new_producer
from tocsin.streaming.topics import group_name, topic_name
from tocsin_schemas import Signal, cloudevents
from tocsin_schemas.topics import SIGNALS

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings

LAB = Path(__file__).with_name("streaming_lab.py")
AT = datetime(2031, 5, 1, 12, tzinfo=UTC)


def signal_of(item: str, group: str = "a") -> Signal:
    """A signal about `item` in `group`."""
    return Signal(
        rule="lab", rule_hash="0", group={"g": group}, stream="capture", item=item, matched=True, at=AT, known_at=AT
    )


async def until(condition: Callable[[], bool], seconds: float = 60.0, every: float = 0.1) -> None:
    """Wait for `condition`; TimeoutError when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"did not come true within {seconds} s")
        await asyncio.sleep(every)


@dataclass
class Lab:
    """One service under test: its process, and its topics."""

    settings: Settings
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log_path(self) -> Path:
        """What the process wrote to stderr, over all its starts."""
        return self.settings.state_dir / "lab.log"

    def start(self, name: str, **more: str) -> subprocess.Popen[bytes]:
        """Start service `name` of the lab."""
        env = {**self.environment, "TOCSIN_HTTP__PORT": str(self.port), **more}
        with self.log_path.open("ab") as errors:
            self.process = subprocess.Popen([sys.executable, str(LAB), name], env=env, stderr=errors)
        return self.process

    async def ready(self) -> None:
        """Wait until it says that it is."""
        await until(lambda: self.probe("readyz")[0] == 200, every=0.05)

    def probe(self, path: str, timeout: float = 5.0) -> tuple[int, str]:
        """Status and text of one of its pages; 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)

    def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def log(self) -> list[dict[str, Any]]:
        """Its log lines so far."""
        lines = self.log_path.read_text().splitlines() if self.log_path.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    async def produce(self, signals: Iterable[Signal], traceparent: str | None = None) -> None:
        """Write signals to the topic that the lab's services read."""
        name = topic_name(SIGNALS, self.settings)
        producer = new_producer(self.settings)
        await producer.start()
        try:
            sent = [
                await producer.send(
                    name,
                    cloudevents.encode(s),
                    key=SIGNALS.key_of(s).encode(),
                    headers=cloudevents.headers(s, "tocsin/lab", traceparent),
                )
                for s in signals
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def produce_raw(self, *records: tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]) -> None:
        """Write key, value and headers as they are."""
        producer = new_producer(self.settings)
        await producer.start()
        try:
            for key, value, headers in records:
                await producer.send_and_wait(topic_name(SIGNALS, self.settings), value, key=key, headers=headers)
        finally:
            await producer.stop()

    async def lag(self) -> int:
        """Records of the source topic that are not committed yet."""
        source = topic_name(SIGNALS, self.settings)
        partitions = [TopicPartition(source, n) for n in range(SIGNALS.partitions)]
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(group_name(NAME, self.settings))
        finally:
            await admin.close()
        async with _consumer(self.settings) as consumer:
            ends = await consumer.end_offsets(partitions)
        done = {tp: found.offset for tp, found in offsets.items() if found.offset > 0}
        return sum(ends.values()) - sum(done.get(tp, 0) for tp in partitions)

    async def caught_up(self, seconds: float = 90.0) -> None:
        """Wait until everything is committed."""
        deadline = time.monotonic() + seconds
        while await self.lag():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{await self.lag()} records are not committed after {seconds} s")
            await asyncio.sleep(0.3)

    async def read(self, name: str) -> list[ConsumerRecord]:
        """All records of a topic, under its name without prefix."""
        full = self.settings.kafka.topic_prefix + name
        async with _consumer(self.settings) as consumer:
            partitions = [TopicPartition(full, n) for n in range(SIGNALS.partitions)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(partitions)
            records: list[ConsumerRecord] = []
            while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
                for some in (await consumer.getmany(timeout_ms=500)).values():
                    records.extend(some)
        return records


@asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
