"""Polling: each source at its pace, each new item once, each page again after an hour, six and twenty-four.

A round of a source: the feed (or "not modified"), its new and changed items, then the pages that are due to be looked
at again. An item counts as read when its article is answered for; what may work later is left for the next round.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from tocsin.streaming import metrics
from tocsin.streaming.logs import get_logger
from tocsin_schemas import Article

from .articles import Taken
from .desk import Answer, Spooled, Unavailable
from .feeds import Feed, Item
from .fetch import NO_VALIDATORS, Fetcher, FetchError
from .journal import Journal, ReadItem
from .normalize import Normalizer
from .raw import RawArticle
from .reading_items import ItemReader, Looked
from .refusal import Refusal
from .robots import RobotsKeeper
from .sources import Health, Source, told
from .workshop import Workshop

FEED: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
AT_ONCE: Final = 16
"""Sources that are polled at the same time."""
DUE_AT_ONCE: Final = 20
SPREAD: Final = timedelta(seconds=60)
"""Over which new sources are spread after a start."""
LOOK: Final = 1.0
"""Seconds after which the clock is looked at again: it may have been set, or the machine may have slept."""
JITTER: Final = 0.1
REMEMBERED: Final = timedelta(days=90)
TRIES: Final = 5
"""Rounds for which an item that cannot be fetched is tried."""
SOURCE: Final = "feed"

log = get_logger()
Take = Callable[[Sequence[Article]], Awaitable[list[Answer]]]


class Poller:
    """Polls sources and hands their articles to `take` (the desk)."""

    def __init__(
        self,
        sources: Sequence[Source],
        journal: Journal,
        take: Take,
        normalizer: Normalizer,
        *,
        fetcher: Fetcher,
        robots: RobotsKeeper,
        workshop: Workshop,
        items: ItemReader,
        clock: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._sources = {source.id: source for source in sources}
        self._journal = journal
        self._take = take
        self._normalizer = normalizer
        self._fetcher = fetcher
        self._robots = robots
        self._workshop = workshop
        self._items = items
        self._clock = clock
        self._random = random
        self._tries: Counter[tuple[str, str]] = Counter()
        for source in sources:
            self._show(source, journal.health(source.id))

    def health(self) -> list[dict[str, Any]]:
        """The health record of every source."""
        now = self._clock()
        day = now - timedelta(days=1)
        return [
            told(source, self._journal.health(source.id), now, self._journal.items_since(source.id, day))
            for source in self._sources.values()
        ]

    async def run(self) -> None:
        """Polls until it is cancelled."""
        due = [(self._first_due(source), source.id) for source in self._sources.values()]
        heapq.heapify(due)
        running: dict[asyncio.Task[None], str] = {}
        forgotten = self._clock()
        try:
            while due or running:
                now = self._clock()
                while due and due[0][0] <= now and len(running) < AT_ONCE:
                    source = self._sources[heapq.heappop(due)[1]]
                    running[asyncio.create_task(self.poll(source))] = source.id
                for task in await self._next_done(due, running):
                    source_id = running.pop(task)
                    task.result()
                    health = self._journal.health(source_id)
                    if not health.gone and health.next_try is not None:
                        heapq.heappush(due, (health.next_try, source_id))
                if now - forgotten > timedelta(days=1):
                    self._journal.forget_before(now - REMEMBERED)
                    forgotten = now
            await asyncio.Event().wait()  # every feed is gone for good
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _first_due(self, source: Source) -> datetime:
        health = self._journal.health(source.id)
        now = self._clock()
        if health.next_try is not None:
            return min(health.next_try, now + source.every * 2) if not health.failures else health.next_try
        return now + self._random.random() * min(SPREAD, source.every)

    async def _next_done(
        self, due: list[tuple[datetime, str]], running: dict[asyncio.Task[None], str]
    ) -> set[asyncio.Task[None]]:
        """Waits for the next source that is due, or the next that is done."""
        free = len(running) < AT_ONCE
        wait = min(LOOK, max(0.0, (due[0][0] - self._clock()).total_seconds())) if due and free else None
        if running:
            done, _ = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            return done
        await asyncio.sleep(wait or 0)
        return set()

    async def poll(self, source: Source) -> None:
        """One round of a source, written down in its health record. Raises nothing that a source can cause."""
        before = self._journal.health(source.id)
        every = source.every * (1 + JITTER * (2 * self._random.random() - 1))
        try:
            health = await self._round(source, before, every)
            metrics.INGEST_POLLS.labels("ok").inc()
        except FetchError as failed:
            metrics.INGEST_POLLS.labels(failed.reason).inc()
            gone = failed.status == 410
            health = before.failed(self._clock(), every, failed.detail, failed.retry_after, gone)
        except Refusal as refused:
            metrics.INGEST_POLLS.labels("no_feed").inc()
            health = before.failed(self._clock(), every, str(refused), None)
        except Unavailable as away:
            metrics.INGEST_POLLS.labels("unavailable").inc()
            health = replace(before, next_try=self._clock() + timedelta(seconds=away.retry_after))
        if health.failures == 1 or (health.gone and not before.gone):
            log.warning("source fails", source=source.id, problem=health.problem, gone=health.gone)
        if before.failures and not health.failures:
            log.info("source is well again", source=source.id)
        self._journal.keep_health(source.id, health)
        self._show(source, health)

    def _show(self, source: Source, health: Health) -> None:
        metrics.INGEST_SOURCE_FAILURES.labels(source.id).set(health.failures)
        for gauge, when in (
            (metrics.INGEST_SOURCE_SUCCESS, health.last_success),
            (metrics.INGEST_SOURCE_NEW, health.last_new),
        ):
            gauge.labels(source.id).set(when.timestamp() if when is not None else 0)
        silent = health.silent(source, self._clock())
        metrics.INGEST_SOURCE_SILENT.labels(source.id).set(silent)

    async def _round(self, source: Source, before: Health, every: timedelta) -> Health:
        counts: Counter[str] = Counter()
        if source.robots and not await self._robots.allows(source.feed):
            raise FetchError("status", "the robots.txt of its host says that the feed is not to be fetched")
        fetched = await self._fetcher.get(source.feed, before.validators, FEED)
        if fetched.status == 200:
            feed = await self._workshop.feed(fetched.body, fetched.content_type, fetched.url)
            for item in feed.items[: source.max_items]:
                counts[await self._read_item(source, feed, item, before.last_success is None)] += 1
        for read in self._journal.due(source.id, self._clock(), DUE_AT_ONCE):
            counts[await self._look_again(source, read)] += 1
        validators = before.validators if fetched.status == 304 else fetched.validators
        if counts["later"]:
            validators = NO_VALIDATORS  # else "not modified" would hide what is left for the next round
        return before.succeeded(self._clock(), every, validators, counts["new"], counts["refused"])

    async def _read_item(self, source: Source, feed: Feed, item: Item, first_poll: bool) -> str:
        """new, known, refused or later."""
        key = item.guid or item.url or item.fingerprint
        seen = self._journal.item(source.id, key)
        if seen is not None and seen.fingerprint == item.fingerprint:
            return "known"
        now = self._clock()
        read = ReadItem(key, item.url, item.fingerprint, NO_VALIDATORS, None, now, 0, None)
        try:
            looked = await self._items.read(source, feed, item, first_poll)
        except Refusal as refusal:
            if seen is not None and refusal.kind == "unknown_article":
                return await self._take_back(source, replace(seen, fingerprint=item.fingerprint))
            return self._refused(source, read, refusal)
        except FetchError as failed:
            self._tries[source.id, key] += 1
            if self._tries[source.id, key] < TRIES:
                return "later"
            return self._refused(source, read, Refusal("invalid", failed.detail, "url"))
        return await self._hand_in(source, read, looked)

    async def _look_again(self, source: Source, read: ReadItem) -> str:
        """Looks at a page that was read before, for corrections and withdrawals."""
        again = replace(read, visits=read.visits + 1)
        again = replace(again, next_visit=self._next_visit(source, again))
        if read.url is None:
            self._journal.keep_item(source.id, again)
            return "known"
        try:
            looked = await self._items.look(source, read.url, read.validators, [read.published, None])
        except (Refusal, FetchError):
            self._journal.keep_item(source.id, again)  # it stays as it was read
            return "known"
        if looked is None:
            return await self._take_back(source, again)
        return await self._hand_in(source, again, looked)

    async def _take_back(self, source: Source, read: ReadItem) -> str:
        """A page that answers 410 takes its article back. The item is not looked at again until it changes."""
        raw = RawArticle(url=read.url, status="withdrawn")
        return await self._hand_in(source, replace(read, next_visit=None), Looked(raw, read.url, NO_VALIDATORS, None))

    async def _hand_in(self, source: Source, read: ReadItem, looked: Looked) -> str:
        """Hands an article to the desk and writes the item down. Raises Unavailable when the desk takes nothing."""
        kept = replace(
            read,
            url=looked.url,
            validators=looked.validators if looked.raw is not None else read.validators,
            published=looked.published or read.published,
        )
        if kept.visits == 0 and source.text == "page" and (looked.raw is None or looked.raw.status != "withdrawn"):
            kept = replace(kept, next_visit=self._next_visit(source, kept))
        if looked.raw is None:
            self._journal.keep_item(source.id, kept)
            return "known"
        try:
            (answer,) = await self._take([self._normalizer.intake(looked.raw, self._clock())])
        except Refusal as refusal:
            return self._refused(source, kept, refusal)
        self._journal.keep_item(source.id, kept)
        self._tries.pop((source.id, read.key), None)
        return self._outcome(source, kept, answer)

    def _outcome(self, source: Source, read: ReadItem, answer: Answer) -> str:
        if isinstance(answer, Refusal):
            return self._refused(source, read, answer)
        outcome = "spooled" if isinstance(answer, Spooled) else answer.outcome
        metrics.INGEST_ARTICLES.labels(SOURCE, outcome).inc()
        return "new" if isinstance(answer, Spooled) or _is_news(answer) else "known"

    def _refused(self, source: Source, read: ReadItem, refusal: Refusal) -> str:
        """An item that is not taken, for good: until it changes it is not asked for again."""
        metrics.INGEST_REFUSED.labels(SOURCE, refusal.kind).inc()
        log.info("item refused", source=source.id, item=read.key[:200], why=str(refusal)[:300])
        self._journal.keep_item(source.id, replace(read, next_visit=None))
        self._tries.pop((source.id, read.key), None)
        return "refused"

    def _next_visit(self, source: Source, read: ReadItem) -> datetime | None:
        if read.visits >= len(source.revisit):
            return None
        return max(read.first_read + source.revisit[read.visits], self._clock())

    async def close(self) -> None:
        """Closes what polling holds open."""
        with suppress(Exception):
            await self._fetcher.close()
        await self._workshop.close()
        self._journal.close()


def _is_news(taken: Taken) -> bool:
    return taken.outcome in {"new", "revised", "withdrawn"}
