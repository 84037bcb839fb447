"""How many accounts a row of the ledger keeps, so that memory and work per report stay bounded.

Accounts fall into cells: one direction, one voice, one day. A cell keeps its earliest PER_CELL accounts, of each
publisher family the earliest PER_FAMILY; what it leaves out only adds to a count. Keeping the earliest under such
nested limits is the greedy base of a laminar matroid, and the base of a union is the base of the bases' union
(Edmonds, "Matroids and the greedy algorithm", 1971). So what is kept depends on the set of the accounts alone, not on
their order, batches or repetitions, and leaving the rest out early changes nothing.
"""

# pyright: strict
from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from .accounts import Account

PER_CELL: Final = 12
PER_FAMILY: Final = 2
SKETCH: Final = 64
"""Hashes in a count of what was left out: exact up to here, within about 12 % (one sigma) beyond."""
_SPACE: Final = 2**53


@dataclass(slots=True)
class Overflow:
    """The number of different ids that were added, from the SKETCH smallest of their hashes.

    K minimum values: Bar-Yossef et al., "Counting distinct elements in a data stream", 2002.
    """

    smallest: list[int] = field(default_factory=list[int])

    def add(self, item: str) -> bool:
        """Counts an id; false when that changed nothing."""
        hashed = int.from_bytes(blake2b(item.encode(), digest_size=8).digest(), "big") % _SPACE
        if hashed in self.smallest or (len(self.smallest) == SKETCH and hashed > self.smallest[-1]):
            return False
        insort(self.smallest, hashed)
        del self.smallest[SKETCH:]
        return True

    @property
    def count(self) -> int:
        """How many different ids, about."""
        if len(self.smallest) < SKETCH:
            return len(self.smallest)
        return round((SKETCH - 1) * _SPACE / self.smallest[-1])


def cell_of(account: Account) -> str:
    """The cell that an account falls into. All unknown parties share one, however they are called."""
    dated = "dated" if account.textual else "undated"
    sides = "+".join(party.id or "?" for party in account.parties)
    return "|".join((account.type, account.group, account.kind, sides, account.voice, dated, str(account.day)))


def base(accounts: Iterable[Account], per_cell: int = PER_CELL, per_family: int = PER_FAMILY) -> list[Account]:
    """The accounts of one cell that are kept, earliest first."""
    kept: list[Account] = []
    of_family: dict[str, int] = defaultdict(int)
    for account in sorted(accounts, key=order):
        if len(kept) == per_cell:
            break
        if of_family[account.family] < per_family:
            of_family[account.family] += 1
            kept.append(account)
    return kept


def order(account: Account) -> tuple[int, str]:
    """Accounts in order of publication."""
    return account.published, account.id
