"""CloudEvents 1.0 headers in Kafka's binary mode (Kafka protocol binding 1.0.2, section 3.2).

The value of a record is the JSON of the model; its attributes travel as `ce_` headers in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from .topics import BY_MODEL

SCHEMA_BASE = "https://schemas.tocsin.example/"
"""Prefix of `dataschema`: the `$id` of the generated JSON Schemas."""


def schema_id(event_type: str) -> str:
    """The `$id` of the JSON Schema of an event type such as "tocsin.capture.v1"."""
    return f"{SCHEMA_BASE}{event_type}.schema.json"


def _time_of(record: Any) -> datetime:
    for name in ("updated_at", "as_of", "known_at", "last_seen", "received_at"):
        found = getattr(record, name, None)
        if isinstance(found, datetime):
            return found
    article = getattr(record, "article", None)
    if article is not None:
        return article.published_at
    return datetime.now(UTC)


def _id_of(record: Any, key: str) -> str:
    """Unique within the source: the record's id, or its key, with the revision where there are several."""
    identity = getattr(record, "id", None) or key
    if hasattr(record, "item"):
        identity = f"{key}|{record.item}"
    article = getattr(record, "article", None)
    revision = getattr(record, "revision", None) or getattr(article, "revision", None)
    suffix = f"/{revision}" if revision is not None else ""
    return f"{identity}{suffix}" + ("/retracted" if getattr(record, "retracted", False) else "")


def headers(record: BaseModel, source: str, traceparent: str | None = None) -> list[tuple[str, bytes]]:
    """Headers for `record`, which must be a model that a topic of the contract carries.

    `source` is the service that writes it ("tocsin/capture"). The same record gives the same headers, so that a
    replay writes the same bytes. Raises KeyError for a model without a topic.
    """
    topic = BY_MODEL[type(record)]
    key = topic.key_of(record)
    fields = [
        ("ce_specversion", "1.0"),
        ("ce_id", _id_of(record, key)),
        ("ce_source", source),
        ("ce_type", topic.event_type),
        ("ce_subject", key),
        ("ce_time", _time_of(record).astimezone(UTC).isoformat().replace("+00:00", "Z")),
        ("ce_dataschema", schema_id(topic.event_type)),
        ("content-type", "application/json"),
    ]
    if traceparent:
        fields.append(("traceparent", traceparent))
    return [(name, value.encode()) for name, value in fields]


def traceparent_of(record_headers: Iterable[tuple[str, bytes]] | None) -> str | None:
    """The W3C trace context that a record carries, to be handed on."""
    for name, value in record_headers or ():
        if name == "traceparent":
            return value.decode("ascii", "replace")
    return None


def encode(record: BaseModel) -> bytes:
    """The value of a record: the model's JSON in UTF-8."""
    return record.model_dump_json().encode()
