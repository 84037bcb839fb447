"""Who published an article, and which news agency a name means.

The data are in `publishers.yaml`; a deployment may name a file of its own with the same shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import yaml
from courlan import extract_domain
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin_schemas import Publisher

DATA: Final = Path(__file__).with_name("publishers.yaml")
UNKNOWN: Final = Publisher(id="unknown", name="unknown", family="unknown")
"""Stands in where neither a name nor a URL says who published."""

_PARTS = re.compile(r"\s*(?:/|\||\(|\)|\bvia\b|,\s*(?=via\b))\s*")
_COPY = re.compile(r"\s+copy$")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    name: Annotated[str, Field(min_length=1)]
    also: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class _Agency(_Entry):
    credit: Annotated[str, Field(min_length=1)]


class _Outlet(_Entry):
    family: str | None = None


class _Registry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: tuple[_Agency, ...]
    outlets: tuple[_Outlet, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a printed source ("Daily Planet (AFP)") says: who published, and whose copy it is."""

    publisher: Publisher
    credit: str | None


class Publishers:
    """A look-up over agencies and outlets by name, by domain and by printed credit."""

    def __init__(self, registry: _Registry) -> None:
        self._by_name: dict[str, Publisher] = {}
        self._by_domain: dict[str, Publisher] = {}
        self._credit_of: dict[str, str] = {}
        for agency in registry.agencies:
            publisher = Publisher(id=agency.id, name=agency.name, family=agency.id)
            self._add(agency, publisher, (agency.name, agency.credit, *agency.also))
            for spelling in (agency.credit, agency.name, *agency.also):
                self._credit_of[spelling] = agency.credit
        for outlet in registry.outlets:
            publisher = Publisher(id=outlet.id, name=outlet.name, family=outlet.family or outlet.id)
            self._add(outlet, publisher, (outlet.name, *outlet.also))

    @classmethod
    def load(cls, path: Path = DATA) -> Publishers:
        """The registry in `path`. Raises ValueError, naming the file and the entry, when it is not of that shape."""
        try:
            registry = _Registry.model_validate(yaml.safe_load(path.read_text("utf-8")))
            return cls(registry)
        except (yaml.YAMLError, ValidationError, ValueError) as problem:
            raise ValueError(f"{path}: {problem}") from problem

    def _add(self, entry: _Entry, publisher: Publisher, names: tuple[str, ...]) -> None:
        for name in {_folded(name) for name in names}:
            if self._by_name.setdefault(name, publisher) != publisher:
                raise ValueError(f"{entry.id}: the name {name!r} already means {self._by_name[name].id}")
        for domain in entry.domains:
            if self._by_domain.setdefault(domain, publisher) != publisher:
                raise ValueError(f"{entry.id}: the domain {domain!r} already belongs to {self._by_domain[domain].id}")

    @property
    def credits(self) -> dict[str, str]:
        """Every spelling of an agency, as printed, with the name that its credit is given in."""
        return dict(self._credit_of)

    def credit(self, printed: str) -> str | None:
        """The agency that `printed` names ("Agence France-Presse" is "AFP"), or None."""
        exact = self._credit_of.get(printed.strip())
        if exact is not None:
            return exact
        found = self._by_name.get(_folded(printed))
        return self._credit_of.get(found.name) if found is not None else None

    def named(self, source: str | None, url: str | None) -> Named:
        """Publisher and wire credit of a printed source and a URL; either may be missing.

        In "Reuters (Daily Planet)" and "Daily Planet / AFP" the agency is the credit and the other the publisher.
        A name that the registry does not know is a publisher, and a family, of its own.
        """
        parts = [_COPY.sub("", part) for part in _PARTS.split(source or "") if part.strip()]
        agencies = [part for part in parts if part in self._credit_of]
        outlets = [part for part in parts if part not in self._credit_of]
        whole = self._by_name.get(_folded(source)) if source else None
        if whole is not None and not agencies:
            return Named(whole, self._credit_of.get(whole.name))
        credit = self._credit_of[agencies[0]] if agencies else None
        if outlets:
            publisher = self._outlet(outlets[0], url)
            return Named(publisher, credit or self._syndicated(outlets[1:], publisher))
        hosted = self.at(url)
        if agencies:
            carrier = hosted if self._lists(url) else None
            return Named(carrier or self._by_name[_folded(agencies[0])], credit)
        return Named(hosted or UNKNOWN, None)

    def _syndicated(self, others: list[str], publisher: Publisher) -> str | None:
        """The house whose text a publisher prints: "Daily Planet (The Guardian)" is The Guardian's copy."""
        known = (self._by_name.get(_folded(other)) for other in others)
        return next((house.name for house in known if house is not None and house.family != publisher.family), None)

    def _outlet(self, name: str, url: str | None) -> Publisher:
        known = self._by_name.get(_folded(name))
        if known is not None:
            return known
        slug = _slug(name)
        hosted = self.at(url)
        # an unlisted name on a listed site is a section of that house; on an unlisted one it is its own
        family = hosted.family if hosted is not None and self._lists(url) else slug
        return Publisher(id=slug, name=name.strip(), family=family)

    def _lists(self, url: str | None) -> bool:
        return any(domain in self._by_domain for domain in _domains(url))

    def at(self, url: str | None) -> Publisher | None:
        """The publisher whose pages are at `url`: a listed one, or one named by its registered domain."""
        for domain in _domains(url):
            if domain in self._by_domain:
                return self._by_domain[domain]
        if not _domains(url):
            return None
        registered = extract_domain(url or "") or _domains(url)[0].removeprefix("www.")
        return Publisher(id=registered, name=registered, family=registered)


@cache
def default_publishers() -> Publishers:
    """The registry that comes with Tocsin, read once."""
    return Publishers.load()


def _domains(url: str | None) -> list[str]:
    """The host of `url` and its parent domains, the longest first."""
    try:
        host = (urlsplit(url or "").hostname or "").rstrip(".")
    except ValueError:
        return []
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "unknown"
