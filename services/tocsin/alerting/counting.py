"""Step two: the state of one rule in one group, from signals to alerts. Pure: no clock, no topics.

    group = Group(rule, {"place.country": "AFG"})
    for signal in signals:                       # in any order, repeated or not
        group.take(signal)
    alerts = group.tick(now)                     # the states to be written, as of the time when they are
    group.due()                                  # when time alone brings the next ones

What the alerts end in is a function of the set of signals and of the last `now`, but for `revision`, which counts the
states that were written. docs/rules.md has the semantics in words, with examples.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from tocsin_schemas import Alert, Signal

from .drafts import change_of, closed, draft, says_the_same, shown
from .matching import item_name
from .measures import DAY, Item, micros, moment, stretches
from .rules import CompiledRule
from .sequences import Chains
from .timeline import Base, Episode, Phase, Timeline

LATENESS: Final = 30 * DAY
"""How late, in event time, a record may be and still count everywhere: beyond, a large group has been compacted."""
COMPACT_ABOVE: Final = 1_000
"""Items of a group below which nothing is compacted, however old."""
SETTLING: Final = 60_000_000
"""Microseconds that an edited match has to see the records again, before what no longer holds is resolved."""


@dataclass(slots=True)
class Changes:
    """What of a group's state is to be stored anew, and what is to be forgotten."""

    items: set[str] = field(default_factory=set[str])
    alerts: set[int] = field(default_factory=set[int])
    head: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """What a group keeps besides its items and alerts."""

    rule: str
    group: dict[str, str]
    match_hash: str
    rule_hash: str
    fingerprint: str
    base: Base


@dataclass(slots=True)
class Stored:
    """All that is stored of a group: its head, the latest signal of each item, the last state of each alert."""

    head: Head
    signals: list[Signal] = field(default_factory=list[Signal])
    alerts: dict[int, Alert] = field(default_factory=dict[int, Alert])


