"""PagerDuty Events API v2: an incident is triggered by `firing` and resolved by `resolved`, under one dedup key.

Source: PagerDuty developer documentation, "Send an Alert Event" and "PD-CEF": summary up to 1024 characters, dedup
key up to 255, an event up to 512 KB.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from tocsin_schemas import Alert

from .notification import Body, Notification, annotations_of, cut, labels_of, summary

SUMMARY: Final = 1024
DEDUP_KEY: Final = 255
EVENT_BYTES: Final = 512 * 1024

_SEVERITIES: Final = {
    "critical": "critical", "page": "critical", "error": "error", "high": "error",
    "warning": "warning", "warn": "warning", "info": "info", "none": "info", "low": "info",
}  # fmt: skip


def pagerduty_v2(notification: Notification, routing_key: str) -> Body:
    """The event for the one alert of this message. Raises ValueError for several."""
    if len(notification.alerts) != 1:
        raise ValueError("PagerDuty takes one alert a message")
    alert = notification.alerts[0]
    for pieces in (20, 5, 0):
        content = orjson.dumps(_event(alert, notification.external_url, routing_key, pieces))
        if len(content) <= EVENT_BYTES:
            break
    return Body("application/json", content)


def _event(alert: Alert, external_url: str, routing_key: str, pieces: int) -> dict[str, Any]:
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "dedup_key": alert.id[:DEDUP_KEY],
        "event_action": "trigger" if alert.state == "firing" else "resolve",
    }
    if alert.state == "resolved":
        return event
    labels = labels_of(alert)
    links = [
        {"href": piece.article_url, "text": cut(piece.publisher or "article", 100)}
        for piece in alert.evidence[:pieces]
        if piece.article_url
    ]
    details = {name: cut(value, 8000) for name, value in annotations_of(alert, pieces).items()}
    return event | {
        "client": "Tocsin",
        "client_url": external_url,
        "links": links,
        "payload": {
            "summary": cut(summary(alert), SUMMARY),
            "source": alert.rule,
            "severity": _SEVERITIES.get(labels.get("severity", "").lower(), "error"),
            "timestamp": alert.updated_at.isoformat(),
            "class": alert.rule,
            "group": labels.get("country", alert.rule),
            "custom_details": {"labels": labels, **details},
        },
    }
