"""Which accounts of a place speak of one happening: the accounts, laid out by day, cut where the place changes hands.

The rules, in the order of their strength:
- Accounts of one direction belong together until another side takes the place. One without a date joins the happening
  that is running; one with a date joins up to JOIN_DAYS after it, and is a new happening beyond.
- Who is not named, or not known ("militants"), may be anybody of that kind: such an account joins what is running,
  and a happening without a known gainer takes the name of the next account that has one. But losing the place cannot
  be a further account of having taken it.
- Old news keeps its place: a copy of an earlier sentence, and an undated account of the very day on which the other
  side took over, belong to the earlier happening.
- A date that only says "last month" joins a happening within it, and makes one of its own only where there is none.
- A side that says it still holds what was just reported lost denies the loss; it does not retake the place.
- Denials go to the happening that they deny, and what was taken back goes to the one it would have joined; neither
  decides where the cuts are.
"""

# pyright: strict
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from .accounts import Account, Party
from .bounds import order
from .copies import copied

JOIN_DAYS: Final = 3
"""Days by which two dated accounts of one happening may differ: claims run ahead of a fall, and reports lag it."""
HOLDING_OUT_DAYS: Final = 2
"""Days in which a loser's "we are in control" is a denial rather than news of a recapture."""


@dataclass(slots=True)
class Run:
    """The accounts of one happening. `direction` null: nobody known has been named as the one who gained."""

    direction: str | None
    first_day: int
    last_dated: int
    accounts: list[Account] = field(default_factory=list[Account])
    denials: list[Account] = field(default_factory=list[Account])
    withdrawn: list[Account] = field(default_factory=list[Account])

    @classmethod
    def begun_by(cls, account: Account) -> Run:
        """A run of one account."""
        run = cls(account.direction, account.day, account.day)
        run.add(account)
        return run

    def add(self, account: Account) -> None:
        """Takes one more account that tells of this happening."""
        self.accounts.append(account)
        self.direction = self.direction or account.direction
        if account.precise:
            self.last_dated = max(self.last_dated, account.last_day)

    @property
    def all_accounts(self) -> list[Account]:
        """Everything that bears on it, in order of publication."""
        return sorted([*self.accounts, *self.denials, *self.withdrawn], key=order)


def runs_of(accounts: Iterable[Account], known_at: int | None = None) -> list[Run]:
    """The happenings of one place, in the order in which they happened. A function of the set of accounts."""
    ordered = sorted(accounts, key=_position)
    standing = [a for a in ordered if a.stands_at(known_at) and a.voice != "denial"]
    runs = _swept(standing)
    gone = [a for a in ordered if not a.stands_at(known_at) and a.voice != "denial"]
    runs = _with_withdrawn(runs, gone)
    for denial in (a for a in ordered if a.voice == "denial"):
        _deny(runs, denial)
    return sorted(runs, key=_first_day)


def _first_day(run: Run) -> int:
    return run.first_day


def _position(account: Account) -> tuple[int, int, str]:
    return account.day, account.published, account.id


def _swept(standing: Sequence[Account]) -> list[Run]:
    """Cut without the coarse dates; then once more with those that found no happening of theirs."""
    sharp = [a for a in standing if not a.coarse]
    coarse = [a for a in standing if a.coarse]
    runs = _sweep(sharp)
    alone = [a for a in coarse if _within(a, runs) is None]
    if alone:
        runs = _sweep(sorted([*sharp, *alone], key=_position))
    for account in (a for a in coarse if a not in alone):
        run = _within(account, runs)
        if run is None:
            runs.append(Run.begun_by(account))
        else:
            run.add(account)
    return sorted(runs, key=_first_day)


def _within(coarse: Account, runs: Sequence[Run]) -> Run | None:
    """The latest happening of that direction that began within a coarse date."""
    first = coarse.first_day or 0
    fitting = [
        run
        for run in runs
        if _same_side(run, coarse) and first - JOIN_DAYS <= run.first_day <= coarse.last_day + JOIN_DAYS
    ]
    return fitting[-1] if fitting else None


