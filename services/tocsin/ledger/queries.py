"""Questions to the ledger's store: an incident with its evidence, who held what when, and what outlets count.

    ledger = Ledger(core.store, core.places)
    ledger.incident(identity)
    ledger.controls(country="AFG", on=day, known_at=time)
    ledger.tallies("AFG")

Two times: `on` is a day of the world (valid time), `known_at` an instant of publication (knowledge time). The past is
told from the reports as their latest revision has them.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from tocsin_schemas import Control, Incident

from .accounts import Account, micros
from .fold import fold_place
from .places import Places
from .records import control, control_draft, incident
from .rows import INDEX, Row
from .tallies import PlaceTold, TallyGap, tally_gaps
from .writing import bearing_on_control, draft_of, folds


class Reader(Protocol):
    """What a question needs of a store."""

    def get(self, key: str) -> bytes | None:
        """The value of `key`, or None."""
        ...


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
                        return incident(draft_of(row, happening), row.sent[fold.name][identity].revision)
        return None

    def controls(
        self, country: str | None = None, on: date | None = None, known_at: datetime | None = None
    ) -> list[Control]:
        """Who holds the places of a country, or of all: now or on a day, as known now or at a time.

        Places of which nothing is known then are left out.
        """
        at = micros(known_at) if known_at is not None else None
        found: list[Control] = []
        for row, group, place, accounts in self._held(country):
            fold = fold_place(accounts, at)
            if fold.happenings and (on is None or fold.held_on(on.toordinal()) is not None):
                draft = control_draft(fold, place, on.toordinal() if on is not None else None, at)
                found.append(control(draft, row.control[group].revision))
        return found

    def tallies(self, country: str) -> list[TallyGap]:
        """What outlets count in a country, against the ledger."""
        row = self._row(f"tally:country:{country}")
        tallies = list(row.accounts.values()) if row is not None else []
        return tally_gaps(country, tallies, [PlaceTold(place, told) for _, _, place, told in self._held(country)])

    def _held(self, country: str | None) -> Iterator[tuple[Row, str, Mapping[str, Any], list[Account]]]:
        """Rows, groups, places and accounts of the places that have control."""
        for key in self._places.of(country):
            row = self._row(key)
            for group in sorted(row.control) if row is not None else []:
                assert row is not None
                place = row.places[group][2]
                if country is None or place["country"] == country:
                    yield row, group, place, bearing_on_control(row, group)

    def _row(self, key: str) -> Row | None:
        stored = self._store.get(key)
        return Row.decode(stored) if stored is not None else None
