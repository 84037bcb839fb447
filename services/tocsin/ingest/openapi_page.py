"""The OpenAPI document as a page for people: one file, without scripts and without anything fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code{background:#f3f3f3;padding:.1em .3em}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "td,th{border:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top}h2 code{font-size:1.2em}"
)
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page's Content-Security-Policy."""


def page(document: Mapping[str, Any]) -> str:
    """HTML with the operations of an OpenAPI 3.1 document, their answers, and the fields of its schemas."""
    info = document["info"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f'<p>{escape(info["description"])}</p><p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>'
        + "".join(_operations(document["paths"]))
        + "".join(_schemas(document["components"]["schemas"]))
        + "</body></html>"
    )


def _operations(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            key = " · needs a bearer key" if operation.get("security") else ""
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}{key}.</p>"
            if "description" in operation:
                yield f"<p>{escape(operation['description'])}</p>"
            kinds = operation.get("requestBody", {}).get("content", {})
            if kinds:
                yield f"<p>Takes {', '.join(f'<code>{escape(kind)}</code>' for kind in kinds)}.</p>"
            yield _table(
                ("answer", ""), [(status, answer["description"]) for status, answer in operation["responses"].items()]
            )


def _schemas(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        yield f"<h2 id='{escape(name)}'>{escape(name)}</h2><p>{escape(schema.get('description', ''))}</p>"
        needed = set(schema.get("required", ()))
        yield _table(
            ("field", "type", ""),
            [
                (field + (" (required)" if field in needed else ""), _type(own), own.get("description", ""))
                for field, own in schema.get("properties", {}).items()
            ],
        )


def _type(schema: Mapping[str, Any]) -> str:
    """ "string", "integer or null", "Publisher", "one of new, revised": what a field holds."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = schema.get("type", "anything")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
