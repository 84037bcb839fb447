"""The whole line: every service in a process of its own, a receiver that verifies, and what came out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from tocsin.cli.demonstration import RULES
from tocsin.cli.fleet import Fleet, environment_for
from tocsin.cli.lag import total_lag
from tocsin.cli.services import SERVICES
from tocsin.embedded.broker import free_port
from tocsin.ingest.files import Report, ingest_files
from tocsin.ingest.keys import hash_key, new_key
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin.webhooks.receiver import LocalReceiver, Received
from tocsin.webhooks.signing import new_secret
from tocsin_schemas.topics import ALERTS, CONTROL, DELIVERIES, INCIDENTS, Topic

PATIENCE = 180.0
QUIET = 5
"""Looks, 0.3 s apart, at which nothing must be left to do: counting takes up its groups within a second of a start."""


@dataclass
class Line:
    """The running line: its services, what the receiver was sent, and when (time.perf_counter)."""

    settings: Settings
    fleet: Fleet
    receiver: LocalReceiver
    key: str
    received: list[Received] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)

    async def ingest(self, *sources: Path) -> Report:
        """Files in, straight to the articles topic."""
        return await ingest_files(list(sources), self.settings)

    async def post(self, articles: list[dict[str, Any]]) -> None:
        """Articles in as a publisher sends them: over HTTP, with a key."""
        url = f"http://127.0.0.1:{self.fleet.ports['ingest']}/articles"
        headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {self.key}"}
        body = b"\n".join(orjson.dumps(article) for article in articles)
        async with aiohttp.ClientSession() as web, web.post(url, data=body, headers=headers) as reply:
            assert reply.ok, await reply.text()

    async def settled(self) -> None:
        """Wait until every service has worked off its topics and every delivery has ended."""
        async with asyncio.timeout(PATIENCE):
            quiet = 0
            while quiet < QUIET:  # a record on its way between two topics shows as lag at the next look
                behind = await total_lag(self.settings)
                pending = [d for d in (await self.latest(DELIVERIES)).values() if d["state"] == "pending"]
                done = behind == 0 and not pending and await groups_settled(self.fleet.ports["alerting-counting"])
                quiet = quiet + 1 if done else 0
                await asyncio.sleep(0.3)

    async def latest(self, topic: Topic) -> dict[str, dict[str, Any]]:
        """The last record of each key of a topic, tombstones left out."""
        found: dict[str, dict[str, Any]] = {}
        for key, value in await self.records(topic):
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return found

    async def records(self, topic: Topic) -> list[tuple[str, dict[str, Any] | None]]:
        """Every record of a topic, in the order of each partition."""
        name = topic_name(topic, self.settings)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[tuple[str, dict[str, Any] | None]] = []
            while any([await consumer.position(p) < ends[p] for p in partitions]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [((r.key or b"").decode(), orjson.loads(r.value) if r.value else None) for r in records]
            return found
        finally:
            await consumer.stop()


async def groups_settled(counting: int) -> bool:
    """Whether the counting service at this port has judged all groups of rules that changed."""
    try:
        async with aiohttp.ClientSession() as web, web.get(f"http://127.0.0.1:{counting}/metrics") as reply:
            return "tocsin_alert_groups_unsettled 0.0" in (await reply.text()).splitlines()
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def open_line(settings: Settings, state: Path, rules: Path = RULES) -> AsyncIterator[Line]:
    """The whole line, ready, on the broker of `settings`; its state and logs under `state`."""
    secret = new_secret()
    received: list[Received] = []
    arrived: list[float] = []

    async def note(message: Received) -> None:
        received.append(message)
        arrived.append(time.perf_counter())

    await asyncio.to_thread(state.mkdir)
    await create_topics(settings)
    async with LocalReceiver(secret, note) as receiver:
        desk = {"name": "desk", "url": receiver.url, "secrets": [{"value": secret}], "allow": ["127.0.0.1"]}
        receivers = state / "receivers.yaml"
        receivers.write_bytes(orjson.dumps({"receivers": [desk]}))
        key = new_key()
        keys = state / "keys.yaml"
        keys.write_bytes(orjson.dumps({"keys": [{"name": "test", "hash": hash_key(key)}]}))
        environment = environment_for(
            settings.kafka.bootstrap, state / "state",
            TOCSIN_KAFKA__TOPIC_PREFIX=settings.kafka.topic_prefix,
            TOCSIN_ALERTING__RULES=str(rules),
            TOCSIN_WEBHOOKS__RECEIVERS=str(receivers),
            TOCSIN_INGEST__KEYS=str(keys),
        )  # fmt: skip
        ports = {service.name: free_port() for service in SERVICES}
        async with Fleet(SERVICES, environment, state / "logs", ports) as fleet:
            await fleet.ready(within=PATIENCE)
            yield Line(settings, fleet, receiver, key, received, arrived)


def essence(records: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Records without what tells the order of arrival: revision numbers."""
    return {
        key: {name: value for name, value in record.items() if name != "revision"} for key, record in records.items()
    }


FINAL = (INCIDENTS, CONTROL, ALERTS)
