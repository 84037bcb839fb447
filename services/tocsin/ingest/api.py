"""The HTTP door: `POST /articles`, one article or a batch of JSON lines, for those who have a key.

A request that is answered with 2xx is safe (see `desk`). Errors are problem details (RFC 9457) that say what to do;
of a batch each line is answered for on its own.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.web_exceptions import HTTPException, HTTPMethodNotAllowed, HTTPNotFound

from tocsin.streaming import metrics
from tocsin.streaming.logs import get_logger
from tocsin_schemas import Article

from .desk import Answer, Desk, Spooled, Unavailable
from .formats import decode_json
from .keys import Key, KeyFile, Keyring
from .limits import RateLimit
from .normalize import Normalizer
from .openapi import BATCH_TYPES, document
from .openapi_page import POLICY, page
from .page import with_page
from .problems import STATUS_OF, Problem, problem_of, response
from .raw import raw_article
from .refusal import Refusal

SOURCE: Final = "http"
BODY_TIMEOUT: Final = 30.0
WITHDRAW: Final = "articles:withdraw"
WRITE: Final = "articles:write"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/-]+=*) *")

log = get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: bytes after decompression, and articles of a batch."""

    body_bytes: int = 16_000_000
    batch: int = 5_000


class Door:
    """The handlers of the API. `keys` None: no key is valid, and requests are told how to set them."""

    def __init__(
        self,
        desk: Desk,
        normalizer: Normalizer,
        *,
        keys: KeyFile | None,
        rate: RateLimit,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._desk = desk
        self._normalizer = normalizer
        self._keys = keys
        self._rate = rate
        self._limits = limits or Limits()
        self._clock = clock
        told = document(self._limits.batch, self._limits.body_bytes)
        self._document = orjson.dumps(told)
        self._page = page(told)

    def application(self) -> web.Application:
        """An aiohttp application with the API's routes."""
        app = web.Application(middlewares=[_measured, _as_problems], client_max_size=self._limits.body_bytes)
        app.router.add_post("/articles", self.post)
        app.router.add_get("/openapi.json", self.openapi)
        app.router.add_get("/docs", self.docs)
        return app

    async def openapi(self, _: web.Request) -> web.Response:
        """The OpenAPI document."""
        return web.Response(body=self._document, content_type="application/json")

    async def docs(self, _: web.Request) -> web.Response:
        """The same for people."""
        return web.Response(text=self._page, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def post(self, request: web.Request) -> web.Response:
        """Takes one article, or a batch."""
        key = self._authorized(request)
        batch = _is_batch(request)
        body = await self._body(request)
        lines = _lines(body) if batch else [(1, body)]
        if not lines:
            raise Problem(400, "the body is empty: send an article as a JSON object, or one on each line")
        if len(lines) > self._limits.batch:
            raise Problem(413, f"the batch has {len(lines):,} articles, and {self._limits.batch:,} are taken at once")
        wait = self._rate.wait(key.name, len(lines))
        if wait:
            raise Problem(429, f"{key.name} may post again in {wait} s", headers={"Retry-After": str(wait)})
        judged = await asyncio.to_thread(self._judge, [line for _, line in lines], key)
        answers = await self._take(judged, _trace_of(request))
        if not batch:
            return _one_answer(answers[0])
        return _batch_answer([number for number, _ in lines], answers)

    def _authorized(self, request: web.Request) -> Key:
        challenge = {"WWW-Authenticate": 'Bearer realm="tocsin"'}
        if self._keys is None:
            raise Problem(401, "no keys are set: give TOCSIN_INGEST__KEYS a keys file", headers=challenge)
        given = _BEARER.fullmatch(request.headers.get("Authorization", ""))
        if given is None:
            raise Problem(401, "send the header Authorization: Bearer KEY", headers=challenge)
        key = self._ring(self._keys).find(given[1], self._clock())
        if key is None:
            invalid = {"WWW-Authenticate": 'Bearer realm="tocsin", error="invalid_token"'}
            raise Problem(401, "the key is unknown or has expired", headers=invalid)
        if WRITE not in key.scopes and WITHDRAW not in key.scopes:
            raise Problem(403, f"the key of {key.name} has neither the scope {WRITE} nor {WITHDRAW}")
        return key

    def _ring(self, keys: KeyFile) -> Keyring:
        before = keys.problem
        ring = keys.ring()
        if keys.problem is not None and keys.problem != before:
            log.error("keys file is not used", problem=keys.problem)
        return ring

    async def _body(self, request: web.Request) -> bytes:
        """The body, decompressed, up to the limit."""
        most = self._limits.body_bytes
        if (request.content_length or 0) > most:
            raise Problem(413, f"the body is larger than {most:,} bytes", headers={"Connection": "close"})
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > most:
                        detail = f"the body is larger than {most:,} bytes (after decompression)"
                        raise Problem(413, detail, headers={"Connection": "close"})
        except TimeoutError:
            detail = f"the body did not arrive within {BODY_TIMEOUT:.0f} s"
            raise Problem(408, detail, headers={"Connection": "close"}) from None
        except web.HTTPException:
            raise
        except (web.RequestPayloadError, ValueError) as problem:
            raise Problem(400, f"the body cannot be read: {problem}", headers={"Connection": "close"}) from None
        return bytes(body)

    def _judge(self, lines: list[bytes], key: Key) -> list[Article | Refusal | Problem]:
        """Each line as an article, or why it is none. CPU work: runs in a thread."""
        now = self._clock()
        return [self._judge_one(line, key, now) for line in lines]

    def _judge_one(self, line: bytes, key: Key, now: datetime) -> Article | Refusal | Problem:
        try:
            article = self._normalizer.intake(with_page(raw_article(decode_json(line))), now)
            scope = WITHDRAW if article.status == "withdrawn" else WRITE
            if scope not in key.scopes:
                return Problem(403, f"the key of {key.name} lacks the scope {scope}")
            return article
        except Refusal as refusal:
            return refusal

    async def _take(self, judged: list[Article | Refusal | Problem], traceparent: str) -> list[Answer | Problem]:
        articles = [one for one in judged if isinstance(one, Article)]
        try:
            taken = iter(await self._desk.take(articles, traceparent) if articles else [])
        except Unavailable as away:
            raise Problem(503, away.reason, headers={"Retry-After": str(away.retry_after)}) from None
        answers = [next(taken) if isinstance(one, Article) else one for one in judged]
        for answer in answers:
            _count(answer)
        return answers


@web.middleware
async def _measured(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Counts and times the posts."""
    if request.path != "/articles":
        return await handler(request)
    with metrics.INGEST_SECONDS.time():
        reply = await handler(request)
    metrics.INGEST_REQUESTS.labels(str(reply.status)).inc()
    return reply


@web.middleware
async def _as_problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every error of the API as a problem document."""
    try:
        return await handler(request)
    except Problem as problem:
        return response(problem)
    except HTTPMethodNotAllowed as wrong:
        allowed = ", ".join(sorted(wrong.allowed_methods))
        return response(Problem(405, f"use {allowed}", headers={"Allow": allowed}))
    except HTTPNotFound:
        return response(Problem(404, f"nothing is served at {request.path}: see /openapi.json"))
    except HTTPException as other:
        return response(Problem(other.status, other.reason))
    except Exception:
        log.exception("request failed", path=request.path)
        return response(Problem(500, "a fault of the service, which its log describes; sending it again is harmless"))


def _is_batch(request: web.Request) -> bool:
    """Whether the body holds JSON lines. Raises Problem 415 for what is neither these nor JSON."""
    kind = request.content_type.lower()
    if (request.charset or "utf-8").lower().replace("_", "-") not in {"utf-8", "utf8", "us-ascii"}:
        raise Problem(415, f"the charset {request.charset} is not read here: send UTF-8")
    coding = request.headers.get("Content-Encoding", "identity").lower()
    if coding not in {"identity", "gzip", "deflate"}:
        raise Problem(415, f"the encoding {coding} is not read here: send gzip, deflate or none")
    if kind in BATCH_TYPES:
        return True
    if kind == "application/json":
        return False
    named = ", ".join(("application/json", *BATCH_TYPES))
    raise Problem(415, f"the content type {kind} is not read here: send {named}")


def _lines(body: bytes) -> list[tuple[int, bytes]]:
    """The lines of a batch that are not empty, with their numbers."""
    return [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]


def _trace_of(request: web.Request) -> str:
    """The W3C trace context of the request, or a new one."""
    given = request.headers.get("traceparent", "")
    if _TRACEPARENT.fullmatch(given):
        return given
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _told(answer: Answer | Problem) -> dict[str, Any]:
    """An answer as the API gives it."""
    if isinstance(answer, Spooled):
        return {"id": answer.id, "outcome": "spooled", "revision": None}
    if isinstance(answer, Refusal):
        told = {"outcome": "refused", "status": STATUS_OF[answer.kind], "detail": str(answer)}
        return told | ({"field": answer.field} if answer.field is not None else {})
    if isinstance(answer, Problem):
        return {"outcome": "refused", "status": answer.status, "detail": answer.detail}
    return {"id": answer.id, "outcome": answer.outcome, "revision": answer.revision}


def _count(answer: Answer | Problem) -> None:
    if isinstance(answer, Problem):
        metrics.INGEST_REFUSED.labels(SOURCE, "forbidden").inc()
    elif isinstance(answer, Refusal):
        metrics.INGEST_REFUSED.labels(SOURCE, answer.kind).inc()
    else:
        outcome = "spooled" if isinstance(answer, Spooled) else answer.outcome
        metrics.INGEST_ARTICLES.labels(SOURCE, outcome).inc()


def _one_answer(answer: Answer | Problem) -> web.Response:
    if isinstance(answer, Refusal):
        raise problem_of(answer)
    if isinstance(answer, Problem):
        raise answer
    told = _told(answer)
    status = {"new": 201, "spooled": 202}.get(told["outcome"], 200)
    return web.Response(body=orjson.dumps(told), status=status, content_type="application/json")


def _batch_answer(numbers: list[int], answers: list[Answer | Problem]) -> web.Response:
    results = [{"line": number, **_told(answer)} for number, answer in zip(numbers, answers, strict=True)]
    counts = Counter(str(result["outcome"]) for result in results)
    status = 422 if counts["refused"] == len(results) else 202 if counts["spooled"] else 200
    body = orjson.dumps({"counts": dict(counts), "results": results})
    return web.Response(body=body, status=status, content_type="application/json")
