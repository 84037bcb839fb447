"""The webhooks service: alerts in, signed messages out. `python -m tocsin.webhooks.service`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import uvloop
from aiohttp import web
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError

from tocsin.streaming.errors import EXIT_FATAL, EXIT_SETTINGS, FatalError, SettingsError, TransientError
from tocsin.streaming.health import DEFAULT_PORTS, Verdict
from tocsin.streaming.health import routes as health_routes
from tocsin.streaming.logs import configure, get_logger
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings, load, load_settings
from tocsin.streaming.topics import create_topics, group_name, topic_name
from tocsin_schemas.topics import ALERTS, DELIVERIES

from .api import Api
from .config_file import ConfigError, load_receivers
from .dead_letters import SERVICE, TopicDeadLetters
from .engine import Engine
from .intake import Intake
from .receivers import Receivers
from .sender import Sender
from .settings import WebhookSettings
from .store import Store

STUCK_SECONDS: Final = 60.0
"""A dispatcher that has not gone round for this long is stuck: the supervisor should restart the process."""

KAFKA_RETRY_SECONDS: Final = 2.0

log = get_logger()


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def consumer_for(settings: Settings) -> AIOKafkaConsumer:
    """The group's consumer: static membership, so that a restart gets its partitions back at once."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap,
        group_id=group_name(SERVICE, settings),
        group_instance_id=f"{group_name(SERVICE, settings)}-{settings.instance}",
        partition_assignment_strategy=(RangePartitionAssignor,),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=30_000,
        heartbeat_interval_ms=3_000,
        rebalance_timeout_ms=60_000,
    )


async def serve(settings: Settings, hooks: WebhookSettings, receivers: Receivers, stopping: asyncio.Event) -> None:
    """Deliver until `stopping` is set. Raises what only a restart mends."""
    async with contextlib.AsyncExitStack() as stack:
        sender = Sender(receivers.by_name(), hooks.external_url, now_utc)
        stack.push_async_callback(sender.close)
        producer, consumer = new_producer(settings), consumer_for(settings)
        store = Store(producer, topic_name(DELIVERIES, settings), settings.kafka.bootstrap)
        engine = Engine(receivers, store, sender, clock=now_utc, random=random.random)
        intake = Intake(consumer, engine, store, TopicDeadLetters(producer, settings), topic_name(ALERTS, settings))
        api = Api(
            engine,
            receivers,
            bootstrap=settings.kafka.bootstrap,
            topic=store.topic,
            external_url=hooks.external_url,
            token=hooks.token(),
        )
        await _listen(stack, settings, engine, intake, api)
        stack.push_async_callback(producer.stop)
        stack.push_async_callback(consumer.stop)
        for step in (partial(create_topics, settings), producer.start, consumer.start):
            if not await _reach_kafka(step, settings.kafka.bootstrap, stopping):
                return
        dispatcher = asyncio.create_task(engine.run())
        stack.push_async_callback(_end, dispatcher)
        stack.push_async_callback(engine.stop, settings.stop_seconds)
        await intake.run(stopping)
        log.info("stopping: tries under way may finish", waiting=len(engine.outbox))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _listen(
    stack: contextlib.AsyncExitStack, settings: Settings, engine: Engine, intake: Intake, api: Api
) -> None:
    """Health, metrics and the API, from the start: `/readyz` says what it is waiting for."""

    def live() -> Verdict:
        idle = time.monotonic() - engine.beat
        if intake.ready_reason == "" and idle > STUCK_SECONDS:
            return Verdict(False, f"the dispatcher has not gone round for {idle:.0f} s")
        return Verdict(True, "delivering")

    def ready() -> Verdict:
        return Verdict(not intake.ready_reason, intake.ready_reason or "delivering")

    app = web.Application()
    app.router.add_routes([*health_routes(live, ready), *api.routes()])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, settings.http.host, settings.http.port or DEFAULT_PORTS[SERVICE])
    try:
        await site.start()
    except OSError as error:
        raise FatalError(f"cannot listen on {site.name} ({error.strerror}): set TOCSIN_HTTP__PORT") from None
    log.info("listening", host=settings.http.host, port=runner.addresses[0][1])


async def _reach_kafka(step: Callable[[], Awaitable[object]], bootstrap: str, stopping: asyncio.Event) -> bool:
    """Do a step that needs Kafka, however long Kafka stays away. False when it was told to stop meanwhile."""
    while not stopping.is_set():
        try:
            await step()
        except (TransientError, KafkaError, OSError) as error:
            log.warning("waiting for Kafka", bootstrap=bootstrap, error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KAFKA_RETRY_SECONDS):
                    await stopping.wait()
        else:
            return True
    return False


async def _main(settings: Settings, hooks: WebhookSettings, receivers: Receivers) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve(settings, hooks, receivers, stopping)


def configured(path: Path | None) -> Receivers:
    """The receivers of the file, or none without one. Raises ConfigError."""
    return load_receivers(path) if path is not None else Receivers()


def main() -> None:
    """Run the service. Exits with 78 for a mistake in the configuration, 70 for what a restart may mend."""
    try:
        settings, hooks = load_settings(), load(WebhookSettings)
        receivers = configured(hooks.receivers)
        hooks.token()
    except (ConfigError, SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_SETTINGS)
    configure(SERVICE, settings.log_level)
    if not receivers.receivers:
        log.warning("no receivers: set TOCSIN_WEBHOOKS__RECEIVERS to a receivers.yaml")
    try:
        uvloop.run(_main(settings, hooks, receivers))
    except (FatalError, KafkaError, OSError) as error:
        log.error("giving up: to be restarted", error=f"{type(error).__name__}: {error}")
        sys.stderr.flush()
        os._exit(EXIT_FATAL)


if __name__ == "__main__":
    main()
