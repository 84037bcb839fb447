"""The ingest service in a process of its own, and what is on the articles topic."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import aiohttp
import yaml
from aiokafka import AIOKafkaConsumer

from tocsin.embedded.broker import free_port
from tocsin.ingest.keys import hash_key
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import topic_name
from tocsin_schemas import Article
from tocsin_schemas.topics import ARTICLES

KEY = "tocsin_test_key"


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Returns when `holds()`; raises TimeoutError when that takes too long."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def articles_on(settings: Settings) -> list[Article]:
    """All records of the articles topic, by partition and offset."""
    consumer = AIOKafkaConsumer(
        topic_name(ARTICLES, settings), bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        end = await consumer.end_offsets(consumer.assignment())
        found: list[Article] = []
        while any([await consumer.position(tp) < end[tp] for tp in end]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [Article.model_validate_json(record.value) for record in batch if record.value]
        return found
    finally:
        await consumer.stop()


class IngestProcess:
    """`python -m tocsin.ingest.service` on a free port, with one key, as an async context manager."""

    def __init__(self, environment: dict[str, str], folder: Path, **own: str) -> None:
        self.port = free_port()
        keys = folder / "keys.yaml"
        scopes = ["articles:write", "articles:withdraw"]
        keys.write_text(yaml.safe_dump({"keys": [{"name": "test", "hash": hash_key(KEY), "scopes": scopes}]}))
        self._log = folder / f"ingest-{self.port}.log"
        self._environment = {
            **environment,
            "TOCSIN_HTTP__PORT": str(self.port),
            "TOCSIN_INGEST__KEYS": str(keys),
            "TOCSIN_INGEST__RATE": "1000000",
            "TOCSIN_INGEST__BURST": "1000000",
            **{f"TOCSIN_INGEST__{name.upper()}": value for name, value in own.items()},
        }

    async def __aenter__(self) -> Self:
        self.process = subprocess.Popen(  # noqa: ASYNC220 - it is started, not waited for
            [sys.executable, "-m", "tocsin.ingest.service"], env=self._environment, stderr=self._log.open("wb")
        )
        self.session = aiohttp.ClientSession(
            f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {KEY}"}
        )
        async with asyncio.timeout(30):
            while self.process.poll() is None:
                with suppress(aiohttp.ClientError):
                    await self.get("/livez")
                    return self
                await asyncio.sleep(0.05)
        raise AssertionError(f"ingest ended with {self.process.returncode}: {self.log()}")

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text()

    async def live(self) -> None:
        """Returns when it writes to Kafka."""
        async with asyncio.timeout(60):
            while not (await self.get("/readyz"))[1].startswith("live"):
                await asyncio.sleep(0.05)

    async def get(self, path: str) -> tuple[int, str]:
        """Status, and the reason of a verdict or the body."""
        async with self.session.get(path) as reply:
            body = await reply.text()
            return reply.status, json.loads(body)["reason"] if reply.content_type == "application/json" else body

    async def post(self, records: Iterable[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """Posts a batch; status and body of the answer."""
        body = b"\n".join(json.dumps(record).encode() for record in records)
        headers = {"Content-Type": "application/x-ndjson"}
        async with self.session.post("/articles", data=body, headers=headers) as reply:
            return reply.status, await reply.json(content_type=None)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and waits for the end; the exit status."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 60)
