"""The ledger without Kafka: events in, changed incidents and control out.

    ledger = LedgerCore()                      # or LedgerCore(store=table)
    for event in events:                       # in any order, repeated or not
        for record in ledger.apply(event):     # Incident | Control
            ...

The service and `tocsin backtest` use it alike; `queries.Ledger` answers from the same store. What it ends in is a
function of the set of events, except for `revision`: that counts the versions of a record that were written, and so
tells the order of arrival.
"""

# pyright: strict
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final

from .accounts import LedgerEvent, Weigher
from .families import Families
from .places import Places
from .rows import INDEX, MemoryStore, Row, Store, row_key, touched_on, written_for_a_time
from .writing import Record, Writing, folds, place_of

RECENT: Final = 64
"""Rows that stay at hand as they were decoded and folded."""
KEPT_DAYS: Final = 100
"""Days without news after which rows that are cut by time are let go: longer than the event topics keep events."""


class LedgerCore:
    """The ledger over a store of rows. `apply` changes the store and nothing else.

    `families` is the publisher families' data; without it the shipped file is used. `today` dates the rows that may
    be let go one day (`expire`); without it they are kept. `places` tells the rows of a country's places; `left_out`
    counts the events that only added to a count, their cell being full (`bounds`).
    """

    def __init__(
        self, store: Store | None = None, families: Families | None = None, today: Callable[[], date] | None = None
    ) -> None:
        self.store: Store = store if store is not None else MemoryStore()
        self._weigher = Weigher(families or Families.load())
        self._today = today
        self.places = Places()
        self.left_out = 0
        self._recent = _Recent()

    def apply(self, event: LedgerEvent) -> list[Record]:
        """Takes one event and returns the records that it changed; none when the ledger knew it all.

        Incidents come before control. One that no report belongs to any more (`records.is_retired`) has said its last
        word: a tombstone should follow it.
        """
        key = row_key(event)
        account = self._weigher.account(event)
        stored = self.store.get(key)
        row = self._recent.row(key, stored)
        revised = account.id in row.accounts
        if not row.take(account):
            self._recent.keep(key, stored or b"", row)
            return []
        self.left_out += account.id not in row.accounts
        place = place_of(event)
        renamed = row.name_place(account, place)
        if place is not None:
            self.places.add(place, key)
        row.touched = self._today().toordinal() if self._today else 0
        writing = Writing(row, stored, account, revised, renamed)
        for fold in folds(row, account.group):
            writing.write(fold)
        written = row.encode()
        self.store.set(key, written)
        self._recent.keep(key, written, row)
        for identity in writing.retired:
            self.store.delete(INDEX + identity)
        for identity in writing.appeared:
            self.store.set(INDEX + identity, key.encode())
        return writing.records

    def expire(self, today: date) -> int:
        """Lets go of rows cut by time that had no news for KEPT_DAYS; returns how many. Places are kept for good."""
        latest = today.toordinal() - KEPT_DAYS
        gone = 0
        for key, stored in list(self.store.items()):
            if not written_for_a_time(key) or touched_on(stored) >= latest:
                continue
            gone += 1
            self.store.delete(key)
            for identity in (identity for sent in Row.decode(stored).sent.values() for identity in sent):
                self.store.delete(INDEX + identity)
        return gone


class _Recent:
    """The rows that were in hand last: a place in the news is read and folded over and over."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, tuple[bytes, Row]] = OrderedDict()

    def row(self, key: str, stored: bytes | None) -> Row:
        """The row of what is stored now, to be changed. It is kept no more until it is given back."""
        kept = self._rows.pop(key, None)
        if kept is not None and kept[0] == stored:
            return kept[1]
        return Row.decode(stored) if stored is not None else Row()

    def keep(self, key: str, stored: bytes, row: Row) -> None:
        """Keeps a row as it is stored from now on."""
        self._rows[key] = stored, row
        if len(self._rows) > RECENT:
            self._rows.popitem(last=False)


def fold_events(events: Iterable[LedgerEvent], ledger: LedgerCore | None = None) -> Iterator[Record]:
    """The records that events change, in order of knowledge: by publication, then by event id."""
    core = ledger or LedgerCore()
    for event in sorted(events, key=lambda e: (e.article.published_at, e.article.revision, e.id)):
        yield from core.apply(event)
