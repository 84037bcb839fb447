"""From records to articles: the verbatim reading of the offline commands, and the intake of the topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.normalize import Intake, Normalizer, canonical_url, tidy_text, tidy_title
from tocsin.ingest.publishers import default_publishers
from tocsin.ingest.raw import raw_article
from tocsin.ingest.refusal import Refusal
from tocsin_schemas import Article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "Rebels took the town of Harun on Friday, and the army left for the hills in the north, residents said."
RECORD = {
    "url": "https://herald.example/world/harun",
    "title": "Harun falls",
    "text": BODY,
    "published_at": "2026-02-27T18:00:00Z",
    "publisher": "Hill Herald",
}


def intake(**changes: Any) -> Article:
    record = {name: value for name, value in (RECORD | changes).items() if value is not ...}
    return Normalizer(default_publishers()).intake(raw_article(record), NOW)


def verbatim(record: dict[str, Any]) -> Article:
    return Normalizer(default_publishers()).verbatim(raw_article(record, "days"), NOW)


def test_an_article_is_made_of_a_record() -> None:
    article = intake()
    assert article.text == BODY
    assert article.publisher.family == "hill-herald"
    assert article.published_at == datetime(2026, 2, 27, 18, tzinfo=UTC)
    assert article.received_at == NOW
    assert (article.revision, article.status, article.language, article.credit) == (1, "published", "en", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://herald.example/world/harun?utm_source=x&fbclid=1",
        "http://www.herald.example/world/harun/",
        "HTTPS://Herald.example:443/world/harun#top",
        "https://reader:pw@herald.example/world/harun",
    ],
)
def test_one_page_has_one_id_however_its_address_is_written(url: str) -> None:
    assert intake(url=url).id == intake().id


@pytest.mark.parametrize(
    "url",
    ["https://herald.example/world/other", "https://herald.example/world/harun?id=2", "https://h2.example/world/harun"],
)
def test_another_page_has_another_id(url: str) -> None:
    assert intake(url=url).id != intake().id


def test_the_id_that_is_given_is_kept() -> None:
    assert intake(id="desk:2026/17").id == "desk:2026/17"


def test_without_an_address_guid_and_publisher_name_the_article() -> None:
    first = intake(url=..., guid="g1")
    assert first.id == intake(url=..., guid="g1", text=BODY + " More.", published_at="2026-02-28T00:00:00Z").id
    assert first.id != intake(url=..., guid="g1", publisher="Other Herald").id
    assert first.id != intake(url=..., guid="g2").id


def test_without_either_the_headline_names_it_and_a_corrected_body_keeps_the_id() -> None:
    first = intake(url=...)
    assert first.id == intake(url=..., text=BODY + " More.").id
    assert first.id != intake(url=..., title="Other").id
    assert first.id != intake(url=..., published_at="2026-02-28T18:00:00Z").id


def test_a_credit_that_is_given_wins_over_the_one_that_is_read() -> None:
    assert intake(text=f"HARUN (AFP) - {BODY}").credit == "AFP"
    assert intake(text=f"HARUN (AFP) - {BODY}", credit="The Associated Press").credit == "AP"
    assert intake(publisher="Hill Herald (Reuters)").credit == "Reuters"
    assert intake(credit="Hill Wire").credit == "Hill Wire"


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"text": ""}, "text", "invalid"),
        ({"text": ...}, "text", "invalid"),
        ({"text": " \n\u200b\t "}, "text", "invalid"),
        ({"text": "... --- ..."}, "text", "invalid"),
        ({"text": "<!DOCTYPE html><html><body><p>Rebels took Harun.</p></body></html>"}, "text", "invalid"),
        ({"text": "<div><p>Rebels took Harun.</p></div>"}, "text", "invalid"),
        ({"published_at": ...}, "published_at", "invalid"),
        ({"published_at": "2026-03-02T12:00:01Z"}, "published_at", "invalid"),
        ({"published_at": "2999-01-01T00:00:00Z"}, "published_at", "invalid"),
        ({"published_at": "1970-01-01T00:00:00Z"}, "published_at", "invalid"),
        ({"url": "ftp://herald.example/x"}, "url", "invalid"),
        ({"url": "javascript:alert(1)"}, "url", "invalid"),
        ({"url": "/world/harun"}, "url", "invalid"),
        ({"url": "http://[bad"}, "url", "invalid"),
        ({"language": "fr"}, "language", "invalid"),
        ({"url": ..., "publisher": ...}, "publisher", "invalid"),
        ({"id": " x"}, "id", "invalid"),
        ({"id": "a\nb"}, "id", "invalid"),
    ],
)
def test_what_is_refused_names_its_field(changes: dict[str, Any], field: str, kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        intake(**changes)
    assert (refused.value.field, refused.value.kind) == (field, kind)


def test_an_article_a_little_ahead_of_the_clock_is_taken() -> None:
    assert intake(published_at="2026-03-02T11:59:00Z").published_at > NOW


def test_a_text_in_another_language_is_refused_whatever_it_is_labelled() -> None:
    french = (
        "La ville est tombée vendredi aux mains des rebelles après deux jours de bombardements, ont dit des habitants. "
        * 3
    )
    with pytest.raises(Refusal, match="does not read as English"):
        intake(text=french, language="en")


def test_other_languages_can_be_let_in() -> None:
    normalizer = Normalizer(default_publishers(), Intake(languages=frozenset({"en", "fr"})))
    raw = raw_article(RECORD | {"text": "La ville est tombée. " * 20, "language": "fr"})
    assert normalizer.intake(raw, NOW).language == "fr"


def test_a_withdrawal_needs_no_more_than_what_names_the_article() -> None:
    normalizer = Normalizer(default_publishers())
    article = normalizer.intake(raw_article({"id": "x", "status": "withdrawn"}), NOW)
    assert (article.status, article.text, article.published_at) == ("withdrawn", "", NOW)
    by_address = normalizer.intake(raw_article({"url": RECORD["url"], "status": "withdrawn"}), NOW)
    assert by_address.id == intake().id
    with pytest.raises(Refusal, match="id: is needed to withdraw"):
        normalizer.intake(raw_article({"status": "withdrawn"}), NOW)


def test_a_notice_in_the_articles_place_is_its_withdrawal() -> None:
    article = intake(text="This article has been withdrawn because its source could not be verified.")
    assert (article.status, article.text, article.id) == ("withdrawn", "", intake().id)


def test_a_text_is_tidied_on_the_way_to_the_topic() -> None:
    messy = "\ufeffFirst  line \r\nsecond\u200b line\x00\r\n\r\n\r\n\r\nThird\u2029cafe\u0301 \u202edone\n"
    assert tidy_text(messy) == "First  line\nsecond line\n\nThird\n\ncafé done"
    assert tidy_title(" Harun\n falls\t") == "Harun falls"


@given(st.text())
def test_tidying_a_tidy_text_changes_nothing(text: str) -> None:
    assert tidy_text(tidy_text(text)) == tidy_text(text)


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_the_offline_reading_keeps_every_character(text: str) -> None:
    assert verbatim({"text": text, "title": text}).text == text


def test_the_offline_reading_needs_text_alone_and_keeps_what_is_given() -> None:
    bare = verbatim({"text": BODY})
    assert (bare.published_at, bare.publisher.id) == (NOW, "unknown")
    full = verbatim({"id": "p1", "text": BODY, "published": "2014-06-10", "url": "http://x.example/?utm_source=a#b"})
    assert (full.id, full.url, full.published_at.isoformat()) == (
        "p1",
        "http://x.example/?utm_source=a#b",
        "2014-06-10T12:00:00+00:00",
    )
    assert verbatim({"text": BODY, "url": "no address"}).url == "no address"
    with pytest.raises(Refusal, match="needs text"):
        verbatim({"id": "p1", "text": "  "})


def test_a_canonical_address_is_its_own_canonical_form() -> None:
    once = canonical_url("http://Herald.example/a/?utm_medium=x&b=2&a=1#frag")
    assert once == canonical_url(once) == "http://herald.example/a?a=1&b=2" or once == canonical_url(once)
    assert "utm" not in once
    assert "#" not in once


def test_old_archives_can_be_let_in() -> None:
    normalizer = Normalizer(default_publishers(), Intake(earliest=NOW - timedelta(days=365 * 100)))
    assert (
        normalizer.intake(raw_article(RECORD | {"published_at": "1961-08-13T00:00:00Z"}), NOW).published_at.year == 1961
    )
