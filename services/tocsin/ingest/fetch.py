"""One polite, guarded, bounded GET: what polling reads feeds and pages with.

Bounds: 20 s in all, 10 MB after decompression, 3 redirects, each through the guard (`tocsin.outbound.guard`). A host
is asked one thing at a time, with a pause between; what it says with Retry-After holds for the whole host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

import aiohttp
import aiohttp.http_exceptions
from aiohttp.abc import AbstractResolver

from tocsin.outbound.guard import RefusedAddress, guarded_connector

SECONDS: Final = 20.0
MAX_BODY: Final = 10_000_000
MAX_REDIRECTS: Final = 3
PAUSE: Final = 2.0
"""Seconds between two requests to one host."""
LONGEST_SLEEP: Final = 60.0
"""Seconds that a GET waits for its host's turn; a host that asks for more is asked again at the next round."""
LONGEST_WAIT: Final = 86_400.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})

Reason = Literal["refused_address", "timeout", "connection", "too_large", "redirects", "status", "waiting", "encoding"]


class FetchError(Exception):
    """A GET that gave nothing. `retry_after` (seconds) is what the host asked for; `status` is its answer's."""

    def __init__(
        self, reason: Reason, detail: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask again with: RFC 9110, section 8.8."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS: Final = Validators()


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of 200, or of 304 (then `body` is empty and nothing has changed)."""

    url: str
    status: int
    body: bytes
    content_type: str
    validators: Validators


class Fetcher:
    """GETs for polling. `allow` are host names that may lead to addresses off the public internet."""

    def __init__(
        self,
        user_agent: str,
        allow: Iterable[str] = (),
        *,
        pause: float = PAUSE,
        seconds: float = SECONDS,
        max_body: int = MAX_BODY,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """To be made inside a running event loop."""
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(allow, limit=50, limit_per_host=1, resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=seconds),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"},
        )
        self._pause = pause
        self._seconds = seconds
        self._max_body = max_body
        self._clock = clock
        self._turns: dict[str, asyncio.Lock] = {}
        self._next: dict[str, float] = {}

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    def slow_down(self, host: str, pause: float) -> None:
        """Waits at least `pause` seconds from now before `host` is asked again."""
        self._next[host] = max(self._next.get(host, 0.0), self._clock() + min(pause, LONGEST_WAIT))

    async def get(self, url: str, validators: Validators | None = None, accept: str = "*/*") -> Fetched:
        """Fetches `url`, over up to three redirects. Raises FetchError for all but 200 and 304."""
        headers = {"Accept": accept}
        if validators is not None and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators is not None and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        for _ in range(MAX_REDIRECTS + 1):
            found = await self._hop(url, headers)
            if isinstance(found, Fetched):
                return found
            url = found
        raise FetchError("redirects", f"more than {MAX_REDIRECTS} redirects")

    async def _hop(self, url: str, headers: dict[str, str]) -> Fetched | str:
        host = host_of(url)
        async with self._turns.setdefault(host, asyncio.Lock()):
            wait = self._next.get(host, 0.0) - self._clock()
            if wait > LONGEST_SLEEP:
                raise FetchError("waiting", f"{host} asked not to be asked for {wait:.0f} s more", retry_after=wait)
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._ask(url, host, headers)
            except RefusedAddress as refused:
                raise FetchError("refused_address", str(refused)) from None
            except TimeoutError:
                raise FetchError("timeout", f"no whole answer within {self._seconds:.0f} s") from None
            except (aiohttp.ClientPayloadError, aiohttp.http_exceptions.ContentEncodingError) as failed:
                raise FetchError("encoding", f"the body cannot be read: {failed}") from None
            except aiohttp.ClientResponseError as failed:  # what came is no HTTP, or in a coding that was not asked for
                reason: Reason = "encoding" if "content-encoding" in failed.message else "connection"
                raise FetchError(reason, f"the answer cannot be read: {failed.message}") from None
            except (aiohttp.ClientError, ValueError) as failed:
                raise FetchError("connection", f"{type(failed).__name__}: {failed}") from None
            finally:
                self.slow_down(host, self._pause)

    async def _ask(self, url: str, host: str, headers: dict[str, str]) -> Fetched | str:
        async with self._session.get(url, headers=headers, allow_redirects=False) as reply:
            if reply.status in _REDIRECTS:
                return self._redirected(url, reply)
            if reply.status not in {200, 304}:
                after = retry_after(reply.headers.get("Retry-After"))
                if after is not None:
                    self.slow_down(host, after)
                raise FetchError("status", f"answered {reply.status}", status=reply.status, retry_after=after)
            coding = reply.headers.get("Content-Encoding", "").lower()
            if coding not in _CODINGS:
                raise FetchError("encoding", f"is encoded as {coding[:40]}, which was not asked for")
            body = b"" if reply.status == 304 else await self._body(reply)
            return Fetched(
                url,
                reply.status,
                body,
                reply.headers.get("Content-Type", ""),
                Validators(reply.headers.get("ETag"), reply.headers.get("Last-Modified")),
            )

    def _redirected(self, url: str, reply: aiohttp.ClientResponse) -> str:
        target = urljoin(url, reply.headers.get("Location", ""))
        host_of(target)
        return target

    async def _body(self, reply: aiohttp.ClientResponse) -> bytes:
        if (reply.content_length or 0) > self._max_body:
            raise FetchError("too_large", f"is larger than {self._max_body:,} bytes")
        body = bytearray()
        async for chunk in reply.content.iter_any():
            body += chunk
            if len(body) > self._max_body:
                raise FetchError("too_large", f"is larger than {self._max_body:,} bytes after decompression")
        return bytes(body)


def host_of(url: str) -> str:
    """The host of an http(s) address. Raises FetchError when it is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host, parts = None, None
    if parts is None or parts.scheme not in {"http", "https"} or not host:
        raise FetchError("redirects", f'"{url[:80]}" is no http(s) address')
    return host.rstrip(".").lower()


def retry_after(printed: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3), at most a day; None when it says none."""
    if printed is None:
        return None
    text = printed.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return max(0.0, min((aware - (now or datetime.now(UTC))).total_seconds(), LONGEST_WAIT))
