"""The two services of alerting in processes of their own, records in at one end, alerts out at the other."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import BaseModel

from tocsin.embedded.broker import free_port
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import topic_name
from tocsin_schemas import Alert
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import ALERTS, BY_MODEL


class AlertingProcess:
    """`python -m tocsin.alerting.service NAME`, killed at the end if it still runs. `log` is where its stderr goes."""

    def __init__(self, name: str, environment: dict[str, str], rules: Path, instance: str = "0") -> None:
        self.name = name
        self.port = free_port()
        self.log = rules.parent / f"{name}-{instance}-{self.port}.log"
        self._environment = {
            **environment,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "TOCSIN_HTTP__PORT": str(self.port),
            "TOCSIN_INSTANCE": instance,
            "TOCSIN_ALERTING__RULES": str(rules),
        }
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        with self.log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tocsin.alerting.service", self.name], env=self._environment, stderr=stderr
            )

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit status, once it has ended."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, 60)

    async def ready(self, seconds: float = 60) -> None:
        """Returns when /readyz says yes."""
        async with aiohttp.ClientSession() as web, asyncio.timeout(seconds):
            while True:
                try:
                    async with web.get(f"http://127.0.0.1:{self.port}/readyz") as reply:
                        if reply.status == 200:
                            return
                except aiohttp.ClientError:
                    assert self._process is not None
                    assert self._process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.1)

    async def metric(self, name: str) -> float:
        """The sum of all samples of a metric."""
        async with aiohttp.ClientSession() as web, web.get(f"http://127.0.0.1:{self.port}/metrics") as reply:
            lines = (await reply.text()).splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


async def publish(settings: Settings, records: Iterable[BaseModel]) -> None:
    """Put records on their topics, as the services before alerting do."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for record in records:
            topic = BY_MODEL[type(record)]
            await producer.send(
                topic_name(topic, settings),
                encode(record),
                key=topic.key_of(record).encode(),
                headers=headers(record, "tocsin/test"),
            )
        await producer.flush()
    finally:
        await producer.stop()


class AlertsTopic:
    """Reads the alerts topic from its start, as an async context manager. `alerts` are all that have come."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.alerts: list[Alert] = []

    async def __aenter__(self) -> Self:
        name = topic_name(ALERTS, self._settings)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka.bootstrap, auto_offset_reset="earliest"
        )
        await self._consumer.start()
        self._consumer.assign([TopicPartition(name, number) for number in range(ALERTS.partitions)])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, holds: Callable[[list[Alert]], Any], seconds: float = 90) -> list[Alert]:
        """All alerts, as soon as the condition holds of them."""
        async with asyncio.timeout(seconds):
            while not holds(self.alerts):
                batches = await self._consumer.getmany(timeout_ms=200)
                for message in (message for batch in batches.values() for message in batch):
                    self.alerts.append(Alert.model_validate_json(message.value))
        return self.alerts
