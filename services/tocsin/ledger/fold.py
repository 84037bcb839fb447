"""The ledger's fold: from the set of accounts of a place to its happenings and to who held it when.

    place = fold_place(accounts)                      # as far as is known
    place = fold_place(accounts, known_at=micros)     # as far as was known then
    place.happenings, place.tenures, place.held_on(day)

Pure, and a function of the set: shuffled, repeated, late or batched accounts give the same result. Two times are kept
apart: days say when it was so (valid time), microseconds when it was published (knowledge time).
"""

# pyright: strict
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from tocsin_schemas.events import DatePrecision, EventType
from tocsin_schemas.ids import name_id
from tocsin_schemas.incident import IncidentStatus

from .accounts import NOBODY, Account, Party, moment, party_key
from .bounds import order
from .lifecycle import Life, life_of
from .timeline import Run, runs_of

_PRECISIONS: Final[tuple[DatePrecision, ...]] = ("day", "week", "month", "year", "unknown")
PARTLY: Final = "only a part of it is held"
ControlStatus = IncidentStatus


@dataclass(frozen=True, slots=True)
class When:
    """When something happened: days, both included; `first` null when only the latest possible day is known."""

    first: int | None
    last: int
    precision: DatePrecision

    @property
    def begin(self) -> int:
        """The day from which it counts: the first, or without a date of its own the day it was first reported."""
        return self.last if self.first is None else self.first


@dataclass(frozen=True, slots=True)
class Happening:
    """One happening: what the accounts of it come to. `supported`: at least one of them, no denial, still stands."""

    id: str
    type: EventType
    kind: str
    parties: tuple[Party, ...]
    accounts: tuple[Account, ...]
    life: Life
    when: When
    supported: bool = True
    partial: bool = False
    supersedes: str | None = None

    @property
    def gainer(self) -> Party:
        """Who took the place; NOBODY when no account names anybody."""
        return self.parties[0] if self.parties else NOBODY

    @property
    def moves_control(self) -> bool:
        """Whether anybody still says that it happened. A bare denial moves nothing."""
        return self.supported


@dataclass(frozen=True, slots=True)
class Held:
    """One stretch of holding: from `begin` up to, but not including, `end` (null: until now).

    `reason` says why it has its status; `families` are the independent ones that tell it in their own voice.
    """

    holder: str | None
    holder_name: str | None
    begin: int
    end: int | None
    incident: str
    status: ControlStatus
    partial: bool
    reason: str
    families: int


@dataclass(frozen=True, slots=True)
class PlaceFold:
    """What the accounts of one place come to. `known_at` is the last instant that changed anything."""

    happenings: tuple[Happening, ...] = ()
    tenures: tuple[Held, ...] = ()
    lost_by: str | None = None
    known_at: int | None = None

    def held_on(self, day: int | None = None) -> Held | None:
        """Who held the place on `day` (null: now); null when nothing is known of that day."""
        if day is None:
            return self.tenures[-1] if self.tenures else None
        return next((h for h in self.tenures if h.begin <= day and (h.end is None or day < h.end)), None)

    def changes_at(self, at: int) -> set[str]:
        """The accounts that changed the status of a happening at an instant."""
        return {step.cause for happening in self.happenings for step in happening.life.steps if step.at == at}

    def holder_before(self, held: Held | None) -> str | None:
        """Who is known to have held the place before `held` (null: before all that was taken back)."""
        if held is None:
            return None
        earlier = [h for h in self.tenures if h.begin <= held.begin and h is not held and h.holder != held.holder]
        return earlier[-1].holder if earlier else self.lost_by


Known = dict[tuple[object, ...], Happening]
"""Happenings by all that they are made of."""


def fold_place(accounts: Iterable[Account], known_at: int | None = None, known: Known | None = None) -> PlaceFold:
    """Folds the accounts of one place that bear on who holds it (captures, and surrenders of the place).

    `known_at` leaves out what was published, or taken back, after that instant. `known` are the happenings of an
    earlier fold of this place: those that are the same are taken from there, and it is brought up to date.
    """
    told = [a for a in accounts if known_at is None or a.published <= known_at]
    named: dict[str, int] = defaultdict(int)
    happenings: list[Happening] = []
    used: Known = {}
    before: str | None = None
    for run in runs_of(told, known_at):
        identity = _identity(run, named)
        parts = (identity, before, *run.accounts, None, *run.denials, None, *run.withdrawn)
        happening = known.get(parts) if known is not None else None
        if happening is None:
            happening = _happening(run, known_at, identity, before)
        used[parts] = happening
        happenings.append(happening)
        before = happening.id if happening.moves_control else before
    if known is not None:
        known.clear()
        known.update(used)
    steps = [step.at for happening in happenings for step in happening.life.steps]
    return PlaceFold(
        happenings=tuple(happenings),
        tenures=_tenures(happenings),
        lost_by=_lost_by(happenings),
        known_at=max(steps) if steps else None,
    )


