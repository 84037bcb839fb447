"""What an Alertmanager posts to a webhook (version "4"), and what one takes at /api/v2/alerts.

Source: Alertmanager manual, "webhook_config"; `notify/webhook/webhook.go` and `template.Data` of 0.25. A component
test compares the payload with that of a running Alertmanager.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from tocsin_schemas import Alert

from .notification import Body, Notification, annotations_of, common, labels_of

NO_END: Final = "0001-01-01T00:00:00Z"
"""Go's zero time: an alert that has not ended."""

STAYS: Final = timedelta(days=7)
"""How long a pushed alert fires in an Alertmanager that hears no more of it: the ledger ends alerts, not silence."""


def webhook_v4(notification: Notification) -> Body:
    """The body of a webhook, version 4."""
    alerts = notification.alerts
    payload = {
        "receiver": notification.receiver,
        "status": notification.status,
        "alerts": [_alert(alert, notification.external_url) for alert in alerts],
        "groupLabels": notification.group_labels,
        "commonLabels": common([labels_of(alert) for alert in alerts]),
        "commonAnnotations": common([annotations_of(alert) for alert in alerts]),
        "externalURL": notification.external_url,
        "version": "4",
        "groupKey": _group_key(notification.group_labels),
        "truncatedAlerts": 0,
    }
    return Body("application/json", orjson.dumps(payload))


def push_v2(notification: Notification) -> Body:
    """The body of `POST /api/v2/alerts`."""
    alerts = [
        {
            "labels": labels_of(alert),
            "annotations": annotations_of(alert),
            "startsAt": _time(alert.starts_at),
            "endsAt": _time(_pushed_end(alert, notification.sent_at)),
            "generatorURL": _generator(alert, notification.external_url),
        }
        for alert in notification.alerts
    ]
    return Body("application/json", orjson.dumps(alerts))


def _pushed_end(alert: Alert, now: datetime) -> datetime:
    """Past for what is resolved, but not before its start: an Alertmanager refuses that, and event times can be odd."""
    if alert.state == "firing":
        return now + STAYS
    return max(min(alert.ends_at or alert.updated_at, now), alert.starts_at)


def _alert(alert: Alert, external_url: str) -> dict[str, Any]:
    resolved = alert.state == "resolved"
    return {
        "status": alert.state,
        "labels": labels_of(alert),
        "annotations": annotations_of(alert),
        "startsAt": _time(alert.starts_at),
        "endsAt": _time(alert.ends_at or alert.updated_at) if resolved else NO_END,
        "generatorURL": _generator(alert, external_url),
        "fingerprint": alert.fingerprint,
    }


def _generator(alert: Alert, external_url: str) -> str:
    """Where the evidence stands: the first article that the alert was counted from."""
    return next((piece.article_url for piece in alert.evidence if piece.article_url), external_url)


def _group_key(labels: dict[str, str]) -> str:
    named = ", ".join(f"{name}={_quoted(labels[name])}" for name in sorted(labels))
    return "{}:{" + named + "}"


def _quoted(value: str) -> str:
    return orjson.dumps(value).decode()


def _time(at: datetime) -> str:
    """RFC 3339 as Go writes it: in UTC, without trailing zeros of the fraction."""
    text = at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return (text.rstrip("0") if "." in text else text) + "Z"
