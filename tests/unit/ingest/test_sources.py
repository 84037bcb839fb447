"""sources.yaml, and the health record of a source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.ingest.fetch import Validators
from tocsin.ingest.journal import Journal, ReadItem
from tocsin.ingest.sources import LONGEST, Health, Source, read_sources, told

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(text)
    return path


def test_sources_are_read_with_their_defaults(tmp_path: Path) -> None:
    text = (
        "defaults: {every: 5m, time_zone: Asia/Kabul}\n"
        "sources:\n"
        "  - {id: a, feed: 'https://a.example/feed', publisher: Hill Herald, silence: 6h, revisit: [30m]}\n"
        "  - {id: b, feed: 'https://b.example/feed', every: 1h, text: feed, robots: false}\n"
    )
    first, second = read_sources(write(tmp_path, text))
    assert (first.every, first.silence, first.revisit) == (
        timedelta(minutes=5),
        timedelta(hours=6),
        (timedelta(minutes=30),),
    )
    assert (second.every, second.time_zone, second.text) == (timedelta(hours=1), "Asia/Kabul", "feed")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sources: [", "no YAML"),
        ("", "at top"),
        ("sources: [{id: a}]", r"source 1 \(a\), at feed"),
        ("sources: [{id: A b, feed: 'https://a.example'}]", "at id"),
        ("sources: [{id: a, feed: 'ftp://a.example'}]", r"at feed: must be an http\(s\) address"),
        ("sources: [{id: a, feed: '/etc/passwd'}]", "at feed"),
        ("sources: [{id: a, feed: 'https://a.example', every: 5}]", "at every: must be a whole number with a unit"),
        ("sources: [{id: a, feed: 'https://a.example', every: 1s}]", "at every: must be between"),
        ("sources: [{id: a, feed: 'https://a.example', time_zone: Kabul}]", "at time_zone.*no time zone"),
        ("sources: [{id: a, feed: 'https://a.example', publsher: x}]", "at publsher"),
        ("sources: [{id: a, feed: 'https://a.example'}, {id: a, feed: 'https://b.example'}]", r"source 2 \(a\).*twice"),
    ],
)
def test_a_bad_file_is_told_with_source_and_field(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_sources(write(tmp_path, text))


def test_failures_double_the_pause_up_to_a_day_and_success_ends_them() -> None:
    health = Health()
    pauses = []
    for _ in range(12):
        health = health.failed(NOW, TEN, "timeout", None)
        assert health.next_try is not None
        pauses.append(health.next_try - NOW)
    assert pauses[:4] == [TEN, TEN * 2, TEN * 4, TEN * 8]
    assert pauses[-1] == LONGEST
    well = health.succeeded(NOW, TEN, Validators("e"), 2, 1)
    assert (well.failures, well.problem, well.next_try, well.articles) == (0, None, NOW + TEN, 2)


def test_what_the_host_asks_for_is_the_least_pause() -> None:
    health = Health().failed(NOW, TEN, "answered 429", 3600)
    assert health.next_try == NOW + timedelta(hours=1)


def test_a_source_that_gives_nothing_new_for_long_is_silent() -> None:
    source = Source.model_validate({"id": "a", "feed": "https://a.example/f", "silence": "6h"})
    health = Health().succeeded(NOW, TEN, Validators(), 1, 0)
    later = health.succeeded(NOW + timedelta(hours=7), TEN, Validators(), 0, 0)
    assert told(source, health, NOW)["state"] == "well"
    assert told(source, later, NOW + timedelta(hours=7))["state"] == "silent"
    assert told(source, later, NOW + timedelta(hours=7), 36)["items_per_hour"] == 1.5
    assert told(source, later, NOW + timedelta(hours=7))["silent_for_hours"] == 7
    assert told(source, Health(), NOW)["silent_for_hours"] is None
    assert told(source, Health(), NOW)["state"] == "new"
    assert told(source, health.failed(NOW, TEN, "no", None), NOW)["state"] == "failing"
    assert told(source, health.failed(NOW, TEN, "gone", None, gone=True), NOW)["next_try"] is None


def test_the_record_does_not_show_the_address() -> None:
    source = Source.model_validate({"id": "a", "feed": "https://a.example/f?token=secret"})
    assert "secret" not in str(told(source, Health(), NOW))


def test_the_journal_remembers_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "polling.sqlite"
    journal = Journal(path)
    health = Health().succeeded(NOW, TEN, Validators("e", "m"), 3, 1)
    item = ReadItem("k", "https://a.example/1", "f", Validators("x"), NOW, NOW, 0, NOW + timedelta(hours=1))
    journal.keep_health("a", health)
    journal.keep_item("a", item)
    journal.close()
    again = Journal(path)
    assert again.health("a") == health
    assert again.health("b") == Health()
    assert again.item("a", "k") == item
    assert again.item("b", "k") is None
    assert again.due("a", NOW, 5) == []
    assert again.due("a", NOW + timedelta(hours=2), 5) == [item]
    assert again.forget_before(NOW + timedelta(days=1)) == 1


def test_a_journal_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "polling.sqlite"
    path.write_bytes(b"not a database, but long enough" * 200)
    assert Journal(path).health("a") == Health()
