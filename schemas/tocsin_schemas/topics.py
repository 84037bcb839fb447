"""The topics, as data: from this list topics are created, docs are drawn and clients are typed.

A record's key, its model and its clean-up policy stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from .alert import Alert, Delivery, Signal
from .article import Article
from .control import Control
from .events import Capture, Diplomacy, Statement, Surrender
from .incident import Incident

DAY_MS: Final = 86_400_000
PARTITIONS: Final = 4
"""Partitions of every topic: the events and the ledger's tables must have the same number to be co-partitioned."""

MAX_ARTICLE_BYTES: Final = 10_000_000
"""Largest article record: the longest text and its previous revision, both in a script of three bytes a character,
fit when compressed. Consumers need no setting for it: a broker always answers with one whole batch (KIP-74)."""


MAX_DELIVERY_BYTES: Final = 5_000_000
"""Largest delivery: the largest alert (4 MB), and the log of its tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic of the contract. `key_of` gives a record's key, which `key` describes.

    `retention_days` null: kept for good. `max_message_bytes` null: the broker's limit.
    """

    name: str
    model: type[BaseModel]
    event_type: str
    cleanup: str
    key_of: Callable[[Any], str]
    key: str
    producer: str
    consumers: tuple[str, ...]
    retention_days: int | None = None
    partitions: int = PARTITIONS
    max_message_bytes: int | None = None

    @property
    def config(self) -> dict[str, str]:
        """Kafka's configuration of the topic."""
        config = {"cleanup.policy": self.cleanup}
        if self.retention_days is not None:
            config["retention.ms"] = str(self.retention_days * DAY_MS)
        if self.max_message_bytes is not None:
            config["max.message.bytes"] = str(self.max_message_bytes)
        return config


def _capture_key(event: Capture) -> str:
    if event.place is None:
        captor = event.captor
        return f"country:{(captor.country if captor else None) or 'unknown'}"
    return place_key(event.place.id, event.place.name)


def place_key(place_id: str | None, name: str) -> str:
    """The key of a place: its gazetteer id, or its folded name when the gazetteer does not know it."""
    return place_id or "name:" + " ".join(name.casefold().split())


def actor_key(actor_id: str | None, text: str | None) -> str:
    """The key of an actor: its id, or its folded words, or "unknown"."""
    return actor_id or ("text:" + " ".join(text.casefold().split()) if text else "unknown")


def _surrender_key(event: Surrender) -> str:
    if event.place is not None:
        return place_key(event.place.id, event.place.name)
    who = event.surrendering
    return actor_key(who.id if who else None, who.text if who else None)


def _statement_key(event: Statement) -> str:
    who = event.speaker
    return actor_key(who.id if who else None, who.text if who else None)


def _diplomacy_key(event: Diplomacy) -> str:
    return "+".join(sorted({actor_key(p.id, p.text) for p in event.participants})) or "unknown"


def _control_key(control: Control) -> str:
    return place_key(control.place.id, control.place.name)


def signal_key(rule: str, group: dict[str, str]) -> str:
    """The key of a signal: the rule's name and its group's labels in sorted order."""
    return "|".join([rule, *(f"{name}={group[name]}" for name in sorted(group))])


