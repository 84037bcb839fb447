"""Which format a receiver gets, and the form that a receiver writes for itself."""

from __future__ import annotations

import orjson
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tocsin.webhooks.receivers import Receiver

from . import alertmanager, chat, pagerduty, standard
from .notification import Body, Notification, annotations_of, common, labels_of, measured, proof, summary

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.filters |= {"summary": summary, "measured": measured, "proof": proof}


def render(receiver: Receiver, notification: Notification) -> Body:
    """The body of a message to `receiver`. Raises ValueError when its template or routing key cannot be used."""
    if receiver.deliver == "alertmanager":
        return alertmanager.push_v2(notification)
    match receiver.format:
        case "alertmanager-v4":
            return alertmanager.webhook_v4(notification)
        case "standard":
            return standard.standard(notification)
        case "cloudevents":
            return standard.cloudevents(notification)
        case "pagerduty-v2":
            return pagerduty.pagerduty_v2(notification, receiver.routing_key.read() if receiver.routing_key else "")
        case "slack":
            return chat.slack(notification)
        case "teams":
            return chat.teams(notification)
        case "template":
            return _from_template(receiver, notification)


def _from_template(receiver: Receiver, notification: Notification) -> Body:
    try:
        text = _environment.from_string(receiver.template or "").render(
            receiver=notification.receiver,
            status=notification.status,
            alerts=notification.alerts,
            group_labels=notification.group_labels,
            common_labels=common([labels_of(alert) for alert in notification.alerts]),
            common_annotations=common([annotations_of(alert) for alert in notification.alerts]),
            external_url=notification.external_url,
        )
    except Exception as error:  # a template is its author's program: whatever it raises is told to them
        raise ValueError(f"the template of {receiver.name} fails: {error}") from None
    if receiver.content_type.endswith("json"):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"the template of {receiver.name} does not give JSON ({error}); use | tojson") from None
    return Body(receiver.content_type, text.encode())
