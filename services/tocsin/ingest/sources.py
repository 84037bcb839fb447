"""Sources that are polled: `sources.yaml`, and how each of them fares.

defaults: {every: 10m}
sources:
  - id: hill-herald
    feed: https://herald.example/feeds/world.xml
    publisher: Hill Herald
    time_zone: Asia/Kabul        # of times that the feed prints without one
    silence: 24h                 # without anything new for so long it is reported as silent
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from .fetch import NO_VALIDATORS, FetchError, Validators, host_of
from .raw import RawPublisher

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,6})([smhd])")
SHORTEST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(days=1)
REVISITS: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""When after its first reading a page is looked at again, for corrections and withdrawals."""


def _duration(value: Any) -> Any:
    """ "10m" as ten minutes."""
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('must be a whole number with a unit, such as "90s", "10m", "6h" or "1d"')
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Source(BaseModel):
    """One feed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    feed: str
    publisher: str | RawPublisher | None = None
    every: Duration = timedelta(minutes=10)
    text: Literal["page", "feed"] = "page"
    time_zone: str = "UTC"
    language: str | None = None
    silence: Duration | None = None
    max_items: Annotated[int, Field(ge=1, le=500)] = 100
    revisit: tuple[Duration, ...] = REVISITS
    robots: bool = True

    @field_validator("feed")
    @classmethod
    def _web_address(cls, value: str) -> str:
        try:
            host_of(value)
        except FetchError:
            raise ValueError("must be an http(s) address") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f'"{value}" is no time zone: give an IANA name such as "Asia/Kabul"') from None
        return value

    @field_validator("every")
    @classmethod
    def _bounded(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise ValueError("must be between 30s and 1d")
        return value


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    defaults: dict[str, Any] = {}
    sources: list[dict[str, Any]]


def read_sources(path: Path) -> tuple[Source, ...]:
    """The sources in a file. Raises ValueError, which names the file, the source and the field."""
    try:
        content = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as problem:
        raise ValueError(f"the sources file {path} cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ValueError(f"the sources file {path} is no YAML: {problem}") from None
    except ValidationError as invalid:
        raise ValueError(f"the sources file {path}, at {_first(invalid)}") from None
    sources: list[Source] = []
    for number, entry in enumerate(content.sources, start=1):
        named = f"source {number} ({entry.get('id', 'without id')})"
        try:
            source = Source.model_validate(content.defaults | entry)
        except ValidationError as invalid:
            raise ValueError(f"the sources file {path}, {named}, at {_first(invalid)}") from None
        if any(source.id == other.id for other in sources):
            raise ValueError(f"the sources file {path}, {named}: this id stands there twice")
        sources.append(source)
    return tuple(sources)


def _first(invalid: ValidationError) -> str:
    first = invalid.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "top"
    return f"{place}: {first['msg'].removeprefix('Value error, ')}"


@dataclass(frozen=True, slots=True)
class Health:
    """How a source fares. Times are UTC; `failures` counts those in a row; `gone` is a feed that answered 410."""

    validators: Validators = NO_VALIDATORS
    last_try: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    next_try: datetime | None = None
    failures: int = 0
    problem: str | None = None
    articles: int = 0
    refused: int = 0
    gone: bool = False

    def succeeded(self, now: datetime, every: timedelta, validators: Validators, new: int, refused: int) -> Health:
        """After a poll that gave the feed, or that it has not changed."""
        return replace(
            self,
            validators=validators,
            last_try=now,
            last_success=now,
            last_new=now if new else self.last_new,
            next_try=now + every,
            failures=0,
            problem=None,
            articles=self.articles + new,
            refused=self.refused + refused,
        )

    def failed(self, now: datetime, every: timedelta, problem: str, after: float | None, gone: bool = False) -> Health:
        """After a poll that gave nothing: the pause doubles up to a day, and is at least what the host asked for."""
        failures = self.failures + 1
        pause = min(every * 2 ** min(failures - 1, 16), LONGEST)
        wanted = timedelta(seconds=after or 0)
        return replace(
            self,
            last_try=now,
            next_try=now + max(pause, wanted),
            failures=failures,
            problem=problem,
            gone=gone,
        )

    def silent(self, source: Source, now: datetime) -> bool:
        """Whether nothing new has come for longer than the source's `silence`."""
        if source.silence is None:
            return False
        since = self.last_new or self.last_success
        return since is not None and now - since > source.silence


def told(source: Source, health: Health, now: datetime, a_day: int = 0) -> dict[str, Any]:
    """The health record of a source, for people and scripts. Its address is left out: it may hold a secret.

    `a_day`: items read in the last 24 hours.
    """

    def printed(when: datetime | None) -> str | None:
        return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if when else None

    return {
        "id": source.id,
        "state": _state(source, health, now),
        "last_success": printed(health.last_success),
        "last_new": printed(health.last_new),
        "next_try": printed(health.next_try) if not health.gone else None,
        "failures": health.failures,
        "problem": health.problem,
        "articles": health.articles,
        "refused": health.refused,
        "items_per_hour": round(a_day / 24, 2),
        "silent_for_hours": None
        if (since := health.last_new or health.last_success) is None
        else round((now - since) / timedelta(hours=1), 1),
    }


def _state(source: Source, health: Health, now: datetime) -> str:
    if health.gone:
        return "gone"
    if health.failures:
        return "failing"
    if health.last_success is None:
        return "new"
    return "silent" if health.silent(source, now) else "well"
