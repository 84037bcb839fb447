"""The parties that the project knows: armed groups, organisations and states, from `data/`.

parties = load()          # Parties: by id, and by alias
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import yaml_file
from .place_names import fold

DATA: Final = Path(__file__).parent / "data"
GroupClass = Literal[
    "jihadist", "separatist", "rebel", "militia", "guerrilla", "mercenary", "coalition", "criminal", "government"
]
PartyKind = Literal["state", "armed_group", "organisation"]
Role = Literal["name", "people", "government", "capital"]
"""How an alias names its party: by name, its people ("Afghan"), its seat ("Kremlin"), its capital ("Kabul")."""


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    name: str
    aliases: list[str]
    group_class: GroupClass = Field(alias="class")
    home: str | None = None
    countries: list[str] = Field(default_factory=list, alias="in")
    against: list[str] = Field(default_factory=list)
    allied: list[str] = Field(default_factory=list, alias="with")
    fights: list[str] = Field(default_factory=list)
    local: dict[str, list[str]] = Field(default_factory=dict)
    ruled: list[tuple[str, date, date | None]] = Field(default_factory=list)
    since: date | None = None
    state: str | None = None


class _Organisation(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    name: str
    aliases: list[str]
    plover: str
    country: str | None = None
    local: dict[str, list[str]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """A state, armed group or organisation. Countries are ISO 3166-1 alpha-3.

    `against` are the states that it fights, `fights` the ids of groups that it fights, `allied` the states on whose
    side it fights, `countries` where it acts. `state` is set for forces that are a state's own under another name ("Gaddafi forces").
    """

    id: str
    name: str
    kind: PartyKind
    country: str | None
    plover: str | None
    group_class: GroupClass | None = None
    countries: frozenset[str] = frozenset()
    against: frozenset[str] = frozenset()
    allied: frozenset[str] = frozenset()
    fights: frozenset[str] = frozenset()
    ruled: tuple[tuple[str, date, date | None], ...] = ()
    since: date | None = None
    state: str | None = None

    def rules(self, country: str, day: date | None) -> bool:
        """Whether it was the government of `country` on `day`."""
        return day is not None and any(c == country and a <= day and (b is None or day <= b) for c, a, b in self.ruled)


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to name a party. `where`: only in articles on this country."""

    text: str
    party: Party
    role: Role
    where: str | None = None

    @property
    def is_acronym(self) -> bool:
        """Capitals only: matched in capitals only."""
        return self.text.isupper() and len(self.text.replace(".", "")) <= 8


@dataclass(slots=True)
class Parties:
    """All parties."""

    by_id: dict[str, Party] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)
    leaders: dict[str, list[tuple[date | None, date | None, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, party: Party, names: Iterable[str], role: Role = "name", where: str | None = None) -> None:
        """Adds a party, or further names of it."""
        self.by_id.setdefault(party.id, party)
        self.aliases.extend(Alias(name, party, role, where) for name in names if name)

    def led_by(self, name: str, day: date | None) -> Party | None:
        """The party whose leader is called `name` on `day` (on any day, when it is unknown)."""
        for since, until, party_id in self.leaders.get(fold(name), ()):
            if day is None or (since or date.min) <= day <= (until or date.max):
                return self.by_id.get(party_id)
        return None

    def state(self, iso3: str) -> Party | None:
        """The state with this alpha-3 code."""
        return self.by_id.get(f"state:{iso3}")


@lru_cache(maxsize=1)
def load() -> Parties:
    """All parties of this installation. Raises pydantic.ValidationError naming the entry when a data file is wrong."""
    parties = Parties()
    _add_states(parties)
    for row in _read("armed_groups.yaml"):
        _add_group(parties, _Group.model_validate(row))
    for row in _read("organisations.yaml"):
        entry = _Organisation.model_validate(row)
        plover = entry.plover if entry.country is None else entry.country + entry.plover
        party = Party(entry.id, entry.name, "organisation", entry.country, plover)
        parties.add(party, [entry.name, *entry.aliases])
        for country, names in entry.local.items():
            parties.add(party, names, where=country)
    _add_leaders(parties)
    return parties


def _with_acronym(name: str, aliases: list[str]) -> str:
    """ "Free Syrian Army (FSA)": a name with the acronym by which it is known, when that abbreviates the name."""
    initials = Counter(re.sub(r"\B\w|\W", "", name).casefold())
    for alias in aliases:  # in whatever order: many come from the group's own language
        if alias.isupper() and 1 < len(alias) <= 8 and Counter(alias.casefold()) <= initials:
            return f"{name} ({alias})"
    return name


def _add_leaders(parties: Parties) -> None:
    with (DATA / "leaders.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["party"] not in parties.by_id:
                raise ValueError(f"leaders.tsv: no party {row['party']!r} (led by {row['names']})")
            since, until = (date.fromisoformat(row[c]) if row[c] else None for c in ("from", "to"))
            for name in row["names"].split("|"):
                parties.leaders[fold(name)].append((since, until, row["party"]))


def _read(name: str) -> list[object]:
    return yaml_file.read(DATA / name)


def _add_group(parties: Parties, entry: _Group) -> None:
    home = [entry.home] if entry.home else []
    countries = frozenset([*home, *entry.countries, *entry.against, *entry.allied])
    if entry.state:
        kind, plover = "state", f"{entry.state}MIL"
    else:
        kind, plover = "armed_group", f"{entry.home or ''}REB" if entry.home else "REB"
    party = Party(
        id=f"state:{entry.state}" if entry.state else entry.id,
        name=_with_acronym(entry.name, entry.aliases),
        kind=kind,
        country=entry.state or entry.home,
        plover=plover,
        group_class=entry.group_class,
        countries=countries,
        against=frozenset(entry.against),
        allied=frozenset(entry.allied),
        fights=frozenset(entry.fights),
        ruled=tuple(entry.ruled),
        since=entry.since,
        state=entry.state,
    )
    parties.add(party, [entry.name, *entry.aliases])
    for country, names in entry.local.items():
        parties.add(party, names, where=country)


def _add_states(parties: Parties) -> None:
    with (DATA / "states.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            iso3, names = row["iso3"], row["names"].split("|")
            state = Party(f"state:{iso3}", names[0], "state", iso3, iso3, countries=frozenset({iso3}))
            parties.add(state, names)
            parties.add(state, row["demonyms"].split("|"), "people")
            for name in row["government"].split("|"):
                parties.add(state, [name], "government" if name in _SEATS else "capital")


_SEATS: Final = frozenset(
    [
        "Kremlin",
        "the Kremlin",
        "the White House",
        "White House",
        "Pentagon",
        "the Pentagon",
        "Downing Street",
        "Whitehall",
    ]
)
