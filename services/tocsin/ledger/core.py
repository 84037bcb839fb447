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
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from .accounts import Account, LedgerEvent, Weigher, merged
from .families import Families
from .periods import period_key, period_of, tell_the_same
from .places import Places
from .rows import HOMES, INDEX, MemoryStore, Row, Store, row_key, touched_on, written_for_a_time
from .writing import Record, Writing, place_of

RECENT: Final = 64
"""Rows that stay at hand as they were decoded and folded."""
KEPT_DAYS: Final = 100
"""Days without news after which rows that are cut by time are let go: longer than the event topics keep events."""


class LedgerCore:
    """The ledger over a store of rows. `apply` changes the store and nothing else.

    `families` is the publisher families' data; without it the shipped file is used. `today` dates the rows that may
    be let go one day (`expire`); without it they are kept. `places` tells the rows of a country's places; `left_out`
    counts the events that only added to a count, their cell being full (`bounds`); `row_bytes` is the size of the row
    that was written last.
    """

    def __init__(
        self, store: Store | None = None, families: Families | None = None, today: Callable[[], date] | None = None
    ) -> None:
        self.store: Store = store if store is not None else MemoryStore()
        self._weigher = Weigher(families or Families.load())
        self._today = today
        self.places = Places()
        self.left_out = 0
        self.row_bytes = 0
        self._recent = _Recent()

    def apply(self, event: LedgerEvent) -> list[Record]:
        """Takes one event and returns the records that it changed; none when the ledger knew it all.

        Incidents come before control. One that no report belongs to any more (`records.is_retired`) has said its last
        word: a tombstone should follow it.
        """
        account = self._weigher.account(event)
        key, place = row_key(event), place_of(event)
        if key is None:
            return self._settle(account)
        if place is not None:
            self.places.add(place, key)
        return self._change(key, account, place)

    def _settle(self, account: Account) -> list[Record]:
        """Brings an account to the row where it lives, and those of the next period that tell the same to theirs."""
        stored = self.store.get(HOMES + account.id)
        known = self._read(stored.decode()).get(account.id) if stored is not None else None
        if known is not None:
            account = merged(known, account)
            if account == known:
                return []
        home = self._home(account)
        where = stored.decode() if stored is not None else home
        records = self._change(home, account) if where == home else self._move(account, where, home)
        records += self._followed(account)
        if known is not None and period_of(known) != period_of(account):
            records += self._followed(known)
        return records

    def _followed(self, account: Account) -> list[Record]:
        """Brings accounts of the next period that tell the same as an account to where they live now."""
        period = period_of(account)
        records: list[Record] = []
        for key in (period_key(account, period), period_key(account, period + 1)):
            for later in list(self._read(key).values()):
                if period_of(later) == period + 1 and tell_the_same(account, later):
                    home = self._home(later)
                    if home != key:
                        records += self._move(later, key, home)
                        records += self._followed(later)
        return records

    def _home(self, account: Account) -> str:
        """The row in which an account lives: that of its period, or that of the one before (`periods`)."""
        own = period_of(account)
        before = period_key(account, own - 1)
        natives = (a for a in self._read(before).values() if period_of(a) == own - 1)
        return before if any(tell_the_same(a, account) for a in natives) else period_key(account, own)

    def _read(self, key: str) -> Mapping[str, Account]:
        """The accounts of a row, for looking at."""
        stored = self.store.get(key)
        return self._recent.look(key, stored).accounts if stored is not None else {}

    def _move(self, account: Account, where: str, home: str) -> list[Record]:
        """Takes an account out of one row and into another. An incident that moves with it goes on counting revisions."""
        stored = self.store.get(where)
        row = self._recent.row(where, stored)
        row.accounts.pop(account.id, None)
        left = self._written(where, row, Writing(row, stored, account, revised=True))
        return left + self._change(home, account, gone=row.gone)

    def _change(
        self,
        key: str,
        account: Account,
        place: dict[str, Any] | None = None,
        gone: Mapping[str, int] | None = None,
    ) -> list[Record]:
        """Takes an account into a row and returns the records that this changed. `gone`: revisions that go on here."""
        stored = self.store.get(key)
        row = self._recent.row(key, stored)
        before = set(row.accounts)
        if not row.take(account):
            self._recent.keep(key, stored or b"", row)
            return []
        self.left_out += account.id not in row.accounts
        row.gone.update(gone or {})
        renamed = row.name_place(account, place)
        records = self._written(key, row, Writing(row, stored, account, account.id in before, renamed))
        if written_for_a_time(key):
            for identity in before - set(row.accounts):
                self.store.delete(HOMES + identity)
            if account.id in row.accounts and self.store.get(HOMES + account.id) != key.encode():
                self.store.set(HOMES + account.id, key.encode())
        return records

    def _written(self, key: str, row: Row, writing: Writing) -> list[Record]:
        row.touched = self._today().toordinal() if self._today else 0
        writing.write_all()
        stored = row.encode()
        self.store.set(key, stored)
        self._recent.keep(key, stored, row)
        self.row_bytes = len(stored)
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
            row = Row.decode(stored)
            for identity in (identity for sent in row.sent.values() for identity in sent):
                self.store.delete(INDEX + identity)
            for identity in row.accounts:
                self.store.delete(HOMES + identity)
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

    def look(self, key: str, stored: bytes) -> Row:
        """The row of what is stored now, to be looked at."""
        row = self.row(key, stored)
        self.keep(key, stored, row)
        return row

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
