"""The events that `tocsin backtest` folds: of an archive of articles, of a file that `tocsin extract` wrote, or of topics."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tocsin_schemas import EVENT, Article, PreviousRevision

from .console import ERR, escape, fail
from .extractors import AnyEvent, extractors
from .reading_commands import load_reader

if TYPE_CHECKING:
    from tocsin.reading import Reading

    from .event_cache import EventCache

Reads = Callable[[Article], list[AnyEvent]]


def archived_events(articles: Iterable[Article], folder: Path | None) -> Iterator[list[AnyEvent]]:
    """The events of each article; of those read before, as they were kept in `folder` (None: nothing is kept)."""
    with ExitStack() as kept:
        cache = kept.enter_context(opened) if folder is not None and (opened := _cache(folder)) is not None else None
        read: Reads | None = None
        for article in articles:
            events = cache.get(article) if cache is not None else None
            if events is None:
                read = read or _reading()
                events = read(article)
                if cache is not None:
                    cache.put(article, events)
            yield events


def _cache(folder: Path) -> EventCache | None:
    """The cache, or none, and why."""
    from .event_cache import EventCache

    try:
        return EventCache.open(folder)
    except (OSError, sqlite3.Error) as error:
        ERR.print(f"[yellow]no events are kept in {escape(str(folder))}: {escape(str(error))}[/]")
        return None


def _reading() -> Reads:
    """What reads an article, and what its earlier revision told that it no longer does. Loads the model."""
    from tocsin.reading.revisions import read_revision

    reader, chosen = load_reader(), extractors()
    wants = [extractor.wants for extractor in chosen]

    def extract(reading: Reading) -> list[AnyEvent]:
        return [event for extractor in chosen for event in extractor.extract(reading)]

    return lambda article: read_revision(reader, article, wants, extract).events


def revised(articles: Iterable[Article]) -> Iterator[Article]:
    """The articles in order of publication; one whose id came before is its next revision, or nothing when it says the same."""
    last: dict[str, Article] = {}
    for article in sorted(articles, key=lambda a: (a.published_at, a.revision)):
        before = last.get(article.id)
        if before is not None and article.revision <= before.revision:
            if article.content_hash == before.content_hash and article.status == before.status:
                continue
            previous = PreviousRevision(
                revision=before.revision, title=before.title, text=before.text, published_at=before.published_at
            )
            following = article.model_copy(update={"revision": before.revision + 1, "previous": previous})
        else:
            following = article
        last[article.id] = following
        yield following


def read_events(path: Path) -> Iterator[AnyEvent]:
    """The events of a file, one a line, as `tocsin extract` prints them. Ends with the first line that is none."""
    if not path.is_file():
        fail(f"{path}: no such file", hint="`tocsin extract articles.jsonl > events.jsonl` makes one")
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                yield EVENT.validate_json(text)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                fail(f"{path}:{number}: no event: {where}: {first['msg']}", hint="give what `tocsin extract` prints")


def topic_events() -> list[AnyEvent]:
    """The events that the topics of the configured Kafka still hold."""
    import asyncio

    from tocsin.streaming.errors import SettingsError
    from tocsin.streaming.settings import load_settings

    from .retained import retained_events

    try:
        return asyncio.run(retained_events(load_settings()))
    except SettingsError as error:
        fail(str(error))
