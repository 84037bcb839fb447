"""Rules over an archive: the alerts that would have been sent, in the order in which things were known.

    for at, alert in backtest(rules, records):      # records of the ledger and events, in knowledge time
        ...                                         # `at`: when it would have been sent

The records come from whoever keeps them: alerting knows no ledger.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from tocsin_schemas import Alert
from tocsin_schemas.topics import EVENT_TOPICS

from .conditions import may_hold_for
from .counter import Counter
from .fields import Record
from .matching import known_at, signals
from .rules import RuleSet

_OF_PLACES: Final = frozenset({"capture", "surrender"})
"""A place may also surrender: the ledger needs both to tell who holds it."""
_MICROSECOND: Final = timedelta(microseconds=1)


def backtest(
    rules: RuleSet, records: Iterable[Record], until: datetime | None = None
) -> Iterator[tuple[datetime, Alert]]:
    """The states of alerts that `rules` write for `records`, each with the time at which it is known.

    `records` are in knowledge time (`matching.known_at`); the clock is theirs, and never runs backwards. What became
    known at one moment is judged together. The clock stands still after the last record, unless `until` is given:
    then alerts also resolve up to that time.
    """
    counter = Counter(rules, settle=0)
    now: datetime | None = None
    for record in records:
        known = known_at(record)
        if now is None or known > now:
            yield from _judged(counter, known - _MICROSECOND)
            now = known
        for signal in signals(rules, record):
            counter.apply(signal, now)
    if now is not None:
        yield from _judged(counter, max(now, until) if until is not None else now)


def _judged(counter: Counter, until: datetime) -> Iterator[tuple[datetime, Alert]]:
    """What the records taken, and the time up to and including `until`, have brought about."""
    while (due := counter.due()) is not None and due <= until:
        yield from ((due, alert) for alert in counter.tick(due))


def events_for_the_ledger(rules: RuleSet) -> frozenset[str]:
    """The types of events that a ledger must see for all records of its that `rules` may look at."""
    needed: set[str] = set()
    for rule, source in rules.by_stream.get("incidents", ()):
        needed |= {kind for kind in EVENT_TOPICS if rule.quiet or may_hold_for(source.condition, "type", kind)}
    if "control" in rules.by_stream or needed & _OF_PLACES:
        needed |= _OF_PLACES
    return frozenset(needed)
