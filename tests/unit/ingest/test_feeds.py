"""Feeds as they should be, as they are, and as an attacker would send them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tocsin.ingest.feeds import MAX_ITEMS, MAX_TAGS, read_feed
from tocsin.ingest.markup import plain_text
from tocsin.ingest.refusal import Refusal

URL = "https://herald.example/feeds/world.xml"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Hill Herald</title><language>en-gb</language>{}</channel></rss>'
ITEM = (
    "<item><title>Harun &amp;amp; the bridge</title><link>/world/harun</link><guid isPermaLink='false'>h-17</guid>"
    "<pubDate>Wed, 11 Aug 2021 13:30:00 +0430</pubDate>"
    "<description>&lt;p&gt;The army &lt;b&gt;left&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Rebels came.&lt;/p&gt;</description></item>"
)


def test_an_rss_item_is_read() -> None:
    feed = read_feed(RSS.format(ITEM).encode(), "application/rss+xml", URL)
    (item,) = feed.items
    assert (feed.title, feed.language) == ("Hill Herald", "en-gb")
    assert (item.guid, item.url) == ("h-17", "https://herald.example/world/harun")
    assert item.title == "Harun & the bridge"
    assert item.content == "The army left.\n\nRebels came."
    assert item.published == "Wed, 11 Aug 2021 13:30:00 +0430"


def test_an_atom_entry_is_read() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Hill Herald</title><entry><id>urn:h:17</id>'
        '<title>Harun</title><link href="https://herald.example/17"/><updated>2021-08-11T10:00:00Z</updated>'
        "<published>2021-08-11T09:00:00Z</published><summary>Short.</summary>"
        '<content type="html">&lt;p&gt;The long text of the entry.&lt;/p&gt;</content></entry></feed>'
    )
    (item,) = read_feed(atom.encode(), "application/atom+xml", URL).items
    assert (item.guid, item.url, item.content) == (
        "urn:h:17",
        "https://herald.example/17",
        "The long text of the entry.",
    )
    assert (item.published, item.updated) == ("2021-08-11T09:00:00Z", "2021-08-11T10:00:00Z")


def test_a_changed_item_has_another_fingerprint() -> None:
    first = read_feed(RSS.format(ITEM).encode(), "", URL).items[0].fingerprint
    assert first == read_feed(RSS.format(ITEM + ITEM).encode(), "", URL).items[1].fingerprint
    assert first != read_feed(RSS.format(ITEM.replace("Rebels", "Militia")).encode(), "", URL).items[0].fingerprint


@pytest.mark.parametrize(
    "body",
    [
        RSS.format("<item><title>café</title></item>").encode("utf-16"),
        RSS.format("<item><title>café</title></item>").replace("?>", ' encoding="iso-8859-1"?>').encode("latin-1"),
        RSS.format("<item><title>café</title></item>").replace("?>", ' encoding="utf-8"?>').encode("latin-1"),
        RSS.format("<item><title>caf&eacute;</title></item>").encode(),
        RSS.format("<item><title>café</title></item>").encode().removesuffix(b"</channel></rss>"),
    ],
)
def test_encodings_true_and_false_are_read(body: bytes) -> None:
    assert [item.title for item in read_feed(body, "application/xml", URL).items] == ["café"]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://other.example/a", "https://other.example/a"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_only_web_addresses_are_taken_for_links(link: str, url: str | None) -> None:
    body = RSS.format(f"<item><title>x</title><link>{link}</link><guid isPermaLink='false'>g</guid></item>")
    assert read_feed(body.encode(), "", URL).items[0].url == url


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html><body>Not here</body></html>",
        b"Service Unavailable",
        bytes(range(256)) * 100,
        b"<rss",
        b"<!" * 9000,
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal, match="no RSS or Atom feed"):
        read_feed(body, "application/xml", URL)


def test_a_body_that_names_a_file_or_an_address_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(RSS.format(ITEM))
    for body in (str(file).encode(), file.as_uri().encode()):
        with pytest.raises(Refusal):
            read_feed(body, "application/xml", URL)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_are_not_expanded(encoding: str) -> None:
    laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    body = RSS.replace("?>", "?>" + laughs).format("<item><title>&c;</title></item>")
    with pytest.raises(Refusal, match="entities"):
        read_feed(body.encode(encoding), "application/xml", URL)


def test_external_definitions_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "secret">')
    body = f'<!DOCTYPE rss SYSTEM "{secret.as_uri()}">' + RSS.format("<item><title>&x;!</title></item>").split("?>")[1]
    assert all("secret" not in item.title for item in read_feed(body.encode(), "application/xml", URL).items)


def test_a_feed_without_end_is_cut_and_a_monster_refused_at_once() -> None:
    many = RSS.format(ITEM * (MAX_ITEMS + 50))
    assert len(read_feed(many.encode(), "", URL).items) == MAX_ITEMS
    started = time.perf_counter()
    with pytest.raises(Refusal, match="tags"):
        read_feed(b"<a>" * (MAX_TAGS + 1), "", URL)
    assert time.perf_counter() - started < 1


def test_a_title_of_megabytes_is_cut() -> None:
    body = RSS.format(f"<item><title>{'x' * 5_000_000}</title></item>")
    assert len(read_feed(body.encode(), "", URL).items[0].title) < 3_000


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("Plain words.", "Plain words."),
        ("<p>One.</p><p>Two <b>bold</b> words.</p>", "One.\n\nTwo bold words."),
        ("One<br/>two<ul><li>three</li><li>four</li></ul>five", "One\n\ntwo\n\nthree\n\nfour\n\nfive"),
        ("<div>a<script>alert(1)</script> b<style>p{}</style></div>", "a b"),
        ("a &lt; b &amp; c <i>d</i>", "a < b & c d"),
        ("x <!-- hidden --> y <i></i>", "x y"),
        ("", ""),
    ],
)
def test_fragments_become_paragraphs(fragment: str, text: str) -> None:
    assert plain_text(fragment) == text


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    assert plain_text("<div>" * 20_000 + "deep") in {"deep", ""}
