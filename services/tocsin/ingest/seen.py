"""What the articles topic holds, as a small local index: a cache that the topic itself rebuilds.

One row an article: newest revision, hashes, and where its record lies, so that its text can be fetched. Rows and
the position in the topic are written in one transaction, so the index is never ahead of what was read. When it is
lost, or the topic is another one than it was made from, it is made anew from the topic's start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .revisions import Known

_SCHEMA: Final = """
create table if not exists article (
    id text primary key, revision integer not null, status text not null, content_hash text not null,
    earlier_hashes text not null, partition integer not null, offset integer not null
) without rowid;
create table if not exists position (partition integer primary key, next integer not null, last_key text not null);
create table if not exists origin (topic text not null);
"""
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition was read: the next offset, and the key of the record before it."""

    next: int
    last_key: str


class Seen:
    """The index, in an SQLite file, or in memory when `path` is None."""

    def __init__(self, path: Path | None, topic: str) -> None:
        """Opens the index of `topic`; an index of another topic, or one that cannot be read, is made anew."""
        self._path = path
        self._topic = topic
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open()
        except sqlite3.DatabaseError:
            self._discard()
            self._open()

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path or ":memory:", isolation_level=None)
        # a cache: a power cut may cost a rebuild, but not the few milliseconds of a sync at each batch
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        (version,) = self._db.execute("pragma user_version").fetchone()
        if version not in {0, _VERSION}:
            raise sqlite3.DatabaseError(f"index of version {version}")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"pragma user_version = {_VERSION}")
        origin = self._db.execute("select topic from origin").fetchone()
        if origin is None or origin[0] != self._topic:
            self.clear()

    def _discard(self) -> None:
        self._db.close()
        if self._path is not None:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def __len__(self) -> int:
        return self._db.execute("select count(*) from article").fetchone()[0]

    def get(self, article_id: str) -> Known | None:
        """What is known of an article."""
        row = self._db.execute(
            "select revision, status, content_hash, earlier_hashes, partition, offset from article where id = ?",
            (article_id,),
        ).fetchone()
        if row is None:
            return None
        revision, status, content_hash, earlier, partition, offset = row
        return Known(revision, status, content_hash, tuple(earlier.split()), partition, offset)

    def positions(self) -> dict[int, Position]:
        """How far each partition was read."""
        rows = self._db.execute("select partition, next, last_key from position")
        return {partition: Position(following, last_key) for partition, following, last_key in rows}

    def advance(self, entries: Iterable[tuple[str, Known]], positions: dict[int, Position]) -> None:
        """Takes in what was read, together with how far."""
        self._db.execute("begin")
        try:
            self._db.executemany(
                "insert or replace into article values (?, ?, ?, ?, ?, ?, ?)",
                (
                    (key, k.revision, k.status, k.content_hash, " ".join(k.earlier_hashes), k.partition, k.offset)
                    for key, k in entries
                ),
            )
            self._db.executemany(
                "insert or replace into position values (?, ?, ?)",
                ((partition, at.next, at.last_key) for partition, at in positions.items()),
            )
            self._db.execute("commit")
        except BaseException:
            self._db.execute("rollback")
            raise

    def forget_before(self, partition: int, offset: int) -> int:
        """Drops what retention has removed from the topic; how many articles that were."""
        query = "delete from article where partition = ? and offset < ?"
        return self._db.execute(query, (partition, offset)).rowcount

    def clear(self) -> None:
        """Forgets everything, to be rebuilt from the topic's start."""
        self._db.executescript("delete from article; delete from position; delete from origin;")
        self._db.execute("insert into origin values (?)", (self._topic,))
