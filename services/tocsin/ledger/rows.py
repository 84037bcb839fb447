"""Rows: what the ledger's table keeps under one key, and which row an event belongs to.

All events of a row have one topic key, so that a row lives where its partition lives. What could grow without end (a
speaker's statements, two states' diplomacy) is cut into rows by publication time.
"""

# pyright: strict
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple, Protocol, cast

import orjson
from cramjam import zstd  # pyright: ignore[reportMissingModuleSource]

from tocsin_schemas import Capture, Statement, Surrender
from tocsin_schemas.topics import EVENT_TOPICS

from .accounts import Account, LedgerEvent, Party, Trace, merged
from .bounds import PER_CELL, PER_FAMILY, Overflow, base, cell_of, order
from .fold import Happening, Known

LIMITS: Final[dict[str, tuple[int, int]]] = {"statement": (200, 40)}
"""Accounts in a cell, and of one family in it, where they differ from `bounds`: a speaker says many things in a day."""
GONE: Final = 64
"""Retired incidents whose revision a row remembers: should one come back, its revision goes on."""
INDEX: Final = "incident:"
"""Prefix of the store's entries that say which row an incident is in."""
HOMES: Final = "event:"
"""Prefix of the store's entries that say which row an event is in, where rows are cut by time."""
FORMAT: Final = 2
COMPRESSION: Final = 1
"""zstd's fastest level: rows repeat themselves so much that higher ones gain a twentieth."""
_HEAD: Final = re.compile(rb'\{"format":(\d+),"touched":(\d+)\}')
_FIELDS: Final = tuple(f.name for f in fields(Account))
_PARTIES: Final = _FIELDS.index("parties")
_COUNT: Final = _FIELDS.index("count")
_TRACE: Final = _FIELDS.index("trace")


class Store(Protocol):
    """Where rows are kept: bytes by key. A table of the service has this shape, too."""

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        ...

    def set(self, key: str, value: bytes) -> None:
        """Gives `key` a value."""
        ...

    def delete(self, key: str) -> None:
        """Forgets `key`; nothing happens when it is not there."""
        ...

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All keys and values."""
        ...


class MemoryStore:
    """A store in a dictionary."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        return self._held.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Gives `key` a value."""
        self._held[key] = value

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        self._held.pop(key, None)

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All keys and values."""
        return self._held.items()

    def __len__(self) -> int:
        return len(self._held)


def touched_on(stored: bytes) -> int:
    """The day of a stored row's last news, without reading all of it; 0 when it is not known."""
    found = _HEAD.match(stored)
    return int(found[2]) if found is not None else 0


def written_for_a_time(key: str) -> bool:
    """Whether a row holds one period of what could grow without end."""
    return key.startswith(("statement:", "diplomacy:", "surrender:"))


def row_key(event: LedgerEvent) -> str | None:
    """The key of the row that keeps `event`: its sort and topic key. Null where rows are cut by time (`periods`)."""
    key = EVENT_TOPICS[event.type].key_of(event)
    match event:
        case Capture():
            return f"{'tally' if event.kind == 'tally' else 'place'}:{key}"
        case Surrender() if event.place is not None:
            return f"place:{key}"
        case Statement() if event.speaker is None or not (event.speaker.id or event.speaker.text):
            return f"statement:{key}:{event.id}"
        case _:
            return None


@dataclass(slots=True)
class Sent:
    """What was last sent of a record: its revision, and the digest of its draft."""

    revision: int
    digest: str


class Drawn(NamedTuple):
    """What an incident's record was drawn from."""

    happening: Happening
    left_out: int


