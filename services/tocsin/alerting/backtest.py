"""Rules over an archive: the alerts that would have been sent, in the order in which things were known.

    for alert in backtest(rules, records):          # records of the ledger and events, in knowledge time
        ...

The records come from whoever keeps them: alerting knows no ledger.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from tocsin_schemas import Alert

from .counter import Counter
from .fields import Record
from .matching import known_at, signals
from .rules import RuleSet


def backtest(rules: RuleSet, records: Iterable[Record], until: datetime | None = None) -> Iterator[Alert]:
    """The states of alerts that `rules` write for `records`, each as soon as it is known.

    `records` are in knowledge time (`matching.known_at`); the clock is theirs, and never runs backwards. It stands
    still after the last of them, unless `until` is given: then alerts also resolve up to that time.
    """
    counter = Counter(rules)
    now: datetime | None = None
    for record in records:
        known = known_at(record)
        now = known if now is None else max(now, known)
        yield from counter.tick(now)
        for signal in signals(rules, record):
            yield from counter.apply(signal, now)
    if until is not None:
        yield from counter.tick(until)
