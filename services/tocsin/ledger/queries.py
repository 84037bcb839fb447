"""Questions to the ledger's store: an incident with its evidence, who held what when, and what outlets count.

    ledger = Ledger(core.store, core.places)
    ledger.incident(identity)
    ledger.standings(country="AFG", on=day, known_at=time)
    ledger.history("Kunduz")
    ledger.tallies("AFG")

Two times: `on` is a day of the world (valid time), `known_at` an instant of publication (knowledge time). The past is
told from the reports as their latest revision has them.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from tocsin_schemas import Control, Incident
from tocsin_schemas.ids import folded

from .accounts import Account, micros
from .beliefs import Belief, beliefs_of
from .fold import PlaceFold, fold_place
from .places import Places
from .records import control, control_draft, incident
from .rows import INDEX, Drawn, Row
from .tallies import PlaceTold, TallyGap, tally_gaps
from .writing import bearing_on_control, draft_of, folds


class Reader(Protocol):
    """What a question needs of a store."""

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Who holds a place, and how surely: why the present holding has its status, and how many families tell it.

    `families` counts independent publisher families in their own voice. `beliefs` is what was known when, if asked for.
    """

    control: Control
    reason: str | None
    families: int
    beliefs: tuple[Belief, ...] = ()


class Ledger:
    """Answers from the rows of a store; those that are not there are not in the answers."""

    def __init__(self, store: Reader, places: Places) -> None:
        self._store = store
        self._places = places

    def incident(self, identity: str) -> Incident | None:
        """An incident by id, with its evidence; null when the store does not have it."""
        key = self._store.get(INDEX + identity)
        row = self._row(key.decode()) if key is not None else None
        if row is None:
            return None
        for group in sorted({account.group for account in row.accounts.values()}):
            for fold in folds(row, group):
                for happening in fold.happenings:
                    if happening.id == identity:
                        left_out = row.left_out()
                        told = Drawn(happening, sum(left_out.get(account.id, 0) for account in happening.accounts))
                        return incident(draft_of(row, told), row.sent[fold.name][identity].revision)
        return None

    def standings(
        self, country: str | None = None, on: date | None = None, known_at: datetime | None = None
    ) -> list[Standing]:
        """Who holds the places of a country, or of all: now or on a day, as known now or at a time.

        Places of which nothing is known then are left out.
        """
        day, at = (on.toordinal() if on is not None else None), (micros(known_at) if known_at is not None else None)
        found = (
            _standing(told, fold_place(told.accounts, at), day, at)
            for told in self._held(self._places.of(country))
            if country is None or told.place["country"] == country
        )
        return [standing for standing in found if standing is not None]

    def controls(
        self, country: str | None = None, on: date | None = None, known_at: datetime | None = None
    ) -> list[Control]:
        """The control records of `standings`."""
        return [standing.control for standing in self.standings(country, on, known_at)]

    def history(self, name: str, country: str | None = None, known_at: datetime | None = None) -> list[Standing]:
        """All that was known of the places of that id or name, up to a time: in valid time and in knowledge time."""
        at = micros(known_at) if known_at is not None else None
        found: list[Standing] = []
        for told in self._held(self._places.called(name)):
            called = {folded(told.place["id"] or ""), folded(told.place["name"])}
            standing = _standing(told, fold_place(told.accounts, at), None, at)
            if standing is not None and folded(name) in called and country in (None, told.place["country"]):
                found.append(replace(standing, beliefs=tuple(beliefs_of(told.accounts, at))))
        return found

    def tallies(self, country: str) -> list[TallyGap]:
        """What outlets count in a country, against the ledger."""
        row = self._row(f"tally:country:{country}")
        tallies = list(row.accounts.values()) if row is not None else []
        places = [
            PlaceTold(told.place, told.accounts)
            for told in self._held(self._places.of(country))
            if told.place["country"] == country
        ]
        return tally_gaps(country, tallies, places)

    def _held(self, keys: Iterable[str]) -> Iterator[_Told]:
        """The places that have control, of some rows."""
        for key in keys:
            row = self._row(key)
            for group in sorted(row.control) if row is not None else []:
                assert row is not None
                accounts = bearing_on_control(row, group)
                yield _Told(row.places[group][2], accounts, row.control[group].revision)

    def _row(self, key: str) -> Row | None:
        stored = self._store.get(key)
        return Row.decode(stored) if stored is not None else None


class _Told(NamedTuple):
    """A place with the accounts of who holds it, and the last revision of its control record."""

    place: Mapping[str, Any]
    accounts: list[Account]
    revision: int


def _standing(told: _Told, fold: PlaceFold, day: int | None, at: int | None) -> Standing | None:
    held = fold.held_on(day)
    if not fold.happenings or (day is not None and held is None):
        return None
    record = control(control_draft(fold, told.place, day, at), told.revision)
    return Standing(record, held.reason if held else None, held.families if held else 0)
