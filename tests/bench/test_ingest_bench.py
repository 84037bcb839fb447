"""What taking articles in costs beside a bare producer, and polling beside bare GETs, as ratios within one run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from component.ingest.running import IngestProcess
from component.ingest.test_poller import a_feed, an_item
from component.ingest.web import Names, Web
from ingest_builders import BODY, FakeTopic, a_record
from tocsin.ingest.normalize import Normalizer
from tocsin.ingest.polling import open_poller
from tocsin.ingest.publishers import default_publishers
from tocsin.ingest.settings import IngestSettings
from tocsin.ingest.sources import Source
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin_schemas import Article
from tocsin_schemas.topics import ARTICLES

ARTICLES_POSTED = 6_000
BATCH = 200
AT_ONCE = 8
FEEDS = 500
ITEMS = 20
pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]
TEXT = " ".join(f"{BODY} On street {n} nobody was seen, and the shops stayed shut until noon." for n in range(15))


def records(first: int, count: int) -> list[dict[str, Any]]:
    return [
        a_record(id=f"a{n}", url=f"https://herald.example/{n}", text=f"{TEXT} {n}") for n in range(first, first + count)
    ]


async def _bare(settings: Settings) -> float:
    """Articles of the same size a second, by aiokafka alone with the same acknowledgements."""
    producer = new_producer(settings)
    await producer.start()
    value = f"{TEXT}".encode() + b"x" * 500
    try:
        began = time.perf_counter()
        sent = [
            await producer.send(topic_name(ARTICLES, settings), value, key=f"bare{n}".encode())
            for n in range(ARTICLES_POSTED)
        ]
        await asyncio.gather(*sent)
        return ARTICLES_POSTED / (time.perf_counter() - began)
    finally:
        await producer.stop()


async def test_articles_posted_a_second(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    await create_topics(settings)
    async with IngestProcess(service_environment, tmp_path) as service:
        await service.live()
        assert (await service.post(records(10**6, BATCH)))[0] == 200
        batches = [records(first, BATCH) for first in range(0, ARTICLES_POSTED, BATCH)]

        async def client(mine: list[list[dict[str, Any]]]) -> None:
            for batch in mine:
                status, answer = await service.post(batch)
                assert (status, answer["counts"]) == (200, {"new": BATCH})

        began = time.perf_counter()
        await asyncio.gather(*(client(batches[n::AT_ONCE]) for n in range(AT_ONCE)))
        posted = ARTICLES_POSTED / (time.perf_counter() - began)
        began = time.perf_counter()
        await asyncio.gather(*(client_again(service, batches[n::AT_ONCE]) for n in range(AT_ONCE)))
        again = ARTICLES_POSTED / (time.perf_counter() - began)
    bare = await _bare(settings)
    print(
        f"\n{posted:,.0f} articles/s of {len(TEXT):,} characters posted in batches of {BATCH}, acknowledged when on all replicas: "
        f"{posted / bare:.2f} of a bare producer ({bare:,.0f}/s); the same again {again:,.0f}/s"
    )


async def client_again(service: IngestProcess, mine: list[list[dict[str, Any]]]) -> None:
    for batch in mine:
        status, answer = await service.post(batch)
        assert (status, answer["counts"]) == (200, {"unchanged": BATCH})


async def test_feeds_polled_an_hour(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    topic = FakeTopic()

    async def take(articles: Sequence[Article], traceparent: str | None = None) -> list[Any]:
        return [await topic.publish(article) for article in articles]

    async with Web() as site:
        sources: list[Source] = []
        for number in range(FEEDS):
            host = f"s{number}.example"
            items = [
                an_item(number * ITEMS + n, description=f"{BODY} Street {number} {n} was empty.") for n in range(ITEMS)
            ]
            site.serve(host, "/feed", a_feed(*items), ETag='"1"')
            feed = site.url(host, "/feed")
            sources.append(
                Source.model_validate(
                    {"id": f"s{number}", "feed": feed, "text": "feed", "publisher": "Hill Herald", "robots": False}
                )
            )
        own = IngestSettings.model_validate({"allow_hosts": [f"s{n}.example" for n in range(FEEDS)]})
        clock = [now]
        poller = open_poller(
            sources, own, tmp_path, take, Normalizer(default_publishers()), pause=0.0, clock=lambda: clock[0], resolver=Names()
        )  # fmt: skip

        async def round_of_all() -> float:
            limit = asyncio.Semaphore(16)

            async def one(source: Source) -> None:
                async with limit:
                    await poller.poll(source)

            began = time.perf_counter()
            await asyncio.gather(*map(one, sources))
            return time.perf_counter() - began

        try:
            first = await round_of_all()
            assert len(topic.records) == FEEDS * ITEMS
            assert all(record["state"] == "well" for record in poller.health())
            clock[0] += timedelta(minutes=20)
            second = await round_of_all()
            assert len(topic.records) == FEEDS * ITEMS
        finally:
            await poller.close()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Names(), limit=16)) as session:
            began = time.perf_counter()

            async def bare(source: Source) -> None:
                async with session.get(source.feed) as answer:
                    await answer.read()

            await asyncio.gather(*map(bare, sources))
            gets = time.perf_counter() - began
    print(
        f"\n{FEEDS} feeds of {ITEMS} items: {FEEDS / first * 3600:,.0f} feeds/h when all is new ({FEEDS * ITEMS / first:,.0f} articles/s, "
        f"{first / gets:.1f} times bare GETs), {FEEDS / second * 3600:,.0f} feeds/h when nothing is ({second / gets:.1f} times)"
    )
