"""What polling remembers over a restart: how each source fares, and which items were read when.

An SQLite file of the service. To lose it costs requests, not articles: what is read again is known by the topic.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from .fetch import Validators
from .sources import Health

_VERSION: Final = 1
_SCHEMA: Final = """
create table if not exists source (
    id text primary key, etag text, last_modified text, last_try real, last_success real, last_new real,
    next_try real, failures integer not null, problem text, articles integer not null, refused integer not null,
    gone integer not null
) without rowid;
create table if not exists item (
    source text not null, key text not null, url text, fingerprint text not null, etag text, last_modified text,
    published real, first_read real not null, visits integer not null, next_visit real, primary key (source, key)
) without rowid;
create index if not exists item_visit on item (source, next_visit) where next_visit is not null;
create index if not exists item_age on item (first_read);
"""


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item that was read. `visits` counts the readings after the first; `next_visit` None: no more of them."""

    key: str
    url: str | None
    fingerprint: str
    validators: Validators
    published: datetime | None
    first_read: datetime
    visits: int
    next_visit: datetime | None


class Journal:
    """The memory of polling; `path` None keeps it in memory."""

    def __init__(self, path: Path | None) -> None:
        """Opens the file; one that cannot be read is made anew."""
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.DatabaseError:
            self._db.close()
            if path is not None:
                for suffix in ("", "-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path or ":memory:", isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        (version,) = self._db.execute("pragma user_version").fetchone()
        if version not in {0, _VERSION}:
            raise sqlite3.DatabaseError(f"journal of version {version}")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"pragma user_version = {_VERSION}")

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def health(self, source: str) -> Health:
        """How a source fares; a new one fares as nothing is known of it."""
        row = self._db.execute("select * from source where id = ?", (source,)).fetchone()
        if row is None:
            return Health()
        _, etag, modified, last_try, success, new, next_try, failures, problem, articles, refused, gone = row
        return Health(
            Validators(etag, modified),
            _time(last_try),
            _time(success),
            _time(new),
            _time(next_try),
            failures,
            problem,
            articles,
            refused,
            bool(gone),
        )

    def keep_health(self, source: str, health: Health) -> None:
        """Writes down how a source fares."""
        self._db.execute(
            "insert or replace into source values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                health.validators.etag,
                health.validators.last_modified,
                _stamp(health.last_try),
                _stamp(health.last_success),
                _stamp(health.last_new),
                _stamp(health.next_try),
                health.failures,
                health.problem,
                health.articles,
                health.refused,
                health.gone,
            ),
        )

    def item(self, source: str, key: str) -> ReadItem | None:
        """An item by its key, if it was read."""
        row = self._db.execute("select * from item where source = ? and key = ?", (source, key)).fetchone()
        return _item(row) if row is not None else None

    def due(self, source: str, now: datetime, most: int) -> list[ReadItem]:
        """Items whose page is to be looked at again, the longest due first."""
        rows = self._db.execute(
            "select * from item where source = ? and next_visit <= ? order by next_visit limit ?",
            (source, now.timestamp(), most),
        )
        return [_item(row) for row in rows]

    def keep_item(self, source: str, item: ReadItem) -> None:
        """Writes down that an item was read."""
        self._db.execute(
            "insert or replace into item values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                item.key,
                item.url,
                item.fingerprint,
                item.validators.etag,
                item.validators.last_modified,
                _stamp(item.published),
                item.first_read.timestamp(),
                item.visits,
                _stamp(item.next_visit),
            ),
        )

    def items_since(self, source: str, when: datetime) -> int:
        """How many items of a source were first read since `when`."""
        row = self._db.execute(
            "select count(*) from item where source = ? and first_read >= ?", (source, when.timestamp())
        ).fetchone()
        return int(row[0])

    def forget_before(self, when: datetime) -> int:
        """Drops items first read before `when`; how many they were."""
        return self._db.execute("delete from item where first_read < ?", (when.timestamp(),)).rowcount


def _item(row: tuple[Any, ...]) -> ReadItem:
    _, key, url, fingerprint, etag, modified, published, first_read, visits, next_visit = row
    read = datetime.fromtimestamp(first_read, UTC)
    validators = Validators(etag, modified)
    return ReadItem(key, url, fingerprint, validators, _time(published), read, visits, _time(next_visit))


def _time(stamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if stamp is not None else None


def _stamp(when: datetime | None) -> float | None:
    return when.timestamp() if when is not None else None
