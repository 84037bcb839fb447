"""Articles from files: JSONL, JSON, plain text with a JSON sidecar, HTML pages, mails, folders of these, standard input.

    for found in read_articles("reports/"):
        match found:
            case Refused(): print(found)          # "reports/a.jsonl:3: published_at: ... has no time zone"
            case Article(): ...

No Kafka and no network in here: `tocsin extract` and `tocsin backtest` read with `read_articles`, which keeps the
text as it stands in the file; `tocsin ingest` reads with `read_raw` and tidies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import orjson

from tocsin_schemas import Article
from tocsin_schemas.article import MAX_TEXT

from .mail import MAX_MAIL, read_mail
from .normalize import Normalizer
from .page import read_page
from .publishers import Publishers, default_publishers
from .raw import MAX_HTML, RawArticle, raw_article
from .refusal import Refusal, Refused

LINES: Final = frozenset({".jsonl", ".ndjson"})
TEXTS: Final = frozenset({".txt"})
PAGES: Final = frozenset({".html", ".htm", ".xhtml"})
MAILS: Final = frozenset({".eml"})
RECORDS: Final = frozenset({".json"})
MAX_LINE: Final = 13_000_000
"""Bytes of one line or record: a text of the greatest length with every character escaped as a surrogate pair."""
STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Found:
    """A record of a file, read but not yet judged, with its place."""

    raw: RawArticle
    where: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a folder that hold articles, in order of their path, and those passed over."""

    articles: tuple[Path, ...]
    passed_over: tuple[Path, ...]


def find_files(folder: Path) -> Files:
    """Article files under `folder`, at any depth. Hidden files and sidecars are neither read nor passed over."""
    visible = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    companions = {_stem(path) for path in visible if path.suffix.lower() in TEXTS | PAGES | MAILS}
    files = [path for path in visible if not (path.suffix.lower() in RECORDS and _stem(path) in companions)]
    known = LINES | TEXTS | PAGES | MAILS | RECORDS
    return Files(
        tuple(path for path in files if path.suffix.lower() in known),
        tuple(path for path in files if path.suffix.lower() not in known),
    )


def read_articles(
    source: Path | str,
    *,
    now: datetime | None = None,
    publishers: Publishers | None = None,
    stdin: IO[bytes] | None = None,
) -> Iterator[Article | Refused]:
    """The articles of a file, a folder or "-" (JSONL on standard input), with their text exactly as it stands there.

    Only the text is required: `now` (by default the time of the call) stands in for a missing publication time.
    What cannot be read is given as a `Refused` in its place, and reading goes on.
    """
    normalizer = Normalizer(publishers or default_publishers())
    moment = now or datetime.now(UTC)
    for found in read_raw(source, stdin=stdin):
        if isinstance(found, Refused):
            yield found
            continue
        try:
            yield normalizer.verbatim(found.raw, moment)
        except Refusal as refusal:
            yield Refused.of(refusal, found.where, found.line)


def read_raw(source: Path | str, *, stdin: IO[bytes] | None = None) -> Iterator[Found | Refused]:
    """The records of a file, a folder or "-", as given and not yet judged."""
    if str(source) == STDIN:
        yield from _lines(stdin or sys.stdin.buffer, "<stdin>")
        return
    path = Path(source)
    if path.is_dir():
        for file in find_files(path).articles:
            yield from _file(file)
    elif path.is_file():
        yield from _file(path)
    else:
        yield Refused(str(path), None, "invalid", "there is no such file or folder")


def _file(path: Path) -> Iterator[Found | Refused]:
    kind = path.suffix.lower()
    try:
        if kind in LINES:
            with path.open("rb") as lines:
                yield from _lines(lines, str(path))
        elif kind in RECORDS:
            yield from _records(path)
        elif kind in TEXTS:
            yield Found(_text(path), str(path))
        elif kind in PAGES:
            yield Found(_page(path), str(path))
        elif kind in MAILS:
            yield Found(_mail(path), str(path))
        else:
            expected = ", ".join(sorted(LINES | TEXTS | PAGES | MAILS | RECORDS))
            raise Refusal("invalid", f'a file name ending in "{kind}" is not known; known are {expected}')
    except Refusal as refusal:
        yield Refused.of(refusal, str(path))
    except OSError as problem:
        yield Refused(str(path), None, "malformed", f"cannot be read: {problem.strerror}")


