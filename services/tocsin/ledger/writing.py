"""What one event changes: the folds of its group, compared with what was written of them before."""

# pyright: strict
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tocsin_schemas import Capture, Control, Incident, Surrender
from tocsin_schemas.topics import place_key

from .accounts import FACILITIES, INEXACT, Account, LedgerEvent
from .fold import Happening, PlaceFold, fold_place
from .happenings import fold_happenings
from .records import Draft, control, control_draft, incident, incident_draft, retired_draft
from .rows import Drawn, Row, Sent

Record = Incident | Control


@dataclass(frozen=True, slots=True)
class Fold:
    """What one group of a row comes to. `name` tells it from the other folds of the row."""

    name: str
    group: str
    happenings: Sequence[Happening]
    place: PlaceFold | None = None


def folds(row: Row, group: str) -> list[Fold]:
    """The folds of one group: who holds the place, and what else happened there."""
    folds: list[Fold] = []
    bearing = bearing_on_control(row, group)
    if bearing:
        place = fold_place(bearing, known=row.known.setdefault(group, {}))
        folds.append(Fold(f"capture:{group}", group, place.happenings, place))
    others = [a for a in row.accounts.values() if a.group == group and (a.type != "capture" or a.kind == "tally")]
    if others:
        folds.append(Fold(f"{others[0].type}:{group}", group, fold_happenings(others)))
    return folds


def bearing_on_control(row: Row, group: str) -> list[Account]:
    """Captures, and surrenders of the place itself."""
    return [a for a in row.accounts.values() if a.group == group and a.kind in ("capture", "place")]


@dataclass(slots=True)
class Writing:
    """Finds out which records a row's new account changed, and notes in the row what is written.

    `stored` is the row as it was. `revised`: the row had a version of the account before; `renamed`: the account is now
    the first to name the place, so that all records of it say it in other words.
    """

    row: Row
    stored: bytes | None
    account: Account
    revised: bool
    renamed: bool = False
    records: list[Record] = field(default_factory=list[Record])
    appeared: list[str] = field(default_factory=list[str])
    retired: list[str] = field(default_factory=list[str])

    def write_all(self) -> None:
        """Notes what changed in the account's group, also when none of it is left in the row."""
        group = self.account.group
        for fold in folds(self.row, group) or [Fold(f"{self.account.type}:{group}", group, ())]:
            self.write(fold)

    def write(self, fold: Fold) -> None:
        """Notes what changed in one fold: incidents that are no more, incidents, then control."""
        sent = self.row.sent.setdefault(fold.name, {})
        drawn = self.row.drawn.setdefault(fold.name, {})
        left_out = self.row.left_out()
        current = {happening.id for happening in fold.happenings}
        for identity in [identity for identity in sent if identity not in current]:
            self._retire(fold, identity, sent.pop(identity), drawn.pop(identity, None))
        for happening in self._affected(fold, sent):
            told = Drawn(happening, sum(left_out.get(account.id, 0) for account in happening.accounts))
            if happening.id in sent and drawn.get(happening.id) == told and not self.renamed:
                continue
            drawn[happening.id] = told
            draft = draft_of(self.row, told)
            last = sent.get(happening.id)
            if last is None:
                self.appeared.append(happening.id)
                last = Sent(self.row.gone.pop(happening.id, 0), "")
            if last.digest != draft.digest:
                sent[happening.id] = Sent(last.revision + 1, draft.digest)
                self.records.append(incident(draft, last.revision + 1))
        if fold.place is not None and _has_control(self.row, fold):
            self._control(fold.place, fold.group)

    def _affected(self, fold: Fold, sent: dict[str, Sent]) -> Sequence[Happening]:
        """The happenings whose record may have changed; where many share a row, those that the account is part of."""
        own = [h for h in fold.happenings if h.id not in sent or any(a.id == self.account.id for a in h.accounts)]
        return fold.happenings if fold.place is not None or self.revised or not own else own

    def _retire(self, fold: Fold, identity: str, last: Sent, drawn: Drawn | None) -> None:
        """The last word of an incident: what it said before, without reports."""
        old = drawn.happening if drawn is not None else self._before(fold, identity)
        heirs = [h.id for h in fold.happenings if {a.id for a in h.accounts} & {a.id for a in old.accounts}]
        draft = retired_draft(draft_of(self.row, Drawn(old, 0)), heirs[0] if heirs else None)
        self.retired.append(identity)
        self.records.append(incident(draft, last.revision + 1))
        self.row.retire(identity, last.revision + 1)

    def _before(self, fold: Fold, identity: str) -> Happening:
        """A happening as it was in the stored row."""
        before = folds(Row.decode(self.stored), fold.group) if self.stored is not None else []
        old = next((h for earlier in before for h in earlier.happenings if h.id == identity), None)
        # an id that the stored row does not give was written by a version that cut happenings otherwise
        return old if old is not None else replace(fold.happenings[0], id=identity)

    def _control(self, place: PlaceFold, group: str) -> None:
        draft = control_draft(place, self.row.places[group][2])
        last = self.row.control.get(group, Sent(0, ""))
        if last.digest != draft.digest:
            self.row.control[group] = Sent(last.revision + 1, draft.digest)
            self.records.append(control(draft, last.revision + 1))


def draft_of(row: Row, told: Drawn) -> Draft:
    """An incident's record, without its revision."""
    group = told.happening.accounts[0].group
    place = row.places[group][2] if group in row.places else None
    return incident_draft(told.happening, place, told.left_out)


def _has_control(row: Row, fold: Fold) -> bool:
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


def place_of(event: LedgerEvent) -> dict[str, Any] | None:
    """The place of an event without its offsets. A facility goes by its name alone: it must never pass for its city."""
    place = event.place if isinstance(event, Capture | Surrender) else None
    if place is None:
        return None
    told = {**place.model_dump(mode="json"), "text": place.name, "start": None, "end": None}
    return {**told, "id": None} if place.kind in FACILITIES else told
