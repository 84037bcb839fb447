"""Publisher families: whose copy a report is, and for whom an outlet speaks. Data: `families.yaml`.

families = Families.load()
families.family_of(event.article)          # "afp" for an outlet that credits AFP
families.medium("tass", date(2022, 3, 1))  # speaks for state:RUS
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from tocsin_schemas import ArticleRef
from tocsin_schemas.ids import folded

SHIPPED: Final = Path(__file__).with_name("families.yaml")
Stance = Literal["gaining", "losing", "third"]


class FamiliesError(ValueError):
    """The families file cannot be used; the message names the file and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Agency(_Strict):
    """A wire service: whoever credits one of `names` carries its copy."""

    family: str
    names: list[str]


class StateMedium(_Strict):
    """An outlet run by a state: it speaks for that state where the state is a party."""

    family: str
    names: list[str]
    state: str


class SideMedium(_Strict):
    """An outlet of one side of a conflict, from `since` up to `until` (both may be open)."""

    family: str
    names: list[str]
    side: str
    since: date | None = None
    until: date | None = None


class Conflict(_Strict):
    """The sides of a conflict, as lists of actor ids, the countries it is fought in, and the sides' own media."""

    name: str
    countries: list[str]
    sides: dict[str, list[str]]
    media: list[SideMedium]


class FamiliesFile(_Strict):
    """The whole file."""

    agencies: list[Agency]
    state_media: list[StateMedium]
    conflicts: list[Conflict]


@dataclass(frozen=True, slots=True)
class Medium:
    """For whom an outlet speaks, and against whom: actor ids."""

    speaks_for: frozenset[str]
    against: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    def stance(self, gaining: str | None, losing: str | None) -> Stance:
        """The outlet's stake in a place that goes from `losing` to `gaining` (actor ids or null)."""
        if gaining in self.speaks_for:
            return "gaining"
        if losing in self.speaks_for or gaining in self.against:
            return "losing"
        return "third"

    def speaks_on(self, day: date) -> bool:
        """Whether it spoke for this side on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Families:
    """The families by name. Make it with `load`."""

    _family: Mapping[str, str]
    _media: Mapping[str, tuple[Medium, ...]]
    _sides: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Families:
        """The families of a file. Raises FamiliesError when it cannot be read or does not hold together."""
        return _load(path)

    def family_of(self, article: ArticleRef) -> str:
        """The family that an article's words come from: the credited agency's, else its publisher's."""
        for name in (article.credit, article.family, article.publisher):
            if name and (known := self._family.get(folded(name))):
                return known
        if article.credit:
            return f"credit:{folded(article.credit)}"
        return folded(article.family)

    def side_of(self, actor: str, country: str | None) -> str:
        """The side that an actor fights on in a country, or the actor's own id where it fights for itself."""
        return self._sides.get((country or "", actor), actor)

    def medium(self, family: str, day: date) -> Medium | None:
        """For whom a family speaks on `day`, in all conflicts together; null for a press that speaks for itself."""
        media = [medium for medium in self._media.get(family, ()) if medium.speaks_on(day)]
        if not media:
            return None
        return Medium(
            frozenset(actor for medium in media for actor in medium.speaks_for),
            frozenset(actor for medium in media for actor in medium.against),
        )


@cache
def _load(path: Path) -> Families:
    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = FamiliesFile.model_validate(told)
    except OSError as error:
        raise FamiliesError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise FamiliesError(f"{path}: no valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FamiliesError(f"{path}: {where}: {first['msg']}") from error
    return Families(_names(path, file), _media(path, file), _sides(path, file))


def _names(path: Path, file: FamiliesFile) -> dict[str, str]:
    found: dict[str, str] = {}
    media = [medium for conflict in file.conflicts for medium in conflict.media]
    for entry in [*file.agencies, *file.state_media, *media]:
        for name in (entry.family, *entry.names):
            other = found.setdefault(folded(name), entry.family)
            if other != entry.family:
                raise FamiliesError(f"{path}: {name!r} belongs to both {other} and {entry.family}; name it once")
    return found


def _media(path: Path, file: FamiliesFile) -> dict[str, tuple[Medium, ...]]:
    found: dict[str, list[Medium]] = {}
    for conflict in file.conflicts:
        for medium in conflict.media:
            if medium.side not in conflict.sides:
                raise FamiliesError(
                    f"{path}: {medium.family} speaks for {medium.side!r}, which is no side of {conflict.name}"
                )
            against = {actor for side, actors in conflict.sides.items() if side != medium.side for actor in actors}
            found.setdefault(medium.family, []).append(
                Medium(frozenset(conflict.sides[medium.side]), frozenset(against), medium.since, medium.until)
            )
    for medium in file.state_media:
        found.setdefault(medium.family, []).append(Medium(frozenset([medium.state])))
    return {family: tuple(media) for family, media in found.items()}


def _sides(path: Path, file: FamiliesFile) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for conflict in file.conflicts:
        for side, actors in conflict.sides.items():
            for key in ((country, actor) for country in conflict.countries for actor in actors):
                if key in found:
                    raise FamiliesError(f"{path}: {key[1]} is on two sides in {key[0]}; name it once for a country")
                if len(actors) > 1:
                    found[key] = f"{conflict.name}/{side}"
    return found
