"""Bearer keys, their file, and its changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tocsin.ingest.keys import KeyFile, hash_key, new_key, read_keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def write(path: Path, *entries: dict[str, object]) -> Path:
    path.write_text(yaml.safe_dump({"keys": list(entries)}))
    return path


def test_keys_are_long_random_and_marked() -> None:
    assert new_key() != new_key()
    assert new_key().startswith("tocsin_")
    assert len(new_key()) >= 50


def test_a_key_is_found_by_its_hash_alone(tmp_path: Path) -> None:
    key = new_key()
    ring = read_keys(write(tmp_path / "keys.yaml", {"name": "desk", "hash": hash_key(key)}))
    found = ring.find(key, NOW)
    assert found is not None
    assert (found.name, found.scopes) == ("desk", ("articles:write",))
    assert ring.find(key + "x", NOW) is None
    assert ring.find(hash_key(key), NOW) is None
    assert key not in (tmp_path / "keys.yaml").read_text()


def test_two_keys_of_one_name_are_valid_during_a_rotation(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    entries = [{"name": "desk", "hash": hash_key(key)} for key in (old, new)]
    ring = read_keys(write(tmp_path / "keys.yaml", *entries))
    assert ring.find(old, NOW) is not None
    assert ring.find(new, NOW) is not None


def test_an_expired_key_is_no_key(tmp_path: Path) -> None:
    key = new_key()
    ring = read_keys(write(tmp_path / "k.yaml", {"name": "desk", "hash": hash_key(key), "expires": NOW}))
    assert ring.find(key, NOW - timedelta(seconds=1)) is not None
    assert ring.find(key, NOW) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("keys: [", "no YAML"),
        ("keys: 5", "at keys"),
        ("", "at top"),
        ("keys:\n- {name: a, hash: secret}", r"at keys\.0\.hash"),
        (f"keys:\n- {{name: a, hash: {hash_key('x')}, scopes: [everything]}}", r"at keys\.0\.scopes"),
        (f"keys:\n- {{name: a, hash: {hash_key('x')}, scope: [a]}}", r"at keys\.0\.scope: Extra"),
        (f"keys:\n- {{name: a, hash: {hash_key('x')}, expires: 2027-01-01}}", r"at keys\.0\.expires"),
        (f"keys:\n- {{name: a, hash: {hash_key('x')}}}\n- {{name: b, hash: {hash_key('x')}}}", r"keys\.1.*twice"),
    ],
)
def test_a_bad_file_is_told_with_the_place(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=why):
        read_keys(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.yaml cannot be read"):
        KeyFile(tmp_path / "none.yaml")


def test_a_changed_file_is_read_again_and_a_bad_one_leaves_the_last_good_keys(tmp_path: Path) -> None:
    first, second = new_key(), new_key()
    path = write(tmp_path / "keys.yaml", {"name": "a", "hash": hash_key(first)})
    keys = KeyFile(path)
    write(path, {"name": "second-desk", "hash": hash_key(second)})
    assert keys.ring().find(second, NOW) is not None
    assert keys.ring().find(first, NOW) is None
    path.write_text("keys: nonsense, and longer")
    assert keys.ring().find(second, NOW) is not None
    assert "at keys" in str(keys.problem)
    path.unlink()
    assert keys.ring().find(second, NOW) is not None
    write(path, {"name": "a", "hash": hash_key(first)})
    assert keys.ring().find(first, NOW) is not None
    assert keys.problem is None
