"""Rows that are cut by time, and what holds a happening together across a cut.

A speaker's statements, and what two parties do with each other, could grow without end: their rows hold one period of
publication each. A happening that is told on both sides of a cut stays one: an account lives in the row of the period
before its own when an account that has that period for its own, and lives there, tells the same. So where an account
lives depends on the set of accounts alone, and is found by looking at the period before.
"""

# pyright: strict
from __future__ import annotations

from typing import Final

from .accounts import Account, moment
from .copies import copied
from .happenings import DIPLOMACY_DAYS, SURRENDER_DAYS, parties_agree

STATEMENT_DAYS: Final = 3
"""Days of publication in one row of a speaker, and between two reports of one statement across a cut."""
_DAY: Final = 86_400_000_000
_MONTHS: Final = 12


def period_of(account: Account) -> int:
    """The number of the period in which an account was published: of STATEMENT_DAYS days, else a month."""
    published = moment(account.published)
    if account.type == "statement":
        return published.toordinal() // STATEMENT_DAYS
    return published.year * _MONTHS + published.month - 1


def period_key(account: Account, period: int) -> str:
    """The key of the row of a period, for accounts of this type and group."""
    return f"{account.type}:{account.group}:{period}"


def tell_the_same(one: Account, other: Account) -> bool:
    """Whether two accounts of one type and group, published in neighboring periods, tell of one happening."""
    match one.type:
        case "statement":
            near = abs(one.published - other.published) <= STATEMENT_DAYS * _DAY
            return near and copied(one.signature, other.signature)
        case "diplomacy":
            return one.kind == other.kind and abs(one.day - other.day) <= DIPLOMACY_DAYS
        case _:
            same_sort = (one.kind == "defection") == (other.kind == "defection")
            return same_sort and parties_agree(one, other) and abs(one.day - other.day) <= SURRENDER_DAYS
