"""The ledger as a process on a real Kafka: what it ends in, killed and repeated or not, and what it answers."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from ledger_theatre import (
    CAPITALS,
    COUNTRY,
    Final,
    counted,
    dated,
    denied,
    gave_up,
    met,
    retaken,
    said,
    taken,
    taken_back,
)
from tocsin.cli.fleet import Fleet
from tocsin.cli.services import SERVICES
from tocsin.ledger.core import LedgerCore
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, group_name, topic_name
from tocsin_schemas import Control, Incident
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import CONTROL, EVENT_TOPICS, INCIDENTS, PARTITIONS, Topic, dead_letter_name

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
LEDGER = next(service for service in SERVICES if service.name == "ledger")
PATIENCE = 90.0


def campaign(seed: int = 7) -> list[Any]:
    """Three weeks of a war over eight capitals, told by five outlets, with denials, corrections and talk."""
    chance = random.Random(seed)
    told: list[Any] = []
    for day in range(2, 22):
        for outlet in chance.sample(["courier", "herald", "post", "gazette", "SANA"], 3):
            name = chance.choice(CAPITALS)
            make = chance.choice([taken, taken, taken, retaken, denied])
            when = dated(chance.randint(max(1, day - 2), day)) if chance.random() < 0.5 else None
            more = {"when": when} if when else {}
            told.append(make(name, day, outlet=outlet, hour=chance.choice([6.0, 12.0, 18.0]), **more))
        told += [said(f"On day {day} we hold.", day), met(day), gave_up(day, chance.choice([*CAPITALS, None]))]
        told.append(counted(chance.randint(1, 8), day))
    told = list({event.id: event for event in told}.values())
    return told + [taken_back(event, 22) for event in chance.sample(told, 12)]


def folded(events: Iterable[Any]) -> Final:
    """What the core makes of the events, without Kafka."""
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return seen


@asynccontextmanager
async def ledger(settings: Settings, environment: dict[str, str], logs: Path) -> AsyncIterator[Fleet]:
    """The ledger in a process of its own, ready."""
    async with Fleet([LEDGER], environment, logs, {"ledger": settings.http.port}) as fleet:
        await fleet.ready(within=PATIENCE)
        yield fleet


async def publish(settings: Settings, events: Iterable[Any]) -> None:
    producer = new_producer(settings)
    await producer.start()
    try:
        sent = []
        for event in events:
            topic = EVENT_TOPICS[event.type]
            sent.append(
                await producer.send(
                    topic_name(topic, settings), encode(event), key=topic.key_of(event).encode(),
                    headers=headers(event, f"tocsin/{event.type}"),
                )
            )  # fmt: skip
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def worked_off(settings: Settings) -> None:
    """Wait until the ledger has committed everything that is on its topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False)
    await admin.start()
    await consumer.start()
    try:
        sources = [topic_name(topic, settings) for topic in EVENT_TOPICS.values()]
        partitions = [TopicPartition(name, number) for name in sources for number in range(PARTITIONS)]
        ends = {p: end for p, end in (await consumer.end_offsets(partitions)).items() if end > 0}
        async with asyncio.timeout(PATIENCE):
            while True:
                committed = await admin.list_consumer_group_offsets(group_name("ledger", settings))
                if all(p in committed and committed[p].offset >= end for p, end in ends.items()):
                    return
                await asyncio.sleep(0.1)
    finally:
        await consumer.stop()
        await admin.close()


async def written(settings: Settings, topic: Topic) -> list[tuple[str, bytes | None]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic_name(topic, settings), n) for n in range(topic.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[tuple[str, bytes | None]] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=300)).values():
                found += [((r.key or b"").decode(), r.value) for r in records]
        return found
    finally:
        await consumer.stop()


async def ended(settings: Settings) -> dict[str, Any]:
    """The last record of every key, as a reader of the compacted topics sees them."""
    seen = Final()
    for key, value in await written(settings, INCIDENTS):
        if value is None:
            seen.incidents.pop(key, None)
        else:
            seen.incidents[key] = Incident.model_validate_json(value)
    for _, value in await written(settings, CONTROL):
        control = Control.model_validate_json(value or b"")
        seen.controls[control.place.name] = control
    return seen.without_revisions()


async def ask(settings: Settings, path: str, **params: str) -> dict[str, Any]:
    address = f"http://127.0.0.1:{settings.http.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address, params=params) as answer:
        assert answer.status == 200, await answer.text()
        return orjson.loads(await answer.read())


async def command(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What `tocsin ... --json` prints, as a user runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin.cli", *arguments, "--json", env=environment, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return orjson.loads(printed)


async def test_shuffled_repeated_and_killed_it_ends_where_the_core_does(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    events = campaign()
    chance = random.Random(11)
    shuffled = events + chance.sample(events, 40)
    chance.shuffle(shuffled)
    await create_topics(settings)
    async with ledger(settings, service_environment, tmp_path / "logs") as fleet:
        for part in (shuffled[start::3] for start in range(3)):
            await publish(settings, part)
            await asyncio.sleep(chance.uniform(0.0, 0.5))  # wherever it may be by then
            fleet.kill("ledger")
            await fleet.ready(within=PATIENCE)
        await worked_off(settings)
        assert await ended(settings) == folded(events).without_revisions()
        held = {c["place"]["name"]: c["holder"] for c in (await ask(settings, "/control", country=COUNTRY))["control"]}
    assert held == {name: control.holder for name, control in folded(events).controls.items()}


async def test_it_answers_from_its_table_also_after_a_restart(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    await create_topics(settings)
    async with ledger(settings, service_environment, tmp_path / "logs"):
        await publish(settings, [taken(when=dated(3)), retaken(day=9, when=dated(6)), counted(3, 9)])
        await worked_off(settings)
        first = await ask(settings, "/control")
    async with ledger(settings, service_environment, tmp_path / "logs"):
        again = await ask(settings, "/control")
        assert again == first
        assert [c["holder"] for c in again["control"]] == ["state:XKX"]
        assert (again["complete"], again["tallies"][0]["gap"]) == (True, 3)
        then = await ask(settings, "/control", known_at="2019-03-08T00:00:00Z")
        assert [c["holder"] for c in then["control"]] == ["harrow-front"]
        told = await ask(settings, f"/incidents/{again['control'][0]['incident']}")
        assert told["incident"]["reports"][0]["evidence"]["sentence"].startswith("Velmora fell")
        asked = await command(service_environment, "control", "--ledger", f"http://127.0.0.1:{settings.http.port}")
        folded_here = await command(service_environment, "control", "--from-topics")
        assert asked == again
        assert folded_here == {name: again[name] for name in ("control", "tallies")}


async def test_a_record_that_is_no_event_goes_to_the_dead_letters(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    await create_topics(settings)
    async with ledger(settings, service_environment, tmp_path / "logs"):
        producer = new_producer(settings)
        await producer.start()
        capture = topic_name(EVENT_TOPICS["capture"], settings)
        await producer.send_and_wait(capture, b'{"type": "capture"}', key=b"geonames:1")
        await producer.send_and_wait(capture, None, key=b"geonames:1")
        await producer.stop()
        await publish(settings, [taken()])
        await worked_off(settings)
    letters = replace(EVENT_TOPICS["capture"], name=dead_letter_name(EVENT_TOPICS["capture"].name, "ledger"))
    assert [value for _, value in await written(settings, letters)] == [b'{"type": "capture"}']
    assert len(await written(settings, CONTROL)) == 1
