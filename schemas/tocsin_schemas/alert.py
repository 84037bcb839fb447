"""Alerts, the signals that they are counted from, and their deliveries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import Model, Offset, UtcDatetime

SignalStream = Literal["control", "incidents", "capture", "surrender", "statement", "diplomacy"]


class AlertEvidence(Model):
    """What was counted: the item, and the sentence that proves it."""

    item: str
    label: str | None = None
    event_id: str | None = None
    incident_id: str | None = None
    article_url: str | None = None
    publisher: str | None = None
    sentence: str | None = None
    start: Offset | None = None
    end: Offset | None = None
    at: UtcDatetime | None = None


class SignalSpan(Model):
    """Event time in which an item counts: from `start` up to, not including, `end` (null: open)."""

    start: UtcDatetime
    end: UtcDatetime | None = None
    evidence: list[AlertEvidence] = []


class Signal(Model):
    """One item that a rule looked at: `matched` false takes an earlier match of the same item back.

    Keyed by rule and group, so that a rule's group is counted in one place. `at` is event time; `value` what
    the rule's measure reads (the distinct value, the number to sum).

    `spans` are set where an item holds for a time, as a place does, instead of happening at `at`. `cause` says why an
    item does not match ("retracted", "contested", "recaptured").
    """

    rule: str
    rule_hash: str
    group: dict[str, str]
    stream: SignalStream
    item: str
    revision: Annotated[int, Field(ge=0)] = 0
    matched: bool
    value: Any = None
    at: UtcDatetime
    known_at: UtcDatetime
    evidence: list[AlertEvidence] = []
    spans: list[SignalSpan] = []
    cause: str | None = None


class Replay(Model):
    """The rule and event-time window that give this alert again; `episode` counts the rule's alerts in that group."""

    rule: str
    rule_hash: str
    group: dict[str, str]
    start: UtcDatetime | None = None
    end: UtcDatetime
    episode: Annotated[int, Field(ge=1)] = 1


AlertChange = Literal["firing", "step", "correction", "resolved", "taken back"]
"""Why a state of an alert was written.

`correction`: late or corrected reports changed what it says, not whether it rings. `taken back`: what it rested on
proved wrong, so that it never should have rung.
"""


class Alert(Model):
    """One state of one alert. `fingerprint` names rule, group and labels; `id` adds which of its episodes this is.

    A late report may move `starts_at` (event time) while the id stays. `value` and `evidence` are those of the
    highest step that the episode reached, also once it is resolved; `of` is the dated denominator ("9 of 34").
    `change` says why this state was written, `reason` why the alert is resolved.
    """

    id: str
    fingerprint: str
    revision: Annotated[int, Field(ge=1)]
    rule: str
    state: Literal["firing", "resolved"]
    starts_at: UtcDatetime
    ends_at: UtcDatetime | None = None
    updated_at: UtcDatetime
    value: float
    threshold: str
    of: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    evidence: list[AlertEvidence] = []
    reason: str | None = None
    change: AlertChange | None = None
    replay: Replay


class Attempt(Model):
    """One try to deliver. `status` is the HTTP status, or null when there was no answer.

    `outcome` is one of a closed set (`delivered`, `timeout`, `redirect` ...); `detail` says it in words. `message`
    is the webhook-id that it went out under.
    """

    at: UtcDatetime
    status: int | None = None
    outcome: str
    duration_ms: Annotated[float, Field(ge=0)]
    detail: str | None = None
    message: str | None = None


class Delivery(Model):
    """One alert state for one receiver: the durable outbox's record and its log.

    `id` is the `webhook-id` header: the same for every attempt. Waiting until `next_at`. `skipped` is what never
    had to be sent: a newer state took its place, or the receiver never saw the alert that it resolves.

    `created_at` is when the alert came in, `alert_offset` its offset on the alerts topic (the deliveries of an
    alert lie on the partition of the same number). `message` joins the deliveries that travel in one message;
    `repeat` counts the reminders of an alert that still fires: each has a webhook-id of its own.
    """

    id: str
    receiver: str
    alert: Alert
    state: Literal["pending", "delivered", "failed", "skipped"]
    attempts: list[Attempt] = []
    next_at: UtcDatetime | None = None
    reason: str | None = None
    created_at: UtcDatetime | None = None
    alert_offset: Annotated[int, Field(ge=0)] | None = None
    message: str | None = None
    repeat: Annotated[int, Field(ge=0)] = 0
