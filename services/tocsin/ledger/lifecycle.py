"""How surely a happening happened: claimed, contested, confirmed, retracted (DESIGN.md, "Ledger").

- confirmed: conceded by the losing side or a local official, or told by at least two independent publisher families in
  their own voice. Families are independent when they do not carry one text: copies count once.
- claimed: less than that: the gaining side's word, unnamed sources, or a single family.
- contested: denied, and not confirmed by what was published after the denial. A later denial of a confirmed happening
  contests it again.
- retracted: every account of it has been taken back.

Knowledge time is the publication of the accounts; what is published at one instant counts together.
"""

# pyright: strict
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from tocsin_schemas.incident import IncidentStatus

from .accounts import Account
from .copies import label_articles

CONFIRMING_FAMILIES: Final = 2


class Step(NamedTuple):
    """A change of status: when it was known (microseconds), why, and by which account."""

    at: int
    status: IncidentStatus
    reason: str
    cause: str


@dataclass(frozen=True, slots=True)
class Life:
    """The status of a happening with its history, and the independent families that tell it in their own voice.

    `reason` is why it has its status now: the last step's, or what holds it up since that was taken back.
    """

    status: IncidentStatus
    steps: tuple[Step, ...]
    families: int
    reason: str


@dataclass(slots=True)
class _Weight:
    """What speaks for a happening, and against it, since the last denial."""

    texts: Mapping[str, str]
    supports: list[Account] = field(default_factory=list[Account])
    denial: Account | None = None
    conceded: Account | None = None
    own: list[Account] = field(default_factory=list[Account])

    def hear(self, account: Account) -> None:
        if account.voice == "denial":
            self.denial, self.conceded, self.own = account, None, []
            return
        self.supports.append(account)
        if account.voice == "concession":
            self.conceded = self.conceded or account
        elif account.voice == "own":
            self.own.append(account)

    def corroborated_by(self) -> Account | None:
        """The account by which two families told it in texts of their own; null before that."""
        families: set[str] = set()
        texts: set[str] = set()
        for account in self.own:
            families.add(account.family)
            texts.add(self.texts[account.article])
            # no two of the accounts differ in both only if all share a family, or all share a text
            if len(families) >= CONFIRMING_FAMILIES and len(texts) >= CONFIRMING_FAMILIES:
                return account
        return None

    def verdict(self, taken_back: Account | None) -> tuple[IncidentStatus, str, Account]:
        """Status, reason, and the account that decides. `taken_back` is what was withdrawn at this instant."""
        corroborated = self.corroborated_by()
        if not self.supports:
            if self.denial is not None:
                return "contested", _denied_by(self.denial), self.denial
            assert taken_back is not None
            return "retracted", "every report of it was taken back", taken_back
        if self.conceded is not None:
            return "confirmed", f"conceded by {_who(self.conceded)}", self.conceded
        if corroborated is not None:
            return "confirmed", "told by two independent publisher families in their own voice", corroborated
        if self.denial is not None:
            return "contested", _denied_by(self.denial), self.denial
        if self.own:
            return "claimed", f"told in its own voice by one publisher family only ({self.own[0].family})", self.own[0]
        return "claimed", f"claimed by {_who(self.supports[0])}", self.supports[0]


def life_of(accounts: Iterable[Account], known_at: int | None = None) -> Life:
    """The life of one happening from all accounts that bear on it, denials and withdrawn ones included.

    Raises ValueError without accounts.
    """
    told = [a for a in accounts if known_at is None or a.published <= known_at]
    if not told:
        raise ValueError("a happening needs an account")
    texts = label_articles((a.id, a.signature, a.article) for a in told)
    steps: list[Step] = []
    reason = ""
    for at, status, reason, cause in _verdicts(told, texts, known_at):
        if not steps or steps[-1].status != status:
            steps.append(Step(at, status, reason, cause.id))
    own = [a for a in told if a.voice == "own" and a.stands_at(known_at)]
    families = independent_families((a.family, texts[a.article]) for a in own)
    return Life(steps[-1].status, tuple(steps), families, reason)


def independent_families(told: Iterable[tuple[str, str]]) -> int:
    """The most families that can each be given a text of their own, from pairs of a family and a text it carries.

    A maximum matching (augmenting paths; Kuhn, "The Hungarian method", 1955).
    """
    carried: dict[str, set[str]] = defaultdict(set)
    for family, text in told:
        carried[family].add(text)
    holder: dict[str, str] = {}

    def place(family: str, tried: set[str]) -> bool:
        for text in sorted(carried[family] - tried):
            tried.add(text)
            if text not in holder or place(holder[text], tried):
                holder[text] = family
                return True
        return False

    return sum(place(family, set()) for family in sorted(carried))


def _verdicts(
    told: Sequence[Account], texts: Mapping[str, str], known_at: int | None
) -> Iterator[tuple[int, IncidentStatus, str, Account]]:
    """The verdict after each instant at which something was published or taken back."""
    weight = _Weight(texts)
    for at, together in groupby(_changes(told, known_at), key=lambda change: change[0]):
        changes = list(together)
        taken_back = [account for _, gone, _, account in changes if gone]
        if taken_back:
            weight = _Weight(texts)
            for account in sorted((a for a in told if a.published <= at and _stood(a, at)), key=_hearing_order):
                weight.hear(account)
        else:
            for _, _, _, account in changes:
                weight.hear(account)
        yield at, *weight.verdict(taken_back[0] if taken_back else None)


def _changes(told: Sequence[Account], known_at: int | None) -> list[tuple[int, bool, bool, Account]]:
    """Publications and withdrawals by time; of one instant, denials are heard last."""
    changes = [(a.published, False, a.voice == "denial", a) for a in told if _stood(a, a.published)]
    changes += [
        (a.withdrawn, True, a.voice == "denial", a)
        for a in told
        if a.withdrawn is not None and not a.stands_at(known_at)
    ]
    return sorted(changes, key=lambda change: (change[0], change[2], change[3].id))


def _stood(account: Account, at: int) -> bool:
    return account.withdrawn is None or account.withdrawn > at


def _hearing_order(account: Account) -> tuple[int, bool, str]:
    return account.published, account.voice == "denial", account.id


def _denied_by(denial: Account) -> str:
    return f"denied by {_who(denial)}"


def _who(account: Account) -> str:
    return account.said_by or account.publisher
