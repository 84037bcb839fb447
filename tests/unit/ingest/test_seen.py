"""The local index of the articles topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.ingest.revisions import Known
from tocsin.ingest.seen import Position, Seen

ONE = Known(1, "published", "a" * 64, (), 2, 17)
TWO = Known(2, "corrected", "b" * 64, ("a" * 64,), 2, 18)


def test_what_was_read_is_known_after_a_restart_with_its_position(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "state" / "seen.sqlite", "articles")
    seen.advance([("x", ONE)], {2: Position(18, "x")})
    seen.advance([("x", TWO), ("y", ONE)], {2: Position(19, "x"), 0: Position(5, "y")})
    seen.close()
    again = Seen(tmp_path / "state" / "seen.sqlite", "articles")
    assert again.get("x") == TWO
    assert again.get("y") == ONE
    assert again.get("z") is None
    assert again.positions() == {0: Position(5, "y"), 2: Position(19, "x")}
    assert len(again) == 2


def test_a_batch_is_taken_in_whole_or_not_at_all(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen.sqlite", "articles")
    seen.advance([("x", ONE)], {2: Position(18, "x")})

    def breaks() -> Iterator[tuple[str, Known]]:
        yield ("y", TWO)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        seen.advance(breaks(), {2: Position(99, "y")})
    assert seen.get("y") is None
    assert seen.positions() == {2: Position(18, "x")}


def test_an_index_of_another_topic_is_made_anew(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen.sqlite", "articles")
    seen.advance([("x", ONE)], {2: Position(18, "x")})
    seen.close()
    assert Seen(tmp_path / "seen.sqlite", "other.articles").get("x") is None


def test_an_index_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "seen.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    seen = Seen(path, "articles")
    assert len(seen) == 0
    seen.advance([("x", ONE)], {})
    assert seen.get("x") == ONE


def test_what_retention_removed_is_forgotten() -> None:
    seen = Seen(None, "articles")
    seen.advance([("old", ONE), ("new", TWO)], {})
    assert seen.forget_before(2, 18) == 1
    assert seen.get("old") is None
    assert seen.get("new") == TWO
    assert seen.forget_before(1, 1000) == 0