ARTICLES: Final = Topic(
    name="tocsin.articles.v1",
    model=Article,
    event_type="tocsin.article.v1",
    cleanup="compact,delete",
    key_of=lambda article: article.id,
    key="article id",
    producer="ingest",
    consumers=("capture", "surrender", "statement", "diplomacy", "ingest"),
    retention_days=90,
    max_message_bytes=MAX_ARTICLE_BYTES,
)
CAPTURE: Final = Topic(
    name="tocsin.events.capture.v1",
    model=Capture,
    event_type="tocsin.capture.v1",
    cleanup="delete",
    key_of=_capture_key,
    key="place id, or country for a tally",
    producer="capture",
    consumers=("ledger", "alerting", "subscribers"),
    retention_days=90,
)
SURRENDER: Final = Topic(
    name="tocsin.events.surrender.v1",
    model=Surrender,
    event_type="tocsin.surrender.v1",
    cleanup="delete",
    key_of=_surrender_key,
    key="place id or surrendering actor id",
    producer="surrender",
    consumers=("ledger", "alerting", "subscribers"),
    retention_days=90,
)
STATEMENT: Final = Topic(
    name="tocsin.events.statement.v1",
    model=Statement,
    event_type="tocsin.statement.v1",
    cleanup="delete",
    key_of=_statement_key,
    key="speaker id",
    producer="statement",
    consumers=("ledger", "alerting", "subscribers"),
    retention_days=90,
)
DIPLOMACY: Final = Topic(
    name="tocsin.events.diplomacy.v1",
    model=Diplomacy,
    event_type="tocsin.diplomacy.v1",
    cleanup="delete",
    key_of=_diplomacy_key,
    key="sorted participant ids",
    producer="diplomacy",
    consumers=("ledger", "alerting", "subscribers"),
    retention_days=90,
)
INCIDENTS: Final = Topic(
    name="tocsin.incidents.v1",
    model=Incident,
    event_type="tocsin.incident.v1",
    cleanup="compact",
    key_of=lambda incident: incident.id,
    key="incident id",
    producer="ledger",
    consumers=("alerting", "subscribers"),
)
CONTROL: Final = Topic(
    name="tocsin.control.v1",
    model=Control,
    event_type="tocsin.control.v1",
    cleanup="compact",
    key_of=_control_key,
    key="place id",
    producer="ledger",
    consumers=("alerting", "subscribers"),
)
SIGNALS: Final = Topic(
    name="tocsin.signals.v1",
    model=Signal,
    event_type="tocsin.signal.v1",
    cleanup="delete",
    key_of=lambda signal: signal_key(signal.rule, signal.group),
    key="rule and group",
    producer="alerting",
    consumers=("alerting",),
    retention_days=90,
)
ALERTS: Final = Topic(
    name="tocsin.alerts.v1",
    model=Alert,
    event_type="tocsin.alert.v1",
    cleanup="compact,delete",
    key_of=lambda alert: alert.fingerprint,
    key="alert fingerprint",
    producer="alerting",
    consumers=("webhooks", "subscribers"),
    retention_days=90,
)
DELIVERIES: Final = Topic(
    name="tocsin.deliveries.v1",
    model=Delivery,
    event_type="tocsin.delivery.v1",
    cleanup="compact,delete",
    key_of=lambda delivery: delivery.id,
    key="delivery id (alert id, revision and receiver)",
    producer="webhooks",
    consumers=("webhooks",),
    retention_days=90,
    max_message_bytes=MAX_DELIVERY_BYTES,
)

TOPICS: Final = (
    ARTICLES,
    CAPTURE,
    SURRENDER,
    STATEMENT,
    DIPLOMACY,
    INCIDENTS,
    CONTROL,
    SIGNALS,
    ALERTS,
    DELIVERIES,
)
EVENT_TOPICS: Final = {"capture": CAPTURE, "surrender": SURRENDER, "statement": STATEMENT, "diplomacy": DIPLOMACY}
BY_NAME: Final = {topic.name: topic for topic in TOPICS}
BY_MODEL: Final = {topic.model: topic for topic in TOPICS}

DEAD_LETTER_RETENTION_DAYS: Final = 30


def dead_letter_name(topic: str, service: str) -> str:
    """Where `service` puts records of `topic` that it cannot process."""
    return f"{topic}.{service}.dlq"


def short_name(topic: str) -> str:
    """ "capture" of "tocsin.events.capture.v1": how people name topics on the command line."""
    return topic.removeprefix("tocsin.").removeprefix("events.").rsplit(".v", 1)[0]
