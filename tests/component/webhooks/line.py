"""The service on a real broker: alerts in at one end, receivers at the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from aiokafka import AIOKafkaProducer
from hostile import Hostile

from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin.webhooks.config_file import load_receivers
from tocsin.webhooks.journal import Logged, delivery_log
from tocsin.webhooks.service import serve
from tocsin.webhooks.settings import WebhookSettings
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import ALERTS, DELIVERIES
from webhook_builders import SECRET

QUICK = ["0s", "200ms", "200ms", "200ms", "200ms", "200ms", "200ms", "200ms"]
"""A schedule of tries for tests."""

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def receivers_file(folder: Path, *receivers: dict[str, Any]) -> Path:
    """A receivers.yaml. Receivers sign with SECRET, are quick to retry, and may be on this machine."""
    defaults = {"secrets": [SECRET], "allow": ["127.0.0.1"], "retry": QUICK, "timeout": "1s"}
    path = folder / "receivers.yaml"
    path.write_text(yaml.safe_dump({"receivers": [{**defaults, **given} for given in receivers]}), encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def service(settings: Settings, receivers: Path) -> AsyncIterator[None]:
    """The service in this process, stopped in good order at the end. Raises what it died of."""
    stopping = asyncio.Event()
    running = asyncio.create_task(serve(settings, WebhookSettings(), load_receivers(receivers), stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(running, 60)


async def publish(settings: Settings, alerts: Sequence[Alert | bytes]) -> None:
    """Put alerts on their topic, as alerting does; bytes as they are."""
    await create_topics(settings)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for alert in alerts:
            if isinstance(alert, bytes):
                await producer.send_and_wait(topic_name(ALERTS, settings), alert, key=b"raw")
                continue
            await producer.send_and_wait(
                topic_name(ALERTS, settings),
                encode(alert),
                key=alert.fingerprint.encode(),
                headers=headers(alert, "tocsin/alerting", TRACE),
            )
    finally:
        await producer.stop()


async def log(settings: Settings, **wanted: Any) -> list[Logged]:
    """The delivery log."""
    return await delivery_log(settings.kafka.bootstrap, topic_name(DELIVERIES, settings), limit=100_000, **wanted)


async def log_when(settings: Settings, holds: Callable[[list[Delivery]], bool], seconds: float = 30) -> list[Delivery]:
    """The log, as soon as the condition holds of it."""
    async with asyncio.timeout(seconds):
        while True:
            found = [logged.delivery for logged in await log(settings)]
            if holds(found):
                return found
            await asyncio.sleep(0.1)


async def settled(settings: Settings, count: int, seconds: float = 30) -> list[Delivery]:
    """The log once it has `count` deliveries and none is pending any more."""
    return await log_when(
        settings, lambda found: len(found) == count and all(each.state != "pending" for each in found), seconds
    )


def heard(server: Hostile, fingerprint: str) -> list[str]:
    """The states that a receiver was told of one alert, in order, each message counted once."""
    seen: dict[str, list[tuple[str, str]]] = {request.message_id: request.alerts for request in server.answered}
    return [state for alerts in seen.values() for name, state in alerts if name == fingerprint]
