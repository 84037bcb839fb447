"""One try: a signed POST through the guard, and what came of it. Never raises for anything a receiver can do."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from tocsin.outbound.guard import RefusedAddress, guarded_connector
from tocsin_schemas import Alert

from .delivery import Answer, Outcome, classify, retry_after
from .formats import Body, Notification, render
from .matching import group_of, labels_of
from .receivers import Receiver
from .signing import sign

USER_AGENT: Final = "Tocsin/0.1 (webhooks)"

TASTE: Final = 2048
"""Bytes read of an answer: enough for the log, whatever else the receiver pours out."""

TASTE_SECONDS: Final = 1.0
"""And for no longer than this: the status has said it all."""


class Sender:
    """The HTTP side: a guarded session per receiver, kept open between messages.

    `external_url` is where Tocsin says it can be reached, `clock` gives the time that is signed.
    """

    def __init__(self, receivers: Mapping[str, Receiver], external_url: str, clock: Callable[[], datetime]) -> None:
        self._receivers = receivers
        self._external_url = external_url
        self._clock = clock
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """Close all connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    async def send(self, name: str, message_id: str, alerts: Sequence[Alert], traceparent: str | None = None) -> Answer:
        """Try once to deliver `alerts` to the receiver `name` as the message `message_id`."""
        receiver = self._receivers[name]
        began = time.monotonic()
        try:
            body, headers = self._request(receiver, message_id, alerts, traceparent)
            return await self._post(receiver, body, headers, began)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            outcome, detail = _failure(error, receiver)
            return Answer(outcome, _since(began), detail=detail)

    def _request(
        self, receiver: Receiver, message_id: str, alerts: Sequence[Alert], traceparent: str | None
    ) -> tuple[Body, dict[str, str]]:
        now = self._clock()
        group = group_of(labels_of(alerts[0]), receiver.group_by)
        notification = Notification(receiver.name, tuple(alerts), group, self._external_url, message_id, now)
        body = render(receiver, notification)
        headers = {name: secret.read() for name, secret in receiver.headers.items()}
        headers |= {"User-Agent": USER_AGENT, "Content-Type": body.content_type}
        headers |= sign(message_id, now, body.content, receiver.keys())
        if traceparent:
            headers["traceparent"] = traceparent
        return body, headers

    async def _post(self, receiver: Receiver, body: Body, headers: dict[str, str], began: float) -> Answer:
        proxy = receiver.proxy.read() if receiver.proxy else None
        async with self._session(receiver).post(
            receiver.target(), data=body.content, headers=headers, allow_redirects=False, proxy=proxy
        ) as reply:
            wait = retry_after(reply.headers.get("Retry-After"), self._clock())
            outcome = classify(reply.status, wait)
            answered = _since(began)
            said = await _taste(reply)
            detail = None if outcome is Outcome.DELIVERED else said or reply.reason
            if outcome is Outcome.REDIRECT:
                detail = "redirects are not followed: put the new address into receivers.yaml"
            asked = wait if outcome is not Outcome.DELIVERED else None
            return Answer(outcome, answered, reply.status, asked, detail)

    def _session(self, receiver: Receiver) -> aiohttp.ClientSession:
        session = self._sessions.get(receiver.name)
        if session is None:
            connector = guarded_connector(
                receiver.allow,
                ssl=receiver.tls.context() if receiver.tls else True,
                limit=receiver.max_in_flight,
            )
            session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=receiver.timeout.total_seconds()),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # nobody needs what a bomb unpacks to
            )
            self._sessions[receiver.name] = session
        return session


async def _taste(reply: aiohttp.ClientResponse) -> str:
    """The first words of an answer. What follows them is not read: the connection is closed instead."""
    content = b""
    try:
        async with asyncio.timeout(TASTE_SECONDS):
            while len(content) < TASTE and (chunk := await reply.content.read(TASTE - len(content))):
                content += chunk
    except (aiohttp.ClientError, OSError, TimeoutError):
        pass  # the status has been read; how the rest went changes nothing
    if not reply.content.at_eof():
        reply.close()
    return " ".join(content.decode("utf-8", "replace").split())[:300]


def _failure(error: Exception, receiver: Receiver) -> tuple[Outcome, str]:
    if isinstance(error, RefusedAddress):
        return Outcome.REFUSED_ADDRESS, str(error)
    if isinstance(error, TimeoutError):
        return Outcome.TIMEOUT, f"no answer within {receiver.timeout.total_seconds():g} s"
    if isinstance(error, aiohttp.InvalidURL):
        return Outcome.MISCONFIGURED, "the url of this receiver cannot be used"
    if isinstance(error, aiohttp.ClientSSLError) or _is_tls(error):
        return Outcome.TLS, str(error)[:300]
    if isinstance(error, aiohttp.ClientError | OSError):
        return Outcome.CONNECTION, (str(error) or type(error).__name__)[:300]
    return Outcome.MISCONFIGURED, str(error)[:300]


def _is_tls(error: BaseException | None) -> bool:
    """Whether a TLS failure lies underneath: a refused client certificate shows first when the answer is read."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)
