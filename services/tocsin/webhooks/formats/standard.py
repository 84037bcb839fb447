"""The payload that Standard Webhooks 1.0 recommends (type, timestamp, data), and CloudEvents 1.0 in HTTP's
structured and batch modes."""

from __future__ import annotations

from typing import Any

import orjson

from tocsin_schemas import Alert
from tocsin_schemas.cloudevents import headers

from .notification import Body, Notification


def standard(notification: Notification) -> Body:
    """`{type, timestamp, data: {receiver, status, group, alerts}}`: the alerts as the contract has them."""
    payload = {
        "type": f"tocsin.alert.{notification.status}",
        "timestamp": max(alert.updated_at for alert in notification.alerts),
        "data": {
            "receiver": notification.receiver,
            "status": notification.status,
            "group": notification.group_labels,
            "alerts": [alert.model_dump(mode="json") for alert in notification.alerts],
        },
    }
    return Body("application/json", orjson.dumps(payload, option=orjson.OPT_UTC_Z))


def cloudevents(notification: Notification) -> Body:
    """One alert as a structured event, several as a batch; ids are those of the records on the alerts topic."""
    events = [_event(alert) for alert in notification.alerts]
    if len(events) == 1:
        return Body("application/cloudevents+json", orjson.dumps(events[0]))
    return Body("application/cloudevents-batch+json", orjson.dumps(events))


def _event(alert: Alert) -> dict[str, Any]:
    attributes = {name: value.decode() for name, value in headers(alert, "tocsin/alerting")}
    event: dict[str, Any] = {
        name.removeprefix("ce_"): value for name, value in attributes.items() if name.startswith("ce_")
    }
    return {**event, "datacontenttype": "application/json", "data": alert.model_dump(mode="json")}
