"""The ledger's HTTP API, from its own table.

    GET /control?country=AFG&as_of=2021-08-11&known_at=2021-08-12T09:00:00Z
    GET /history?place=Kunduz&country=AFG&known_at=2021-08-12T09:00:00Z
    GET /incidents/{id}

`as_of` is a day of the world (valid time), `known_at` an instant of publication (knowledge time). One process answers
for the partitions that it holds, and says which those are and whether they are all. Errors are problem+json (RFC 9457).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any, Final, Protocol

import orjson
from aiohttp import web

from tocsin.streaming.health import Verdict
from tocsin_schemas.topics import PARTITIONS

from .answers import (
    QuestionError,
    control_answer,
    country_of,
    day_of,
    encoded,
    history_answer,
    incident_answer,
    instant_of,
)
from .places import PREFIX, Places
from .queries import Ledger

SCANNED_AT_ONCE: Final = 500
"""Rows that are looked at before other work gets its turn."""

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
            web.get("/history", self._answered(self._history)),
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
            except QuestionError as error:
                return _problem(HTTPStatus.BAD_REQUEST, str(error))

        return answer

    async def _control(self, request: web.Request) -> web.Response:
        asked = request.query
        country, on = country_of(asked.get("country")), day_of(asked.get("as_of"))
        known_at = instant_of(asked.get("known_at"))
        await self.index()
        return self._json(control_answer(self.ledger, self._places.countries, country, on, known_at))

    async def _history(self, request: web.Request) -> web.Response:
        asked = request.query
        place, country = asked.get("place"), country_of(asked.get("country"))
        known_at = instant_of(asked.get("known_at"))
        if not place:
            raise QuestionError("place is the id or the name of a place, such as geonames:1135690 or Kunduz")
        await self.index()
        told = history_answer(self.ledger, place, country, known_at)
        return self._json(told) if told is not None else self._not_here(f"no place {place!r} whose control is known")

    async def _incident(self, request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        told = incident_answer(self.ledger, identity)
        return self._json(told) if told is not None else self._not_here(f"no incident {identity}")

    def _not_here(self, what: str) -> web.Response:
        elsewhere = "" if self._complete else "; it may be with another process of the ledger"
        return _problem(HTTPStatus.NOT_FOUND, f"{what} here{elsewhere}", complete=self._complete)

    @property
    def _complete(self) -> bool:
        return len(self._rows.owned()) == PARTITIONS

    def _json(self, told: dict[str, Any]) -> web.Response:
        body = {**told, "partitions": self._rows.owned(), "complete": self._complete}
        return web.Response(body=encoded(body), content_type="application/json")


def _problem(status: HTTPStatus, detail: str, **more: Any) -> web.Response:
    body = orjson.dumps({"status": status, "title": status.phrase, "detail": detail, **more})
    return web.Response(status=status, body=body, content_type="application/problem+json")
