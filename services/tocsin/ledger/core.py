"""The ledger without Kafka: events in, changed incidents and control out.

    ledger = LedgerCore()                      # or LedgerCore(store=table)
    for event in events:                       # in any order, repeated or not
        for record in ledger.apply(event):     # Incident | Control
            ...
    ledger.control("place:geonames:1142170", on=day, known_at=time)

The service and `tocsin backtest` use it alike. What it ends in is a function of the set of events, except for
`revision`, which counts the versions of a record that were written and so tells order of arrival.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from tocsin_schemas import Capture, Control, Incident, Surrender
from tocsin_schemas.topics import place_key

from .accounts import FACILITIES, INEXACT, Account, LedgerEvent, Weigher, micros
from .families import Families
from .fold import Happening, PlaceFold, fold_place
from .happenings import fold_happenings
from .records import Draft, control, control_draft, incident, incident_draft, retired_draft
from .rows import GONE, Row, Sent, row_key

Record = Incident | Control
Store = MutableMapping[str, bytes]
INDEX: Final = "incident:"
"""Prefix of the store's entries that say which row an incident is in."""


class LedgerCore:
    """The ledger over a store of rows: a dict, or a table of the service.

    `families` is the publisher families' data; without it the shipped file is used.
    """

    def __init__(self, store: Store | None = None, families: Families | None = None) -> None:
        self.store: Store = {} if store is None else store
        self._weigher = Weigher(families or Families.load())

    def apply(self, event: LedgerEvent) -> list[Record]:
        """Takes one event and returns the records that it changed, retired incidents first.

        An event that is known already changes nothing: then the records that it bears on are returned as they are,
        so that a redelivery sends again what may not have been sent.
        """
        key = row_key(event)
        account = self._weigher.account(event)
        stored = self.store.get(key)
        row = Row.decode(stored) if stored is not None else Row()
        revised = account.id in row.accounts
        news = row.take(account)
        row.name_place(account, _place(event))
        writing = _Writing(row, stored, account, news, revised)
        for fold in _folds(row, account.group):
            writing.write(fold)
        self.store[key] = row.encode()
        for identity in writing.appeared:
            self.store[INDEX + identity] = key.encode()
        for identity in writing.retired:
            self.store.pop(INDEX + identity, None)
        return [*writing.farewells(), *writing.records]

    def incident(self, identity: str) -> Incident | None:
        """An incident by id, with its evidence; null when this store does not have it."""
        key = self.store.get(INDEX + identity)
        row = self.row(key.decode()) if key is not None else None
        if row is None:
            return None
        for group in sorted({a.group for a in row.accounts.values()}):
            for fold in _folds(row, group):
                for happening in fold.happenings:
                    if happening.id == identity:
                        return incident(_draft(row, happening), row.sent[fold.name][identity].revision)
        return None

    def controls(self, key: str, on: date | None = None, known_at: datetime | None = None) -> list[Control]:
        """Who holds the places of a row: now, or on a day (valid time), as known now or at a time (knowledge time).

        Empty when nothing is known of them then.
        """
        row = self.row(key)
        if row is None:
            return []
        found: list[Control] = []
        at = micros(known_at) if known_at is not None else None
        for group in sorted(row.control):
            fold = fold_place(_bearing_on_control(row, group), at)
            if fold.happenings and (on is None or fold.held_on(on.toordinal()) is not None):
                draft = control_draft(fold, row.places[group][2], on.toordinal() if on else None, at)
                found.append(control(draft, row.control[group].revision))
        return found

    def row(self, key: str) -> Row | None:
        """A row of the store by its key."""
        stored = self.store.get(key)
        return Row.decode(stored) if stored is not None else None


def fold_events(events: Iterable[LedgerEvent], ledger: LedgerCore | None = None) -> Iterator[Record]:
    """The records that events change, in order of knowledge: by publication, then by event id."""
    core = ledger or LedgerCore()
    for event in sorted(events, key=lambda e: (e.article.published_at, e.article.revision, e.id)):
        yield from core.apply(event)


@dataclass(frozen=True, slots=True)
class _Fold:
    """What one group of a row comes to. `name` tells it from the other folds of the row."""

    name: str
    group: str
    happenings: Sequence[Happening]
    place: PlaceFold | None = None


def _folds(row: Row, group: str) -> list[_Fold]:
    """The folds of one group: who holds the place, and what else happened there."""
    folds: list[_Fold] = []
    bearing = _bearing_on_control(row, group)
    if bearing:
        place = fold_place(bearing)
        folds.append(_Fold(f"capture:{group}", group, place.happenings, place))
    others = [a for a in row.accounts.values() if a.group == group and (a.type != "capture" or a.kind == "tally")]
    if others:
        folds.append(_Fold(f"{others[0].type}:{group}", group, fold_happenings(others)))
    return folds


