"""Records as handed in: which are taken, and what a wrong one is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.ingest.raw import raw_article
from tocsin.ingest.refusal import Refusal


def test_a_full_record_is_read() -> None:
    raw = raw_article(
        {
            "id": "x1",
            "url": "https://herald.example/1",
            "title": "Harun falls",
            "text": "Rebels took Harun.",
            "published_at": "2021-08-11T13:30:00+04:30",
            "publisher": {"id": "herald", "name": "Hill Herald", "family": "hill"},
            "credit": "AFP",
            "language": "en-GB",
            "unheard_of": 1,
        }
    )
    assert raw.published_at == datetime(2021, 8, 11, 9, tzinfo=UTC)
    assert raw.id == "x1"


def test_the_names_of_archives_are_read_too() -> None:
    raw = raw_article({"text": "t", "published": "2014-06-10T00:00:00Z", "outlet": "Hill Herald"})
    assert raw.published_at == datetime(2014, 6, 10, tzinfo=UTC)
    assert raw.publisher == "Hill Herald"


def test_a_day_is_its_noon_in_utc_where_days_are_taken() -> None:
    assert raw_article({"text": "t", "published": "2014-06-10"}, "days").published_at == datetime(
        2014, 6, 10, 12, tzinfo=UTC
    )


def test_nulls_are_as_good_as_nothing() -> None:
    raw = raw_article(
        {"text": "t", "title": None, "url": None, "published": None, "status": None, "publisher": ""}, "days"
    )
    assert (raw.published_at, raw.status, raw.publisher) == (None, "published", None)


def test_a_number_as_id_is_a_name_like_any_other() -> None:
    assert raw_article({"id": 17, "text": "t"}).id == "17"


@pytest.mark.parametrize(
    ("record", "field", "why"),
    [
        ({"text": "t", "published_at": "2021-08-11T09:00:00"}, "published_at", "no time zone: add Z"),
        ({"text": "t", "published_at": "2021-08-11"}, "published_at", "day without an hour"),
        ({"text": "t", "published_at": "11 August 2021"}, "published_at", "RFC 3339"),
        ({"text": "t", "published_at": "2021-13-11T09:00:00Z"}, "published_at", "month"),
        ({"text": "t", "published_at": 1628672400}, "published_at", "must be a text such as"),
        ({"text": 5}, "text", "valid string"),
        ({"text": ["a"]}, "text", "valid string"),
        ({"text": "t", "status": "pulled"}, "status", "'withdrawn'"),
        ({"text": "t", "language": "English, mostly"}, "language", "pattern"),
        ({"text": "t", "url": "https://x.example/" + "a" * 3000}, "url", "2048"),
        ({"text": "t", "title": "x" * 10_000}, "title", "2000"),
        ({"text": "t", "publisher": {"id": "x"}}, "publisher", "required"),
        ({"text": "half a pair \ud800"}, "text", "Unicode"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(record: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        raw_article(record)
    assert refused.value.field == field
    assert why in str(refused.value)
    assert refused.value.kind == "invalid"


@pytest.mark.parametrize("record", [[], "text", 5, None, True])
def test_what_is_no_object_is_refused(record: Any) -> None:
    with pytest.raises(Refusal, match="JSON object"):
        raw_article(record)


def test_fifty_megabytes_of_text_are_too_large() -> None:
    with pytest.raises(Refusal, match="1,000,000 characters") as refused:
        raw_article({"text": "x" * 50_000_000})
    assert refused.value.kind == "too_large"