class Group:
    """A rule's group. `lateness`: see LATENESS."""

    def __init__(self, rule: CompiledRule, group: Mapping[str, str], lateness: int = LATENESS) -> None:
        self.rule = rule
        self.group = dict(group)
        self.items: dict[str, Item] = {}
        self.alerts: dict[int, Alert] = {}
        self.changes = Changes()
        self._lateness = lateness
        self._fingerprint = rule.fingerprint(self.group)
        self._timeline = Timeline(rule)
        self._chains = Chains(rule) if rule.measure == "sequence" else None
        self._drawn: dict[int, tuple[Episode, bool]] = {}
        self._latest = 0
        self._compacted = COMPACT_ABOVE

    @classmethod
    def restored(cls, rule: CompiledRule, stored: Stored, lateness: int = LATENESS) -> Group:
        """The group as it was stored, under the same text of the rule."""
        made = cls(rule, stored.head.group, lateness)
        made.alerts = dict(stored.alerts)
        made._timeline = Timeline(rule, stored.head.base)
        items = [Item.of(signal) for signal in stored.signals]
        made.items = {item.id: item for item in items}
        made._lay_out(items)
        made._latest = max((item.known_at for item in items), default=0)
        made.changes.head = False
        return made

    @classmethod
    def renewed(
        cls, rule: CompiledRule, stored: Stored, now: datetime, lateness: int = LATENESS
    ) -> tuple[Group, list[Alert]]:
        """The group of a rule whose text was edited, counted anew, and the alerts that the edit brings about.

        An open alert stays open where the new text holds. After an edit of the match that is looked at SETTLING
        later, when matching has seen the records again.
        """
        head, alerts = stored.head, stored.alerts
        made = cls(rule, head.group, lateness)
        made.alerts = dict(stored.alerts)
        firing = max((number for number, alert in alerts.items() if alert.state == "firing"), default=None)
        phase = Phase(max([*alerts, head.base.phase.number]))
        closing: list[Alert] = []
        if head.fingerprint != made._fingerprint:
            closing = [closed(alerts[firing], now, "rule edited", "resolved")] if firing is not None else []
            made.changes.alerts |= alerts.keys()
            made.alerts.clear()
        elif firing is not None:
            begun = micros(alerts[firing].starts_at)
            phase = Phase(firing, begun, begun, levels=(shown(alerts[firing]),))
        same_match = head.match_hash == rule.match_hash
        at = micros(now) + (0 if same_match else SETTLING) - 1
        made._timeline = Timeline(rule, Base(at, phase, head.base.origin, anew=True))
        items = [Item.of(signal) for signal in stored.signals]
        if same_match:
            made.items = {item.id: item for item in items}
            made._lay_out(items)
        else:
            made.changes.items |= {item.id for item in items}
        return made, [*closing, *made.tick(now)]

    @property
    def head(self) -> Head:
        """What to store, and to restore it from, beside items and alerts."""
        return Head(
            rule=self.rule.name,
            group=self.group,
            match_hash=self.rule.match_hash,
            rule_hash=self.rule.rule_hash,
            fingerprint=self._fingerprint,
            base=self._timeline.base,
        )

    def take(self, signal: Signal) -> bool:
        """Takes a signal of this rule and group; `tick` tells what it brings about. False: nothing is new in it."""
        item = Item.of(signal)
        known = self.items.get(item.id)
        if known is not None and known.version >= item.version:
            return False
        self.items[item.id] = item
        self.changes.items.add(item.id)
        self._latest = max(self._latest, item.known_at)
        if self._chains is not None:
            self._timeline.change(*self._chains.change(known, item))
        else:
            self._timeline.change(stretches(self.rule, known) if known is not None else [], stretches(self.rule, item))
        return True

    def tick(self, now: datetime) -> list[Alert]:
        """What signals taken and the time have brought about by `now`."""
        written = self._write(micros(now))
        if max(len(self._timeline), len(self.items)) > 2 * self._compacted:
            self._compact(min(self._latest, micros(now)))
            self._timeline.advance(micros(now))
        return written

    def due(self) -> datetime | None:
        """When `tick` should be called next; None when time alone changes nothing."""
        at = self._timeline.due()
        return moment(at) if at is not None else None

    def _lay_out(self, items: Sequence[Item]) -> None:
        if self._chains is not None:
            self._timeline.change([], self._chains.lay_out(items))
        else:
            self._timeline.change([], [stretch for item in items for stretch in stretches(self.rule, item)])

    def _write(self, now: int) -> list[Alert]:
        """Sweeps up to `now`, and writes the states of alerts that are not as they were written last."""
        timeline = self._timeline
        if now <= timeline.base.at:
            return []
        timeline.advance(now)
        running = timeline.running()
        last = running.number if running is not None else timeline.phase.number
        written = [self._take_back(number, now) for number in sorted(self.alerts) if number > last]
        for episode in timeline.episodes():
            drawn = episode, episode.ends is not None and episode.ends <= timeline.at
            if self._drawn.get(episode.number) == drawn and self.alerts[episode.number].change != "taken back":
                continue
            self._drawn[episode.number] = drawn
            made = draft(self.rule, self.group, episode, timeline.at)
            before = self.alerts.get(episode.number)
            if before is not None and says_the_same(before, made):
                continue
            if before is None and made.state == "resolved":
                rang = replace(episode, ends=None, reason=None)
                firing = draft(self.rule, self.group, rang, timeline.at)
                written.append(self._next(episode.number, firing))
            written.append(self._next(episode.number, made))
        states = [state for state in written if state is not None]
        return [*states, *self._last_word(states, running.number if running is not None else None)]

    def _take_back(self, number: int, now: int) -> Alert | None:
        """Closes an alert that has proved to be none."""
        last = self.alerts[number]
        if last.change == "taken back":
            return None
        cause = self._cause(last)
        if cause is not None:
            return self._keep(number, closed(last, moment(cause.known_at), cause.cause or "corrected", "taken back"))
        covered = any(
            alert.starts_at <= last.starts_at and (alert.ends_at is None or last.starts_at < alert.ends_at)
            for other, alert in self.alerts.items()
            if other < number
        )
        return self._keep(number, closed(last, moment(now), "merged" if covered else "corrected", "taken back"))

    def _cause(self, alert: Alert) -> Item | None:
        """What the alert showed that matches no more; of several, what was known last."""
        names = {proof.item for proof in alert.evidence}
        names |= {item_name(name, source.step) for name in names for source in self.rule.sources}
        gone = [item for name in names if (item := self.items.get(name)) is not None and item.cause is not None]
        return max(gone, key=lambda item: (item.known_at, item.id), default=None)

    def _next(self, number: int, made: Alert) -> Alert:
        before = self.alerts.get(number)
        revision = before.revision + 1 if before is not None else 1
        return self._keep(number, made.model_copy(update={"revision": revision, "change": change_of(before, made)}))

    def _keep(self, number: int, alert: Alert) -> Alert:
        self.alerts[number] = alert
        self.changes.alerts.add(number)
        return alert

    def _last_word(self, states: list[Alert], running: int | None) -> list[Alert]:
        """What fires is said last: receivers and the compacted topic know an alert by its fingerprint alone."""
        last = self.alerts.get(running) if running is not None else None
        if not states or running is None or last is None or last.state != "firing":
            return []
        return [self._next(running, last)] if states[-1].id != last.id else []

    def _compact(self, latest: int) -> None:
        """Settles what is too old to be changed by anything but a record later than the lateness allowed."""
        rule, timeline = self.rule, self._timeline
        horizon = (rule.window or 0) + rule.baseline + rule.quiet + rule.for_ + rule.keep + self._lateness
        gone = set(timeline.compact(latest - horizon))
        settled = timeline.base.at
        if self._chains is not None:
            window = rule.window or 0
            gone = {i.id for i in self.items.values() if all(span.start + window <= settled for span in i.spans)}
        gone |= {item.id for item in self.items.values() if not item.matched and item.known_at <= settled}
        for identity in gone & self.items.keys():
            item = self.items.pop(identity)
            if self._chains is not None:
                timeline.change(*self._chains.change(item, None))
        self.changes.items |= gone
        open_since = timeline.base.phase.number - (timeline.base.phase.begun is not None)
        for number in [number for number in self.alerts if number <= open_since]:
            del self.alerts[number]
            self._drawn.pop(number, None)
            self.changes.alerts.add(number)
        self.changes.head = True
        self._compacted = max(COMPACT_ABOVE, len(timeline), len(self.items))
