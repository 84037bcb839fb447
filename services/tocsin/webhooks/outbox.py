"""What waits to be delivered, in which order, and what may go now. Pure: it is told the time.

A lane holds what one receiver still has to hear of one alert. Lanes keep order, one message of a lane is under way
at a time, and a `resolved` never passes its `firing`. Which lane goes next is up to due times, the receiver's
circuit, its mute windows and how many of its messages may be under way.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import Final

from .circuit import Circuit
from .delivery import MAY_HAVE_ARRIVED, Answer, Decision, Outcome, Reason, Retry, batch_id, message_id

MAX_BATCH: Final = 100
"""Alerts in one message of a grouping receiver."""

LaneKey = tuple[str, str]
"""Receiver and alert fingerprint."""


def _never_muted(now: datetime) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Policy:
    """How one receiver wants to be served. `muted_until` gives the end of the mute window that holds a time."""

    retry: Retry = field(default_factory=Retry)
    max_in_flight: int = 4
    grouped: bool = False
    group_wait: timedelta = timedelta(seconds=10)
    group_interval: timedelta = timedelta(minutes=5)
    repeat: timedelta | None = None
    muted_until: Callable[[datetime], datetime | None] = _never_muted

    def reminding(self, entry: Entry, decision: Decision, now: datetime) -> Decision:
        """The decision for one entry of a message: what was delivered and still fires comes back as a reminder."""
        if decision.state == "delivered" and entry.firing and self.repeat is not None and not entry.forced:
            return Decision("pending", Reason.REPEAT, now + self.repeat)
        return decision


@dataclass(slots=True, eq=False)
class Entry:
    """One undelivered delivery. `record` is its JSON as last written; the rest is what ordering needs of it.

    `offset` is the alert's on the alerts topic, `message` the label of the batch it was first tried in, `forced`
    that somebody asked for it: then nothing takes its place.
    """

    id: str
    receiver: str
    fingerprint: str
    alert_id: str
    revision: int
    firing: bool
    partition: int
    offset: int
    due: datetime
    created: datetime
    record: bytes
    group: str = ""
    message: str | None = None
    tries: int = 0
    repeat: int = 0
    forced: bool = False
    traceparent: str | None = None
    ticket: int = 0

    @property
    def lane(self) -> LaneKey:
        return self.receiver, self.fingerprint

    @property
    def message_id(self) -> str:
        return message_id(self.id, self.repeat)


@dataclass(slots=True)
class Lane:
    """What one receiver has still to hear of one alert, and what it has heard.

    `shown` is the alert whose firing it has acknowledged, `maybe` the one whose firing it may have seen.
    """

    partition: int
    queue: list[Entry] = field(default_factory=list[Entry])
    busy: bool = False
    shown: str | None = None
    maybe: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out in one request. `fresh`: its make-up must be written down before it is first sent."""

    receiver: str
    id: str
    entries: tuple[Entry, ...]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A delivery that leaves the outbox without being sent, and why."""

    entry: Entry
    decision: Decision


@dataclass(slots=True)
class Taken:
    """What may go now, and what has waited for too long."""

    messages: list[Message] = field(default_factory=list[Message])
    ended: list[Ended] = field(default_factory=list[Ended])


@dataclass(slots=True)
class _Group:
    members: dict[str, Entry] = field(default_factory=dict[str, Entry])
    last_sent: datetime | None = None


@dataclass(slots=True)
class _Receiver:
    policy: Policy
    circuit: Circuit = field(default_factory=Circuit)
    heap: list[tuple[datetime, int, Entry]] = field(default_factory=list[tuple[datetime, int, Entry]])
    heads: dict[str, Entry] = field(default_factory=dict[str, Entry])
    frozen: dict[str, dict[str, Entry]] = field(default_factory=dict[str, dict[str, Entry]])
    groups: dict[str, _Group] = field(default_factory=dict[str, _Group])
    in_flight: int = 0
    gone: bool = False


class Outbox:
    """All undelivered deliveries of the partitions that this process owns.

    `policies` names every receiver. Nothing here writes or sends: each call returns what its caller must do.
    """

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._receivers = {name: _Receiver(policy) for name, policy in policies.items()}
        self._lanes: dict[LaneKey, Lane] = {}
        self._entries: dict[str, Entry] = {}
        self._waiting = dict.fromkeys(policies, 0)
        self._tickets = count(1)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, delivery: str) -> bool:
        return delivery in self._entries

    def pending(self) -> dict[str, int]:
        """How many deliveries wait, by receiver."""
        return dict(self._waiting)

    def circuit(self, receiver: str) -> Circuit:
        """The circuit of a receiver, to be looked at."""
        return self._receivers[receiver].circuit

    def is_gone(self, receiver: str) -> bool:
        """Whether the receiver has answered 410: nothing is sent to it any more."""
        return self._receivers[receiver].gone

    def heard(self, receiver: str, fingerprint: str, partition: int, alert: str, *, surely: bool) -> None:
        """Note, while restoring, that the receiver has seen (or may have) the firing of `alert`."""
        lane = self._lanes.setdefault((receiver, fingerprint), Lane(partition))
        lane.maybe = alert
        if surely:
            lane.shown = alert

    def add(self, entry: Entry) -> list[Ended]:
        """Take a delivery in, behind what its lane holds. Returns what need not be sent any more, perhaps itself.

        A delivery that is here already is not taken twice. Raises KeyError for a receiver without a policy.
        """
        receiver = self._receivers[entry.receiver]
        if entry.id in self._entries:
            return []
        if entry.forced:
            receiver.gone = False
        if receiver.gone:
            return [Ended(entry, Decision("failed", Reason.GONE))]
        lane = self._lanes.setdefault(entry.lane, Lane(entry.partition))
        self._entries[entry.id] = entry
        self._waiting[entry.receiver] += 1
        lane.queue.append(entry)
        if entry.message is not None:
            receiver.frozen.setdefault(entry.message, {})[entry.id] = entry
        return self._settle_lane(entry.lane)

    def hasten(self, delivery: str, now: datetime) -> None:
        """Make a waiting delivery due now. One that is under way, or no longer here, is left alone."""
        entry = self._entries.get(delivery)
        if entry is not None and entry.ticket:
            entry.due = now
            self._offer(entry)

    def take(self, now: datetime) -> Taken:
        """The messages that may start now; they count as under way until `settle` or `abandon`."""
        taken = Taken()
        for name, receiver in self._receivers.items():
            while receiver.heap and receiver.in_flight < receiver.policy.max_in_flight:
                head = self._next(receiver)
                if head is None or head.due > now:
                    break
                if self._held_until(receiver, now) is not None:
                    self._give_up_overdue(receiver, now, taken)
                    break
                message = self._message(name, receiver, head, now)
                if message is not None:
                    taken.messages.append(message)
        return taken

    def wake_at(self, now: datetime) -> datetime | None:
        """When `take` will next have something to give, if nothing else happens; None: only an answer can tell."""
        times: list[datetime] = []
        for receiver in self._receivers.values():
            head = self._next(receiver)
            if head is None or receiver.in_flight >= receiver.policy.max_in_flight:
                continue
            held = self._held_until(receiver, now)
            if held is None or held > now:
                times.append(max(head.due, held or head.due))
        return min(times, default=None)

    def settle(self, message: Message, answer: Answer, decision: Decision, now: datetime) -> list[Ended]:
        """Take in what came of a message: retried, or out of here. Returns what need not be sent any more."""
        receiver = self._receivers[message.receiver]
        receiver.in_flight -= 1
        back = receiver.circuit.answered(answer, now)
        ended: list[Ended] = []
        for entry in message.entries:
            if self._entries.get(entry.id) is not entry:
                continue  # its partition moved away meanwhile
            lane = self._lanes[entry.lane]
            lane.busy = False
            _hear(lane, entry, answer, decision)
            self._apply(entry, receiver.policy.reminding(entry, decision, now))
            ended += self._settle_lane(entry.lane)
        if answer.outcome is Outcome.GONE:
            ended += self._all_gone(message.receiver)
        if back:
            self._bring_forward(receiver, now)
        return ended

    def _apply(self, entry: Entry, decision: Decision) -> None:
        if decision.next_at is None:
            self._remove(entry)
        elif decision.reason is Reason.REPEAT:
            self._thaw(entry)
            entry.due = entry.created = decision.next_at
            entry.tries, entry.repeat = 0, entry.repeat + 1
        else:
            entry.due, entry.tries = decision.next_at, entry.tries + 1

    def abandon(self, message: Message) -> None:
        """The message will bring no answer here: what is still ours of it waits again."""
        receiver = self._receivers[message.receiver]
        receiver.in_flight -= 1
        receiver.circuit.abandoned()
        for entry in message.entries:
            if self._entries.get(entry.id) is entry:
                self._lanes[entry.lane].busy = False
                self._settle_lane(entry.lane)

    def drop(self, partitions: Iterable[int]) -> None:
        """Forget partitions that another process owns now."""
        leaving = set(partitions)
        for key, lane in list(self._lanes.items()):
            if lane.partition in leaving:
                for entry in list(lane.queue):
                    self._remove(entry)
                del self._lanes[key]

    # -- lanes

    def _settle_lane(self, key: LaneKey) -> list[Ended]:
        """Clear the lane of what a newer state replaces, and offer its head."""
        lane = self._lanes[key]
        ended = [Ended(old, Decision("skipped", Reason.SUPERSEDED)) for old in _superseded(lane)]
        for end in ended:
            self._remove(end.entry)
        while lane.queue and not lane.busy:
            head = lane.queue[0]
            if not head.firing and not head.forced and lane.maybe != head.alert_id:
                self._remove(head)
                ended.append(Ended(head, Decision("skipped", Reason.FIRING_NOT_SENT)))
                continue
            if not head.ticket:
                self._offer(head)
            break
        self._prune(key)
        return ended

    def _prune(self, key: LaneKey) -> None:
        lane = self._lanes[key]
        if not lane.queue and lane.maybe is None:
            del self._lanes[key]

    def _remove(self, entry: Entry) -> None:
        del self._entries[entry.id]
        self._waiting[entry.receiver] -= 1
        self._withdraw(entry)
        self._thaw(entry)
        self._lanes[entry.lane].queue.remove(entry)

    def _thaw(self, entry: Entry) -> None:
        """Take the entry out of the batch that it was tried in."""
        frozen = self._receivers[entry.receiver].frozen
        if entry.message is not None and entry.message in frozen:
            frozen[entry.message].pop(entry.id, None)
            if not frozen[entry.message]:
                del frozen[entry.message]
        entry.message = None

    # -- what may go

    def _offer(self, entry: Entry) -> None:
        receiver = self._receivers[entry.receiver]
        entry.ticket = next(self._tickets)
        heapq.heappush(receiver.heap, (entry.due, entry.ticket, entry))
        receiver.heads[entry.id] = entry
        if receiver.policy.grouped and entry.message is None:
            receiver.groups.setdefault(entry.group, _Group()).members[entry.id] = entry

    def _withdraw(self, entry: Entry) -> None:
        receiver = self._receivers[entry.receiver]
        entry.ticket = 0
        receiver.heads.pop(entry.id, None)
        group = receiver.groups.get(entry.group)
        if group is not None:
            group.members.pop(entry.id, None)

    def _next(self, receiver: _Receiver) -> Entry | None:
        while receiver.heap:
            _, ticket, entry = receiver.heap[0]
            if entry.ticket == ticket:
                return entry
            heapq.heappop(receiver.heap)
        return None

    def _held_until(self, receiver: _Receiver, now: datetime) -> datetime | None:
        """Until when the receiver must be left alone; `now` stands for "until an answer"; None: it is free."""
        admission = receiver.circuit.admit(now)
        if not admission.free:
            return admission.until or now
        return receiver.policy.muted_until(now)

    def _give_up_overdue(self, receiver: _Receiver, now: datetime, taken: Taken) -> None:
        patience = receiver.policy.retry.patience
        while (head := self._next(receiver)) is not None and head.created + patience < now:
            lane = head.lane
            self._remove(head)
            taken.ended.append(Ended(head, Decision("failed", Reason.EXPIRED)))
            taken.ended += self._settle_lane(lane)

    def _message(self, name: str, receiver: _Receiver, head: Entry, now: datetime) -> Message | None:
        """The message that `head` goes out in, marked as under way; None when its group is to wait."""
        fresh = False
        if head.message is not None:
            entries = [entry for entry in receiver.frozen[head.message].values() if entry.id in receiver.heads]
        elif receiver.policy.grouped:
            entries, fresh = self._batch(receiver, head.group, now), True
        else:
            entries = [head]
        if not entries:
            return None
        for entry in entries:
            self._withdraw(entry)
            self._lanes[entry.lane].busy = True
        receiver.in_flight += 1
        receiver.circuit.started()
        return Message(name, batch_id([entry.message_id for entry in entries]), tuple(entries), fresh)

    def _batch(self, receiver: _Receiver, name: str, now: datetime) -> list[Entry]:
        """What goes out of a group now, joined for good under one label; nothing while the group is to wait."""
        group = receiver.groups[name]
        due = [entry for entry in group.members.values() if entry.due <= now]
        ready = _ready_at(group, receiver.policy)
        if ready > now:
            for entry in due:
                entry.due = ready
                self._offer(entry)
            return []
        if len(due) <= MAX_BATCH:
            group.last_sent = now
        batch = due[:MAX_BATCH]
        label = batch_id([entry.message_id for entry in batch])
        receiver.frozen[label] = {entry.id: entry for entry in batch}
        for entry in batch:
            entry.message = label
        _forget_idle_groups(receiver, now)
        return batch

    def _bring_forward(self, receiver: _Receiver, now: datetime) -> None:
        """The receiver is back: what waited for its next try need not wait any longer."""
        for entry in list(receiver.heads.values()):
            if entry.tries and entry.due > now:
                entry.due = now
                self._offer(entry)

    def _all_gone(self, name: str) -> list[Ended]:
        receiver = self._receivers[name]
        receiver.gone = True
        ended: list[Ended] = []
        for key, lane in list(self._lanes.items()):
            if key[0] != name:
                continue
            for entry in [entry for entry in lane.queue if not (lane.busy and entry is lane.queue[0])]:
                self._remove(entry)
                ended.append(Ended(entry, Decision("failed", Reason.GONE)))
            self._prune(key)
        return ended


def _hear(lane: Lane, entry: Entry, answer: Answer, decision: Decision) -> None:
    """Note in the lane what the receiver knows of the alert now."""
    if entry.forced and lane.maybe not in (None, entry.alert_id):
        return  # an old state, sent again on request: what the receiver knows of the present one stands
    if entry.firing and answer.outcome in MAY_HAVE_ARRIVED:
        lane.maybe = entry.alert_id
        if answer.outcome is Outcome.DELIVERED:
            lane.shown = entry.alert_id
    elif not entry.firing and decision.state != "pending" and lane.maybe == entry.alert_id:
        lane.shown = lane.maybe = None


def _ready_at(group: _Group, policy: Policy) -> datetime:
    ready = min(entry.created for entry in group.members.values()) + policy.group_wait
    return ready if group.last_sent is None else max(ready, group.last_sent + policy.group_interval)


def _forget_idle_groups(receiver: _Receiver, now: datetime) -> None:
    if len(receiver.groups) < 2 * MAX_BATCH:
        return
    for name, group in list(receiver.groups.items()):
        if not group.members and (group.last_sent or now) + receiver.policy.group_interval < now:
            del receiver.groups[name]


def _superseded(lane: Lane) -> list[Entry]:
    """Those of the lane's waiting entries that the one behind them makes needless."""
    waiting = lane.queue[1:] if lane.busy else lane.queue
    replaced: list[Entry] = []
    for older, newer in pairwise(waiting):
        same = older.alert_id == newer.alert_id and older.revision <= newer.revision
        if not same or older.forced or older.message is not None:
            continue
        if older.firing == newer.firing or (older.firing and lane.shown == older.alert_id):
            replaced.append(older)
    return replaced