def _lines(stream: IO[bytes], where: str) -> Iterator[Found | Refused]:
    """Records of JSON lines, one a line; empty lines are none."""
    for number, line in enumerate(_bounded(stream), start=1):
        if line is None:
            yield Refused(where, number, "too_large", f"the line is longer than {MAX_LINE:,} bytes: no news article is")
        elif line.strip():
            try:
                yield Found(raw_article(decode_json(line), "days"), where, number)
            except Refusal as refusal:
                yield Refused.of(refusal, where, number)


def _bounded(stream: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of `stream`; None for one that is too long, which is skipped without being held in memory."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def decode_json(encoded: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises Refusal, which says where it goes wrong."""
    try:
        return orjson.loads(encoded)
    except orjson.JSONDecodeError as problem:
        decode_utf8(encoded)
        raise Refusal("malformed", f"is no JSON: {problem}") from None


def decode_utf8(encoded: bytes) -> str:
    """UTF-8 text, a byte order mark dropped. Raises Refusal, which names the first byte that is none."""
    try:
        return encoded.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        bad = encoded[problem.start]
        raise Refusal("malformed", f"is not valid UTF-8: byte 0x{bad:02X} at offset {problem.start}") from None


def _records(path: Path) -> Iterator[Found | Refused]:
    """A JSON file with one article, or with an array of them."""
    content = decode_json(_read(path, MAX_LINE))
    for number, record in enumerate(content if isinstance(content, list) else [content], start=1):
        try:
            yield Found(raw_article(record, "days"), str(path), number if isinstance(content, list) else None)
        except Refusal as refusal:
            yield Refused.of(refusal, str(path), number if isinstance(content, list) else None)


def _text(path: Path) -> RawArticle:
    text = decode_utf8(_read(path, MAX_TEXT * 4))
    return raw_article(_identified(_sidecar(path) | {"text": text}, path), "days")


def _page(path: Path) -> RawArticle:
    page = read_page(_read(path, MAX_HTML))
    told = {
        "title": page.title,
        "url": page.url,
        "publisher": page.site,
        "published_at": page.published_at,
        "language": page.language,
    }
    return raw_article(_identified(told | _sidecar(path) | {"text": page.text}, path), "days")


def _mail(path: Path) -> RawArticle:
    mail = read_mail(_read(path, MAX_MAIL))
    told = {
        "title": mail.subject,
        "publisher": mail.sender,
        "published_at": mail.sent.isoformat() if mail.sent is not None else None,
        "guid": mail.message_id,
    }
    said = {name: value for name, value in told.items() if value is not None}
    return raw_article(_identified(said | _sidecar(path) | {"text": mail.text}, path), "days")


def _sidecar(path: Path) -> dict[str, Any]:
    """What `x.json` says of `x.txt` or `x.html`: the fields of an article without its text. No file says nothing."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        said = decode_json(_read(beside, MAX_LINE))
        if not isinstance(said, dict):
            raise Refusal("malformed", "must be a JSON object with the article's fields")
    except Refusal as refusal:
        raise Refusal(refusal.kind, f"{beside.name} beside it {refusal}") from None
    return {name: value for name, value in said.items() if value is not None and name not in {"text", "html"}}


def _identified(record: dict[str, Any], path: Path) -> dict[str, Any]:
    """A file without id, URL or guid is known by its name, together with its publisher and publication time."""
    if any(record.get(name) for name in ("id", "url", "guid")):
        return record
    when = record.get("published_at") or record.get("published") or ""
    return record | {"guid": f"file:{path.stem}@{when}"}


def _read(path: Path, most: int) -> bytes:
    size = path.stat().st_size
    if size > most:
        raise Refusal("too_large", f"has {size:,} bytes, more than the {most:,} that an article may have")
    return path.read_bytes()


def _stem(path: Path) -> Path:
    return path.with_suffix("")


def count_files(sources: Iterable[Path]) -> int:
    """How many files `sources` (files and folders) hold, for a progress bar."""
    return sum(len(find_files(source).articles) if source.is_dir() else 1 for source in sources)
