"""What is measured: the stretches of event time in which items count, and the gauges that read them.

All times are microseconds since 1970 in UTC. A stretch [start, end) holds at its start and no more at its end: an
item at `a` counts in a window `w` from `a` up to, not including, `a + w`.
"""

# pyright: strict
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Protocol

from tocsin_schemas import AlertEvidence, Signal

from .place_sets import PlaceSet
from .rules import CompiledRule

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY: Final = 86_400_000_000
FOREVER: Final = 1 << 62
"""The end of what has not ended."""

COUNTED: Final = 0
BESIDE: Final = 1
"""Roles of a stretch: it is what the rule counts, or what it compares with (the baseline, our sources' activity)."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


@dataclass(frozen=True, slots=True)
class Span:
    """When an item holds by itself, whatever the window, and what proves it. `told`: when that was published."""

    start: int
    end: int
    evidence: tuple[AlertEvidence, ...]
    told: int


@dataclass(frozen=True, slots=True)
class Item:
    """The latest signal of one item. `version` orders the signals of an item, in whichever order they come."""

    id: str
    version: tuple[int, int, bool, str]
    matched: bool
    value: Any
    cause: str | None
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, signal: Signal) -> Item:
        """The item that a signal tells of."""
        known_at = micros(signal.known_at)
        digest = blake2b(signal.model_dump_json().encode(), digest_size=8).hexdigest()
        version = (signal.revision, known_at, not signal.matched, digest)
        return cls(signal.item, version, signal.matched, signal.value, signal.cause, tuple(_spans(signal)))

    @property
    def known_at(self) -> int:
        """When this version was known."""
        return self.version[1]

    @property
    def revision(self) -> int:
        """The revision of the record."""
        return self.version[0]


def _spans(signal: Signal) -> Iterable[Span]:
    if not signal.matched and signal.cause is not None:
        return
    if not signal.spans:
        yield _span(micros(signal.at), FOREVER, signal.evidence)
    for span in signal.spans:
        yield _span(micros(span.start), FOREVER if span.end is None else micros(span.end), span.evidence)


def _span(start: int, end: int, evidence: Sequence[AlertEvidence]) -> Span:
    told = max((micros(proof.at) for proof in evidence if proof.at is not None), default=start)
    return Span(start, end, tuple(evidence), told)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of event time in which an item counts. `of_itself`: it ends because the item does, not the window."""

    start: int
    end: int
    item: str
    role: int
    value: Any
    evidence: tuple[AlertEvidence, ...]
    told: int
    of_itself: bool

    @property
    def order(self) -> tuple[int, int, str]:
        """Items in event time; of one time, as they were published."""
        return self.start, self.told, self.item


def stretches(rule: CompiledRule, item: Item) -> list[Stretch]:
    """When `item` counts for `rule`; for all measures but a sequence, where items count together (`sequences`)."""
    if not item.matched and not rule.quiet:
        return []
    if rule.quiet:
        role = COUNTED if item.matched else BESIDE
        ends = ((span, span.start + rule.quiet) for span in item.spans)
        return [Stretch(span.start, end, item.id, role, None, span.evidence, span.told, False) for span, end in ends]
    found: list[Stretch] = []
    for span in item.spans:
        passes = span.start + rule.window if rule.window is not None else FOREVER
        end = min(span.end, passes)
        found.append(
            Stretch(span.start, end, item.id, COUNTED, item.value, span.evidence, span.told, span.end < passes)
        )
        if rule.baseline:
            found.append(Stretch(passes, passes + rule.baseline, item.id, BESIDE, None, (), span.told, False))
    return [stretch for stretch in found if stretch.end > stretch.start]


class Gauge(Protocol):
    """Reads a measure off the stretches that hold."""

    def add(self, stretch: Stretch) -> None:
        """A stretch begins."""
        ...

    def remove(self, stretch: Stretch) -> None:
        """A stretch ends."""
        ...

    def value(self, at: int, origin: int) -> float | None:
        """What is measured at `at`; None where there is nothing to compare.

        `origin` is the first time that the group's records speak of.
        """
        ...

    def copy(self) -> Gauge:
        """An independent copy."""
        ...


@dataclass(slots=True)
class Count:
    """How many items count."""

    counted: int = 0

    def add(self, stretch: Stretch) -> None:
        self.counted += 1

    def remove(self, stretch: Stretch) -> None:
        self.counted -= 1

    def value(self, at: int, origin: int) -> float | None:
        return float(self.counted)

    def copy(self) -> Count:
        return Count(self.counted)