def _identity(run: Run, named: dict[str, int]) -> str:
    """The id of a happening: place, direction and first day, and its number among those that share all three."""
    first = min((*run.accounts, *run.denials, *run.withdrawn), key=order)
    identity = _capture_id(first.group, run.direction or "unknown", day_name(first.published))
    named[identity] += 1
    if named[identity] > 1:
        identity = name_id("incident/capture", identity, str(named[identity]))
    return identity


@lru_cache(maxsize=10_000)
def _capture_id(group: str, direction: str, day: str) -> str:
    return name_id("incident/capture", group, direction, day)


def _happening(run: Run, known_at: int | None, identity: str, before: str | None) -> Happening:
    accounts = run.all_accounts
    told = run.accounts or run.withdrawn or run.denials
    gainer = _gainer(told)
    return Happening(
        id=identity,
        type="capture",
        kind=_kind(run, gainer),
        parties=(gainer, *_losers(told, gainer)),
        accounts=tuple(accounts),
        life=life_of(accounts, known_at),
        when=when_of(told),
        supported=bool(run.accounts),
        partial=all(a.partial for a in told),
        supersedes=before if run.accounts else None,
    )


def day_name(at: int) -> str:
    """The UTC day of an instant, as in ids."""
    return moment(at).date().isoformat()


def when_of(told: Sequence[Account]) -> When:
    """The date that most publisher families give; the finer one among equals, then the one published first.

    Without a date in any text: the earliest publication day, as the latest day possible.
    """
    families: dict[tuple[int, int, DatePrecision], set[str]] = defaultdict(set)
    first_told: dict[tuple[int, int, DatePrecision], tuple[int, str]] = {}
    for account in sorted(told, key=order):
        if account.textual and account.first_day is not None:
            span = account.first_day, account.last_day, account.precision
            families[span].add(account.family)
            first_told.setdefault(span, order(account))
    if not families:
        return When(None, min(account.last_day for account in told), "unknown")
    best = min(
        families,
        key=lambda s: (_PRECISIONS.index(s[2]), -len(families[s]), s[1] - s[0], first_told[s]),
    )
    return When(*best)


def _gainer(told: Sequence[Account]) -> Party:
    """Whom most publisher families name, of allies and of none else; the first one among equals. NOBODY: no one is."""
    families: dict[str, set[str]] = defaultdict(set)
    parties: dict[str, Party] = {}
    for account in sorted(told, key=order):
        if account.toward is not None:
            key = party_key(account.toward)
            parties.setdefault(key, account.toward)
            families[key].add(account.family)
    known = [key for key, party in parties.items() if party.id is not None] or list(parties)
    return parties[max(known, key=lambda key: len(families[key]))] if known else NOBODY


def _losers(told: Sequence[Account], gainer: Party) -> tuple[Party, ...]:
    parties = [a.away_from for a in told if a.away_from is not None and a.away_from.id != (gainer.id or "")]
    known = next((p for p in parties if p.id is not None), None)
    found = known or next(iter(parties), None)
    return (found,) if found is not None else ()


def _kind(run: Run, gainer: Party) -> Literal["capture", "recapture", "handover", "loss"]:
    if gainer == NOBODY:
        return "loss"
    if run.accounts and all(a.type == "surrender" for a in run.accounts):
        return "handover"
    return "recapture" if any(a.recapture for a in run.accounts) else "capture"


def _tenures(happenings: Sequence[Happening]) -> tuple[Held, ...]:
    """The stretches of holding. The same holder going on keeps its stretch, unless that was in doubt."""
    found: list[Held] = []
    for happening in (h for h in happenings if h.moves_control):
        gainer, life = happening.gainer, happening.life
        status: ControlStatus = "contested" if happening.partial else life.status
        reason = PARTLY if happening.partial else life.reason
        begin = max(happening.when.begin, found[-1].begin) if found else happening.when.begin
        last = found[-1] if found else None
        if last is not None and last.holder is not None and last.holder == gainer.id and last.status != "contested":
            if status == "confirmed" and last.status != "confirmed":
                found[-1] = replace(last, status=status, reason=reason, families=life.families)
            continue
        if last is not None:
            found[-1] = replace(last, end=begin)
        held = Held(gainer.id, gainer.name, begin, None, happening.id, status, happening.partial, reason, life.families)
        found.append(held)
    return tuple(found)


def _lost_by(happenings: Sequence[Happening]) -> str | None:
    """Whom the first happening says the place was taken from."""
    first = next((h for h in happenings if h.moves_control), None)
    return first.parties[1].id if first is not None and len(first.parties) > 1 else None
