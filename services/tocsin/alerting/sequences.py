"""Sequences: one thing after another within a window, and the stretches of event time in which they count."""

# pyright: strict
from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tocsin_schemas import AlertEvidence

from .measures import COUNTED, FOREVER, Item, Span, Stretch
from .rules import CompiledRule


@dataclass(frozen=True, slots=True)
class _Happening:
    """What may be a step of a sequence: an event, an incident, a time for which a place was held."""

    item: str
    span: Span

    @property
    def itself(self) -> tuple[str, int]:
        """The same at whatever step it stands: nothing follows upon itself."""
        step, colon, record = self.item.partition(":")
        return record if colon and step.isdigit() else self.item, self.span.start


@dataclass(frozen=True, slots=True)
class _Chain:
    """The steps of a sequence up to `last`; of all chains that end there, one whose first step is latest."""

    start: int
    told: int
    last: _Happening
    happenings: frozenset[tuple[str, int]]
    evidence: tuple[AlertEvidence, ...]

    @property
    def preference(self) -> tuple[int, int, str]:
        return self.start, self.told, self.last.item


class Chains:
    """The chains of a group's items. Only those within a window of a change are looked at again."""

    def __init__(self, rule: CompiledRule) -> None:
        self._window = rule.window or FOREVER
        self._steps: list[list[_Happening]] = [[] for _ in rule.sources]
        self._counted: list[Stretch] = []

    def change(self, known: Item | None, item: Item | None) -> tuple[list[Stretch], list[Stretch]]:
        """Takes `item` in place of `known`; the stretches that count no more, and those that do from now on."""
        before, after = _happenings(known), _happenings(item)
        for step, gone in before:
            self._steps[step].remove(gone)
        for step, new in after:
            insort(self._steps[step], new, key=_place)
        starts = [happening.span.start for _, happening in (*before, *after)]
        return self._again(min(starts), max(starts) + self._window) if starts else ([], [])

    def lay_out(self, items: Iterable[Item]) -> list[Stretch]:
        """Takes the first items; what they count as."""
        for step, happening in (told for item in items for told in _happenings(item)):
            self._steps[step].append(happening)
        for happenings in self._steps:
            happenings.sort(key=_place)
        return self._again(-FOREVER, FOREVER)[1]

    def _again(self, first: int, end: int) -> tuple[list[Stretch], list[Stretch]]:
        """Looks again at the chains whose last step starts from `first` on and before `end`."""
        since, until = (bisect_left(self._counted, at, key=_start) for at in (first, end))
        old = {(stretch.start, stretch.item): stretch for stretch in self._counted[since:until]}
        new = {(stretch.start, stretch.item): stretch for stretch in self._stretches(first, end)}
        self._counted[since:until] = sorted(new.values(), key=lambda stretch: (stretch.start, stretch.item))
        return (
            [stretch for key, stretch in old.items() if new.get(key) != stretch],
            [stretch for key, stretch in new.items() if old.get(key) != stretch],
        )

    def _stretches(self, first: int, end: int) -> Iterable[Stretch]:
        """Chains lie within the window: from their last step until their first has left it."""
        window = self._window
        near = [
            happenings[
                bisect_right(happenings, first - window, key=_begins) : bisect_left(happenings, end, key=_begins)
            ]
            for happenings in self._steps
        ]
        chains = [_Chain(h.span.start, h.span.told, h, frozenset({h.itself}), h.span.evidence) for h in near[0]]
        for happenings in near[1:]:
            chains = [chain for follows in happenings for chain in _extended(chains, follows, window)]
        for chain in chains:
            at = chain.last.span.start
            if first <= at:
                yield Stretch(
                    at, chain.start + window, chain.last.item, COUNTED, None, chain.evidence, chain.told, False
                )


def _happenings(item: Item | None) -> list[tuple[int, _Happening]]:
    """What an item may be a step as, with the number of the step."""
    if item is None or not item.matched:
        return []
    return [(int(item.value), _Happening(item.id, span)) for span in item.spans]


def _start(stretch: Stretch) -> int:
    return stretch.start


def _begins(happening: _Happening) -> int:
    return happening.span.start


def _place(happening: _Happening) -> tuple[int, str]:
    return happening.span.start, happening.item


def _last_start(chain: _Chain) -> int:
    return chain.last.span.start


def _extended(chains: Sequence[_Chain], last: _Happening, window: int) -> list[_Chain]:
    """The best of `chains`, which are sorted by the start of their last step, with one more step."""
    span = last.span
    earliest = bisect_right(chains, span.start - window, key=_last_start)
    latest = bisect_right(chains, span.start, key=_last_start)
    before = [
        chain
        for chain in chains[earliest:latest]
        if span.start < chain.start + window and last.itself not in chain.happenings
    ]
    if not before:
        return []
    best = max(before, key=lambda chain: chain.preference)
    happenings = best.happenings | {last.itself}
    return [_Chain(best.start, max(best.told, span.told), last, happenings, (*best.evidence, *span.evidence))]
