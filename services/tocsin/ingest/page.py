"""A web page's article: main text by trafilatura, publication time with its zone, canonical address.

trafilatura gives the day of publication; the hour and its zone are read from the page's own metadata (JSON-LD
`datePublished`, Open Graph `article:published_time`, `<time datetime>`), which news pages carry for search engines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lxml.etree import LxmlError
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.utils import load_html

from .notices import takes_back
from .raw import MAX_HTML, RawArticle, raw_article
from .refusal import Refusal

_PUBLISHED_META: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "dc.date.issued",
    "dcterms.created",
    "sailthru.date",
    "pubdate",
)
MAX_TAGS: Final = 60_000
"""Tags in one page. News pages have up to 15,000; a page of millions costs hours (the extraction is quadratic)."""
LEAST_TEXT: Final = 100
"""Characters below which what was found is a menu or a cookie notice, and no article."""
_JSON_LD: Final = 200_000
"""Characters of one JSON-LD block that are read; real ones have a few thousand."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says about its article. `published_at` has a zone, or is a day ("2021-08-11"), or is not told."""

    title: str | None
    text: str
    url: str | None
    site: str | None
    published_at: str | None
    language: str | None


def read_page(html: bytes | str, url: str | None = None) -> Page:
    """The article in a page; `url` is where it was found. Raises Refusal when there is none, or it is too large.

    CPU work of 5-100 ms, of a hostile page up to 3 s: call it off the event loop.
    """
    if len(html) > MAX_HTML:
        raise Refusal("too_large", f"is larger than {MAX_HTML // 1_000_000} MB: no article page is", "html")
    if (html.count(b"<") if isinstance(html, bytes) else html.count("<")) > MAX_TAGS:
        raise Refusal("too_large", f"has more than {MAX_TAGS:,} tags: no article page has", "html")
    try:
        tree = load_html(html)
    except (LxmlError, ValueError) as problem:
        raise Refusal("malformed", f"cannot be read as HTML ({problem})", "html") from None
    if tree is None:
        raise Refusal("malformed", "is no HTML page", "html")
    facts, notice = _facts(tree), _notice(tree)  # before the extraction, which prunes the tree
    try:
        found = bare_extraction(tree, url=url, with_metadata=True, include_comments=False, include_tables=False)
    except (LxmlError, ValueError, RecursionError) as problem:
        raise Refusal("malformed", f"cannot be read as HTML ({type(problem).__name__})", "html") from None
    if found is None or isinstance(found, dict) or (len(found.text or "") < LEAST_TEXT and notice is None):
        raise Refusal("invalid", "has no article text in it, only markup or navigation", "html")
    text = found.text or ""
    text = notice if notice is not None and len(text) < LEAST_TEXT else text
    title = facts.headline or found.title
    return Page(
        title=title,
        text=_paragraphs(text, title),
        url=facts.canonical or url,
        site=facts.site or found.sitename,
        published_at=facts.published or found.date,
        language=facts.language,
    )


def _notice(tree: HtmlElement) -> str | None:
    """The paragraph that says that the page's article was withdrawn, if there is one."""
    paragraphs = (" ".join(str(found.text_content()).split()) for found in tree.iter("p", "h1", "h2"))
    return next((words for words in paragraphs if takes_back("", words)), None)


def _paragraphs(text: str, title: str | None) -> str:
    """trafilatura's lines as paragraphs, without the headline, which it repeats as the first."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if title and lines and " ".join(lines[0].split()) == " ".join(title.split()):
        lines = lines[1:]
    return "\n\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Facts:
    published: str | None
    headline: str | None
    canonical: str | None
    site: str | None
    language: str | None


def _facts(tree: HtmlElement) -> _Facts:
    metas = {
        str(meta.get("property") or meta.get("name") or meta.get("itemprop")).lower(): str(meta.get("content") or "")
        for meta in tree.iter("meta")
    }
    article = next((item for item in _json_ld(tree) if _is_article(item)), {})
    canonical = next(
        (str(link.get("href")) for link in tree.iter("link") if "canonical" in str(link.get("rel")).lower().split()),
        None,
    )
    return _Facts(
        published=_published(tree, metas, article),
        headline=_words(article.get("headline")) or _words(metas.get("og:title")),
        canonical=canonical if canonical and canonical.startswith(("http://", "https://")) else None,
        site=_words(metas.get("og:site_name")),
        language=_words(tree.get("lang")),
    )


def _published(tree: HtmlElement, metas: dict[str, str], article: dict[str, Any]) -> str | None:
    candidates = [str(article.get("datePublished") or ""), *(metas.get(name, "") for name in _PUBLISHED_META)]
    candidates += [str(stamp.get("datetime") or "") for stamp in tree.iter("time")][:1]
    return next((zoned for zoned in map(_zoned, candidates) if zoned is not None), None)


def _zoned(printed: str) -> str | None:
    """`printed` as RFC 3339 in UTC when it is a time with a zone."""
    try:
        when = datetime.fromisoformat(printed.strip())
    except ValueError:
        return None
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when.tzinfo is not None else None


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" not in str(script.get("type")).lower():
            continue
        try:
            data = json.loads(str(script.text or "")[:_JSON_LD])
        except (ValueError, RecursionError):
            continue
        queue = [data]
        while queue:
            item = queue.pop(0)
            if isinstance(item, list):
                queue.extend(item[:50])
            elif isinstance(item, dict):
                yield item
                queue.extend(item["@graph"][:50] if isinstance(item.get("@graph"), list) else [])


def _is_article(item: dict[str, Any]) -> bool:
    kinds = item.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(re.search(r"Article|Report|BlogPosting", str(kind)) for kind in named)


def _words(value: object) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None


def with_page(raw: RawArticle) -> RawArticle:
    """`raw` with its text taken out of its `html`, when it has that and no text; what it says itself wins.

    Raises Refusal.
    """
    if raw.html is None or raw.text is not None:
        return raw
    page = read_page(raw.html, raw.url)
    told = {
        "url": raw.url or page.url,
        "title": raw.title or page.title,
        "publisher": raw.publisher or page.site,
        "language": raw.language or page.language,
        "published_at": raw.published_at or page.published_at,
        "text": page.text,
    }
    given = raw.model_dump(exclude={"html", *told}, exclude_none=True)
    return raw_article(given | {name: value for name, value in told.items() if value is not None})
