"""What every model of the contract shares: strictness, time, spans.

Readers ignore fields that they do not know (forward compatible); a known field with a wrong type, a naive
time, a number that is none or a reversed span is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d*)?\s*")
_RFC_3339 = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"


def _written_out(value: object) -> object:
    """20250811 would be read as seconds since 1970, and be a day in August of that year."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError(f"a time is written out, such as 2025-08-11T10:00:00Z, not as the number {value}")
    return value


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a time needs its zone, such as 2025-08-11T10:00:00Z: {value.isoformat()} has none")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value.isoformat()} lies outside the years 1 to 9999 in UTC") from None


UtcDatetime = Annotated[
    datetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
    Field(json_schema_extra={"pattern": _RFC_3339}),
]
"""A point in time with a zone, kept in UTC. RFC 3339 on the wire; a naive time or a number is refused."""

Day = Annotated[date, BeforeValidator(_written_out)]
"""A day of the calendar, "2025-08-11" on the wire; a number is refused."""

Offset = Annotated[int, Field(ge=0, strict=True)]
"""A count of characters (Unicode code points, as Python counts them) from the start of a text."""

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3; Kosovo is XKX."""


class Model(BaseModel):
    """Base of all contract models: immutable, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Span(Model):
    """Characters `start` up to but not including `end`."""

    start: Offset
    end: Offset

    @model_validator(mode="after")
    def _runs_forward(self) -> Span:
        if self.end <= self.start:
            raise ValueError(f"a span must end after it starts, not {self.start}-{self.end}")
        return self


class Mention(Model):
    """Words that may stand in the text: `text` as printed, with its span, or null offsets when implied."""

    text: str
    start: Offset | None = None
    end: Offset | None = None

    @model_validator(mode="after")
    def _whole_span(self) -> Mention:
        if (self.start is None) != (self.end is None):
            raise ValueError("a mention has both offsets or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"a span must end after it starts, not {self.start}-{self.end}")
        return self
