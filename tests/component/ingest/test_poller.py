"""Polling a made-up web: new items, corrections, withdrawals, and sites that behave badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from component.ingest.web import Answer, Names, Web
from ingest_builders import BODY, FakeTopic
from tocsin.ingest.articles import Taken
from tocsin.ingest.desk import Answer as DeskAnswer
from tocsin.ingest.desk import Unavailable
from tocsin.ingest.normalize import Normalizer
from tocsin.ingest.poller import Poller
from tocsin.ingest.polling import open_poller, user_agent
from tocsin.ingest.publishers import default_publishers
from tocsin.ingest.refusal import Refusal
from tocsin.ingest.settings import IngestSettings
from tocsin.ingest.sources import Source
from tocsin_schemas import Article

HOST, OTHER = "herald.example", "victim.example"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_item(number: int, **changes: str | None) -> str:
    fields = {
        "title": f"Harun {number}",
        "link": f"/news/{number}",
        "guid": f"g{number}",
        "pubDate": format_datetime(NOW - timedelta(hours=2)),
        "description": "A teaser.",
    } | changes
    inner = "".join(
        f"<{name}{' isPermaLink=' + chr(34) + 'false' + chr(34) if name == 'guid' else ''}>{escape(value)}</{name}>"
        for name, value in fields.items()
        if value is not None
    )
    return f"<item>{inner}</item>"


def a_feed(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>Hill Herald</title>{"".join(items)}</channel></rss>'


def a_page(words: str, title: str = "Harun falls", head: str = "") -> str:
    paragraphs = "".join(f"<p>{BODY} {words} Street {n} was empty.</p>" for n in range(3))
    return (
        f'<html lang="en"><head><title>{title}</title>{head}</head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )


class Desk:
    """Takes articles into a topic in memory; `away`: takes nothing."""

    def __init__(self) -> None:
        self.topic = FakeTopic()
        self.away = False

    async def take(self, candidates: Sequence[Article], traceparent: str | None = None) -> list[DeskAnswer]:
        if self.away:
            raise Unavailable("Kafka is away, and the spool is full", 15)
        answers: list[DeskAnswer] = []
        for candidate in candidates:
            try:
                answers.append(await self.topic.publish(candidate))
            except Refusal as refusal:
                answers.append(refusal)
        return answers


class Setting:
    """A made-up web, one source, and a clock that a test moves."""

    def __init__(self, site: Web, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.desk = Desk()
        self.now = NOW

    @property
    def records(self) -> list[Article]:
        return self.desk.topic.records

    def source(self, **changes: Any) -> Source:
        entry = {"id": "herald", "feed": self.site.url(HOST, "/feed"), "publisher": "Hill Herald", "robots": False}
        return Source.model_validate(entry | changes)

    def poller(self, *sources: Source) -> Poller:
        own = IngestSettings.model_validate({"allow_hosts": [HOST, OTHER], "contact": "https://desk.example"})
        normalizer = Normalizer(default_publishers())
        return open_poller(
            sources,
            own,
            self.folder,
            self.desk.take,
            normalizer,
            pause=0.0,
            clock=lambda: self.now,
            resolver=Names(),
        )

    async def poll(self, source: Source, after: timedelta = timedelta()) -> dict[str, Any]:
        """One round, `after` so long, by a poller that has just been started; the health record."""
        self.now += after
        poller = self.poller(source)
        try:
            await poller.poll(source)
            return poller.health()[0]
        finally:
            await poller.close()


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    async with Web() as site:
        yield Setting(site, tmp_path)


async def test_new_items_become_articles_with_the_text_of_their_pages(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1), an_item(2)))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    setting.site.serve(HOST, "/news/2", a_page("Two.", title="Bridge down"))
    health = await setting.poll(setting.source())
    assert [a.title for a in setting.records] == ["Harun falls", "Bridge down"]
    first = setting.records[0]
    assert first.text.startswith(f"{BODY} One.")
    assert (first.publisher.name, first.url) == ("Hill Herald", setting.site.url(HOST, "/news/1"))
    assert first.published_at == NOW - timedelta(hours=2)
    assert (health["state"], health["articles"], health["problem"]) == ("well", 2, None)
    assert setting.site.headers[HOST, "/feed"][0]["User-Agent"] == user_agent("https://desk.example")


async def test_an_item_is_read_once_also_over_a_restart(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)), ETag='"1"')
    setting.site.serve(HOST, "/news/1", a_page("One."))
    for _ in range(3):
        await setting.poll(setting.source(), timedelta(minutes=10))
    assert setting.site.times(HOST, "/news/1") == 1
    assert [h.get("If-None-Match") for h in setting.site.headers[HOST, "/feed"]] == [None, '"1"', '"1"']
    setting.site.serve(HOST, "/feed", a_feed(an_item(2), an_item(1)), ETag='"2"')
    setting.site.serve(HOST, "/news/2", a_page("Two."))
    await setting.poll(setting.source(), timedelta(minutes=10))
    assert (setting.site.times(HOST, "/news/1"), setting.site.times(HOST, "/news/2")) == (1, 1)
    assert len(setting.records) == 2


async def test_a_correction_is_found_when_the_page_is_looked_at_again(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)), ETag='"1"')
    setting.site.serve(HOST, "/news/1", a_page("Forty were lost."), ETag='"a"')
    await setting.poll(setting.source())
    setting.site.serve(HOST, "/news/1", a_page("Four were lost."), ETag='"b"')
    await setting.poll(setting.source(), timedelta(minutes=50))
    assert len(setting.records) == 1
    await setting.poll(setting.source(), timedelta(minutes=20))
    first, second = setting.records
    assert (second.revision, second.id, second.published_at) == (2, first.id, first.published_at)
    assert second.previous is not None
    assert "Forty" in second.previous.text
    assert "Four were" in second.text
    await setting.poll(setting.source(), timedelta(hours=6))
    await setting.poll(setting.source(), timedelta(hours=24))
    await setting.poll(setting.source(), timedelta(hours=24))
    assert [h.get("If-None-Match") for h in setting.site.headers[HOST, "/news/1"]] == [None, '"a"', '"b"', '"b"']
    assert len(setting.records) == 2


async def test_an_item_that_changes_in_the_feed_is_read_again_at_once(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    await setting.poll(setting.source())
    setting.site.serve(HOST, "/feed", a_feed(an_item(1, title="Harun 1 (corrected)")))
    setting.site.serve(HOST, "/news/1", a_page("Other words."))
    await setting.poll(setting.source(), timedelta(minutes=10))
    assert [a.revision for a in setting.records] == [1, 2]


@pytest.mark.parametrize("how", ["gone", "notice", "gone while the item changes"])
async def test_a_page_that_is_gone_or_holds_a_notice_takes_its_article_back(setting: Setting, how: str) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    await setting.poll(setting.source())
    if how == "notice":
        notice = "<p>This article has been withdrawn because what its only source had said could not be verified.</p>"
        note = f"<html><head><title>Harun falls</title></head><body><article>{notice}</article></body></html>"
        setting.site.serve(HOST, "/news/1", note)
    else:
        setting.site.serve(HOST, "/news/1", Answer(status=410))
    if how == "gone while the item changes":
        setting.site.serve(HOST, "/feed", a_feed(an_item(1, description="Withdrawn.")))
    await setting.poll(setting.source(), timedelta(hours=2))
    assert [(a.revision, a.status) for a in setting.records] == [(1, "published"), (2, "withdrawn")]
    await setting.poll(setting.source(), timedelta(hours=30))
    assert len(setting.records) == 2


async def test_a_page_that_is_missing_for_a_while_takes_nothing_back(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    await setting.poll(setting.source())
    for status in (404, 500):
        setting.site.serve(HOST, "/news/1", Answer(status=status))
        await setting.poll(setting.source(), timedelta(hours=7))
    assert [a.status for a in setting.records] == ["published"]


async def test_a_page_that_cannot_be_had_is_tried_again_and_then_left(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1)), ETag='"1"')
    setting.site.serve(HOST, "/news/1", Answer(status=502))
    poller = setting.poller(source := setting.source())
    await poller.poll(source)
    setting.site.serve(HOST, "/news/1", a_page("One."))
    await poller.poll(source)
    assert [a.title for a in setting.records] == ["Harun falls"]
    setting.site.serve(HOST, "/feed", a_feed(an_item(2)), ETag='"2"')
    setting.site.serve(HOST, "/news/2", Answer(status=502))
    for _ in range(8):
        await poller.poll(source)
    assert setting.site.times(HOST, "/news/2") == 5
    assert poller.health()[0]["refused"] == 1
    await poller.close()


async def test_kafka_away_leaves_the_items_for_the_next_round(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1), an_item(2)), ETag='"1"')
    setting.site.serve(HOST, "/news/1", a_page("One."))
    setting.site.serve(HOST, "/news/2", a_page("Two."))
    setting.desk.away = True
    assert (await setting.poll(setting.source()))["failures"] == 0
    setting.desk.away = False
    await setting.poll(setting.source(), timedelta(seconds=15))
    assert len(setting.records) == 2


async def test_times_are_read_in_the_zone_of_the_source(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1, pubDate="Sun, 01 Mar 2026 13:30:00")))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    await setting.poll(setting.source(time_zone="Asia/Kabul"))
    assert setting.records[0].published_at == datetime(2026, 3, 1, 9, tzinfo=UTC)


async def test_an_impossible_date_gives_way_to_the_pages_own_or_the_item_is_refused(setting: Setting) -> None:
    stamped = '<meta property="article:published_time" content="2026-02-28T18:00:00+03:00">'
    setting.site.serve(
        HOST,
        "/feed",
        a_feed(
            an_item(1, pubDate="Thu, 01 Jan 1970 00:00:00 GMT"),
            an_item(2, pubDate="Fri, 01 Jan 2999 00:00:00 GMT"),
            an_item(3, pubDate=None),
        ),
    )
    setting.site.serve(HOST, "/news/1", a_page("One.", head=stamped))
    setting.site.serve(HOST, "/news/2", a_page("Two."))
    setting.site.serve(HOST, "/news/3", a_page("Three."))
    health = await setting.poll(setting.source())
    assert [a.published_at for a in setting.records] == [datetime(2026, 2, 28, 15, tzinfo=UTC)]
    assert health["refused"] == 2
    # later, an item without a date is as old as its appearance
    setting.site.serve(HOST, "/feed", a_feed(an_item(4, pubDate=None)))
    setting.site.serve(HOST, "/news/4", a_page("Four."))
    await setting.poll(setting.source(), timedelta(minutes=10))
    assert setting.records[1].published_at == setting.now


async def test_a_page_cannot_claim_another_sites_article(setting: Setting) -> None:
    theirs = setting.site.url(OTHER, "/lead")
    head = f'<link rel="canonical" href="{theirs}">'
    setting.site.serve(HOST, "/feed", a_feed(an_item(1), an_item(2)))
    setting.site.serve(HOST, "/news/1", a_page("One.", head=head))
    ours = f'<link rel="canonical" href="{setting.site.url(HOST, "/canonical")}">'
    setting.site.serve(HOST, "/news/2", a_page("Two.", head=ours))
    await setting.poll(setting.source())
    urls = [setting.site.url(HOST, "/news/1"), setting.site.url(HOST, "/canonical")]
    assert [a.url for a in setting.records] == urls


async def test_a_feed_with_full_texts_is_read_without_its_pages_and_cannot_claim_others(setting: Setting) -> None:
    setting.site.serve(
        HOST,
        "/feed",
        a_feed(
            an_item(1, description=f"<p>{BODY}</p><p>Second.</p>"),
            an_item(2, description=BODY, link=setting.site.url(OTHER, "/lead")),
        ),
    )
    await setting.poll(setting.source(text="feed"))
    first, second = setting.records
    assert first.text == f"{BODY}\n\nSecond."
    assert setting.site.asked == [(HOST, "/feed")]
    named = await setting.desk.topic.publish(
        Normalizer(default_publishers()).intake(
            _raw({"url": setting.site.url(OTHER, "/lead"), "text": BODY, "published_at": "2026-02-28T00:00:00Z"}), NOW
        )
    )
    assert named.outcome == "new"
    assert second.id != named.id


def _raw(record: dict[str, Any]) -> Any:
    from tocsin.ingest.raw import raw_article

    return raw_article(record)


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:{port}/secret", "http://inside.example:{port}/secret", "http://169.254.169.254/x"]
)
async def test_an_item_leads_nowhere_inside(setting: Setting, link: str) -> None:
    setting.site.serve(HOST, "/feed", a_feed(an_item(1, link=link.format(port=setting.site.port))))
    health = await setting.poll(setting.source())
    assert health["refused"] == 1
    assert setting.site.asked == [(HOST, "/feed")]


async def test_robots_are_obeyed_for_feeds_and_pages(setting: Setting) -> None:
    setting.site.serve(HOST, "/robots.txt", "User-agent: *\nDisallow: /news/1")
    setting.site.serve(HOST, "/feed", a_feed(an_item(1), an_item(2)))
    setting.site.serve(HOST, "/news/1", a_page("One."))
    setting.site.serve(HOST, "/news/2", a_page("Two."))
    health = await setting.poll(setting.source(robots=True))
    assert (setting.site.times(HOST, "/news/1"), setting.site.times(HOST, "/news/2")) == (0, 1)
    assert (len(setting.records), health["refused"]) == (1, 1)
    setting.site.serve(HOST, "/robots.txt", "User-agent: tocsin\nDisallow: /")
    health = await setting.poll(setting.source(robots=True), timedelta(minutes=10))
    assert health["state"] == "failing"
    assert "robots.txt" in health["problem"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("<html><body>Maintenance</body></html>"), "no RSS or Atom feed"),
        (Answer('<!DOCTYPE r [<!ENTITY a "ha">]><rss><channel><title>&a;</title></channel></rss>'), "entities"),
        (Answer(status=500), "answered 500"),
        (Answer(b"\x1f\x8b\x08 no gzip", headers={"Content-Encoding": "gzip"}), "content-encoding"),
        (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), "link-local"),
    ],
)
async def test_a_feed_that_cannot_be_had_is_told_and_asked_for_less_often(
    setting: Setting, answer: Answer, why: str
) -> None:
    setting.site.serve(HOST, "/feed", answer)
    first = await setting.poll(setting.source())
    assert (first["state"], first["failures"]) == ("failing", 1)
    assert why in first["problem"] or "connection" in why
    second = await setting.poll(setting.source())
    pause = datetime.fromisoformat(second["next_try"]) - setting.now
    assert timedelta(minutes=17) < pause < timedelta(minutes=23)
    setting.site.serve(HOST, "/feed", a_feed())
    assert (await setting.poll(setting.source()))["state"] == "well"


async def test_what_a_host_asks_for_is_given(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", Answer(status=429, headers={"Retry-After": "7200"}))
    health = await setting.poll(setting.source())
    assert datetime.fromisoformat(health["next_try"]) - setting.now >= timedelta(hours=2)


async def test_a_feed_that_is_gone_is_not_asked_for_again(setting: Setting) -> None:
    setting.site.serve(HOST, "/feed", Answer(status=410))
    health = await setting.poll(setting.source())
    assert (health["state"], health["next_try"]) == ("gone", None)


async def test_monstrous_items_are_refused_one_by_one(setting: Setting) -> None:
    setting.site.serve(
        HOST,
        "/feed",
        a_feed(
            an_item(1, title="x" * 5_000_000),
            an_item(2, link="/" + "y" * 5_000),
            an_item(3, link=None),
            an_item(4),
            an_item(5),
        ),
    )
    setting.site.serve(HOST, "/news/1", a_page("One."))
    setting.site.serve(HOST, "/news/4", b"%PDF-1.7", **{"Content-Type": "application/pdf"})
    setting.site.serve(HOST, "/news/5", a_page("Five."))
    health = await setting.poll(setting.source())
    assert [a.text[-40:] for a in setting.records][-1].endswith("Street 2 was empty.")
    assert len(setting.records) == 2  # the first one's title is its page's
    assert health["refused"] == 3


async def test_running_polls_each_source_in_its_turn_and_stops_at_once(setting: Setting) -> None:
    sources = [setting.source(id=f"s{n}", feed=setting.site.url(HOST, f"/feed{n}")) for n in range(5)]
    for number in range(5):
        setting.site.serve(HOST, f"/feed{number}", a_feed(an_item(number)))
        setting.site.serve(HOST, f"/news/{number}", a_page(f"{number}."))
    poller = setting.poller(*sources)
    setting.now += timedelta(minutes=2)

    async def clock() -> None:
        while True:  # made-up time runs fast
            setting.now += timedelta(seconds=20)
            await asyncio.sleep(0.01)

    ticking, running = asyncio.create_task(clock()), asyncio.create_task(poller.run())
    async with asyncio.timeout(20):
        while len(setting.records) < 5 or min(setting.site.times(HOST, f"/feed{n}") for n in range(5)) < 2:
            assert not running.done(), running.exception()
            await asyncio.sleep(0.02)
            if running.done():
                break
    for task in (ticking, running):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await poller.close()
    assert {a.text.split(" Street")[0][-2] for a in setting.records} == set("01234")
    assert json.dumps(poller_states := [a.publisher.name for a in setting.records])
    assert set(poller_states) == {"Hill Herald"}


def test_a_taken_article_that_is_known_is_no_news() -> None:
    from tocsin.ingest.poller import _is_news

    assert not _is_news(Taken("unchanged", "a", 1))
    assert _is_news(Taken("withdrawn", "a", 2))
