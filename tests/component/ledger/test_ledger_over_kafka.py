"""The ledger as a process on a real Kafka: what it answers, and what it puts aside."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from kafka_topics import publish, records
from ledger_theatre import counted, dated, retaken, taken
from tocsin.cli.fleet import Fleet
from tocsin.cli.lag import total_lag
from tocsin.cli.services import SERVICES
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin_schemas.topics import CONTROL, EVENT_TOPICS, dead_letter_name

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
LEDGER = next(service for service in SERVICES if service.name == "ledger")
PATIENCE = 90.0


@asynccontextmanager
async def ledger(settings: Settings, environment: dict[str, str], logs: Path) -> AsyncIterator[Fleet]:
    """The ledger in a process of its own, ready."""
    async with Fleet([LEDGER], environment, logs, {"ledger": settings.http.port}) as fleet:
        await fleet.ready(within=PATIENCE)
        yield fleet


async def worked_off(settings: Settings) -> None:
    """Wait until the ledger has committed everything that is on its topics."""
    async with asyncio.timeout(PATIENCE):
        while await total_lag(settings, [LEDGER]) > 0:
            await asyncio.sleep(0.1)


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
    assert [value for _, value in await records(settings, letters)] == [b'{"type": "capture"}']
    assert len(await records(settings, CONTROL)) == 1
