"""Webhooks: how fast, how late, how long to recover, each beside a bare client in the same run.

python -m pytest tests/bench/test_webhook_bench.py -s          WEBHOOK_BENCH_PENDING=100000 for the long recovery
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin.webhooks.config_file import load_receivers
from tocsin.webhooks.delivery import delivery_id
from tocsin.webhooks.engine import Engine
from tocsin.webhooks.receivers import Receivers
from tocsin.webhooks.sender import Sender
from tocsin.webhooks.service import serve
from tocsin.webhooks.settings import WebhookSettings
from tocsin.webhooks.store import Store, Write, read_partitions
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import ALERTS, DELIVERIES, PARTITIONS
from webhook_builders import SECRET, a_receiver, an_alert

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

RECEIVERS = 100
ALERTS_EACH = 20
PACED = 75
PENDING = int(os.environ.get("WEBHOOK_BENCH_PENDING", "20000"))


class Sink:
    """A receiver that answers at once and notes when what came."""

    def __init__(self) -> None:
        self.came: list[tuple[str, float]] = []
        self.last_body = b""
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.last_body = await request.read()
        self.came.append((request.headers.get("webhook-id", ""), time.perf_counter()))
        return web.Response()

    async def until(self, count: int, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            for _ in iter(lambda: len(self.came) >= count, True):
                await asyncio.sleep(0.01)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    target = Sink()
    app = web.Application()
    app.router.add_post("/{tail:.*}", target.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield target
    await runner.cleanup()


@contextlib.asynccontextmanager
async def running(settings: Settings, folder: Path, sink: Sink, count: int) -> AsyncIterator[None]:
    path = folder / "receivers.yaml"
    listed = [
        {"name": f"r{n}", "url": f"{sink.url}/{n}", "secrets": [SECRET], "allow": ["127.0.0.1"]} for n in range(count)
    ]
    path.write_text(yaml.safe_dump({"receivers": listed}), encoding="utf-8")
    stopping = asyncio.Event()
    service = asyncio.create_task(serve(settings, WebhookSettings(), load_receivers(path), stopping))
    yield
    stopping.set()
    await service


async def publish(producer: AIOKafkaProducer, settings: Settings, name: str) -> None:
    alert = an_alert(name)
    await producer.send_and_wait(
        topic_name(ALERTS, settings), encode(alert), key=name.encode(), headers=headers(alert, "tocsin/alerting")
    )


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


async def paced(producer: AIOKafkaProducer, settings: Settings, sink: Sink, kind: str) -> list[float]:
    """Milliseconds from just before an alert is produced to its arrival at the sink, at five alerts a second."""
    sent: dict[str, float] = {}
    there = len(sink.came)
    for number in range(PACED):
        name = f"{kind}-{number}"
        sent[delivery_id(an_alert(name), "r0")] = time.perf_counter()
        await publish(producer, settings, name)
        await asyncio.sleep(0.2)
    await sink.until(there + PACED, 30)
    return [(came - sent[message]) * 1000 for message, came in sink.came if message in sent]


@contextlib.asynccontextmanager
async def bare_forwarding(settings: Settings, sink: Sink) -> AsyncIterator[None]:
    """The least that can be done: aiokafka reads the topic, aiohttp posts each record, nothing is kept."""
    consumer = AIOKafkaConsumer(
        topic_name(ALERTS, settings), bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()

    async def forward() -> None:
        async with aiohttp.ClientSession() as session:
            async for record in consumer:
                named = {"webhook-id": delivery_id(Alert.model_validate_json(record.value or b""), "r0")}
                async with session.post(sink.url, data=record.value, headers=named) as reply:
                    await reply.read()

    forwarding = asyncio.create_task(forward())
    yield
    forwarding.cancel()
    await consumer.stop()


async def test_alert_to_webhook(settings: Settings, tmp_path: Path, sink: Sink) -> None:
    await create_topics(settings)
    producer = new_producer(settings)
    await producer.start()
    async with bare_forwarding(settings, sink):
        await publish(producer, settings, "first")
        await sink.until(1, 60)
        bare = await paced(producer, settings, sink, "bare")
    before = len(sink.came)
    async with running(settings, tmp_path, sink, 1):
        await sink.until(before + PACED + 1, 60)  # what the bare client was given is there for the service, too
        ours = await paced(producer, settings, sink, "ours")
    await producer.stop()
    for share in (0.5, 0.99):
        mine, theirs = percentile(ours, share), percentile(bare, share)
        print(
            f"\nalert to webhook at 5/s, p{share * 100:.0f}: {mine:.1f} ms; bare {theirs:.1f} ms; ratio {mine / theirs:.1f}"
        )
    assert percentile(ours, 0.5) < 250


async def bare_posts(sink: Sink, count: int) -> float:
    """Posts a second of bare aiohttp: the same body, as many connections."""
    body, left = sink.last_body, iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=RECEIVERS * 4)) as session:

        async def worker() -> None:
            for number in left:
                async with session.post(f"{sink.url}/{number}", data=body) as reply:
                    await reply.read()

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(RECEIVERS)))
        return count / (time.perf_counter() - began)


async def test_a_burst_to_a_hundred_receivers(settings: Settings, tmp_path: Path, sink: Sink) -> None:
    await create_topics(settings)
    producer = new_producer(settings)
    await producer.start()
    async with running(settings, tmp_path, sink, RECEIVERS):
        await publish(producer, settings, "first")
        await sink.until(RECEIVERS, 60)
        began = time.perf_counter()
        await asyncio.gather(*(publish(producer, settings, f"alert-{n}") for n in range(ALERTS_EACH)))
        await sink.until(RECEIVERS * (ALERTS_EACH + 1), 120)
        rate = RECEIVERS * ALERTS_EACH / (time.perf_counter() - began)
    await producer.stop()
    bare = await bare_posts(sink, 2000)
    print(
        f"\nto {RECEIVERS} receivers: {rate:.0f} deliveries/s, each written twice to Kafka and signed; "
        f"bare aiohttp {bare:.0f} posts/s; ratio {rate / bare:.2f} (the sink shares the process)"
    )
    assert rate > 30


def a_backlog(now: datetime) -> Iterator[Write]:
    for number in range(PENDING):
        alert = an_alert(f"alert-{number}")
        yield Write(
            Delivery(
                id=delivery_id(alert, "desk"),
                receiver="desk",
                alert=alert,
                state="pending",
                next_at=now + timedelta(hours=5),
                created_at=now,
                alert_offset=number,
            ),
            number % PARTITIONS,
        )


async def test_recovery_of_a_backlog(settings: Settings) -> None:
    await create_topics(settings)
    producer = new_producer(settings)
    await producer.start()
    store = Store(producer, topic_name(DELIVERIES, settings), settings.kafka.bootstrap)
    batch: list[Write] = []
    for write in a_backlog(datetime.now(UTC)):
        batch.append(write)
        if len(batch) == 2000:
            await store.write(batch)
            batch = []
    await store.write(batch)
    began = time.perf_counter()
    read = [record.offset async for record in read_partitions(settings.kafka.bootstrap, store.topic)]
    bare = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    receivers = Receivers(receivers=[a_receiver()])
    sender = Sender(receivers.by_name(), "", lambda: datetime.now(UTC))
    engine = Engine(receivers, store, sender, clock=lambda: datetime.now(UTC), random=lambda: 0.5)
    began = time.perf_counter()
    for partition in range(PARTITIONS):
        rebuild = engine.rebuild(partition, PENDING)
        async for record in store.read(partition):
            rebuild.take(record.key.decode(), record.value, None)
        engine.own(rebuild)
    seconds = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    await producer.stop()
    print(
        f"\n{PENDING} pending: back in {seconds:.1f} s, {grown:.0f} MB; bare reading {bare:.1f} s, "
        f"ratio {seconds / bare:.1f}"
    )
    assert len(read) == len(engine.outbox) == PENDING
