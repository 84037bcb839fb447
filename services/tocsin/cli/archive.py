"""The events that `tocsin backtest` folds: of an archive of articles, of a file that `tocsin extract` wrote, or of topics."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tocsin_schemas import EVENT, Article

from .console import ERR, escape, fail
from .extractors import BATCH, AnyEvent, batched, events_of, extractors
from .reading_commands import load_reader

if TYPE_CHECKING:
    from .event_cache import EventCache


def archived_events(articles: Iterable[Article], folder: Path | None) -> Iterator[list[AnyEvent]]:
    """The events of each article; of those read before, as they were kept in `folder` (None: nothing is kept)."""
    with ExitStack() as kept:
        cache = kept.enter_context(opened) if folder is not None and (opened := _cache(folder)) is not None else None
        read: Callable[[list[Article]], Iterator[list[AnyEvent]]] | None = None
        for batch in batched(articles, BATCH):
            known = [cache.get(article) if cache is not None else None for article in batch]
            unread = [article for article, events in zip(batch, known, strict=True) if events is None]
            read = read or (_reading() if unread else None)
            fresh = read(unread) if read is not None else iter(())
            for article, kept_events in zip(batch, known, strict=True):
                events = next(fresh) if kept_events is None else kept_events
                if cache is not None and kept_events is None:
                    cache.put(article, events)
                yield events


def _reading() -> Callable[[list[Article]], Iterator[list[AnyEvent]]]:
    """What reads articles. Loads the model."""
    reader, chosen = load_reader(), extractors()
    return lambda articles: (events for _, events in events_of(reader, articles, chosen))


def _cache(folder: Path) -> EventCache | None:
    """The cache, or none, and why."""
    from .event_cache import EventCache

    try:
        return EventCache.open(folder)
    except (OSError, sqlite3.Error) as error:
        ERR.print(f"[yellow]no events are kept in {escape(str(folder))}: {escape(str(error))}[/]")
        return None


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
