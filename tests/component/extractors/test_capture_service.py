"""The capture service as a process on the run's broker: reading does not stop it from answering, nothing gets lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from tocsin.embedded.broker import free_port
from tocsin.streaming.errors import SettingsError
from tocsin.streaming.letters import read_letters
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin_schemas import Article, PreviousRevision, Publisher
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.ids import content_hash
from tocsin_schemas.topics import ARTICLES, CAPTURE

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
PATIENCE = 120.0
TOLD = datetime(2019, 3, 4, 12, tzinfo=UTC)
FALLEN = "Taliban fighters captured {place} on Monday after soldiers fled, the governor said. " * 3


def article(identity: str, text: str, **more: Any) -> Article:
    return Article(
        id=identity, title="", text=text, published_at=TOLD, received_at=TOLD,
        publisher=Publisher(id="test", name="Test", family="test"), content_hash=content_hash("", text), **more,
    )  # fmt: skip


@pytest.fixture
def capture(settings: Settings, service_environment: dict[str, str]) -> Callable[[], Any]:
    """Runs the service; gives its process and the address of its HTTP server."""

    @asynccontextmanager
    async def run() -> AsyncIterator[tuple[subprocess.Popen[bytes], str]]:
        port = free_port()
        environment = {**service_environment, "TOCSIN_HTTP__PORT": str(port)}
        process = subprocess.Popen([sys.executable, "-m", "tocsin.capture.service"], env=environment)  # noqa: ASYNC220
        address = f"http://127.0.0.1:{port}"
        try:
            await until(lambda: answers(address, "readyz"))
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()
            await asyncio.to_thread(process.wait)

    return run


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.1)


async def answers(address: str, path: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session,
            session.get(f"{address}/{path}") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def publish(settings: Settings, *articles: Article, raw: tuple[bytes, ...] = ()) -> None:
    producer = new_producer(settings)
    await producer.start()
    name = topic_name(ARTICLES, settings)
    try:
        waits = [
            await producer.send(name, encode(a), key=a.id.encode(), headers=headers(a, "tocsin/test")) for a in articles
        ]
        waits += [await producer.send(name, value, key=b"raw") for value in raw]
        await asyncio.gather(*waits)
    finally:
        await producer.stop()


async def events(settings: Settings) -> list[dict[str, Any]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic_name(CAPTURE, settings), n) for n in range(CAPTURE.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[dict[str, Any]] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=300)).values():
                found += [orjson.loads(record.value) for record in records]
        return found
    finally:
        await consumer.stop()


async def test_health_answers_within_a_second_while_two_hundred_articles_are_read(
    settings: Settings, capture: Callable[[], Any]
) -> None:
    await create_topics(settings)
    articles = [article(f"a{n}", f"Report {n}. " + FALLEN.format(place="Ghazni")) for n in range(200)]
    async with capture() as (_, address):
        await publish(settings, *articles)
        slowest = 0.0

        async def all_read() -> bool:
            nonlocal slowest
            began = time.perf_counter()
            assert await answers(address, "livez"), "no answer within a second"
            slowest = max(slowest, time.perf_counter() - began)
            return len({event["article"]["id"] for event in await events(settings)}) == 200

        await until(all_read)
    assert slowest < 1.0


async def test_a_correction_takes_back_what_it_no_longer_says_and_a_withdrawal_everything(
    settings: Settings, capture: Callable[[], Any]
) -> None:
    await create_topics(settings)
    first = "Taliban fighters captured Ghazni on Monday. The rebels also captured Farah, police said."
    second = "Taliban fighters captured Ghazni on Monday. Correction: the army still holds the other town."
    before = PreviousRevision(revision=1, title="", text=first, published_at=TOLD)
    later = {"published_at": TOLD + timedelta(hours=3)}
    corrected = article("a", second, revision=2, status="corrected", previous=before).model_copy(update=later)
    withdrawn = article("b", first, revision=2, status="withdrawn", previous=before).model_copy(update=later)
    async with capture():
        await publish(settings, article("a", first), article("b", first), corrected, withdrawn)
        await until(lambda: _retracted(settings, 3))
        found = await events(settings)
    told = {(e["article"]["id"], e["id"]) for e in found if not e["retracted"]}
    taken_back = {(e["article"]["id"], e["place"]["name"]) for e in found if e["retracted"]}
    assert taken_back == {("a", "Farah"), ("b", "Ghazni"), ("b", "Farah")}
    assert {(e["article"]["id"], e["id"]) for e in found if e["retracted"]} <= told, "ids changed on the way"


async def _retracted(settings: Settings, count: int) -> bool:
    return sum(event["retracted"] for event in await events(settings)) >= count


async def test_what_is_no_article_goes_to_the_dead_letters_whole_and_the_rest_is_read(
    settings: Settings, capture: Callable[[], Any]
) -> None:
    await create_topics(settings)
    naive = encode(article("n", "x")).replace(b"2019-03-04T12:00:00Z", b"2019-03-04T12:00:00")
    junk = (b"\xff\xfe binary", b"{", b'{"id": 7}', naive)
    refused = "The rebels could not take Kunduz from the army, and its soldiers hold the front line. "
    async with capture() as (_, address):
        await publish(settings, article("good", refused + FALLEN.format(place="Ghazni")), raw=junk)

        async def put_aside() -> bool:
            return len([x async for x in read_letters(settings, service="capture")]) == len(junk)

        await until(put_aside)

        async def read() -> bool:
            return bool(await events(settings))

        await until(read)
        letters = [x async for x in read_letters(settings, service="capture")]
        async with aiohttp.ClientSession() as session, session.get(f"{address}/metrics") as answer:
            metrics = (await answer.text()).splitlines()
    assert 'tocsin_sentences_read_total{parsed="true"} 4.0' in metrics
    assert 'tocsin_frames_refused_total{reason="modal"} 1.0' in metrics
    assert 'tocsin_events_total{modality="asserted",retracted="false",type="capture"} 1.0' in metrics
    assert {x.value for x in letters} == set(junk)
    assert all(x.message for x in letters)


async def test_a_service_told_to_stop_in_the_middle_of_a_batch_loses_nothing(
    settings: Settings, capture: Callable[[], Any]
) -> None:
    await create_topics(settings)
    articles = [article(f"a{n}", f"Report {n}. " + FALLEN.format(place="Ghazni")) for n in range(120)]
    async with capture() as (process, _):
        await publish(settings, *articles)

        async def begun() -> bool:
            return bool(await events(settings))

        await until(begun)
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 40) == 0
    async with capture():

        async def all_read() -> bool:
            return len({event["article"]["id"] for event in await events(settings)}) == 120

        await until(all_read)


def test_a_model_that_is_not_installed_ends_the_service_with_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from tocsin.capture.service import build

    monkeypatch.setenv("TOCSIN_MODEL", "no_such_model")
    with pytest.raises(SettingsError, match="no spaCy model 'no_such_model' is installed"):
        build(Settings())
