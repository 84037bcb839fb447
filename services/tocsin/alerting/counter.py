"""All groups of all rules, over a store: what the counting service, rule tests and backtests drive.

    counter = Counter(rules, store)
    alerts = counter.load(now)              # what the store held, and what time or edited rules have changed since
    alerts += counter.apply(signal, now)
    alerts += counter.tick(later)           # at counter.due(), or later

Signals of one moment come one by one: an article claims a city in one sentence and denies it in the next. With
`settle`, a group is judged when it has been left alone for so long, and nobody is rung for what the next signal takes
back (docs/decisions/0024).

Every call stores what it changed before it returns. What the store tells may lag behind what was returned (a crash
came between): then the same states are returned again, with the same ids and revisions.
"""

# pyright: strict
from __future__ import annotations

import heapq
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from pydantic import TypeAdapter

from tocsin_schemas import Alert, Signal
from tocsin_schemas.topics import signal_key

from .counting import LATENESS, Group, Head, Stored
from .drafts import closed
from .rules import RuleSet

Store = MutableMapping[str, bytes]
_HEAD: Final = TypeAdapter(Head)
_SEP: Final = "\x1f"
PATIENCE: Final = 10
"""Times `settle` after which a group that is never left alone is judged all the same."""
PARKED_TEXTS: Final = 2
"""Texts of a rule, other than the loaded one, whose signals are kept: matching may have read an edit before us."""


