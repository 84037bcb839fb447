"""A receiver that misbehaves as told, on a raw socket: what an HTTP library would not let it do, it does."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson
import trustme


@dataclass
class Request:
    """One request that came in whole."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """Fingerprint and status of the alerts of a version 4 payload."""
        return [(alert["fingerprint"], alert["status"]) for alert in orjson.loads(self.body)["alerts"]]


Behavior = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def status(code: int, *headers: str, body: bytes = b"") -> Behavior:
    """Answer with this status."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} Said", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return behave


OK = status(200)


async def silence(request: Request, writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(3600)


async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
    """Reset the connection in place of an answer."""
    writer.transport.abort()


async def reset_in_answer(request: Request, writer: asyncio.StreamWriter) -> None:
    """Say 200, promise a body, and reset in the middle of it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of")
    await writer.drain()
    writer.transport.abort()


async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, for ever."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 100_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


@dataclass
class Pour:
    """Pour out megabytes; `poured` is how many bytes were taken off our hands."""

    code: int = 200
    megabytes: int = 100
    poured: int = 0
    broke: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        size = self.megabytes * 1024 * 1024
        writer.write(f"HTTP/1.1 {self.code} Said\r\nContent-Length: {size}\r\n\r\n".encode())
        try:
            for _ in range(self.megabytes * 16):
                writer.write(b"x" * 65536)
                await writer.drain()
                self.poured += 65536
        finally:
            self.broke.set()


class Hostile:
    """The server. `script` are the behaviors of the first requests, `then` that of all others."""

    def __init__(self, *script: Behavior, then: Behavior = OK, tls: ssl.SSLContext | None = None) -> None:
        self.script = list(script)
        self.then = then
        self.requests: list[Request] = []
        self.answered: list[Request] = []
        self.port = 0
        self._tls = tls
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> Hostile:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def until(self, condition: Callable[[Hostile], bool], seconds: float = 30) -> None:
        """Wait until the condition holds, looked at after each request and each answer."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: condition(self))

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                request = await _read(reader)
                behavior = self.script.pop(0) if self.script else self.then
                self.requests.append(request)
                await self._tell()
                await behavior(request, writer)
                self.answered.append(request)
                await self._tell()
        writer.close()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(first.split(" ")[1], headers, body)


def server_side(authority: trustme.CA, *, name: str = "127.0.0.1", clients: trustme.CA | None = None) -> ssl.SSLContext:
    """TLS of a server whose certificate for `name` is of `authority`, and which asks for one of `clients`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
