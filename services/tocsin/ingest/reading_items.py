"""From an item of a feed to an article as handed in: its page fetched, its time and identity settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from courlan import extract_domain

from tocsin_schemas.ids import name_id

from .feeds import Feed, Item
from .fetch import NO_VALIDATORS, Fetched, Fetcher, FetchError, Validators, host_of
from .normalize import Intake
from .page import Page
from .raw import MAX_URL, RawArticle, raw_article
from .refusal import Refusal
from .robots import RobotsKeeper
from .sources import Source
from .times import point_in_time
from .workshop import Workshop

HTML: Final = "text/html,application/xhtml+xml;q=0.9"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_PAGE_TYPES: Final = ("text/html", "application/xhtml+xml", "text/plain")


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking at an item's page gave. `raw` None: the page has not changed. `url` is what names the article."""

    raw: RawArticle | None
    url: str | None
    validators: Validators
    published: datetime | None


class ItemReader:
    """Fetches and reads the pages of items. `clock` gives the time in UTC."""

    def __init__(
        self,
        fetcher: Fetcher,
        robots: RobotsKeeper,
        workshop: Workshop,
        rules: Intake,
        clock: Callable[[], datetime],
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._workshop = workshop
        self._rules = rules
        self._clock = clock

    async def read(self, source: Source, feed: Feed, item: Item, first_poll: bool) -> Looked:
        """The article of an item. Raises Refusal for good, FetchError for what may work later.

        On the first poll of a source an item without any date is refused: it may be old. Later it is as old as its
        appearance in the feed.
        """
        appeared = None if first_poll else self._clock()
        zone = ZoneInfo(source.time_zone)
        printed = [when for text in (item.published, item.updated) if (when := point_in_time(text or "", zone))]
        if source.text == "feed":
            published = self._plausible([*printed, appeared])
            return Looked(self._from_feed(source, feed, item, published), item.url, NO_VALIDATORS, published)
        if item.url is None:
            raise Refusal("invalid", "has no link to its page", "url")
        looked = await self.look(source, item.url, NO_VALIDATORS, [*printed, appeared])
        if looked is None:
            raise Refusal("unknown_article", "is gone already (410)", "url")
        return looked

    async def look(
        self, source: Source, url: str, validators: Validators, times: Sequence[datetime | None]
    ) -> Looked | None:
        """The article on a page; None when it is gone (410), which takes it back. `times` are the publication times
        to choose from, before the page's own.

        Raises Refusal and FetchError, as `read` does.
        """
        if len(url) > MAX_URL:
            raise Refusal("too_large", f"is longer than {MAX_URL:,} characters", "url")
        if source.robots:
            await self._ask_robots(url)
        try:
            fetched = await self._fetcher.get(url, validators, HTML)
        except FetchError as failed:
            if failed.status == 410:
                return None
            if failed.status in {401, 402, 403, 404, 406, 451} or failed.reason in {"refused_address", "too_large"}:
                raise Refusal("invalid", f"cannot be fetched: {failed.detail}", "url") from None
            raise
        if fetched.status == 304:
            return Looked(None, url, fetched.validators, None)
        return await self._from_page(source, fetched, times)

    async def _ask_robots(self, url: str) -> None:
        robots = await self._robots.of(url)
        if robots.delay is not None:
            self._fetcher.slow_down(host_of(url), robots.delay)
        if not await self._robots.allows(url):
            raise Refusal("invalid", "is not to be fetched, says the robots.txt of its host", "url")

    async def _from_page(self, source: Source, fetched: Fetched, times: Sequence[datetime | None]) -> Looked:
        kind = fetched.content_type.partition(";")[0].strip().lower()
        if kind and kind not in _PAGE_TYPES:
            raise Refusal("invalid", f"is no web page but {kind[:60]}", "url")
        page = await self._workshop.page(fetched.body, fetched.url)
        page_time = point_in_time(page.published_at or "", ZoneInfo(source.time_zone))
        known, appeared = list(times[:-1]), times[-1] if times else None
        published = self._plausible([*known, page_time, appeared])
        address = _address_of(page, fetched.url)
        raw = _raw(
            url=address,
            title=page.title,
            text=page.text,
            published_at=published.isoformat(),
            publisher=source.publisher,
            language=_tag(source.language) or _tag(page.language),
        )
        return Looked(raw, address, fetched.validators, published)

    def _from_feed(self, source: Source, feed: Feed, item: Item, published: datetime) -> RawArticle:
        # whoever writes a feed says what it likes of any address: only of its own site does that name the article
        own = item.url is not None and _site(item.url) == _site(source.feed)
        key = item.guid or item.url or item.title
        return _raw(
            id=None if own else name_id("article", "feed", source.id, key),
            url=item.url,
            title=item.title,
            text=item.content,
            published_at=published.isoformat(),
            publisher=source.publisher or feed.title,
            language=_tag(source.language) or _tag(feed.language),
        )

    def _plausible(self, times: Sequence[datetime | None]) -> datetime:
        """The first time that is neither before the earliest day nor in the future. Raises Refusal."""
        latest = self._clock() + self._rules.ahead
        for when in times:
            if when is not None and self._rules.earliest <= when <= latest:
                return when
        told = ", ".join(f"{when:%Y-%m-%d}" for when in times if when is not None) or "nothing"
        raise Refusal("invalid", f"cannot be told from the feed and the page (they say {told})", "published_at")


def _raw(**fields: Any) -> RawArticle:
    return raw_article({name: value for name, value in fields.items() if value is not None})


def _address_of(page: Page, fetched: str) -> str:
    """The page's canonical address when it is one of the same site; a page cannot claim another site's article."""
    if page.url is not None and len(page.url) <= MAX_URL and _site(page.url) == _site(fetched):
        return page.url
    return fetched


def _site(url: str) -> str | None:
    try:
        return extract_domain(url) or host_of(url).removeprefix("www.")
    except FetchError:
        return None


def _tag(language: str | None) -> str | None:
    """A language tag, or None for what is none ("English")."""
    return language if language is not None and _LANGUAGE.fullmatch(language) else None


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
