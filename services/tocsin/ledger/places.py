"""Which rows hold the places of a country or a name: an index in memory, made from the store and kept up as events come."""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tocsin_schemas.ids import folded

from .rows import Row

PREFIX: Final = "place:"


class Places:
    """Row keys by country (ISO 3166-1 alpha-3; null where it is not known), and by id and name."""

    def __init__(self) -> None:
        self._rows: dict[str | None, set[str]] = {}
        self._called: dict[str, set[str]] = {}

    def add(self, place: Mapping[str, Any], key: str) -> None:
        """Notes that a row holds a place (`tocsin_schemas.Place` as JSON)."""
        self._rows.setdefault(place["country"], set()).add(key)
        for called in filter(None, (place["id"], place["name"])):
            self._called.setdefault(folded(called), set()).add(key)

    def scan(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Notes the places of stored rows."""
        for key, stored in rows:
            if key.startswith(PREFIX):
                for _, _, place in Row.decode(stored).places.values():
                    self.add(place, key)

    def of(self, country: str | None = None) -> list[str]:
        """The rows with places of a country, or of all countries; in order."""
        found = self._rows.get(country, set[str]()) if country is not None else set[str]().union(*self._rows.values())
        return sorted(found)

    def called(self, name: str) -> list[str]:
        """The rows with a place of that id or name; in order."""
        return sorted(self._called.get(folded(name), set[str]()))

    @property
    def countries(self) -> list[str]:
        """The countries that have places."""
        return sorted(country for country in self._rows if country is not None)
