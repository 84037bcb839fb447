"""The OpenAPI 3.1 document of the ingest API, made of the models that check the requests."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final, get_args

from .problems import CONTENT_TYPE as PROBLEM
from .raw import ALIASES, RawArticle
from .revisions import Outcome

OUTCOMES: Final = (*get_args(Outcome), "spooled")
BATCH_TYPES: Final = ("application/x-ndjson", "application/jsonl")

_DESCRIPTION: Final = (
    "Articles in, one clean revision of each out on Kafka. Posting the same article again is harmless: an article "
    "is known by its id (or its URL, or guid and publisher), and only other words make a new revision. A request "
    "that was answered with 2xx is safe: on the broker, or synced to the disk while Kafka is away."
)


def document(batch_limit: int, body_limit: int) -> dict[str, Any]:
    """The document. `batch_limit` is in articles, `body_limit` in bytes after decompression."""
    schema = RawArticle.model_json_schema(ref_template="#/components/schemas/{model}", mode="validation")
    nested = schema.pop("$defs", {})
    schema["properties"] |= {
        alias: {**schema["properties"][name], "description": f"Read as `{name}`."} for alias, name in ALIASES.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin ingest", "version": version("tocsin"), "description": _DESCRIPTION},
        "paths": {
            "/articles": {"post": _post(batch_limit, body_limit)},
            "/openapi.json": {"get": _plain("This document", "application/json")},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of the keys file."}},
            "schemas": {"Article": schema, **nested, **_answers()},
        },
    }


def _post(batch_limit: int, body_limit: int) -> dict[str, Any]:
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    either = {
        "application/json": {
            "schema": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Answer", "BatchAnswer")]}
        }
    }
    return {
        "operationId": "postArticles",
        "summary": "Hand in one article, or a batch as JSON lines",
        "description": (
            f"A batch holds up to {batch_limit:,} articles; a body up to {body_limit:,} bytes after decompression "
            "(Content-Encoding gzip or deflate). Each line of a batch is answered for on its own; 422 says that not "
            "one of them was taken."
        ),
        "security": [{"key": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Article"}},
                **{kind: {"schema": {"type": "string", "description": "One article a line."}} for kind in BATCH_TYPES},
            },
        },
        "responses": {
            "200": {
                "description": "Taken: on the broker, or known already; of a batch: see each line",
                "content": either,
            },
            "201": {"description": "A new article is on the broker", "content": answer},
            "202": {"description": "Safe on disk while Kafka is away, and on its way", "content": either},
            **{str(status): _problem(status) for status in (400, 401, 403, 404, 408, 413, 415, 429, 500, 503)},
            "422": {
                "description": "A field is wrong; of a batch: not one article was taken",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}, **either},
            },
        },
    }


def _problem(status: int) -> dict[str, Any]:
    descriptions = {
        400: "Not JSON, not UTF-8, or empty",
        401: "No key, or one that is not valid",
        403: "The key lacks the scope",
        404: "A withdrawal of an article that is not known",
        408: "The body did not arrive in time",
        413: "The body, a batch or a text is too large",
        415: "Another content type, charset or encoding",
        429: "Too many articles for this key: see Retry-After",
        500: "A fault of the service; sending it again is harmless",
        503: "Kafka is away and the spool is full, or too much is under way: see Retry-After",
    }
    found: dict[str, Any] = {
        "description": descriptions[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return found


def _plain(summary: str, content_type: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "security": [],
        "responses": {"200": {"description": summary, "content": {content_type: {"schema": {"type": "object"}}}}},
    }


def _answers() -> dict[str, Any]:
    taken = {
        "id": {"type": "string", "description": "The article's id."},
        "outcome": {"enum": list(OUTCOMES), "description": "What became of it."},
        "revision": {"type": ["integer", "null"], "description": "The revision that has its words; null when spooled."},
    }
    refused = {
        "outcome": {"const": "refused"},
        "status": {"type": "integer", "description": "What it would have been answered with on its own."},
        "detail": {"type": "string"},
        "field": {"type": "string"},
    }
    line = {"line": {"type": "integer", "minimum": 1, "description": "The line of the body, counted from 1."}}
    return {
        "Answer": {"type": "object", "required": list(taken), "properties": taken},
        "BatchAnswer": {
            "type": "object",
            "required": ["counts", "results"],
            "properties": {
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                "results": {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {"type": "object", "required": ["line", *taken], "properties": line | taken},
                            {
                                "type": "object",
                                "required": ["line", "outcome", "status", "detail"],
                                "properties": line | refused,
                            },
                        ]
                    },
                },
            },
        },
        "Problem": {
            "type": "object",
            "description": "Problem details (RFC 9457).",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "What is wrong, and what to do."},
                "field": {"type": "string", "description": "The field of the article that is wrong."},
            },
        },
    }