def _sweep(accounts: Sequence[Account]) -> list[Run]:
    runs: list[Run] = []
    for account in accounts:
        current = runs[-1] if runs else None
        if current is None:
            runs.append(Run.begun_by(account))
        elif _continues(current, account):
            current.add(account)
        elif (earlier := _old_news(runs, account)) is not None:
            earlier.add(account)
        elif _holds_out(runs, account):
            current.denials.append(replace(account, voice="denial"))
        else:
            runs.append(Run.begun_by(account))
    return runs


def _continues(current: Run, account: Account) -> bool:
    if not _same_side(current, account):
        return False
    near = account.day - current.last_dated <= JOIN_DAYS
    if account.recapture and not near and not any(a.recapture for a in current.accounts):
        return False  # taken back, so it was lost in between
    return near or account.mention == "state" or not account.precise


def _same_side(run: Run, account: Account) -> bool:
    if run.direction is not None and account.direction is not None:
        return run.direction == account.direction
    if account.origin is not None and account.origin == run.direction:
        return False  # the running side has lost it
    if account.direction is not None and any(a.origin == account.direction for a in run.accounts):
        return False  # it was this side that had lost it
    return _kinds_agree(run, account.toward)


def _kinds_agree(run: Run, party: Party | None) -> bool:
    """Whether an unknown party may be the one of the run: "militants" are no state."""
    theirs = {a.toward.kind for a in run.accounts if a.toward is not None} - {"unknown", "person", "unit"}
    return party is None or not theirs or party.kind in ("unknown", "person", "unit") or party.kind in theirs


def _old_news(runs: Sequence[Run], account: Account) -> Run | None:
    """The earlier happening of this direction that an undated account repeats."""
    if account.precise:
        return None
    earlier = next((run for run in reversed(runs[:-1]) if _same_side(run, account)), None)
    if earlier is None:
        return None
    same_day = runs[-1].first_day == account.day
    return earlier if same_day or any(copied(a.signature, account.signature) for a in earlier.accounts) else None


def _holds_out(runs: Sequence[Run], account: Account) -> bool:
    """Whether the loser of the running happening only says that it still holds the place."""
    if account.mention != "state" or account.recapture or account.voice != "claim" or account.direction is None:
        return False
    current = runs[-1]
    losers = {a.origin for a in current.accounts} | {runs[-2].direction if len(runs) > 1 else None}
    return account.direction in losers and account.day - current.first_day <= HOLDING_OUT_DAYS


def _deny(runs: list[Run], denial: Account) -> None:
    """Puts a denial to the latest happening of its direction that had begun by then."""
    later = bisect_right(runs, denial.last_day + 1, key=_first_day)
    begun = (run for run in reversed(runs[:later]) if _same_side(run, denial))
    soon = (run for run in runs[later:] if run.first_day <= denial.last_day + JOIN_DAYS and _same_side(run, denial))
    denied = next(begun, None) or next(soon, None)
    if denied is not None:
        denied.denials.append(denial)
        return
    runs.append(Run(denial.direction, denial.last_day, denial.last_day, denials=[denial]))
    runs.sort(key=_first_day)


def _with_withdrawn(runs: list[Run], gone: Sequence[Account]) -> list[Run]:
    """Puts what was taken back to the happenings it would have joined; the rest makes happenings that are no more."""
    alone: list[Account] = []
    for account in gone:
        fitting = next((run for run in reversed(runs) if _near(run, account) and _same_side(run, account)), None)
        if fitting is not None:
            fitting.withdrawn.append(account)
        else:
            alone.append(account)
    for run in _sweep(alone):
        runs.append(Run(run.direction, run.first_day, run.last_dated, withdrawn=run.accounts + run.denials))
    return sorted(runs, key=_first_day)


def _near(run: Run, account: Account) -> bool:
    if account.precise:
        return run.first_day - JOIN_DAYS <= account.day <= run.last_dated + JOIN_DAYS
    return run.first_day - JOIN_DAYS <= account.day
