"""The time line of a rule's group: stretches swept in event time, and the episodes in which the rule rings.

    timeline = Timeline(rule)
    timeline.change([], stretches(rule, item))
    timeline.advance(now)
    timeline.episodes()

What it ends in is a function of the set of stretches and of `now`, in whatever order the stretches came: a late one
rewinds the sweep to the last mark before it. All times are microseconds since 1970.
"""

# pyright: strict
from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tocsin_schemas import AlertEvidence

from .measures import BESIDE, COUNTED, DAY, EPOCH, FOREVER, Gauge, Stretch, day_of, gauge_for
from .rules import CompiledRule

MARK_EVERY: Final = 64
"""Boundaries between two marks: a late stretch has at most so many swept again, and those after it."""
MAX_MARKS: Final = 64
MAX_EVIDENCE: Final = 100
"""Items that an alert shows: the earliest. Its value counts them all."""
BEGINNING: Final = -FOREVER


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was counted when a step was reached: the fewest items, in event time, that reach it.

    `since` is the time of the first of them, `told` the publication of the last.
    """

    at: int
    value: float
    count: int
    of: int | None
    evidence: tuple[AlertEvidence, ...]
    since: int
    told: int


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of ringing. `ends` null: it has not ended. `levels` are the steps reached, the threshold first."""

    number: int
    starts: int
    ends: int | None
    reason: str | None
    levels: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """Where the sweep stands.

    `number` counts the episodes begun; `since`: from when the condition has held, null while it does not; `begun`:
    when the running episode began to ring; `lapsed`: when its condition ceased to hold, while it rings on.
    """

    number: int = 0
    since: int | None = None
    begun: int | None = None
    lapsed: int | None = None
    reason: str | None = None
    levels: tuple[Snapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """Where the sweep begins: everything up to `at` is settled. `origin` is the first time any record spoke of.

    `anew`: the rule was edited, and is looked at afresh right after `at`, whatever begins or ends there.
    """

    at: int = BEGINNING
    phase: Phase = Phase()
    origin: int = FOREVER
    anew: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    at: int
    phase: Phase
    gauge: Gauge
    closed: int


Boundary = tuple[int, str, int, Stretch]


class Timeline:
    """The sweep over the stretches of one group. `base` is where an earlier one was compacted."""

    def __init__(self, rule: CompiledRule, base: Base | None = None) -> None:
        self.rule = rule
        self.base = base or Base()
        self.at = self.base.at
        self.phase: Phase = self.base.phase
        self.closed: list[Episode] = []
        self.settled = 0
        self._starts: list[Boundary] = []
        self._ends: list[Boundary] = []
        self._marks: list[_Mark] = []
        self._unmarked = 0
        self._gauge = gauge_for(rule)
        self._base_gauge = self._gauge.copy()
        self._levels = (rule.threshold.bound if rule.threshold is not None else 0.0, *rule.steps)
        days = rule.of.changes() if rule.of is not None else ()
        self._days = [(day.toordinal() - EPOCH.toordinal()) * DAY for day in days]

    def __len__(self) -> int:
        return len(self._starts)

    def change(self, old: Iterable[Stretch], new: Iterable[Stretch]) -> None:
        """Takes `old` out and `new` in, and rewinds to before the first time at which that matters."""
        before, after = list(old), list(new)
        removed = [stretch for stretch in before if stretch not in after]
        added = [stretch for stretch in after if stretch not in before]
        first = FOREVER
        for stretch in removed:
            first = min(first, self._take_out(stretch))
        for stretch in added:
            first = min(first, self._put_in(stretch))
        if first < FOREVER:
            self._rewind(first)

    def advance(self, now: int) -> None:
        """Sweeps all boundaries up to and including `now`."""
        while (at := self.next_boundary(self.at)) <= now:
            reached = len(self.phase.levels)
            self._cross(at)
            self._unmarked += 1
            if self._unmarked == MARK_EVERY or len(self.phase.levels) != reached:
                self._mark(at)
        self.at = max(self.at, now)

    def episodes(self) -> list[Episode]:
        """The closed episodes from number `settled` on, and the running one as of the time swept to.

        `settled` counts the closed ones that are the same as when it was asked last.
        """
        found = self.closed[self.settled :]
        self.settled = len(self.closed)
        running = self.running()
        return [*found, running] if running is not None else found

    def running(self) -> Episode | None:
        """The episode that has begun and is not closed yet; it may have ended by now."""
        phase = self.phase
        if phase.begun is not None:
            return _episode(phase, phase.begun, self.rule.keep)
        if phase.since is not None and phase.since + self.rule.for_ <= self.at:
            return Episode(phase.number + 1, phase.since + self.rule.for_, None, None, phase.levels)
        return None

    def due(self) -> int | None:
        """The next time at which anything may change without a new stretch; None when nothing will."""
        phase, candidates = self.phase, [self.next_boundary(self.at)]
        if phase.begun is None and phase.since is not None:
            candidates.append(phase.since + self.rule.for_)
        if phase.lapsed is not None:
            candidates.append(phase.lapsed + self.rule.keep)
        ahead = [at for at in candidates if self.at < at < FOREVER]
        return min(ahead) if ahead else None

    def next_boundary(self, after: int) -> int:
        """The first time later than `after` at which a stretch begins or ends, or FOREVER."""
        found = FOREVER
        for boundaries in (self._starts, self._ends):
            index = bisect_right(boundaries, after, key=_time)
            if index < len(boundaries):
                found = min(found, boundaries[index][0])
        if self._days and self._starts:
            index = bisect_right(self._days, after)
            if index < len(self._days) and self._days[index] > self._origin:
                found = min(found, self._days[index])
        if self.base.anew and after == self.base.at:
            found = min(found, after + 1)
        warm = self._origin + (self.rule.baseline or self.rule.quiet)
        return warm if after < warm < found and (self.rule.baseline or self.rule.quiet) else found

    def compact(self, before: int) -> list[str]:
        """Settles what lies up to `before`; the items that ended by then are returned. `advance` is to follow.

        A stretch that comes later and lies before the base counts only from the base on.
        """
        if before <= self.base.at:
            return []
        self._rewind(before + 1)
        self.advance(before)
        self._mark(before)
        mark = self._marks[-1]
        gone = [boundary for boundary in self._ends if boundary[0] <= mark.at]
        self._ends = self._ends[len(gone) :]
        ended = {id(boundary[3]) for boundary in gone}
        self._starts = [boundary for boundary in self._starts if id(boundary[3]) not in ended]
        left = {boundary[1] for boundary in self._starts}
        self.base = Base(mark.at, mark.phase, self._origin)
        self._base_gauge = mark.gauge.copy()
        self.closed = self.closed[mark.closed :]
        self.settled = max(self.settled - mark.closed, 0)
        self._marks.clear()
        return sorted({boundary[1] for boundary in gone} - left)

    @property
    def _origin(self) -> int:
        return min(self.base.origin, self._starts[0][0]) if self._starts else self.base.origin

    def _put_in(self, stretch: Stretch) -> int:
        """Adds a stretch; returns from when on it matters."""
        if stretch.end <= self.base.at:
            return FOREVER
        insort(self._starts, _boundary(stretch.start, stretch), key=_sorting)
        if stretch.end < FOREVER:
            insort(self._ends, _boundary(stretch.end, stretch), key=_sorting)
        if stretch.start <= self.base.at:
            self._base_gauge.add(stretch)
        return max(stretch.start, self.base.at)

    def _take_out(self, stretch: Stretch) -> int:
        if stretch.end <= self.base.at:
            return FOREVER
        for boundaries, at in ((self._starts, stretch.start), (self._ends, stretch.end)):
            index = bisect_left(boundaries, (at, stretch.item, stretch.role), key=_sorting)
            while index < len(boundaries) and boundaries[index][0] == at:
                if boundaries[index][3] == stretch:
                    del boundaries[index]
                    break
                index += 1
        if stretch.start <= self.base.at:
            self._base_gauge.remove(stretch)
        return max(stretch.start, self.base.at)

    def _rewind(self, before: int) -> None:
        """Goes back to the last mark before `before`."""
        if before > self.at:
            return
        while self._marks and self._marks[-1].at >= before:
            self._marks.pop()
        if self._marks:
            mark = self._marks[-1]
            self.at, self.phase, self._gauge, closed = mark.at, mark.phase, mark.gauge.copy(), mark.closed
        else:
            self.at, self.phase, self._gauge, closed = self.base.at, self.base.phase, self._base_gauge.copy(), 0
        self._unmarked = 0
        del self.closed[closed:]
        self.settled = min(self.settled, closed)

    def _mark(self, at: int) -> None:
        """Keeps where the sweep stands; of the older marks every other one goes when there are many."""
        self._unmarked = 0
        self._marks.append(_Mark(at, self.phase, self._gauge.copy(), len(self.closed)))
        if len(self._marks) > MAX_MARKS:
            older = len(self._marks) // 2
            self._marks = [*self._marks[:older:2], *self._marks[older:]]

    def _cross(self, at: int) -> None:
        """Takes the sweep over all that begins or ends at `at`."""
        ended = _at(self._ends, at)
        for stretch in ended:
            self._gauge.remove(stretch)
        begun = _at(self._starts, at)
        for stretch in begun:
            self._gauge.add(stretch)
        self.at = at
        self._settle(at)
        value = self._gauge.value(at, self._origin)
        threshold = self.rule.threshold
        holds = value is not None and (threshold is None or threshold.holds(value))
        phase = self.phase
        if self.base.anew and at == self.base.at + 1 and holds:
            self.phase = replace(phase, since=at if phase.since is None else phase.since, levels=())
        elif holds and phase.since is None:
            levels = phase.levels if phase.begun is not None else ()
            self.phase = replace(phase, since=at, lapsed=None, reason=None, levels=levels)
        elif not holds and phase.since is not None:
            if phase.begun is None:
                self.phase = replace(phase, since=None, levels=())
            else:
                self.phase = replace(phase, since=None, lapsed=at, reason=self._reason(ended, begun))
        if holds and value is not None:
            self._reach(at, value)

    def _settle(self, at: int) -> None:
        """What time alone has brought about before `at`: an episode has begun to ring, or has rung out."""
        phase, rule = self.phase, self.rule
        if phase.begun is not None and phase.lapsed is not None and phase.lapsed + rule.keep < at:
            self.closed.append(_episode(phase, phase.begun, rule.keep))
            self.phase = Phase(phase.number, phase.since)
        elif phase.begun is None and phase.since is not None and phase.since + rule.for_ < at:
            self.phase = replace(phase, number=phase.number + 1, begun=phase.since + rule.for_)

    def _reach(self, at: int, value: float) -> None:
        """Keeps what is counted now for every step that is reached for the first time."""
        levels = self.phase.levels
        reached = len(levels)
        while reached < len(self._levels) and (reached == 0 or value >= self._levels[reached]):
            levels = (*levels, self._snapshot(at, reached))
            reached += 1
        if reached != len(self.phase.levels):
            self.phase = replace(self.phase, levels=levels)

    def _snapshot(self, at: int, level: int) -> Snapshot:
        rule = self.rule
        holding = sorted(
            (b[3] for b in self._starts if b[0] <= at < b[3].end and b[3].role == COUNTED), key=lambda s: s.order
        )
        value = self._gauge.value(at, self._origin) or 0.0
        if rule.threshold is not None and rule.threshold.rising and rule.measure != "rate":
            holding, value = self._fewest(holding, at, level)
        since = holding[0].start if holding else at - rule.quiet
        told = max((stretch.told for stretch in holding), default=at)
        of = rule.of.size(day_of(at)) if rule.of is not None else None
        shown = tuple(proof for stretch in holding[:MAX_EVIDENCE] for proof in stretch.evidence)[:MAX_EVIDENCE]
        return Snapshot(at, value, len(holding), of, shown, since, told)

    def _fewest(self, holding: Sequence[Stretch], at: int, level: int) -> tuple[list[Stretch], float]:
        """The fewest items, in event time, that reach a level, without those that add nothing; and their measure."""
        gauge, threshold = gauge_for(self.rule), self.rule.threshold
        kept: list[Stretch] = []
        value = 0.0
        for stretch in holding:
            gauge.add(stretch)
            now = gauge.value(at, self._origin) or 0.0
            if now == value:
                continue
            kept.append(stretch)
            value = now
            if value >= self._levels[level] and (level or threshold is None or threshold.holds(value)):
                break
        return kept, value

    def _reason(self, ended: Sequence[Stretch], begun: Sequence[Stretch]) -> str:
        """Why the condition ceased to hold."""
        counted = [stretch for stretch in ended if stretch.role == COUNTED]
        if self.rule.quiet:
            heard = [stretch for stretch in begun if stretch.role == COUNTED or self.rule.measure == "silence"]
            return "seen again" if heard else "sources silent"
        if any(stretch.of_itself for stretch in counted):
            return "recaptured"
        if not ended and not begun and self.base.anew:
            return "rule edited"
        if counted or any(stretch.role == BESIDE for stretch in begun):
            return "window passed"
        return "measure rose" if begun else "denominator changed"


def _episode(phase: Phase, begun: int, keep: int) -> Episode:
    ends = phase.lapsed + keep if phase.lapsed is not None else None
    return Episode(phase.number, begun, ends, phase.reason, phase.levels)


def _boundary(at: int, stretch: Stretch) -> Boundary:
    return at, stretch.item, stretch.role, stretch


def _sorting(boundary: Boundary) -> tuple[int, str, int]:
    return boundary[:3]


def _time(boundary: Boundary) -> int:
    return boundary[0]


def _at(boundaries: Sequence[Boundary], at: int) -> list[Stretch]:
    """The stretches of the boundaries at exactly `at`."""
    index = bisect_left(boundaries, at, key=_time)
    found: list[Stretch] = []
    while index < len(boundaries) and boundaries[index][0] == at:
        found.append(boundaries[index][3])
        index += 1
    return found
