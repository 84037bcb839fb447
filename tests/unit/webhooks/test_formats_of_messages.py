"""Each format against what its receiver takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import jsonschema
import orjson
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat

from tocsin.webhooks.formats import Body, Notification, render
from tocsin_schemas import Alert, AlertEvidence
from webhook_builders import START, a_receiver, an_alert

SENT = START + timedelta(hours=1)
LONG = [
    AlertEvidence(item=str(i), sentence=f"<b> & {'x' * 400}", publisher="P", article_url=f"https://n.example/{i}")
    for i in range(200)
]


def rendered(alerts: Sequence[Alert], group: dict[str, str] | None = None, **fields: Any) -> Body:
    receiver = a_receiver(**fields)
    labels = group if group is not None else dict(alerts[0].labels)
    return render(receiver, Notification(receiver.name, tuple(alerts), labels, "http://t.example", "msg_1", SENT))


def payload(alerts: Sequence[Alert], **fields: Any) -> Any:
    return orjson.loads(rendered(alerts, **fields).content)


def test_alertmanager_v4_says_what_fires_and_what_has_ended() -> None:
    sent = payload([an_alert(), an_alert("b", 2, "resolved")], group={"country": "AFG"}, group_by=["country"])
    assert (sent["version"], sent["status"], sent["receiver"]) == ("4", "firing", "desk")
    assert sent["groupKey"] == '{}:{country="AFG"}'
    assert sent["commonLabels"] == {"alertname": "CapitalsFalling", "severity": "critical", "country": "AFG"}
    firing, resolved = sent["alerts"]
    assert (firing["startsAt"], firing["endsAt"]) == ("2025-08-11T10:00:00Z", "0001-01-01T00:00:00Z")
    assert (resolved["status"], resolved["endsAt"]) == ("resolved", "2025-08-11T10:02:00Z")
    assert firing["generatorURL"] == "https://news.example/falls"


def test_alertmanager_v4_carries_the_sentences_that_prove_it() -> None:
    (alert,) = payload([an_alert()])["alerts"]
    assert alert["annotations"]["evidence"] == "The city fell. (Daily)"
    assert alert["annotations"]["value"] == "5 of 34"


def test_a_rules_own_annotation_is_not_overwritten() -> None:
    (alert,) = payload([an_alert(annotations={"value": "five"})])["alerts"]
    assert alert["annotations"]["value"] == "five"


def test_an_alertmanager_is_pushed_an_end_only_when_it_has_ended() -> None:
    (firing,) = payload([an_alert()], deliver="alertmanager")
    (resolved,) = payload([an_alert(state="resolved", revision=2)], deliver="alertmanager")
    assert firing["endsAt"] > "2025-08-12"  # fires until it is taken back, not until a timeout
    assert resolved["endsAt"] == "2025-08-11T10:02:00Z"


def test_an_alertmanager_is_never_pushed_an_end_before_the_start_or_in_the_future() -> None:
    alert = an_alert(state="resolved", revision=2)
    early = alert.model_copy(update={"ends_at": START - timedelta(days=1)})
    late = alert.model_copy(update={"ends_at": START + timedelta(days=1)})
    assert payload([early], deliver="alertmanager")[0]["endsAt"] == "2025-08-11T10:00:00Z"
    assert payload([late], deliver="alertmanager")[0]["endsAt"] == "2025-08-11T11:00:00Z"


def test_standard_wraps_the_alerts_of_the_contract() -> None:
    sent = payload([an_alert()], format="standard")
    assert sent["type"] == "tocsin.alert.firing"
    assert sent["timestamp"] == "2025-08-11T10:01:00Z"
    assert Alert.model_validate(sent["data"]["alerts"][0]) == an_alert()


def test_a_cloudevent_reads_back_with_the_reference_library() -> None:
    body = rendered([an_alert()], format="cloudevents")
    message = HTTPMessage({"content-type": body.content_type}, body.content)
    event = from_structured_event(message, JSONFormat())
    assert (event.get_type(), event.get_id(), event.get_subject()) == ("tocsin.alert.v1", "a/1/1", "a")
    assert Alert.model_validate(event.get_data()) == an_alert()


def test_several_cloudevents_are_a_batch() -> None:
    body = rendered([an_alert(), an_alert("b")], format="cloudevents", group_by=["country"])
    assert body.content_type == "application/cloudevents-batch+json"
    assert [event["subject"] for event in orjson.loads(body.content)] == ["a", "b"]


PAGERDUTY = {  # Events API v2, "Send an Alert Event"
    "type": "object",
    "required": ["routing_key", "event_action", "payload"],
    "properties": {
        "routing_key": {"type": "string"},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "maxLength": 255},
        "links": {"type": "array", "items": {"type": "object", "required": ["href"]}},
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "format": "date-time"},
            },
        },
    },
}


@pytest.mark.parametrize("alert", [an_alert(), an_alert(annotations={"summary": "s" * 5000}, evidence=LONG)])
def test_pagerduty_gets_a_valid_trigger_within_its_limits(alert: Alert) -> None:
    body = rendered([alert], format="pagerduty-v2", routing_key="key", url=None)
    jsonschema.validate(orjson.loads(body.content), PAGERDUTY)
    assert len(body.content) <= 512 * 1024


def test_pagerduty_resolves_the_incident_that_it_opened() -> None:
    fields = {"format": "pagerduty-v2", "routing_key": "key", "url": None}
    opened, closed = payload([an_alert()], **fields), payload([an_alert(revision=2, state="resolved")], **fields)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"]


@pytest.mark.parametrize(("severity", "theirs"), [("critical", "critical"), ("page", "critical"), ("odd", "error")])
def test_severities_are_translated_for_pagerduty(severity: str, theirs: str) -> None:
    sent = payload([an_alert(labels={"severity": severity})], format="pagerduty-v2", routing_key="key", url=None)
    assert sent["payload"]["severity"] == theirs


def _text(kinds: list[str], most: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"enum": kinds}, "text": {"type": "string", "minLength": 1, "maxLength": most}},
    }


SLACK = {  # Block Kit reference: header, section, context and divider blocks, and at most fifty of them in a message
    "type": "object",
    "required": ["blocks"],
    "properties": {
        "text": {"type": "string", "maxLength": 40_000},
        "blocks": {
            "type": "array",
            "minItems": 2,
            "maxItems": 50,
            "items": {
                "oneOf": [
                    {
                        "required": ["text"],
                        "properties": {"type": {"const": "header"}, "text": _text(["plain_text"], 150)},
                    },
                    {
                        "required": ["text"],
                        "properties": {"type": {"const": "section"}, "text": _text(["mrkdwn", "plain_text"], 3_000)},
                    },
                    {
                        "required": ["elements"],
                        "properties": {
                            "type": {"const": "context"},
                            "elements": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 10,
                                "items": _text(["mrkdwn", "plain_text"], 3_000),
                            },
                        },
                    },
                    {"properties": {"type": {"const": "divider"}}, "additionalProperties": False},
                ]
            },
        },
    },
}


@pytest.mark.parametrize(
    "alerts", [[an_alert()], [an_alert(str(i), evidence=LONG, annotations={"summary": "<&>" * 900}) for i in range(90)]]
)
def test_a_slack_message_keeps_to_the_limits_of_blocks(alerts: list[Alert]) -> None:
    jsonschema.validate(payload(alerts, format="slack", group_by=["country"]), SLACK)


def test_slack_text_cannot_break_out_into_markup() -> None:
    evil = AlertEvidence(item="x", sentence="<!channel> & <https://evil.example|click>", article_url="https://a|b>")
    section = payload([an_alert(evidence=[evil])], format="slack")["blocks"][1]["text"]["text"]
    assert "<" not in section
    assert "&lt;!channel&gt; &amp;" in section


@pytest.mark.parametrize("count", [1, 90])
def test_a_teams_card_stays_below_what_teams_takes(count: int) -> None:
    body = rendered([an_alert(str(i), evidence=LONG) for i in range(count)], format="teams", group_by=["country"])
    assert len(body.content) <= 28_000
    card = orjson.loads(body.content)["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert "provincial capitals" in str(card["body"])


def test_a_template_gives_a_form_of_ones_own() -> None:
    template = (
        '{"title": {{ (alerts | first | summary) | tojson }}, "proof": {{ (alerts[0].evidence[0] | proof) | tojson }}}'
    )
    sent = payload([an_alert()], format="template", template=template)
    assert sent == {"title": "5 of 34 provincial capitals have fallen", "proof": "The city fell. (Daily)"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ alerts.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("title: {{ status }}", "does not give JSON"),
    ],
)
def test_a_template_that_fails_says_why(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rendered([an_alert()], format="template", template=template)
