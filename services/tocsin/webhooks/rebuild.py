"""The outbox as a partition of `tocsin.deliveries.v1` tells it. Pure: it is given records, in the order of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from tocsin_schemas import Attempt, Delivery
from tocsin_schemas.cloudevents import encode

from .delivery import Outcome, arrived, may_have_arrived, tries_made, was_asked_for
from .matching import group_of, labels_of
from .outbox import Entry, LaneKey
from .receivers import Receiver


@dataclass(frozen=True, slots=True)
class Heard:
    """What a receiver knows of an alert: `alert` is the id of the episode whose firing it has seen, or may have."""

    offset: int
    alert: str | None
    surely: bool


@dataclass(slots=True)
class Rebuild:
    """Takes in a partition's records and keeps what a restart needs: undelivered deliveries, what each receiver has
    heard, and the ids of deliveries whose alerts were not committed yet (they will be read again) with their offsets.

    `committed` is the group's offset on the alerts partition of the same number. `parked` are deliveries for
    receivers that are not among `receivers`: they stay on the topic, for the day that their receiver is back.
    """

    partition: int
    committed: int
    receivers: Mapping[str, Receiver]
    now: datetime
    pending: dict[str, Entry] = field(default_factory=dict[str, Entry])
    parked: set[str] = field(default_factory=set[str])
    heard: dict[LaneKey, Heard] = field(default_factory=dict[LaneKey, Heard])
    recent: dict[str, int] = field(default_factory=dict[str, int])
    done: dict[LaneKey, int] = field(default_factory=dict[LaneKey, int])
    delivered: set[str] = field(default_factory=set[str])
    concluded: list[Entry] = field(default_factory=list[Entry])

    def take(self, key: str, value: bytes | None, traceparent: str | None) -> None:
        """One record. Raises pydantic.ValidationError when it is no delivery."""
        self.pending.pop(key, None)
        self.parked.discard(key)
        if value is None:
            return
        delivery = Delivery.model_validate_json(value)
        offset = delivery.alert_offset or 0
        if offset >= self.committed:
            self.recent[delivery.id] = offset
        receiver = self.receivers.get(delivery.receiver)
        if delivery.state == "pending" and receiver is None:
            self.parked.add(key)
        elif delivery.state == "pending" and receiver is not None:
            entry = entry_of(
                delivery, receiver, partition=self.partition, now=self.now, record=value, traceparent=traceparent
            )
            self.pending[key] = entry
        self.delivered.update(
            attempt.message for attempt in delivery.attempts if attempt.message and attempt.outcome == Outcome.DELIVERED
        )
        self._listen(delivery, offset)

    def conclude(self, delivered: Set[str]) -> None:
        """Give pending deliveries what became of the message that they went out in: `delivered` are the webhook-ids
        that have been answered with success, as the others who were in the message tell. The process died between
        writing down one and the next.
        """
        for key, entry in list(self.pending.items()):
            if entry.message is None or entry.message not in delivered:
                continue
            delivery = Delivery.model_validate_json(entry.record)
            attempt = Attempt(at=entry.due, outcome=Outcome.DELIVERED, duration_ms=0, message=entry.message)
            known = delivery.model_copy(update={"attempts": [*delivery.attempts, attempt]})
            entry.record = encode(known)
            self.concluded.append(self.pending.pop(key))
            self._listen(known, entry.offset)

    def _listen(self, delivery: Delivery, offset: int) -> None:
        lane = (delivery.receiver, delivery.alert.fingerprint)
        if arrived(delivery) or delivery.state in ("delivered", "failed"):
            self.done[lane] = max(offset, self.done.get(lane, offset))
        known = self.heard.get(lane)
        if known is not None and known.offset > offset:
            return
        if delivery.alert.state == "firing" and may_have_arrived(delivery):
            self.heard[lane] = Heard(offset, delivery.alert.id, arrived(delivery))
        elif delivery.alert.state == "resolved" and delivery.state in ("delivered", "failed"):
            self.heard[lane] = Heard(offset, None, False)

    def overtaken(self, entry: Entry) -> bool:
        """Whether a later state of the alert has been told already: lanes keep order, so this one had ended before,
        and the process died before it could write that down.
        """
        return not entry.forced and entry.offset < self.done.get(entry.lane, -1)

    def told(self) -> dict[LaneKey, Heard]:
        """What receivers know of alerts that are still open for them."""
        return {lane: heard for lane, heard in self.heard.items() if heard.alert is not None}


def entry_of(
    delivery: Delivery,
    receiver: Receiver,
    *,
    partition: int,
    now: datetime,
    record: bytes | None = None,
    traceparent: str | None = None,
) -> Entry:
    """The outbox's entry for a pending delivery. `record` is its JSON, if that has been made already."""
    alert = delivery.alert
    group = group_of(labels_of(alert), receiver.group_by)
    return Entry(
        id=delivery.id,
        receiver=delivery.receiver,
        fingerprint=alert.fingerprint,
        alert_id=alert.id,
        revision=alert.revision,
        firing=alert.state == "firing",
        partition=partition,
        offset=delivery.alert_offset or 0,
        due=delivery.next_at or now,
        created=delivery.created_at or now,
        record=encode(delivery) if record is None else record,
        group="\x1f".join(group[name] for name in receiver.group_by),
        message=delivery.message if receiver.group_by else None,
        tries=tries_made(delivery),
        repeat=delivery.repeat,
        forced=was_asked_for(delivery),
        traceparent=traceparent,
    )


def conclude_all(rebuilds: Iterable[Rebuild]) -> None:
    """Conclude partitions that were read together: the members of a message may lie on several of them."""
    rebuilds = list(rebuilds)
    delivered = {message for rebuild in rebuilds for message in rebuild.delivered}
    for rebuild in rebuilds:
        rebuild.conclude(delivered)
