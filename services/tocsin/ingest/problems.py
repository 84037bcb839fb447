"""Errors of the HTTP API as problem details (RFC 9457)."""

from __future__ import annotations

from typing import Any, Final

import orjson
from aiohttp import web

from .refusal import Kind, Refusal

CONTENT_TYPE: Final = "application/problem+json"
STATUS_OF: Final[dict[Kind, int]] = {"malformed": 400, "too_large": 413, "invalid": 422, "unknown_article": 404}
TITLES: Final = {
    400: "The body cannot be read",
    401: "A valid key is needed",
    403: "The key may not do this",
    404: "There is no such article",
    405: "This method is not served here",
    408: "The body took too long to arrive",
    413: "The body is too large",
    415: "The body is in a format that is not read here",
    422: "A field of the article is wrong",
    429: "Too many articles in too short a time",
    500: "The article could not be taken",
    503: "Articles cannot be taken just now",
}


class Problem(Exception):  # noqa: N818 - named by RFC 9457
    """Ends a request with a problem document. `headers` go with it (Retry-After, WWW-Authenticate)."""

    def __init__(
        self, status: int, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.headers = headers or {}


def problem_of(refusal: Refusal) -> Problem:
    """The problem that a refused article is."""
    return Problem(STATUS_OF[refusal.kind], str(refusal), field=refusal.field)


def response(problem: Problem) -> web.Response:
    """The problem document."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(problem.status, "The request failed"),
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.field is not None:
        document["field"] = problem.field
    return web.Response(
        body=orjson.dumps(document), status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers
    )
