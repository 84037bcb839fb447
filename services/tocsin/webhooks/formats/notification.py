"""What every format is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.webhooks.matching import labels_of
from tocsin_schemas import Alert, AlertEvidence


@dataclass(frozen=True, slots=True)
class Notification:
    """One message: the alerts in it, the labels that joined them, and where Tocsin can be reached.

    `id` is the webhook-id, `sent_at` the time of this try.
    """

    receiver: str
    alerts: tuple[Alert, ...]
    group_labels: dict[str, str]
    external_url: str
    id: str
    sent_at: datetime

    @property
    def firing(self) -> bool:
        """A message is firing while any of its alerts is."""
        return any(alert.state == "firing" for alert in self.alerts)

    @property
    def status(self) -> str:
        return "firing" if self.firing else "resolved"


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a request."""

    content_type: str
    content: bytes


def summary(alert: Alert) -> str:
    """One line for people: the rule's own summary, or what was counted."""
    written = alert.annotations.get("summary", "").strip()
    return written or f"{alert.rule}: {measured(alert)} ({alert.threshold})"


def measured(alert: Alert) -> str:
    """The value, with its denominator where there is one: "4 of 34"."""
    value = f"{alert.value:g}"
    return f"{value} of {alert.of}" if alert.of is not None else value


def proof(evidence: AlertEvidence) -> str:
    """One piece of evidence as a line: the sentence, and who published it."""
    said = evidence.sentence or evidence.label or evidence.item
    return f"{said} ({evidence.publisher})" if evidence.publisher else said


def annotations_of(alert: Alert, pieces: int = 10) -> dict[str, str]:
    """The alert's annotations, with the evidence and the value as text where the rule does not write its own."""
    lines = [proof(evidence) for evidence in alert.evidence[:pieces]]
    if len(alert.evidence) > pieces:
        lines.append(f"and {len(alert.evidence) - pieces} more")
    added = {"value": measured(alert), **({"evidence": "\n".join(lines)} if lines else {})}
    return added | alert.annotations


def cut(text: str, length: int) -> str:
    """`text`, shortened to `length` characters with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def common(maps: list[dict[str, str]]) -> dict[str, str]:
    """What all maps agree on."""
    first, *others = maps
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


__all__ = ["Body", "Notification", "annotations_of", "common", "cut", "labels_of", "measured", "proof", "summary"]
