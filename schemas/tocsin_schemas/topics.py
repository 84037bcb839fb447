"""The topics, as data: from this list topics are created, docs are drawn and clients are typed.

A record's key, its model and its clean-up policy stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the contract. `config` is Kafka's topic configuration; `key_of` gives a record's key."""

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
    config: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        config = {"cleanup.policy": self.cleanup}
        if self.retention_days is not None:
            config["retention.ms"] = str(self.retention_days * DAY_MS)
        if self.max_message_bytes is not None:
            config["max.message.bytes"] = str(self.max_message_bytes)
        object.__setattr__(self, "config", config)


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
    "tocsin.articles.v1", Article, "tocsin.article.v1", "compact,delete", lambda a: a.id, "article id",
    "ingest", ("capture", "surrender", "statement", "diplomacy", "ingest"), 90, max_message_bytes=MAX_ARTICLE_BYTES,
)
CAPTURE: Final = Topic(
    "tocsin.events.capture.v1", Capture, "tocsin.capture.v1", "delete", _capture_key,
    "place id, or country for a tally", "capture", ("ledger", "alerting", "subscribers"), 90,
)
SURRENDER: Final = Topic(
    "tocsin.events.surrender.v1", Surrender, "tocsin.surrender.v1", "delete", _surrender_key,
    "place id or surrendering actor id", "surrender", ("ledger", "alerting", "subscribers"), 90,
)
STATEMENT: Final = Topic(
    "tocsin.events.statement.v1", Statement, "tocsin.statement.v1", "delete", _statement_key,
    "speaker id", "statement", ("ledger", "alerting", "subscribers"), 90,
)
DIPLOMACY: Final = Topic(
    "tocsin.events.diplomacy.v1", Diplomacy, "tocsin.diplomacy.v1", "delete", _diplomacy_key,
    "sorted participant ids", "diplomacy", ("ledger", "alerting", "subscribers"), 90,
)
INCIDENTS: Final = Topic(
    "tocsin.incidents.v1", Incident, "tocsin.incident.v1", "compact", lambda i: i.id, "incident id",
    "ledger", ("alerting", "subscribers"),
)
CONTROL: Final = Topic(
    "tocsin.control.v1", Control, "tocsin.control.v1", "compact", _control_key, "place id",
    "ledger", ("alerting", "subscribers"),
)
SIGNALS: Final = Topic(
    "tocsin.signals.v1", Signal, "tocsin.signal.v1", "delete", lambda s: signal_key(s.rule, s.group),
    "rule and group", "alerting", ("alerting",), 90,
)
ALERTS: Final = Topic(
    "tocsin.alerts.v1", Alert, "tocsin.alert.v1", "compact,delete", lambda a: a.fingerprint, "alert fingerprint",
    "alerting", ("webhooks", "subscribers"), 90,
)
DELIVERIES: Final = Topic(
    "tocsin.deliveries.v1", Delivery, "tocsin.delivery.v1", "compact,delete", lambda d: d.id,
    "delivery id (alert id, revision and receiver)", "webhooks", ("webhooks",), 90,
)

TOPICS: Final = (
    ARTICLES, CAPTURE, SURRENDER, STATEMENT, DIPLOMACY, INCIDENTS, CONTROL, SIGNALS, ALERTS, DELIVERIES,
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
