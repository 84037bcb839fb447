"""/metrics, /livez and /readyz: what Prometheus and Kubernetes ask a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from .errors import FatalError


class Verdict(NamedTuple):
    """Whether it is well, and why (not) in words for people."""

    ok: bool
    reason: str


Probe = Callable[[], Verdict]

DEFAULT_PORTS: Final = {
    "ingest": 8080,
    "capture": 8081,
    "surrender": 8082,
    "statement": 8083,
    "diplomacy": 8084,
    "ledger": 8085,
    "alerting-matching": 8086,
    "alerting-counting": 8087,
    "webhooks": 8088,
}
"""Where each service answers when `http.port` is 0."""


def routes(live: Probe, ready: Probe) -> list[web.RouteDef]:
    """The three routes, for a service that has an aiohttp application of its own."""

    async def livez(_: web.Request) -> web.Response:
        return _answer(live())

    async def readyz(_: web.Request) -> web.Response:
        return _answer(ready())

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})

    return [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)]


class HealthServer:
    """The three routes, and `more`, on a port. `live` false: restart me; `ready` false: not working just now."""

    def __init__(self, host: str, port: int, live: Probe, ready: Probe, more: Iterable[web.RouteDef] = ()) -> None:
        self._host = host
        self._port = port
        self._app = web.Application()
        self._app.add_routes([*routes(live, ready), *more])
        self._runner = web.AppRunner(self._app, access_log=None)

    @property
    def port(self) -> int:
        """The port it listens on, also when it was asked for any (0)."""
        for address in self._runner.addresses:
            return address[1]
        return self._port

    async def start(self) -> None:
        """Listen. Raises FatalError when the port cannot be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise FatalError(
                f"cannot listen on {self._host}:{self._port} ({error.strerror}): "
                "set TOCSIN_HTTP__PORT to a free port, TOCSIN_HTTP__HOST to an address of this machine"
            ) from None

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()


def _answer(verdict: Verdict) -> web.Response:
    return web.json_response({"ok": verdict.ok, "reason": verdict.reason}, status=200 if verdict.ok else 503)
