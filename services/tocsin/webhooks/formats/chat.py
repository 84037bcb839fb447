"""Messages for people: Slack blocks and a Teams card.

Sources: Slack, "Block Kit reference" (50 blocks, 150 characters in a header, 3000 in a section); Microsoft,
"Create incoming webhooks with Workflows" and "Adaptive Cards" 1.4 (28 KB a message).
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from tocsin_schemas import Alert, AlertEvidence

from .notification import Body, Notification, cut, labels_of, proof, summary

SLACK_BLOCKS: Final = 50
SLACK_SECTION: Final = 3000
SLACK_HEADER: Final = 150
TEAMS_BYTES: Final = 28_000
_SENTENCES: Final = 5


def slack(notification: Notification) -> Body:
    """A Slack message: a header, and for each alert its summary and the sentences that prove it."""
    title = _title(notification)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(title, SLACK_HEADER), "emoji": True}}
    ]
    shown = notification.alerts[: SLACK_BLOCKS - 2]
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": _slack_section(alert)}} for alert in shown]
    if len(shown) < len(notification.alerts):
        more = f"and {len(notification.alerts) - len(shown)} more alerts"
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": more}]})
    return Body("application/json", orjson.dumps({"text": cut(_escaped(title), SLACK_SECTION), "blocks": blocks}))


def teams(notification: Notification) -> Body:
    """An Adaptive Card; evidence, then alerts, are left out where the message would be too long for Teams."""
    alerts, sentences = notification.alerts, _SENTENCES
    body = _card(notification, alerts, sentences)
    while len(body) > TEAMS_BYTES and (sentences or len(alerts) > 1):
        if sentences:
            sentences -= 1
        else:
            alerts = alerts[: len(alerts) // 2]
        body = _card(notification, alerts, sentences)
    return Body("application/json", body)


def _title(notification: Notification) -> str:
    sign = "🔔" if notification.firing else "✅"
    word = "Firing" if notification.firing else "Resolved"
    alerts = notification.alerts
    return f"{sign} {word}: " + (summary(alerts[0]) if len(alerts) == 1 else f"{len(alerts)} alerts")


def _slack_section(alert: Alert) -> str:
    """The alert in Slack's mrkdwn; sentences are dropped from the end until it fits."""
    head = f"*{alert.state}* {_escaped(cut(summary(alert), 1000))}"
    for count in range(min(_SENTENCES, len(alert.evidence)), 0, -1):
        lines = [_slack_proof(piece) for piece in alert.evidence[:count]]
        more = len(alert.evidence) - count
        text = "\n".join([head, *lines, *([f"and {more} more"] if more else [])])
        if len(text) <= SLACK_SECTION:
            return text
    return cut(head, SLACK_SECTION)


def _slack_proof(piece: AlertEvidence) -> str:
    said = _escaped(cut(proof(piece), 500))
    link = piece.article_url
    usable = link is not None and link.startswith(("http://", "https://")) and not set(link) & set("<>| ")
    return f"> {said} <{link}|article>" if usable else f"> {said}"


def _escaped(text: str) -> str:
    """Slack's three control characters, escaped (Slack, "Formatting text for app surfaces")."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())


def _card(notification: Notification, alerts: tuple[Alert, ...], sentences: int) -> bytes:
    items: list[dict[str, Any]] = [_text(cut(_title(notification), 500), weight="Bolder", size="Medium")]
    for alert in alerts:
        items.append(_text(f"{alert.state}: {cut(summary(alert), 500)}", weight="Bolder"))
        items += [_text(cut(proof(piece), 500)) for piece in alert.evidence[:sentences]]
        facts = [{"title": name, "value": cut(value, 200)} for name, value in list(labels_of(alert).items())[:10]]
        items.append({"type": "FactSet", "facts": facts})
    if len(alerts) < len(notification.alerts):
        items.append(_text(f"and {len(notification.alerts) - len(alerts)} more alerts"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": items,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return orjson.dumps({"type": "message", "attachments": [attachment]})


def _text(text: str, **style: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **style}