@dataclass(slots=True)
class Distinct:
    """How many different values there are. An item without a value cannot be told apart, and is not counted."""

    values: Counter[str] = field(default_factory=Counter[str])

    def add(self, stretch: Stretch) -> None:
        if stretch.value is not None:
            self.values[stretch.value] += 1

    def remove(self, stretch: Stretch) -> None:
        if stretch.value is not None:
            self.values[stretch.value] -= 1
            if not self.values[stretch.value]:
                del self.values[stretch.value]

    def value(self, at: int, origin: int) -> float | None:
        return float(len(self.values))

    def copy(self) -> Distinct:
        return Distinct(self.values.copy())


@dataclass(slots=True)
class Total:
    """The sum of a number, in millionths, so that it is the same in every order."""

    total: int = 0

    def add(self, stretch: Stretch) -> None:
        self.total += _millionths(stretch.value)

    def remove(self, stretch: Stretch) -> None:
        self.total -= _millionths(stretch.value)

    def value(self, at: int, origin: int) -> float | None:
        return self.total / 1_000_000

    def copy(self) -> Total:
        return Total(self.total)


def _millionths(value: Any) -> int:
    return round(value * 1_000_000) if isinstance(value, int | float) else 0


@dataclass(slots=True)
class Share:
    """The share of a dated place set that is counted."""

    places: PlaceSet
    values: Counter[str] = field(default_factory=Counter[str])

    def add(self, stretch: Stretch) -> None:
        if stretch.value is not None:
            self.values[stretch.value] += 1

    def remove(self, stretch: Stretch) -> None:
        if stretch.value is not None:
            self.values[stretch.value] -= 1
            if not self.values[stretch.value]:
                del self.values[stretch.value]

    def value(self, at: int, origin: int) -> float | None:
        day = day_of(at)
        size = self.places.size(day)
        return sum(self.places.has(value, day) for value in self.values) / size if size else None

    def copy(self) -> Share:
        return Share(self.places, self.values.copy())


@dataclass(slots=True)
class Rate:
    """The count in the window over the count that the baseline leads one to expect in a window.

    One is added to the baseline's count, so that the first event ever is no infinite rate. There is no rate before
    the records reach back over a whole baseline.
    """

    window: int
    baseline: int
    counted: int = 0
    beside: int = 0

    def add(self, stretch: Stretch) -> None:
        if stretch.role == COUNTED:
            self.counted += 1
        else:
            self.beside += 1

    def remove(self, stretch: Stretch) -> None:
        if stretch.role == COUNTED:
            self.counted -= 1
        else:
            self.beside -= 1

    def value(self, at: int, origin: int) -> float | None:
        if at < origin + self.baseline:
            return None
        return self.counted * self.baseline / ((self.beside + 1) * self.window)

    def copy(self) -> Rate:
        return Rate(self.window, self.baseline, self.counted, self.beside)


@dataclass(slots=True)
class Quiet:
    """Zero while nothing matched for the whole time (`absence`), or nothing came at all (`silence`); else None."""

    quiet: int
    silence: bool
    counted: int = 0
    beside: int = 0

    def add(self, stretch: Stretch) -> None:
        if stretch.role == COUNTED:
            self.counted += 1
        else:
            self.beside += 1

    def remove(self, stretch: Stretch) -> None:
        if stretch.role == COUNTED:
            self.counted -= 1
        else:
            self.beside -= 1

    def value(self, at: int, origin: int) -> float | None:
        if at < origin + self.quiet or self.counted:
            return None
        return 0.0 if (self.beside == 0) == self.silence else None

    def copy(self) -> Quiet:
        return Quiet(self.quiet, self.silence, self.counted, self.beside)


def gauge_for(rule: CompiledRule) -> Gauge:
    """An empty gauge for what `rule` measures."""
    match rule.measure:
        case "count" | "sequence":
            return Count()
        case "count_distinct":
            return Distinct()
        case "sum":
            return Total()
        case "share_of":
            assert rule.of is not None
            return Share(rule.of)
        case "rate":
            return Rate(rule.window or 1, rule.baseline)
        case "absence" | "silence":
            return Quiet(rule.quiet, rule.measure == "silence")


def day_of(at: int) -> date:
    """The day in UTC."""
    return date.fromordinal(at // DAY + EPOCH.toordinal())
