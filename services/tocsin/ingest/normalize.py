"""From a record as handed in to an `Article`: who, when, where, in which words.

Pure: the clock, the registry of publishers and the limits are arguments. `verbatim` keeps every character of the
text (the offline commands, whose offsets count the given text); `intake` cleans, checks and refuses (what goes on
the topic).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from courlan import normalize_url, scrub_url

from tocsin_schemas import Article, Publisher
from tocsin_schemas.article import MAX_TEXT
from tocsin_schemas.ids import content_hash, folded, name_id

from .credit import CreditReader
from .language import looks_english
from .notices import takes_back
from .publishers import UNKNOWN, Publishers
from .raw import MAX_URL, RawArticle, RawPublisher
from .refusal import Refusal

EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Publication times before this are clocks that were never set, not news."""
AHEAD: Final = timedelta(days=1)
"""How far ahead of now a publication time may lie: time zones and embargoes, no more."""

_INVISIBLE = dict.fromkeys(
    [code for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]
    + [0x00AD, 0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_BREAKS = re.compile(r"\r\n?|[\u2028\x85\x0b\x0c]")
_MARKUP = re.compile(r"\A\s*(?:<\?xml|<!doctype|<html|<head|<body|<div|<p[ >])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Intake:
    """What ingest lets in: languages ("en"), and how old or how far ahead an article may be."""

    languages: frozenset[str] = frozenset({"en"})
    earliest: datetime = EARLIEST
    ahead: timedelta = AHEAD


def tidy_text(text: str) -> str:
    """Running text in one form: NFC, newlines as \\n, one blank line at most, nothing invisible, no edges."""
    plain = _BREAKS.sub("\n", text).replace("\u2029", "\n\n").translate(_INVISIBLE)
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", plain).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def tidy_title(title: str) -> str:
    """A headline on one line, without what is invisible."""
    return " ".join(tidy_text(title).split())


def canonical_url(url: str) -> str:
    """The address without tracking parameters, default port, user and fragment.

    Raises Refusal when it is no absolute http(s) address.
    """
    try:
        cleaned = normalize_url(scrub_url(url), trailing_slash=False)
        parts = urlsplit(cleaned)
        host = parts.hostname
    except (ValueError, AttributeError):
        raise Refusal("invalid", f'"{url[:80]}" is no address', "url") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise Refusal("invalid", f'"{url[:80]}" is no http(s) address', "url")
    if len(cleaned) > MAX_URL:
        raise Refusal("too_large", f"is longer than {MAX_URL:,} characters", "url")
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _address_key(url: str) -> str:
    """What names a page: its address without the scheme and without "www."."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def article_id(raw: RawArticle, publisher: Publisher, url: str | None) -> str:
    """The id of an article: the one given, or a uuid5 of its address, or of guid (or headline) and publisher."""
    if raw.id is not None:
        return raw.id
    if url is not None:
        return name_id("article", _address_key(url))
    when = raw.published_at.isoformat() if raw.published_at is not None else None
    if raw.guid is not None:
        return name_id("article", "guid", publisher.id, raw.guid)
    opening = raw.title or (raw.text or "")[:200]
    return name_id("article", "headline", publisher.id, when, folded(opening))


def _who(raw: RawArticle, url: str | None, publishers: Publishers) -> tuple[Publisher, str | None]:
    """Publisher and credit by the record's own fields; the text is not looked at."""
    if isinstance(raw.publisher, RawPublisher):
        given = raw.publisher
        publisher = Publisher(id=given.id, name=given.name, family=given.family or given.id)
        credit = None
    else:
        named = publishers.named(raw.publisher, url)
        publisher, credit = named.publisher, named.credit
    if raw.credit and raw.credit.strip():
        credit = publishers.credit(raw.credit) or raw.credit.strip()
    return publisher, credit


class Normalizer:
    """Turns records into articles with one registry of publishers and one set of limits."""

    def __init__(self, publishers: Publishers, rules: Intake | None = None) -> None:
        self._publishers = publishers
        self._credits = CreditReader(publishers.credits)
        self._rules = rules or Intake()

    def verbatim(self, raw: RawArticle, now: datetime) -> Article:
        """The article with its text, title and URL exactly as given. Only the text is required, and not of a withdrawn one.

        Without a publication time `now` stands in. Raises Refusal when there is no text.
        """
        text = raw.text or ""
        if not text.strip() and raw.status != "withdrawn":
            raise Refusal("invalid", "has nothing in it: an article needs text", "text")
        publisher, credit = _who(raw, raw.url, self._publishers)
        return Article(
            id=article_id(raw, publisher, _canonical_or_none(raw.url)),
            status=raw.status,
            url=raw.url,
            title=raw.title or "",
            text=text,
            language=raw.language or "en",
            published_at=raw.published_at or now,
            received_at=now,
            publisher=publisher,
            credit=credit or self._credits.find(text),
            content_hash=content_hash(raw.title or "", text),
        )

    def intake(self, raw: RawArticle, now: datetime) -> Article:
        """The article as it goes on the topic, as revision 1; its `text` is tidied, its dates and language checked.

        A withdrawal, or a notice of one in the article's place, has no text, and `now` as its time when it gives
        none. Raises Refusal.
        """
        url = canonical_url(raw.url) if raw.url is not None else None
        publisher, credit = _who(raw, url, self._publishers)
        withdrawn = raw.status == "withdrawn" or takes_back(raw.title or "", raw.text or "")
        title = tidy_title(raw.title or "")
        text = "" if withdrawn else self._text(raw)
        if publisher == UNKNOWN and not withdrawn:
            raise Refusal("invalid", "is needed where there is no url to tell it by", "publisher")
        return Article(
            id=self._identity(raw, publisher, url, withdrawn),
            status="withdrawn" if withdrawn else raw.status,
            url=url,
            title=title,
            text=text,
            language="en" if withdrawn else self._language(raw, text),
            published_at=now if withdrawn and raw.published_at is None else self._time(raw, now),
            received_at=now,
            publisher=publisher,
            credit=credit or self._credits.find(text),
            content_hash=content_hash(title, text),
        )

    def _identity(self, raw: RawArticle, publisher: Publisher, url: str | None, withdrawn: bool) -> str:
        if withdrawn and raw.id is None and url is None and raw.guid is None:
            raise Refusal("invalid", "is needed to withdraw an article (or its url, or its guid)", "id")
        if raw.id is not None and (raw.id != raw.id.strip() or not raw.id.isprintable()):
            raise Refusal("invalid", "has white space at an end, or characters that do not print", "id")
        return article_id(raw, publisher, url)

    def _text(self, raw: RawArticle) -> str:
        text = tidy_text(raw.text or "")
        if not any(character.isalnum() for character in text):
            raise Refusal("invalid", "has no words in it: an article needs text", "text")
        if _MARKUP.match(text):
            raise Refusal("invalid", "is a page with markup: give it as `html`, or as an .html file", "text")
        if len(text) > MAX_TEXT:
            raise Refusal("too_large", f"is longer than {MAX_TEXT:,} characters: no news article is", "text")
        return text

    def _time(self, raw: RawArticle, now: datetime) -> datetime:
        when = raw.published_at
        if when is None:
            raise Refusal("invalid", "is missing: what the text says is dated by it", "published_at")
        if when > now + self._rules.ahead:
            raise Refusal(
                "invalid", f"{when:%Y-%m-%dT%H:%MZ} lies in the future (it is {now:%Y-%m-%dT%H:%MZ})", "published_at"
            )
        if when < self._rules.earliest:
            raise Refusal(
                "invalid",
                f"{when:%Y-%m-%d} is before {self._rules.earliest:%Y-%m-%d}: no clock was set",
                "published_at",
            )
        return when

    def _language(self, raw: RawArticle, text: str) -> str:
        allowed = self._rules.languages
        said = raw.language.replace("_", "-").split("-")[0].lower() if raw.language else None
        if said is not None and said not in allowed:
            raise Refusal("invalid", f'"{raw.language}" is not read here, only {_listed(allowed)}', "language")
        if allowed == {"en"} and looks_english(text) is False:
            raise Refusal("invalid", "does not read as English, and only English is read here", "text")
        return raw.language or ("en" if "en" in allowed else min(allowed))


def _canonical_or_none(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url else None
    except Refusal:
        return None


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))
