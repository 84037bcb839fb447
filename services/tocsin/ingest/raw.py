"""A record as somebody hands it in, checked field by field: the body of `POST /articles`, a line of JSONL, a sidecar.

Two readings of one shape: the HTTP API is strict about time (RFC 3339 with a zone), files may give a day alone
("2014-06-10", which is kept as noon UTC of that day) or, for the offline commands, nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from tocsin_schemas.article import MAX_TEXT, ArticleStatus
from tocsin_schemas.base import UtcDatetime

from .refusal import Refusal

MAX_TITLE: Final = 2_000
MAX_URL: Final = 2_048
MAX_HTML: Final = 10_000_000
NOON: Final = time(12, tzinfo=UTC)
"""A day without an hour is kept as its noon in UTC: the same calendar day in every zone from UTC-12 to UTC+11."""

ALIASES: Final = {"published": "published_at", "outlet": "publisher"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[Zz]|[+-]\d{2}:?\d{2})")
_NAIVE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")


def _point_in_time(value: Any, info: ValidationInfo) -> Any:
    """RFC 3339 text as a datetime; where the context says `days`, a day alone as its noon in UTC."""
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError('must be a text such as "2021-08-11T09:00:00Z"')
    printed = value.strip()
    if _DAY.fullmatch(printed):
        if not (info.context or {}).get("days"):
            raise ValueError(
                f'"{printed}" is a day without an hour: give a time with its zone, such as "{printed}T09:00:00Z"'
            )
        return datetime.combine(datetime.strptime(printed, "%Y-%m-%d").date(), NOON)
    if _NAIVE.fullmatch(printed):
        raise ValueError(f'"{printed}" has no time zone: add Z for UTC or an offset such as +04:30')
    if not _ZONED.fullmatch(printed):
        raise ValueError(f'"{printed[:40]}" is no time: give RFC 3339, such as "2021-08-11T09:00:00Z"')
    return datetime.fromisoformat(printed.upper().replace(" ", "T", 1).replace(" ", ""))


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Time = Annotated[UtcDatetime | None, BeforeValidator(_point_in_time)]


class RawPublisher(BaseModel):
    """A publisher in full; usually its name, as a plain text, is enough."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    family: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class RawArticle(BaseModel):
    """One article as handed in. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", title="Article as handed in")

    id: Annotated[
        Annotated[str, Field(min_length=1, max_length=512)] | None,
        BeforeValidator(_as_text),
        Field(description="Your id of the article. Without it, it is made of the URL, or of guid and publisher."),
    ] = None
    url: Annotated[
        Annotated[str, Field(min_length=1, max_length=MAX_URL)] | None,
        Field(description="Where the article stands; tracking parameters are dropped."),
    ] = None
    guid: Annotated[
        Annotated[str, Field(min_length=1, max_length=1_000)] | None,
        BeforeValidator(_as_text),
        Field(description="The publisher's own identifier, for articles without a URL."),
    ] = None
    title: Annotated[str | None, Field(max_length=MAX_TITLE, description="The headline.")] = None
    text: Annotated[
        str | None,
        Field(max_length=MAX_TEXT, description="The running text, with blank lines between paragraphs."),
    ] = None
    html: Annotated[
        str | None,
        Field(max_length=MAX_HTML, description="The page instead of `text`: its main text is taken out of it."),
    ] = None
    published_at: Annotated[Time, Field(description="When it was published: RFC 3339 with a zone.")] = None
    publisher: Annotated[
        Annotated[str, Field(max_length=200)] | RawPublisher | None,
        Field(description='Who published it: a name ("Daily Planet", "Daily Planet (AFP)") or an object.'),
    ] = None
    credit: Annotated[
        Annotated[str, Field(max_length=200)] | None,
        Field(description="The wire service credited; without it, it is read from the text."),
    ] = None
    language: Annotated[
        Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")] | None,
        Field(description='The language, as a BCP 47 tag ("en", "en-GB").'),
    ] = None
    status: Annotated[
        ArticleStatus,
        Field(description='"withdrawn" takes the article back: then only its id (or URL) is needed.'),
    ] = "published"

    @model_validator(mode="before")
    @classmethod
    def _named_alike(cls, record: Any) -> Any:
        """`published` and `outlet` are read as `published_at` and `publisher`."""
        if not isinstance(record, Mapping):
            raise ValueError("must be a JSON object")
        renamed = dict(record)
        for alias, name in ALIASES.items():
            if renamed.get(name) is None and alias in renamed:
                renamed[name] = renamed.pop(alias)
        if isinstance(renamed.get("publisher"), str) and not renamed["publisher"].strip():
            renamed["publisher"] = None
        if renamed.get("status") is None:
            renamed.pop("status", None)
        return renamed


Dates = Literal["zoned", "days"]


def raw_article(record: Any, dates: Dates = "zoned") -> RawArticle:
    """The article in a decoded JSON `record`. With `dates="days"` a day without an hour is taken as its noon in UTC.

    Raises Refusal, which names the field and says what was expected.
    """
    try:
        return RawArticle.model_validate(record, context={"days": dates == "days"})
    except ValidationError as invalid:
        raise _refusal(invalid) from None


def _refusal(invalid: ValidationError) -> Refusal:
    errors = invalid.errors(include_url=False, include_input=False)
    first = errors[0]
    field = str(first["loc"][0]) if first["loc"] else None
    if first["type"] == "string_too_long" and field in {"text", "html"}:
        most = first.get("ctx", {}).get("max_length", MAX_TEXT)
        return Refusal("too_large", f"is longer than {most:,} characters: no news article is", field)
    if first["type"] == "string_unicode":
        return Refusal("invalid", "is not valid Unicode (it holds half of a surrogate pair)", field)
    inner = max((e for e in errors if e["loc"][:1] == first["loc"][:1]), key=lambda error: len(error["loc"]))
    within = f"{inner['loc'][-1]}: " if len(inner["loc"]) > 2 else ""
    return Refusal("invalid", within + inner["msg"].removeprefix("Value error, "), field)
