"""Sets of places with dates: the denominators of "4 of 34 provincial capitals".

    sets = builtin_place_sets()
    sets.get("afghanistan-provincial-capitals").size(date(2021, 8, 11))      # 34
    sets.capitals_of("AFG")                                                  # the same set

Built in are the capitals of the first-level divisions of 198 countries; a rule file may declare more.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

COLUMNS: Final = ("country", "slug", "term", "place", "name", "admin1", "national", "since")


@dataclass(frozen=True, slots=True)
class Member:
    """A place of a set, from `since` (null: always) up to, not including, `until` (null: still).

    `id` is null for a place that the gazetteer does not know: it counts in the denominator, and cannot be matched.
    """

    id: str | None
    name: str
    since: date | None = None
    until: date | None = None

    def on(self, day: date) -> bool:
        """Whether it belonged to the set on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class PlaceSet:
    """Places under one name."""

    name: str
    members: tuple[Member, ...]
    _sizes: dict[date, int] = field(default_factory=dict[date, int], compare=False, repr=False)
    _by_id: dict[str, Member] = field(default_factory=dict[str, Member], compare=False, repr=False)

    def __post_init__(self) -> None:
        self._by_id.update({member.id: member for member in self.members if member.id is not None})

    def size(self, day: date) -> int:
        """How many places it had on `day`."""
        known = self._sizes.get(day)
        if known is None:
            known = self._sizes[day] = sum(member.on(day) for member in self.members)
        return known

    def has(self, place: str, day: date) -> bool:
        """Whether the place with this id belonged to the set on `day`."""
        member = self._by_id.get(place)
        return member is not None and member.on(day)

    def changes(self) -> tuple[date, ...]:
        """The days on which members came or went."""
        days = {day for member in self.members for day in (member.since, member.until) if day is not None}
        return tuple(sorted(days))


class PlaceSets:
    """Place sets by name."""

    def __init__(self, sets: Iterable[PlaceSet], by_country: Mapping[str, PlaceSet]) -> None:
        self._sets = {known.name: known for known in sets}
        self._by_country = dict(by_country)

    def get(self, name: str) -> PlaceSet | None:
        """The set called `name`, if there is one."""
        return self._sets.get(name)

    def capitals_of(self, country: str) -> PlaceSet | None:
        """The capitals of the first-level divisions of a country (ISO 3166-1 alpha-3)."""
        return self._by_country.get(country)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._sets)

    def with_sets(self, more: Iterable[PlaceSet]) -> PlaceSets:
        """These and `more`; of two with one name the latter counts."""
        return PlaceSets([*self._sets.values(), *more], self._by_country)


@cache
def builtin_place_sets() -> PlaceSets:
    """The sets that come with the package, from data/admin1_capitals.tsv."""
    rows = _rows()
    sets: list[PlaceSet] = []
    by_country: dict[str, PlaceSet] = {}
    for country in dict.fromkeys(row["country"] for row in rows):
        own = [row for row in rows if row["country"] == country]
        members = tuple(_member(row) for row in own)
        names = dict.fromkeys(f"{own[0]['slug']}-{term}-capitals" for term in (own[0]["term"], "admin1"))
        made = [PlaceSet(name, members) for name in names]
        sets += made
        by_country[country] = made[0]
    return PlaceSets(sets, by_country)


@cache
def capital(name: str, country: str) -> Mapping[str, str] | None:
    """The row of data/admin1_capitals.tsv for the capital of that name in a country, if there is one."""
    return next((row for row in _rows() if row["name"] == name and row["country"] == country), None)


def _member(row: Mapping[str, str]) -> Member:
    return Member(row["place"] or None, row["name"], date.fromisoformat(row["since"]) if row["since"] else None)


@cache
def _rows() -> list[dict[str, str]]:
    text = (files("tocsin.alerting") / "data" / "admin1_capitals.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines[1:]]
