"""Articles out of web pages, and pages that have none."""

from __future__ import annotations

import time

import pytest

from tocsin.ingest.page import MAX_TAGS, read_page
from tocsin.ingest.raw import MAX_HTML
from tocsin.ingest.refusal import Refusal

PARAGRAPHS = (
    "Rebels took the town of Harun on Friday after two days of shelling that emptied its market.",
    'Residents said the army had left before dawn. "We saw them go," said one of them.',
    "The governor denied it, and said that fighting went on in the east, where soldiers still held the bridge.",
)


def page(head: str = "", lang: str = "en") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return (
        f'<html lang="{lang}"><head><title>Harun falls - Hill Herald</title>{head}</head><body><nav>Home | World</nav>'
        f"<article><h1>Harun falls</h1>{body}</article><footer>All rights reserved. Cookies</footer></body></html>"
    )


def test_the_main_text_is_taken_out_in_paragraphs() -> None:
    found = read_page(page('<meta property="og:title" content="Harun falls">').encode())
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert found.title == "Harun falls"
    assert found.language == "en"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-02-27T21:00:00+03:00">',
        '<meta name="parsely-pub-date" content="2026-02-27T18:00:00Z">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-02-27T18:00Z"}</script>',
        '<script type="application/ld+json">{"@graph": [{"@type": ["Thing", "ReportageNewsArticle"], '
        '"datePublished": "2026-02-27T22:30:00+04:30"}]}</script>',
    ],
)
def test_the_publication_time_is_read_with_its_zone(head: str) -> None:
    assert read_page(page(head)).published_at == "2026-02-27T18:00:00Z"


def test_a_time_without_a_zone_is_no_more_than_a_day() -> None:
    found = read_page(page('<meta property="article:published_time" content="2026-02-27T18:00:00">'))
    assert found.published_at == "2026-02-27"


def test_the_canonical_address_and_the_site_are_read() -> None:
    head = (
        '<link rel="canonical" href="https://herald.example/harun"><meta property="og:site_name" content="Hill Herald">'
    )
    found = read_page(page(head), url="https://herald.example/amp/harun?x=1")
    assert (found.url, found.site) == ("https://herald.example/harun", "Hill Herald")


def test_an_encoding_is_found_out() -> None:
    latin = page().replace("Harun", "Harún").replace("<head>", '<head><meta charset="iso-8859-1">').encode("latin-1")
    assert "Harún" in read_page(latin).text


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"plain words, no page",
        b"\x00\x01\x02\x7f" * 1000,
        b"<html></html>",
        b"<html><body><nav><a href='/'>Home</a> <a href='/w'>World</a></nav></body></html>",
        b'<script type="application/ld+json">{"@type": "NewsArticle"',
        b"<html><script type='application/ld+json'>" + b"[" * 100_000 + b"</script></html>",
        b"<div>" * 10_000,
    ],
)
def test_junk_is_refused_with_a_reason(junk: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_page(junk)
    assert refused.value.field == "html"


def test_entities_are_not_multiplied() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    assert "aaaaaaaaaa" not in read_page(bomb + page().replace("Rebels", "&c; Rebels")).text


@pytest.mark.parametrize("monster", [b"<a>" * (MAX_TAGS + 1), b"x" * (MAX_HTML + 1)])
def test_a_monster_is_refused_at_once(monster: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(Refusal) as refused:
        read_page(monster)
    assert refused.value.kind == "too_large"
    assert time.perf_counter() - started < 1
