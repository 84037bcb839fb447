"""The contract as an AsyncAPI 3.1 document, for tools that draw, mock or generate clients from one."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from .topics import TOPICS, Topic, short_name

Document = dict[str, Any]

HEADERS: Final[Document] = {
    "type": "object",
    "description": "CloudEvents 1.0 attributes in Kafka's binary mode, in UTF-8.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "Unique within the source: the same for a record written again."},
        "ce_source": {"type": "string", "description": "The service that wrote it, such as tocsin/capture."},
        "ce_type": {"type": "string"},
        "ce_subject": {"type": "string", "description": "The record's key."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string", "format": "uri"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context."},
    },
}


def asyncapi() -> Document:
    """Channels, messages and operations of all topics: a subscriber receives from each, its producer sends to it.

    Payloads refer to the files of `json/`, beside which the document lies.
    """
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": version("tocsin-schemas"),
            "description": "Typed, evidenced conflict events, who holds what, and alerts, on Kafka.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {short_name(topic.name): _channel(topic) for topic in TOPICS},
        "operations": {
            f"receive-{short_name(topic.name)}": _operation(topic)
            for topic in TOPICS
            if "subscribers" in topic.consumers
        },
        "components": {
            "messages": {topic.model.__name__: _message(topic) for topic in TOPICS},
            "schemas": {"headers": HEADERS},
        },
    }


def _channel(topic: Topic) -> Document:
    configuration: Document = {"cleanup.policy": topic.cleanup.split(",")}
    if "retention.ms" in topic.config:
        configuration["retention.ms"] = int(topic.config["retention.ms"])
    if topic.max_message_bytes is not None:
        configuration["max.message.bytes"] = topic.max_message_bytes
    kafka: Document = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": configuration,
        "bindingVersion": "0.5.0",
    }
    name = topic.model.__name__
    return {
        "address": topic.name,
        "description": f"Written by {topic.producer}; read by {', '.join(topic.consumers)}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": kafka},
    }


def _message(topic: Topic) -> Document:
    summary = (topic.model.__doc__ or "").strip().splitlines()[0]
    return {
        "name": topic.event_type,
        "summary": summary,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"json/{topic.event_type}.schema.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}},
    }


def _operation(topic: Topic) -> Document:
    channel = f"#/channels/{short_name(topic.name)}"
    return {
        "action": "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{topic.model.__name__}"}],
    }
