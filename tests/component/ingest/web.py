"""A web of made-up sites on the loopback address: each name leads to one server, whose answers a test sets."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Answer:
    """What a path answers with."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Names(AbstractResolver):
    """Every name leads to the loopback address."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class Web:
    """The server, as an async context manager. `asked` has the requests, by host and path."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer | Handler] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def url(self, host: str, path: str) -> str:
        """The address of a path on a made-up host."""
        return f"http://{host}:{self.port}{path}"

    def serve(self, host: str, path: str, answer: str | bytes | Answer | Handler, **headers: str) -> None:
        """Sets what a path answers with."""
        self.answers[host, path] = Answer(answer, headers=headers) if isinstance(answer, str | bytes) else answer

    def times(self, host: str, path: str) -> int:
        """How often a path was asked for."""
        return self.asked.count((host, path))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        where = (request.url.host or "", request.path_qs)
        self.asked.append(where)
        self.headers[where].append(dict(request.headers))
        answer = self.answers.get(where)
        if answer is None:
            return web.Response(status=404)
        if not isinstance(answer, Answer):
            return await answer(request)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = {"Content-Type": "text/html; charset=utf-8"} | answer.headers
        if (etag := answer.headers.get("ETag")) and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=answer.headers)
        return web.Response(body=body, status=answer.status, headers=headers)
