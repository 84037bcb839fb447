"""The articles topic on a real broker: what is written, and what is known after a restart."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from ingest_builders import an_article
from tocsin.embedded.broker import free_port
from tocsin.ingest.articles import ArticleTopic, Taken
from tocsin.ingest.refusal import Refusal
from tocsin.streaming.errors import TransientError
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import TopicOnBroker, create, on_broker, topic_name
from tocsin_schemas import Article
from tocsin_schemas.topics import ARTICLES

pytestmark = pytest.mark.kafka


async def records(settings: Settings) -> list[Article]:
    """All records of the topic, by partition and offset."""
    consumer = AIOKafkaConsumer(
        topic_name(ARTICLES, settings), bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        end = await consumer.end_offsets(consumer.assignment())
        found: list[Article] = []
        while any([await consumer.position(tp) < end[tp] for tp in end]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [Article.model_validate_json(record.value) for record in batch]
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def opened(settings: Settings, index: Path | None = None, mend: bool = False) -> AsyncIterator[ArticleTopic]:
    topic = ArticleTopic(settings, index, mend=mend)
    await topic.start()
    try:
        yield topic
    finally:
        await topic.stop()


def elsewhere(settings: Settings, **kafka: str) -> Settings:
    return settings.model_copy(update={"kafka": settings.kafka.model_copy(update=kafka)})


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
async def topics(settings: Settings) -> None:
    await create([on_broker(ARTICLES, settings)], settings)


async def test_an_article_is_written_as_the_contract_says(settings: Settings) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    async with opened(settings) as topic:
        assert await topic.publish(an_article("x"), trace) == Taken("new", "x", 1)
    consumer = AIOKafkaConsumer(
        topic_name(ARTICLES, settings), bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest"
    )
    async with consumer:
        record = await asyncio.wait_for(consumer.getone(), 20)
    headers = dict(record.headers)
    assert record.key == b"x"
    assert Article.model_validate_json(record.value).text == an_article().text
    assert headers["ce_type"] == b"tocsin.article.v1"
    assert headers["ce_id"] == b"x/1"
    assert headers["traceparent"] == trace.encode()


async def test_revisions_carry_the_one_before_and_survive_restarts(settings: Settings, tmp_path: Path) -> None:
    index = tmp_path / "seen.sqlite"
    async with opened(settings, index) as topic:
        assert (await topic.publish(an_article(text="One."))).outcome == "new"
        assert (await topic.publish(an_article(text="One."))).outcome == "unchanged"
        assert await topic.publish(an_article(text="Two.")) == Taken("revised", "a", 2)
    async with opened(settings, index) as topic:  # the index on disk
        assert (await topic.publish(an_article(text="Two."))).outcome == "unchanged"
        assert (await topic.publish(an_article(text="One."))).outcome == "superseded"
        assert await topic.publish(an_article(text="Three.")) == Taken("revised", "a", 3)
    async with opened(settings) as topic:  # the index made anew from the topic
        assert topic.known() == 1
        assert (await topic.publish(an_article(text="One."))).outcome == "superseded"
        gone = an_article("a", "", status="withdrawn", title="")
        assert await topic.publish(gone) == Taken("withdrawn", "a", 4)
        assert (await topic.publish(gone)).outcome == "unchanged"
    found = await records(settings)
    assert [(r.revision, r.status, r.text) for r in found] == [
        (1, "published", "One."),
        (2, "corrected", "Two."),
        (3, "corrected", "Three."),
        (4, "withdrawn", ""),
    ]
    assert [r.previous.text if r.previous else None for r in found] == [None, "One.", "Two.", "Three."]


async def test_parallel_posts_of_one_article_are_taken_one_after_the_other(settings: Settings) -> None:
    async with opened(settings) as topic:
        same = await asyncio.gather(*(topic.publish(an_article("a")) for _ in range(20)))
        assert sorted(t.outcome for t in same) == ["new"] + ["unchanged"] * 19
        other = await asyncio.gather(*(topic.publish(an_article("b", f"Text {n}.")) for n in range(10)))
        assert [t.revision for t in other] == list(range(1, 11))
    found = [r for r in await records(settings) if r.id == "b"]
    assert [r.previous.text if r.previous else None for r in found[1:]] == [r.text for r in found[:-1]]


async def test_two_writers_that_do_not_know_of_each_other_are_settled(settings: Settings) -> None:
    async with opened(settings, mend=True) as service, opened(settings) as command:
        # both decide before either has read what the other wrote
        await asyncio.gather(service.publish(an_article(text="Here.")), command.publish(an_article(text="There.")))
        async with asyncio.timeout(20):
            while len(found := await records(settings)) < 3:
                await asyncio.sleep(0.1)
        assert [r.revision for r in found] == [1, 1, 2]
        first, second, settled = found
        assert {first.text, second.text} == {"Here.", "There."}
        assert settled.text == second.text
        assert settled.previous is not None
        assert settled.previous.text == first.text
        # and from then on both know the same
        await until(lambda: command._seen.get("a") is not None and command._seen.get("a").revision == 2)  # type: ignore[union-attr]
        assert (await command.publish(an_article(text=second.text))).outcome == "unchanged"


async def test_one_writer_sees_what_another_has_written(settings: Settings) -> None:
    async with opened(settings) as one, opened(settings) as other:
        await one.publish(an_article("a", "One."))
        await until(lambda: other.known() == 1)
        assert await other.publish(an_article("a", "Two.")) == Taken("revised", "a", 2)
        await until(lambda: one._seen.get("a").revision == 2)  # type: ignore[union-attr]
        assert await one.publish(an_article("a", "Three.")) == Taken("revised", "a", 3)


async def test_a_topic_that_was_made_again_is_not_taken_for_the_old_one(settings: Settings, tmp_path: Path) -> None:
    index = tmp_path / "seen.sqlite"
    async with opened(settings, index) as topic:
        for number in range(8):
            await topic.publish(an_article(f"old-{number}"))
        await until(lambda: topic._own == {})
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.bootstrap)
    await admin.start()
    await admin.delete_topics([topic_name(ARTICLES, settings)])
    async with asyncio.timeout(20):
        while topic_name(ARTICLES, settings) in await admin.list_topics():
            await asyncio.sleep(0.1)
    await admin.close()
    await create([on_broker(ARTICLES, settings)], settings)
    async with opened(settings) as other:
        for number in range(40):
            await other.publish(an_article(f"new-{number}"))
    async with opened(settings, index) as topic:
        assert topic.known() == 40
        assert (await topic.publish(an_article("old-1"))).outcome == "new"


async def test_the_longest_article_and_its_revision_fit(settings: Settings) -> None:
    words = ["Харун", "пал", "в", "пятницу", "после", "двух", "дней", "обстрела", "который", "опустошил", "рынок"]
    choose = random.Random(1)

    def long_text() -> str:
        return " ".join(choose.choices(words, k=200_000))[:1_000_000].rstrip()

    async with opened(settings) as topic:
        assert (await topic.publish(an_article("long", long_text()))).outcome == "new"
        assert (await topic.publish(an_article("long", long_text()))).revision == 2
        noise = "".join(chr(choose.randrange(0x20000, 0x2A000)) for _ in range(1_000_000))
        for text in (noise, noise[::-1]):  # what cannot be compressed, with its previous revision
            await topic.publish(an_article("noise", text))


async def test_a_record_that_the_broker_finds_too_large_is_refused_and_the_next_one_taken(settings: Settings) -> None:
    narrow = elsewhere(settings, topic_prefix=f"{settings.kafka.topic_prefix}narrow.")
    await create([TopicOnBroker(topic_name(ARTICLES, narrow), {"max.message.bytes": "20000"})], narrow)
    topic = ArticleTopic(narrow, None)
    await topic.start()
    noise = "".join(map(chr, random.Random(1).choices(range(0x20000, 0x2A000), k=30_000)))
    try:
        with pytest.raises(Refusal, match="larger, as a record, than Kafka takes"):
            await topic.publish(an_article("noise", noise))
        assert (await topic.publish(an_article("after"))).outcome == "new"
        assert (await topic.publish(an_article("noise"))).outcome == "new"
    finally:
        await topic.stop()


async def test_what_is_no_article_on_the_topic_is_passed_over(settings: Settings) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap)
    async with producer:
        for value in (b"not json", b"{}", b'{"revision": "x", "status": 1}', None):
            await producer.send_and_wait(topic_name(ARTICLES, settings), value, key=b"junk")
    async with opened(settings) as topic:
        assert topic.known() == 0
        assert (await topic.publish(an_article("a"))).outcome == "new"


async def test_a_missing_topic_and_a_missing_kafka_are_told(settings: Settings) -> None:
    missing = ArticleTopic(elsewhere(settings, topic_prefix="none."), None)
    with pytest.raises(TransientError, match=r"none\.tocsin\.articles\.v1"):
        await missing.start(timeout=3)
    nobody = ArticleTopic(elsewhere(settings, bootstrap=f"127.0.0.1:{free_port()}"), None)
    with pytest.raises(TransientError, match="cannot be reached"):
        await nobody.start(timeout=3)


async def test_a_large_topic_is_caught_up_with_in_one_go(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(opened(settings))
        await asyncio.gather(*(writer.publish(an_article(f"a{number}")) for number in range(5_000)))
        reader = await stack.enter_async_context(opened(settings))
        assert reader.known() == 5_000