@dataclass(slots=True)
class Row:
    """One row: the accounts by id, and what was sent of them.

    `places` are the places by group, each with the publication and id of the event that named it first; `sent` the
    incidents by fold and id; `gone` the last revisions of retired ones; `touched` the day of the last news, 0 unknown.

    What follows is not stored, and only saves work while a row is at hand: the cells of accounts and their JSON, the
    happenings of the last fold of each group, and what each record was last drawn from.
    """

    accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    overflow: dict[str, Overflow] = field(default_factory=dict[str, Overflow])
    places: dict[str, tuple[int, str, dict[str, Any]]] = field(
        default_factory=dict[str, tuple[int, str, dict[str, Any]]]
    )
    sent: dict[str, dict[str, Sent]] = field(default_factory=dict[str, dict[str, Sent]])
    gone: dict[str, int] = field(default_factory=dict[str, int])
    control: dict[str, Sent] = field(default_factory=dict[str, Sent])
    touched: int = 0
    cells: dict[Account, str] = field(default_factory=dict[Account, str], compare=False, repr=False)
    told: dict[Account, orjson.Fragment] = field(
        default_factory=dict[Account, orjson.Fragment], compare=False, repr=False
    )
    known: dict[str, Known] = field(default_factory=dict[str, Known], compare=False, repr=False)
    drawn: dict[str, dict[str, Drawn]] = field(default_factory=dict[str, dict[str, Drawn]], compare=False, repr=False)

    def take(self, account: Account) -> bool:
        """Adds an account, or a further version of one, within the bounds. False when the row knew it all."""
        known = self.accounts.get(account.id)
        if known is not None:
            account = merged(known, account)
            if account == known:
                return False
        cell = self._cell(account)
        per_cell, per_family = LIMITS.get(account.type, (PER_CELL, PER_FAMILY))
        others = [a for a in self.accounts.values() if a.id != account.id and self._cell(a) == cell]
        kept = base([*others, account], per_cell, per_family)
        self.accounts.pop(account.id, None)
        changed = False
        for candidate in (*others, account):
            if candidate in kept:
                self.accounts[candidate.id] = candidate
                changed = changed or candidate is account
            else:
                self.accounts.pop(candidate.id, None)
                changed = self.overflow.setdefault(cell, Overflow()).add(candidate.id) or changed
        return changed

    def name_place(self, account: Account, place: dict[str, Any] | None) -> bool:
        """Keeps the place of the earliest event of its group. Whether this one is it."""
        if place is None:
            return False
        named = (account.published, account.id, place)
        known = self.places.get(account.group)
        if known is not None and named[:2] >= known[:2]:
            return False
        self.places[account.group] = named
        return True

    def left_out(self) -> dict[str, int]:
        """How many accounts were counted but not kept, by the id of their cell's latest account."""
        if not self.overflow:
            return {}
        latest: dict[str, Account] = {}
        for account in self.accounts.values():
            cell = self._cell(account)
            if cell in self.overflow and (cell not in latest or order(account) > order(latest[cell])):
                latest[cell] = account
        return {account.id: self.overflow[cell].count for cell, account in latest.items()}

    def _cell(self, account: Account) -> str:
        found = self.cells.get(account)
        if found is None:
            if len(self.cells) > 2 * len(self.accounts):
                self.cells.clear()
            found = self.cells[account] = cell_of(account)
        return found

    def _encoded(self, account: Account) -> orjson.Fragment:
        found = self.told.get(account)
        if found is None:
            if len(self.told) > 2 * len(self.accounts):
                self.told.clear()
            found = self.told[account] = orjson.Fragment(orjson.dumps(_values(account)))
        return found

    def retire(self, identity: str, revision: int) -> None:
        """Remembers the last revision of an incident that is no more."""
        self.gone[identity] = revision
        for oldest in list(self.gone)[:-GONE]:
            del self.gone[oldest]

    def encode(self) -> bytes:
        """The row: a line that says its format and its last news, then its JSON, compressed (zstd)."""
        head = orjson.dumps({"format": FORMAT, "touched": self.touched}, option=orjson.OPT_APPEND_NEWLINE)
        body = orjson.dumps(
            {
                "accounts": [self._encoded(a) for a in self.accounts.values()],
                "overflow": {cell: overflow.smallest for cell, overflow in self.overflow.items()},
                "places": self.places,
                "sent": {fold: _sent_values(sent) for fold, sent in self.sent.items()},
                "gone": self.gone,
                "control": _sent_values(self.control),
            }
        )
        return head + bytes(zstd.compress(body, level=COMPRESSION))

    @classmethod
    def decode(cls, value: bytes) -> Row:
        """The row of `encode`. Raises ValueError for a row of another format."""
        head, _, body = value.partition(b"\n")
        found = _HEAD.fullmatch(head)
        if found is None or int(found[1]) != FORMAT:
            raise ValueError(
                f"a ledger row that begins {head[:40]!r}, but this version reads format {FORMAT}: "
                "rebuild the ledger from the event topics"
            )
        told = cast(dict[str, Any], orjson.loads(bytes(zstd.decompress(body))))
        accounts = [_account(values) for values in told["accounts"]]
        return cls(
            accounts={a.id: a for a in accounts},
            overflow={cell: Overflow(smallest) for cell, smallest in told["overflow"].items()},
            places={group: (named[0], named[1], named[2]) for group, named in told["places"].items()},
            sent={fold: {key: Sent(*s) for key, s in sent.items()} for fold, sent in told["sent"].items()},
            gone=told["gone"],
            control={key: Sent(*sent) for key, sent in told["control"].items()},
            touched=int(found[2]),
        )


def _sent_values(sent: dict[str, Sent]) -> dict[str, tuple[int, str]]:
    return {key: (last.revision, last.digest) for key, last in sent.items()}


def _values(account: Account) -> list[Any]:
    values = [getattr(account, name) for name in _FIELDS]
    values[_PARTIES] = [list(party) for party in account.parties]
    values[_TRACE] = list(account.trace)
    return values


def _account(values: list[Any]) -> Account:
    values[_PARTIES] = tuple(Party(*party) for party in values[_PARTIES])
    values[_COUNT] = None if values[_COUNT] is None else tuple(values[_COUNT])
    values[_TRACE] = Trace(*values[_TRACE])
    return Account(*values)
