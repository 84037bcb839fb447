"""`tocsin_schemas.subscribe` and `tocsin tail` on a real Kafka: typed, filtered, resumed, and what is no record."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger_theatre import CAPITALS, dated, denied, taken
from tocsin.cli.app import app
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin_schemas import Capture
from tocsin_schemas.subscribe import Subscription, subscribe
from tocsin_schemas.topics import CAPTURE

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
STORY = [taken(CAPITALS[n], n + 3, when=dated(n + 3)) for n in range(4)]


@asynccontextmanager
async def told(settings: Settings, *values: Capture | bytes | None) -> AsyncIterator[None]:
    """The topics, with these records of captures, one after another in one partition."""
    await create_topics(settings)
    await tell(settings, *values)
    yield


async def tell(settings: Settings, *values: Capture | bytes | None) -> None:
    producer = new_producer(settings)
    await producer.start()
    try:
        for value in values:
            encoded = value.model_dump_json().encode() if isinstance(value, Capture) else value
            await producer.send_and_wait(topic_name(CAPTURE, settings), encoded, key=b"k", partition=0)
    finally:
        await producer.stop()


def captures(settings: Settings, **options: Any) -> Subscription[Capture]:
    own = {"bootstrap": settings.kafka.bootstrap, "prefix": settings.kafka.topic_prefix, "start": "earliest"}
    return subscribe("capture", **(own | options))


async def first(subscription: Subscription[Capture], count: int) -> list[str]:
    """The ids of the next records, the last of them processed."""
    found: list[str] = []
    async with asyncio.timeout(30):
        async for event in subscription:
            found.append(event.id)
            if len(found) == count:
                break
    return found


async def test_records_come_as_models_in_order(settings: Settings) -> None:
    async with told(settings, *STORY), captures(settings) as mine:
        event = await anext(mine)
        assert isinstance(event, Capture)
        assert event == STORY[0]
        assert await first(mine, 3) == [c.id for c in STORY[1:]]


async def test_a_group_goes_on_where_it_was_and_the_record_in_hand_comes_again(settings: Settings) -> None:
    ids = [c.id for c in STORY]
    async with told(settings, *STORY):
        async with captures(settings, group="desk") as mine:
            assert await first(mine, 2) == ids[:2]  # of these the second is in hand
        async with captures(settings, group="desk") as mine:
            assert await first(mine, 3) == ids[1:]
        async with captures(settings, group="other") as mine:
            assert await first(mine, 1) == ids[:1]


async def test_a_group_that_began_and_saw_nothing_loses_nothing_of_what_comes_meanwhile(settings: Settings) -> None:
    async with told(settings, STORY[0]):
        async with captures(settings, group="desk", start="latest"):
            pass
        await tell(settings, STORY[1])
        async with captures(settings, group="desk", start="latest") as mine:
            assert await first(mine, 1) == [STORY[1].id]


async def test_partitions_that_move_between_readers_of_a_group_lose_nothing(settings: Settings) -> None:
    seen: set[str] = set()

    async def read(mine: Subscription[Capture]) -> None:
        async for event in mine:
            seen.add(event.id)

    events = [STORY[0].model_copy(update={"id": str(number)}) for number in range(60)]
    async with told(settings, *events[:30]), captures(settings, group="desk") as one:
        await anext(one)  # in hand while partitions move
        async with captures(settings, group="desk") as other:
            readers = [asyncio.create_task(read(mine)) for mine in (one, other)]
            await tell(settings, *events[30:])
            async with asyncio.timeout(60):
                while len(seen) < 60:
                    assert not any(reader.done() for reader in readers)
                    await asyncio.sleep(0.05)
            for reader in readers:
                reader.cancel()
    assert seen == {event.id for event in events}


async def test_a_topic_that_is_not_there_is_named(settings: Settings) -> None:
    with pytest.raises(LookupError, match=r"there is no topic t\w+.tocsin.events.capture.v1"):
        await anext(captures(settings))


async def test_only_what_is_wanted_comes_and_what_takes_back_always(settings: Settings) -> None:
    doubted = denied(CAPITALS[1], 5)
    gone = STORY[3].model_copy(update={"retracted": True})
    elsewhere = STORY[1].model_copy(
        update={"place": STORY[1].place and STORY[1].place.model_copy(update={"country": "ZZZ"})}
    )
    async with told(settings, STORY[0], doubted, gone, elsewhere):
        country = STORY[0].place and STORY[0].place.country
        async with captures(settings, min_status="claimed") as mine:
            assert await first(mine, 3) == [STORY[0].id, gone.id, elsewhere.id]
        async with captures(settings, country="ZZZ") as mine:
            assert await first(mine, 1) == [elsewhere.id]
        async with captures(settings, country=country, min_status="contested") as mine:
            assert await first(mine, 3) == [STORY[0].id, doubted.id, gone.id]


async def test_what_is_no_record_goes_to_the_handler_and_the_rest_comes(settings: Settings) -> None:
    bad: list[tuple[int, str]] = []
    async with told(settings, b"\xff\x00", b'{"id": 7}', None, STORY[0]):
        async with captures(
            settings, on_bad=lambda record, error: bad.append((record.offset, type(error).__name__))
        ) as mine:
            assert await first(mine, 1) == [STORY[0].id]
        assert bad == [(0, "ValueError"), (1, "ValidationError")]

        def refuse(record: Any, error: Exception) -> None:
            raise error

        async with captures(settings, on_bad=refuse) as mine:
            with pytest.raises(ValueError, match="expected value"):
                await anext(mine)


async def test_it_starts_at_the_end_or_at_a_time(settings: Settings) -> None:
    async with told(settings, STORY[0]):
        await asyncio.sleep(0.05)  # the broker stamps records by the millisecond
        between = datetime.now(UTC)
        async with captures(settings, start="latest") as mine:
            waiting = asyncio.create_task(first(mine, 1))
            while mine._consuming is None:
                await asyncio.sleep(0.02)
            await tell(settings, STORY[1])
            assert await waiting == [STORY[1].id]
        async with captures(settings, start=between) as mine:
            assert await first(mine, 1) == [STORY[1].id]
        async with captures(settings, start=between - timedelta(hours=1)) as mine:
            assert await first(mine, 2) == [STORY[0].id, STORY[1].id]


@pytest.mark.parametrize(
    ("topic", "options", "words"),
    [
        ("captures", {}, "there is no topic 'captures'; topics: articles, capture"),
        ("capture", {"country": "Afghanistan"}, "three capitals"),
        ("capture", {"min_status": "sure"}, "contested, claimed, confirmed"),
        ("alerts", {"min_status": "claimed"}, "not for alerts"),
        ("capture", {"start": "yesterday"}, "not 'yesterday'"),
        ("capture", {"start": datetime(2019, 3, 4)}, "without a zone"),
    ],
)
def test_a_wrong_call_is_told(topic: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        subscribe(topic, **options)  # type: ignore[call-overload]


def test_without_aiokafka_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    monkeypatch.delitem(sys.modules, "tocsin_schemas.consuming", raising=False)
    with pytest.raises(ImportError, match=r"pip install tocsin-schemas\[kafka\]"):
        subscribe("capture")


async def _tail(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin.cli", "tail", *arguments, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_tail_prints_for_people_and_for_pipes(settings: Settings, service_environment: dict[str, str]) -> None:
    doubted = denied(CAPITALS[1], 5)
    async with told(settings, STORY[0], doubted, b"no json"):
        code, out, err = await _tail(service_environment, "capture", "--since", "1h", "--until-end")
        assert code == 0
        assert f"{STORY[0].place and STORY[0].place.name} by" in out
        assert STORY[0].evidence.sentence in out
        assert "is not JSON" in err
        code, out, _ = await _tail(
            service_environment, "capture", "--json", "--since", "1h", "--until-end", "--min-status", "claimed"
        )
        assert [json.loads(line)["id"] for line in out.splitlines()] == [STORY[0].id]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["controls"], "there is no topic 'controls'"),
        (["capture", "--min-status", "sure"], "contested, claimed, confirmed"),
        (["capture", "--country", "Mali"], "three capitals"),
        (["capture", "--since", "yesterday"], "no duration and no time"),
    ],
)
def test_a_wrong_tail_is_told(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["tail", *arguments])
    assert result.exit_code == 2
    assert words in result.output
