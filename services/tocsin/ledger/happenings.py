"""Which accounts of surrenders, statements, diplomacy and tallies speak of one happening.

- A surrender: one place (or one surrendering party), sides that agree as far as they are named, within SURRENDER_DAYS.
- Diplomacy: the same parties and kind, on the same day or the next.
- A statement: the same speaker and nearly the same words.
- A tally: the same side, number and sort of places, within TALLY_DAYS.
"""

# pyright: strict
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from tocsin_schemas.ids import folded, name_id

from .accounts import NOBODY, Account, Party, party_key
from .bounds import order
from .copies import label_copies
from .fold import Happening, day_name, when_of
from .lifecycle import life_of

SURRENDER_DAYS: Final = 3
DIPLOMACY_DAYS: Final = 1
TALLY_DAYS: Final = 7

Clusters = list[list[Account]]


def fold_happenings(accounts: Iterable[Account], known_at: int | None = None) -> list[Happening]:
    """The happenings of accounts of one type and one row, earliest first. A function of the set of accounts."""
    told = sorted((a for a in accounts if known_at is None or a.published <= known_at), key=_position)
    if not told:
        return []
    named: dict[str, int] = defaultdict(int)
    found = [_happening(cluster, known_at) for cluster in _CLUSTERS[_sort(told[0])](told)]
    result: list[Happening] = []
    for happening in sorted(found, key=lambda h: order(h.accounts[0])):
        named[happening.id] += 1
        result.append(_numbered(happening, named[happening.id]))
    return result


def _position(account: Account) -> tuple[int, int, str]:
    return account.day, account.published, account.id


def _sort(account: Account) -> str:
    return "tally" if account.kind == "tally" else account.type


def _surrenders(told: Sequence[Account]) -> Clusters:
    return _swept(
        told, SURRENDER_DAYS, lambda a, b: (a.kind == "defection") == (b.kind == "defection") and parties_agree(a, b)
    )


def _diplomacy(told: Sequence[Account]) -> Clusters:
    return _swept(told, DIPLOMACY_DAYS, lambda a, b: a.kind == b.kind and a.group == b.group)


def _tallies(told: Sequence[Account]) -> Clusters:
    return _swept(told, TALLY_DAYS, lambda a, b: _tallied(a) == _tallied(b))


def _statements(told: Sequence[Account]) -> Clusters:
    texts = label_copies((a.id, a.signature) for a in told)
    clusters: dict[str, list[Account]] = defaultdict(list)
    for account in told:
        clusters[texts[account.id]].append(account)
    return list(clusters.values())


_CLUSTERS: Final[dict[str, Callable[[Sequence[Account]], Clusters]]] = {
    "surrender": _surrenders,
    "diplomacy": _diplomacy,
    "statement": _statements,
    "tally": _tallies,
}


def _swept(told: Sequence[Account], days: int, alike: Callable[[Account, Account], bool]) -> Clusters:
    """Accounts in order of their days, each put to the latest cluster that is near enough and all alike."""
    clusters: Clusters = []
    for account in told:
        near = (
            cluster
            for cluster in reversed(clusters)
            if account.day - max(a.last_day if a.precise else a.day for a in cluster) <= days
            and all(alike(member, account) for member in cluster)
        )
        cluster = next(near, None)
        if cluster is None:
            clusters.append([account])
        else:
            cluster.append(account)
    return clusters


def parties_agree(one: Account, other: Account) -> bool:
    """Whether the parties of two accounts may be the same, as far as they are known."""
    pairs = zip(one.parties, other.parties, strict=False)
    return all(a.id == b.id or a.id is None or b.id is None for a, b in pairs)


def _tallied(account: Account) -> str:
    return repr(
        (account.toward and party_key(account.toward), folded(account.of or ""), account.count, account.ordinal)
    )


def _happening(cluster: Sequence[Account], known_at: int | None) -> Happening:
    accounts = sorted(cluster, key=order)
    first = accounts[0]
    standing = [a for a in accounts if a.stands_at(known_at) and a.voice != "denial"]
    return Happening(
        id=name_id(f"incident/{first.type}", first.group, _named_by(accounts), day_name(first.published)),
        type=first.type,
        kind=_kind(standing or accounts),
        parties=_parties(accounts),
        accounts=tuple(accounts),
        life=life_of(accounts, known_at),
        when=when_of(standing or accounts),
        supported=bool(standing),
    )


def _named_by(accounts: Sequence[Account]) -> str:
    """What tells a happening apart from others of its row that were first reported on the same day."""
    first = accounts[0]
    match _sort(first):
        case "surrender":
            return "+".join(party.id or "?" for party in _parties(accounts)) + ("/defection" if _defects(first) else "")
        case "diplomacy":
            return first.kind
        case "tally":
            return _tallied(first)
        case _:
            return first.id


def _defects(account: Account) -> bool:
    return account.kind == "defection"


def _kind(told: Sequence[Account]) -> str:
    """What surrendered at most: the place, then a unit, then people."""
    kinds = {a.kind for a in told}
    return next((kind for kind in ("place", "unit") if kind in kinds), told[0].kind)


def _parties(accounts: Sequence[Account]) -> tuple[Party, ...]:
    """Slot by slot the first party that is known, else the first that is named."""
    slots = [[a.parties[slot] for a in accounts if slot < len(a.parties)] for slot in range(len(accounts[0].parties))]
    return tuple(
        next((p for p in slot if p.id is not None), next((p for p in slot if p != NOBODY), NOBODY)) for slot in slots
    )


def _numbered(happening: Happening, number: int) -> Happening:
    if number == 1:
        return happening
    return replace(happening, id=name_id("incident/further", happening.id, str(number)))
