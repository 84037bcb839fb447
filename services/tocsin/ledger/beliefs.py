"""What was believed when: the knowledge time of one place, beside the valid time that `fold` gives.

beliefs_of(accounts)[-1].held == fold_place(accounts).held_on()
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .accounts import Account
from .bounds import order
from .fold import Held, fold_place


@dataclass(frozen=True, slots=True)
class Belief:
    """Who was believed to hold a place from the instant `at` on (microseconds), until the next belief.

    `held` null: nothing was known any more. `cause` is the account that was published or taken back at that instant.
    """

    at: int
    held: Held | None
    cause: str


def beliefs_of(accounts: Iterable[Account], known_at: int | None = None) -> list[Belief]:
    """Each change of what was known of who holds a place now, earliest first; a bare denial of nothing begins none.

    Costs a fold for each instant at which something was published or taken back.
    """
    told = sorted(accounts, key=order)
    causes: dict[int, list[Account]] = {}
    for account in told:
        causes.setdefault(account.published, []).append(account)
        if account.withdrawn is not None:
            causes.setdefault(account.withdrawn, []).append(account)
    found: list[Belief] = []
    for at in sorted(at for at in causes if known_at is None or at <= known_at):
        fold = fold_place(told, at)
        held = fold.held_on()
        if held != (found[-1].held if found else None):
            found.append(Belief(at, held, _cause(causes[at], fold.changes_at(at))))
    return found


def _cause(together: list[Account], deciding: set[str]) -> str:
    """Of the accounts of one instant the one that changed a status, if any did."""
    return next((account.id for account in together if account.id in deciding), together[0].id)
