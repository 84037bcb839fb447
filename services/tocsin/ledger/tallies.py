"""What outlets count, compared with what the ledger has: "the ninth city to fall", and the ledger knows eight.

A gap says that the reading missed a place, or that the outlets count something else. Pure functions.
"""

# pyright: strict
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from .accounts import Account, moment
from .bounds import order
from .fold import fold_place

Sort = Literal["capitals", "cities", "districts", "places"]

RECENT_DAYS: Final = 3
"""Of the tallies of these last days the highest counts: outlets lag, and hardly ever count too many."""
_DAY: Final = 86_400_000_000
_SORTS: Final[tuple[tuple[Sort, re.Pattern[str]], ...]] = (
    ("capitals", re.compile(r"(?i)\bcapitals?\b")),
    ("districts", re.compile(r"(?i)\bdistricts?\b")),
    ("cities", re.compile(r"(?i)\b(?:city|cities|towns?)\b")),
)
_MORE: Final = re.compile(r"(?i)\b(?:more(?! than)|another|further|additional|new)\b")


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """A place with the accounts of who holds it."""

    place: Mapping[str, Any]
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True)
class TallyGap:
    """One side's tally of one sort of places. `gap` is what outlets count beyond the ledger; null for a bare share."""

    country: str
    captor: str
    sort: Sort
    outlets: float | None
    share: float | None
    ledger: int
    gap: float | None
    since: date | None
    known_at: datetime
    event_id: str
    article_url: str | None


def tally_gaps(country: str, tallies: Iterable[Account], places: Sequence[PlaceTold]) -> list[TallyGap]:
    """The tallies of a country, each against the ledger as it was known when the tally was published."""
    counted = [*tallies, *(a for place in places for a in place.accounts if a.ordinal is not None)]
    by_side: dict[tuple[str, Sort], list[Account]] = {}
    for account in counted:
        side = account.toward.id if account.toward is not None else None
        if side is not None and account.voice != "denial" and account.withdrawn is None and not _only_adds(account):
            by_side.setdefault((side, sort_of(account)), []).append(account)
    gaps = [
        _gap(country, side, sort, told, places)
        for (side, sort), accounts in by_side.items()
        if (told := _told(accounts))
    ]
    return sorted(gaps, key=lambda gap: (gap.captor, gap.sort))


def sort_of(account: Account) -> Sort:
    """What sort of places a tally counts, by its words. A bare "ninth" counts cities."""
    for sort, pattern in _SORTS:
        if pattern.search(account.of or ""):
            return sort
    return "cities" if account.ordinal is not None else "places"


def _only_adds(account: Account) -> bool:
    """ "Two more cities" is no total."""
    return account.ordinal is None and bool(_MORE.search(account.of or ""))


def _number(account: Account) -> float | None:
    if account.ordinal is not None:
        return float(account.ordinal)
    value, minimum, _, _ = account.count or (None, None, None, None)
    return value if value is not None else minimum


def _told(accounts: Sequence[Account]) -> Account | None:
    """The highest number of the last days; else the latest share."""
    numbers = [a for a in accounts if _number(a) is not None]
    if numbers:
        latest = max(a.published for a in numbers)
        recent = [a for a in numbers if a.published >= latest - RECENT_DAYS * _DAY]
        return max(recent, key=lambda a: (_number(a) or 0.0, order(a)))
    shares = [a for a in accounts if a.count is not None and a.count[3] is not None]
    return max(shares, key=order) if shares else None


def _gap(country: str, captor: str, sort: Sort, told: Account, places: Sequence[PlaceTold]) -> TallyGap:
    since = told.since_day or (told.first_day if told.coarse else None)
    ledger = sum(_counts(place, captor, sort, since, told.published) for place in places)
    outlets = _number(told)
    return TallyGap(
        country=country,
        captor=captor,
        sort=sort,
        outlets=outlets,
        share=told.count[3] if told.count is not None else None,
        ledger=ledger,
        gap=None if outlets is None else outlets - ledger,
        since=None if since is None else date.fromordinal(since),
        known_at=moment(told.published),
        event_id=told.id,
        article_url=told.url,
    )


def _counts(told: PlaceTold, captor: str, sort: Sort, since: int | None, known_at: int) -> bool:
    """Whether the ledger, as it was known then, has this place among those that the tally counts."""
    if not _is(told.place, sort):
        return False
    held = fold_place(told.accounts, known_at).held_on()
    return held is not None and held.holder == captor and (since is None or held.begin >= since)


def _is(place: Mapping[str, Any], sort: Sort) -> bool:
    match sort:
        case "capitals":
            return bool(place["is_admin1_capital"])
        case "cities":
            return place["kind"] in ("city", "capital")
        case "districts":
            return place["kind"] == "district"
        case "places":
            return True
