"""The ledger's HTTP API, from its own table.

    GET /control?country=AFG&as_of=2021-08-11&known_at=2021-08-12T09:00:00Z
    GET /incidents/{id}

`as_of` is a day of the world (valid time), `known_at` an instant of publication (knowledge time). One process answers
for the partitions that it holds, and says which those are and whether they are all. Errors are problem+json (RFC 9457).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, Final, Protocol

import orjson
from aiohttp import web

from tocsin.streaming.health import Verdict
from tocsin_schemas.topics import PARTITIONS

from .places import PREFIX, Places
from .queries import Ledger

SCANNED_AT_ONCE: Final = 500
"""Rows that are looked at before other work gets its turn."""
_COUNTRY: Final = re.compile(r"[A-Z]{3}")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rows(Protocol):
    """The table, for reading in all partitions of this process."""

    def find(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        ...

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """All keys and values."""
        ...

    def owned(self) -> list[int]:
        """The partitions held."""
        ...


class Found:
    """A store that reads wherever a row is."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        return self._rows.find(key)


class Desk:
    """Answers questions. `places` is the index that the fold keeps up; what was recovered is added before answering."""

    def __init__(self, rows: Rows, places: Places, ready: Callable[[], Verdict]) -> None:
        self._rows = rows
        self._places = places
        self._ready = ready
        self._indexed: list[int] = []
        self._indexing = asyncio.Lock()
        self.ledger = Ledger(Found(rows), places)

    def routes(self) -> list[web.RouteDef]:
        """The API's routes."""
        return [
            web.get("/control", self._answered(self._control)),
            web.get("/incidents/{id}", self._answered(self._incident)),
        ]

    async def index(self) -> None:
        """Notes the places of the partitions that were taken over since the last time."""
        async with self._indexing:
            owned = self._rows.owned()
            if owned == self._indexed:
                return
            for number, (key, stored) in enumerate(self._rows.everything()):
                if key.startswith(PREFIX):
                    self._places.scan([(key, stored)])
                if number % SCANNED_AT_ONCE == 0:
                    await asyncio.sleep(0)
            self._indexed = owned

    def _answered(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            verdict = self._ready()
            if not verdict.ok:
                return _problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the ledger is not ready: {verdict.reason}")
            try:
                return await handler(request)
            except ValueError as error:
                return _problem(HTTPStatus.BAD_REQUEST, str(error))

        return answer

    async def _control(self, request: web.Request) -> web.Response:
        country = request.query.get("country")
        if country is not None and not _COUNTRY.fullmatch(country):
            raise ValueError(f"country is an ISO 3166-1 code of three capitals, such as AFG, not {country!r}")
        on, known_at = day_of(request.query.get("as_of")), instant_of(request.query.get("known_at"))
        await self.index()
        held = self.ledger.controls(country, on, known_at)
        countries = [country] if country is not None else self._places.countries
        tallies = [gap for code in countries for gap in self.ledger.tallies(code)]
        return self._json({"control": [_dumped(c) for c in held], "tallies": tallies})

    async def _incident(self, request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        found = self.ledger.incident(identity)
        if found is None:
            elsewhere = "" if self._complete else "; it may be with another process of the ledger"
            return _problem(HTTPStatus.NOT_FOUND, f"no incident {identity} here{elsewhere}")
        return self._json({"incident": _dumped(found)})

    @property
    def _complete(self) -> bool:
        return len(self._rows.owned()) == PARTITIONS

    def _json(self, told: dict[str, Any]) -> web.Response:
        body = {**told, "partitions": self._rows.owned(), "complete": self._complete}
        return web.Response(body=orjson.dumps(body), content_type="application/json")


def day_of(given: str | None) -> date | None:
    """A day, given as such or by a time in it (in UTC). Raises ValueError saying what is expected."""
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"as_of is a day, or a time with its zone: 2021-08-11 or 2021-08-11T09:00:00Z, not {given!r}")
    return moment.astimezone(UTC).date()


def instant_of(given: str | None) -> datetime | None:
    """A time with a zone. Raises ValueError saying what is expected."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"known_at is a time with its zone, such as 2021-08-11T09:00:00Z, not {given!r}")
    return moment.astimezone(UTC)


def _dumped(record: Any) -> Any:
    return record.model_dump(mode="json")


def _problem(status: HTTPStatus, detail: str) -> web.Response:
    body = orjson.dumps({"status": status, "title": status.phrase, "detail": detail})
    return web.Response(status=status, body=body, content_type="application/problem+json")
