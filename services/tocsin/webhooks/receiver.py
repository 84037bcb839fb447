"""A receiver on this machine: verifies what it gets with the reference library and hands it on.

    async with LocalReceiver(secret, on_message) as receiver:
        ... post to receiver.url ...

`tocsin demo` delivers to it, and whoever writes a receiver can read here what one has to do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import orjson
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

MAX_BODY: Final = 4 * 1024 * 1024
REMEMBERED: Final = 10_000
"""Webhook ids remembered, so that a message that comes twice is handed on once."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose signature was verified. `repeated`: its id has come before."""

    id: str
    payload: Any
    headers: dict[str, str]
    repeated: bool


class LocalReceiver:
    """An HTTP server on 127.0.0.1 that answers 204 to genuine messages and 401 to others.

    `on_message` is awaited for each genuine message, repeated ones included, before it is answered. `port` 0 takes
    any free one. Use it as an async context manager, or `start` and `stop` it.
    """

    def __init__(self, secret: str, on_message: Callable[[Received], Awaitable[None]], port: int = 0) -> None:
        self._webhook = Webhook(secret)
        self._on_message = on_message
        self._port = port
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._runner: web.AppRunner | None = None
        self.refused = 0
        """Requests that were not genuine."""

    @property
    def port(self) -> int:
        """The port that it listens on, once started."""
        return self._port

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self._port}/hook"

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/hook", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> LocalReceiver:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            self._webhook.verify(body, headers, json_parse=False)
            payload = orjson.loads(body)
        except (WebhookVerificationError, ValueError) as error:
            self.refused += 1
            return web.Response(status=401, text=f"not genuine: {error}")
        message_id = headers["webhook-id"]
        repeated = message_id in self._seen
        await self._on_message(Received(message_id, payload, headers, repeated))
        self._seen[message_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return web.Response(status=204)