class Counter:
    """The groups of `rules`, kept in `store` (a dict when none is given).

    `settle`: for how many microseconds a group must be left alone before its alerts are judged; 0: by the next
    `tick`, whatever its time; None: `apply` judges.
    """

    def __init__(
        self, rules: RuleSet, store: Store | None = None, lateness: int = LATENESS, settle: int | None = None
    ) -> None:
        self.rules = rules
        self.store: Store = {} if store is None else store
        self.groups: dict[str, Group] = {}
        self._lateness = lateness
        self._settle = timedelta(microseconds=settle) if settle is not None else None
        self._unsettled: dict[str, datetime] = {}
        self._parked: dict[str, dict[str, dict[str, Signal]]] = {}
        self._due: list[tuple[datetime, int, str]] = []
        self._tickets = count()
        self._waiting: dict[str, datetime] = {}

    def load(self, now: datetime) -> list[Alert]:
        """Takes up what the store holds; the alerts that edited or removed rules and the time since then bring."""
        written: list[Alert] = []
        stored, self._parked = _stored_groups(self.store)
        for key, group in stored.items():
            written += self._take_up(key, group, now)
        for key in sorted(self._parked):
            written += self._unpark(key, now)
        return written

    def adopt(self, rules: RuleSet, now: datetime) -> list[Alert]:
        """Goes on with other rules: those that are new, edited or gone."""
        settle = self._settle // timedelta(microseconds=1) if self._settle is not None else None
        self.__init__(rules, self.store, self._lateness, settle)
        return self.load(now)

    @property
    def unsettled(self) -> int:
        """How many groups wait to be judged."""
        return len(self._unsettled)

    def apply(self, signal: Signal, now: datetime) -> list[Alert]:
        """Takes a signal; the alerts to be sent because of it, unless groups settle first: then `tick` has them."""
        key = signal_key(signal.rule, signal.group)
        rule = self.rules.by_name.get(signal.rule)
        if rule is None or rule.match_hash != signal.rule_hash:
            self._park(key, signal)
            return []
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(rule, signal.group, self._lateness)
        if not group.take(signal):
            return []
        written = self._judge(key, group, now)
        self._flush(key, group, signal)
        self._wait(key, group, now)
        return written

    def due(self) -> datetime | None:
        """When `tick` should be called next."""
        while self._due and self._waiting.get(self._due[0][2]) != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def tick(self, now: datetime) -> list[Alert]:
        """What has come about by `now`, group by group in the order of time."""
        written: list[Alert] = []
        while (due := self.due()) is not None and due <= now:
            key = heapq.heappop(self._due)[2]
            del self._waiting[key]
            self._unsettled.pop(key, None)
            written += self.groups[key].tick(due)
            self._flush(key, self.groups[key], None)
            self._wait(key, self.groups[key], now)
        return written

    def _take_up(self, key: str, stored: Stored, now: datetime) -> list[Alert]:
        head = stored.head
        rule = self.rules.by_name.get(head.rule)
        if rule is None:
            return self._remove(key, stored, now)
        if head.rule_hash == rule.rule_hash and head.fingerprint == rule.fingerprint(head.group):
            group = Group.restored(rule, stored, self._lateness)
            written = group.tick(now)  # at once: a state that was sent and not stored is sent again as it was
        else:
            group, written = Group.renewed(rule, stored, now, self._lateness)
        self.groups[key] = group
        self._flush(key, group, None)
        self._wait(key, group, now)
        return written

    def _remove(self, key: str, stored: Stored, now: datetime) -> list[Alert]:
        """Resolves what fires under a rule that is no more."""
        written: list[Alert] = []
        for number, alert in stored.alerts.items():
            if alert.state == "firing":
                written.append(closed(alert, now, "rule removed", "resolved"))
                self.store[_SEP.join((key, "alert", str(number)))] = written[-1].model_dump_json().encode()
        return written

    def _park(self, key: str, signal: Signal) -> None:
        """Keeps a signal of a text of the rule that is not loaded, should it be loaded yet."""
        texts = self._parked.setdefault(key, {})
        kept = texts.pop(signal.rule_hash, {})
        texts[signal.rule_hash] = kept
        known = kept.get(signal.item)
        if known is None or (known.revision, known.known_at) <= (signal.revision, signal.known_at):
            kept[signal.item] = signal
            self.store[_SEP.join((key, "parked", signal.rule_hash, signal.item))] = signal.model_dump_json().encode()
        while len(texts) > PARKED_TEXTS:
            text, forgotten = next(iter(texts.items()))
            del texts[text]
            for item in forgotten:
                self.store.pop(_SEP.join((key, "parked", text, item)), None)

    def _unpark(self, key: str, now: datetime) -> list[Alert]:
        """Applies what was parked for the text of the rule that is loaded now."""
        texts = self._parked[key]
        written: list[Alert] = []
        for text, signals in list(texts.items()):
            rule = self.rules.by_name.get(next(iter(signals.values())).rule) if signals else None
            if rule is None or rule.match_hash != text:
                continue
            for signal in signals.values():
                written += self.apply(signal, now)
            for item in signals:
                self.store.pop(_SEP.join((key, "parked", text, item)), None)
            del texts[text]
        return written

    def _judge(self, key: str, group: Group, now: datetime) -> list[Alert]:
        """The alerts of a group that has changed; none yet, where groups settle first."""
        if self._settle is None:
            return group.tick(now)
        self._unsettled.setdefault(key, now + PATIENCE * self._settle)
        return []

    def _wait(self, key: str, group: Group, now: datetime) -> None:
        due = group.due()
        if self._settle is not None and key in self._unsettled:
            due = min(now + self._settle, self._unsettled[key])
        if due is None:
            self._waiting.pop(key, None)
        elif self._waiting.get(key) != due:
            self._waiting[key] = due
            heapq.heappush(self._due, (due, next(self._tickets), key))

    def _flush(self, key: str, group: Group, signal: Signal | None) -> None:
        """Stores what has changed of a group since it was stored last: what is leant on before what leans on it."""
        changes, store = group.changes, self.store
        if changes.head:
            store[_SEP.join((key, "head"))] = _HEAD.dump_json(group.head)
        for item in changes.items:
            place = _SEP.join((key, "item", item))
            if item not in group.items:
                store.pop(place, None)
            elif signal is not None and item == signal.item:
                store[place] = signal.model_dump_json().encode()
        for number in changes.alerts:
            place = _SEP.join((key, "alert", str(number)))
            if number in group.alerts:
                store[place] = group.alerts[number].model_dump_json().encode()
            else:
                store.pop(place, None)
        changes.items.clear()
        changes.alerts.clear()
        changes.head = False


def _stored_groups(store: Store) -> tuple[dict[str, Stored], dict[str, dict[str, dict[str, Signal]]]]:
    """What a store holds: the groups by key, and what is parked by key, text of the rule and item.

    A crash may have cut the writes for a signal short: then its alert, or also the item, is not there. An item of a
    former text of the rule may be left over; it is passed by.
    """
    groups: dict[str, Stored] = {}
    parts: list[tuple[str, str, str, bytes]] = []
    for place in sorted(store):
        key, kind, *rest = place.split(_SEP)
        if kind == "head":
            groups[key] = Stored(_HEAD.validate_json(store[place]))
        else:
            parts.append((key, kind, rest[0], store[place]))
    parked: dict[str, dict[str, dict[str, Signal]]] = {}
    for key, kind, name, raw in parts:
        if kind == "alert":
            groups[key].alerts[int(name)] = Alert.model_validate_json(raw)
            continue
        signal = Signal.model_validate_json(raw)
        if kind == "parked":
            parked.setdefault(key, {}).setdefault(name, {})[signal.item] = signal
        elif signal.rule_hash == groups[key].head.match_hash:
            groups[key].signals.append(signal)
    return groups, parked