def _bearing_on_control(row: Row, group: str) -> list[Account]:
    """Captures, and surrenders of the place itself."""
    return [a for a in row.accounts.values() if a.group == group and a.kind in ("capture", "place")]


@dataclass(slots=True)
class _Writing:
    """Finds out which records a row's new account changed, and notes them as sent in the row.

    `stored` is the row as it was. `news`: the account changed the row. `revised`: the row had a version of it before.
    """

    row: Row
    stored: bytes | None
    account: Account
    news: bool
    revised: bool
    records: list[Record] = field(default_factory=list[Record])
    appeared: list[str] = field(default_factory=list[str])
    retired: list[str] = field(default_factory=list[str])

    def write(self, fold: _Fold) -> None:
        """Notes what changed in one fold: incidents that are no more, incidents, then control."""
        sent = self.row.sent.setdefault(fold.name, {})
        current = {happening.id: happening for happening in fold.happenings}
        for identity in [identity for identity in sent if identity not in current]:
            self._retire(fold, identity, sent.pop(identity))
        for happening in self._affected(fold, sent):
            draft = _draft(self.row, happening)
            revision = self._revision(sent.get(happening.id), draft, happening.id)
            if revision is not None:
                sent[happening.id] = Sent(revision, draft.digest)
                self.records.append(incident(draft, revision))
        if fold.place is not None and _has_control(self.row, fold):
            self._control(fold.place, fold.group)

    def _affected(self, fold: _Fold, sent: dict[str, Sent]) -> Sequence[Happening]:
        """The happenings whose record may have changed; where many share a row, those that the account is part of."""
        everything = fold.place is not None or self.revised
        own = [h for h in fold.happenings if h.id not in sent or any(a.id == self.account.id for a in h.accounts)]
        return fold.happenings if everything or not own else own

    def _revision(self, last: Sent | None, draft: Draft, identity: str) -> int | None:
        """The revision to send a draft under; null when it need not be sent."""
        if last is None:
            self.appeared.append(identity)
            gone = self.row.gone.pop(identity, None)
            return gone[0] + 1 if gone is not None else 1
        if last.digest != draft.digest:
            return last.revision + 1
        return None if self.news else last.revision

    def farewells(self) -> list[Record]:
        """The last words of retired incidents: of those just retired, or of all when an event comes again."""
        said = self.retired if self.news else list(self.row.gone)
        return [incident(Draft(self.row.gone[identity][1]), self.row.gone[identity][0]) for identity in said]

    def _retire(self, fold: _Fold, identity: str, last: Sent) -> None:
        before = _folds(Row.decode(self.stored), fold.group) if self.stored is not None else []
        old = next(h for earlier in before for h in earlier.happenings if h.id == identity)
        heirs = [h.id for h in fold.happenings if {a.id for a in h.accounts} & {a.id for a in old.accounts}]
        draft = retired_draft(_draft(self.row, old), heirs[0] if heirs else None)
        self.retired.append(identity)
        self.row.gone[identity] = (last.revision + 1, draft.fields)
        for oldest in list(self.row.gone)[:-GONE]:
            del self.row.gone[oldest]

    def _control(self, place: PlaceFold, group: str) -> None:
        draft = control_draft(place, self.row.places[group][2])
        last = self.row.control.get(group)
        revision = 1 if last is None else last.revision + (last.digest != draft.digest)
        if last is None or last.digest != draft.digest or not self.news:
            self.row.control[group] = Sent(revision, draft.digest)
            self.records.append(control(draft, revision))


def _draft(row: Row, happening: Happening) -> Draft:
    group = happening.accounts[0].group
    place = row.places[group][2] if group in row.places else None
    return incident_draft(happening, place, row.left_out(happening.accounts))


def _has_control(row: Row, fold: _Fold) -> bool:
    """Whether this group's place has control: named exactly, and said to have been taken, not only not to have been.

    Places without an id that share a name share a key of the control topic: the first of them, by country, has it.
    """
    if INEXACT not in fold.group and fold.group in row.places:
        said = any(a.voice != "denial" for h in fold.happenings for a in h.accounts)
        namesakes = [g for g in row.places if INEXACT not in g and _same_key(row, g, fold.group)]
        return (said or fold.group in row.control) and min(namesakes) == fold.group
    return False


def _same_key(row: Row, one: str, other: str) -> bool:
    left, right = row.places[one][2], row.places[other][2]
    return place_key(left["id"], left["name"]) == place_key(right["id"], right["name"])


def _place(event: LedgerEvent) -> dict[str, Any] | None:
    """The place of an event without its offsets. A facility goes by its name alone: it must never pass for its city."""
    place = event.place if isinstance(event, Capture | Surrender) else None
    if place is None:
        return None
    told = {**place.model_dump(mode="json"), "text": place.name, "start": None, "end": None}
    return {**told, "id": None} if place.kind in FACILITIES else told
