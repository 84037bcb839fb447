"""RSS and Atom feeds, by feedparser, from bytes that may be hostile.

feedparser is given a stream and never a string: a string that looks like an address or a path it would open.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urljoin

import feedparser

from .markup import plain_text
from .refusal import Refusal

MAX_ITEMS: Final = 500
"""Items of one feed that are read; real feeds have 10 to 100."""
MAX_TAGS: Final = 100_000
"""Tags in one feed: 500 items have about 10,000; a million cost minutes."""
MAX_TITLE: Final = 2_000
MAX_CONTENT: Final = 1_000_000
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the feed gives it. Times are as printed; `content` is plain text, and may be a teaser only."""

    guid: str | None
    url: str | None
    title: str
    content: str
    published: str | None
    updated: str | None
    fingerprint: str
    """Tells a changed item from one that was seen: title, times and content, hashed."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's items in its own order, its title and language."""

    title: str | None
    language: str | None
    items: tuple[Item, ...]


def read_feed(body: bytes, content_type: str = "", url: str = "") -> Feed:
    """The feed in `body`, which was found at `url`. Raises Refusal when it is none, or hostile.

    CPU work of about 1 ms an item, of a hostile feed several seconds: call it in a process that can be ended.
    """
    if _ENTITY.search(body.replace(b"\0", b"")):
        raise Refusal("invalid", "declares XML entities, which no feed needs: it is not expanded", "feed")
    if body.count(b"<") > MAX_TAGS:
        raise Refusal("too_large", f"has more than {MAX_TAGS:,} tags: no feed has", "feed")
    headers = {"content-type": content_type, "content-location": url}
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    except (ValueError, LookupError, RecursionError, AssertionError, AttributeError, TypeError) as problem:
        raise Refusal("malformed", f"cannot be read as a feed ({type(problem).__name__}: {problem})", "feed") from None
    entries: list[Mapping[str, Any]] = parsed.get("entries", [])
    if not entries and not parsed.get("version"):
        raise Refusal("malformed", f"is no RSS or Atom feed ({_why(parsed)})", "feed")
    about: Mapping[str, Any] = parsed.get("feed", {})
    return Feed(
        title=_line(about.get("title")) or None,
        language=_line(about.get("language")) or None,
        items=tuple(_item(dict(entry), url) for entry in entries[:MAX_ITEMS]),
    )


def _why(parsed: Mapping[str, Any]) -> str:
    problem = parsed.get("bozo_exception")
    return f"{type(problem).__name__}: {str(problem)[:200]}" if problem is not None else "nothing in it"


def _item(entry: Mapping[str, Any], base: str) -> Item:
    bodies = [str(part.get("value") or "") for part in entry.get("content") or []] or [str(entry.get("summary") or "")]
    content = plain_text(max(bodies, key=len)[:MAX_CONTENT])
    title = plain_text(str(entry.get("title") or ""))[: MAX_TITLE + 1]
    published, updated = _line(entry.get("published")), _line(entry.get("updated"))
    link = str(entry.get("link") or "")
    guid = _line(entry.get("id"))
    return Item(
        guid=guid or None,
        url=_absolute(link or (guid if guid.startswith("http") else ""), base),
        title=" ".join(title.split()),
        content=content,
        published=published or None,
        updated=updated or None,
        fingerprint=_fingerprint(title, published, updated, content),
    )


def _absolute(link: str, base: str) -> str | None:
    try:
        url = urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None


def _line(value: object) -> str:
    return " ".join(value.split())[:1_000] if isinstance(value, str) else ""


def _fingerprint(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
