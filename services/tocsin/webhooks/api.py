"""The HTTP API of the delivery log: what `tocsin webhooks` does, for those who would rather ask over HTTP.

GET /deliveries?receiver=&state=&limit=    the log, the last changed last
GET /deliveries/{id}                       one delivery with its attempts
POST /deliveries/{id}/redeliver            send it again, under its webhook-id: 202
GET /receivers                             the receivers, how many deliveries wait, whether their circuit is open
POST /receivers/{name}/test                send a test alert now, and say what came of it
POST /receivers/{name}/verify              whether the request in the body (headers, empty line, body) is genuine

Errors are problem+json (RFC 9457).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, cast, get_args

import orjson
from aiohttp import web

from .delivery import Outcome
from .engine import Engine
from .journal import Logged, State, UnknownDelivery, delivery_log, redeliver, try_receiver, verify_captured
from .receivers import Receivers

MAX_LIMIT: Final = 1000
MAX_CAPTURED: Final = 32_000_000
"""Bytes of a captured request: the largest alert has 4 MB, and its forms say some of it twice."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The routes. `token` None: only clients on this machine are answered."""

    def __init__(
        self,
        engine: Engine,
        receivers: Receivers,
        *,
        bootstrap: str,
        topic: str,
        external_url: str,
        token: str | None,
    ) -> None:
        self._engine = engine
        self._receivers = receivers
        self._bootstrap = bootstrap
        self._topic = topic
        self._external_url = external_url
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        """To be added to an application's router."""
        return [
            web.get("/deliveries", self._guarded(self._log)),
            web.get("/deliveries/{id}", self._guarded(self._one)),
            web.post("/deliveries/{id}/redeliver", self._guarded(self._redeliver)),
            web.get("/receivers", self._guarded(self._list)),
            web.post("/receivers/{name}/test", self._guarded(self._test)),
            web.post("/receivers/{name}/verify", self._guarded(self._verify)),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            return self._refusal(request) or await handler(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        if "Origin" in request.headers:
            return _problem(403, "this API is not for pages in a browser")
        if self._token is None:
            if _is_local(request.remote):
                return None
            return _problem(403, "without TOCSIN_WEBHOOKS__API_TOKEN only clients on this machine are answered")
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(given.encode(errors="replace"), self._token.encode()):
            return None
        return _problem(401, "send the header `Authorization: Bearer <token>`")

    async def _log(self, request: web.Request) -> web.Response:
        state, limit = request.query.get("state"), request.query.get("limit", "50")
        if state is not None and state not in get_args(State):
            return _problem(400, f"state is one of {', '.join(get_args(State))}")
        if not (limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= MAX_LIMIT):
            return _problem(400, f"limit is a number from 1 to {MAX_LIMIT}")
        found = await delivery_log(
            self._bootstrap,
            self._topic,
            receiver=request.query.get("receiver"),
            state=cast(State | None, state),
            limit=int(limit),
        )
        return _json({"deliveries": [_logged(each) for each in found]})

    async def _one(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        found = await delivery_log(self._bootstrap, self._topic, ids=[name], limit=1)
        return _json(_logged(found[0])) if found else _problem(404, f"no delivery {name} in the log")

    async def _redeliver(self, request: web.Request) -> web.Response:
        try:
            asked = await redeliver(self._bootstrap, self._topic, [request.match_info["id"]])
        except UnknownDelivery as error:
            return _problem(404, str(error))
        return _json(_logged(asked[0]), HTTPStatus.ACCEPTED)

    async def _list(self, request: web.Request) -> web.Response:
        waiting = self._engine.outbox.pending()
        listed = [
            {
                "name": receiver.name,
                "deliver": receiver.deliver,
                "format": receiver.format,
                "pending": waiting[receiver.name],
                "circuit": "open" if self._engine.outbox.circuit(receiver.name).is_open else "closed",
                "gone": self._engine.outbox.is_gone(receiver.name),
            }
            for receiver in self._receivers.receivers
        ]
        return _json({"receivers": listed})

    async def _test(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._receivers.by_name():
            return _problem(404, f"no receiver {name} in receivers.yaml")
        answer = await try_receiver(self._receivers, name, self._external_url)
        return _json(
            {
                "delivered": answer.outcome is Outcome.DELIVERED,
                "outcome": str(answer.outcome),
                "status": answer.status,
                "duration_ms": round(answer.duration.total_seconds() * 1000, 3),
                "detail": answer.detail,
            }
        )

    async def _verify(self, request: web.Request) -> web.Response:
        """Whether a captured request, sent as the body, was signed with one of the receiver's keys as they are now."""
        name = request.match_info["name"]
        receiver = self._receivers.by_name().get(name)
        if receiver is None:
            return _problem(404, f"no receiver {name} in receivers.yaml")
        captured = await request.clone(client_max_size=MAX_CAPTURED).read()
        try:
            verified = verify_captured(captured, [secret.read() for secret in receiver.secrets])
        except ValueError as error:
            return _problem(409, f"the secrets of {name} cannot be used: {error}")
        return _json({"genuine": verified.ok, "reason": verified.reason})


def _logged(logged: Logged) -> dict[str, Any]:
    return {**logged.delivery.model_dump(mode="json"), "written_at": logged.written_at, "partition": logged.partition}


def _json(payload: Any, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(body=orjson.dumps(payload), status=status, content_type="application/json")


def _problem(status: int, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/problem+json")


def _is_local(remote: str | None) -> bool:
    try:
        return ip_address(remote or "").is_loopback
    except ValueError:
        return False
