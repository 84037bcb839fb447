"""CloudEvents 1.0 headers in Kafka's binary mode (Kafka protocol binding 1.0.2, section 3.2).

The value of a record is the JSON of the model; its attributes travel as `ce_` headers in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel

from .alert import Alert, Delivery, Signal
from .article import Article
from .control import Control
from .events import Capture, Diplomacy, Statement, Surrender
from .incident import Incident
from .topics import BY_MODEL

SCHEMA_BASE = "https://schemas.tocsin.example/"
"""Prefix of `dataschema`: the `$id` of the generated JSON Schemas."""


def schema_id(event_type: str) -> str:
    """The `$id` of the JSON Schema of an event type such as "tocsin.capture.v1"."""
    return f"{SCHEMA_BASE}{event_type}.schema.json"


def _time_of(record: BaseModel) -> datetime:
    """When it was known, from the record itself: a replay gives the same."""
    match record:
        case Article():
            return record.received_at
        case Incident():
            return record.last_seen
        case Control():
            return record.as_of
        case Signal():
            return record.known_at
        case Alert():
            return record.updated_at
        case Delivery():
            return record.attempts[-1].at if record.attempts else record.created_at or record.alert.updated_at
        case Capture() | Surrender() | Statement() | Diplomacy():
            return record.article.published_at
        case _:
            raise KeyError(type(record))


def _id_of(record: BaseModel, key: str) -> str:
    """Unique within the source: what the record is about, and which state of it this is."""
    match record:
        case Article() | Incident() | Alert():
            return f"{record.id}/{record.revision}"
        case Control():
            return f"{key}/{record.revision}"
        case Signal():
            return f"{key}|{record.item}/{record.rule_hash}/{record.revision}"
        case Delivery():
            return f"{record.id}/{record.state}/{len(record.attempts)}"
        case Capture() | Surrender() | Statement() | Diplomacy():
            return f"{record.id}/{record.article.revision}" + ("/retracted" if record.retracted else "")
        case _:
            raise KeyError(type(record))


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
