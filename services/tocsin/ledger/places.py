"""Which rows hold the places of a country: an index in memory, made from the store and kept up as events come."""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .rows import Row

PREFIX: Final = "place:"


class Places:
    """Row keys by country (ISO 3166-1 alpha-3; null where it is not known)."""

    def __init__(self) -> None:
        self._rows: dict[str | None, set[str]] = {}

    def add(self, country: str | None, key: str) -> None:
        """Notes that a row holds a place of a country."""
        self._rows.setdefault(country, set()).add(key)

    def scan(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Notes the places of stored rows."""
        for key, stored in rows:
            if key.startswith(PREFIX):
                for _, _, place in Row.decode(stored).places.values():
                    self.add(place["country"], key)

    def of(self, country: str | None = None) -> list[str]:
        """The rows with places of a country, or of all countries; in order."""
        found = self._rows.get(country, set[str]()) if country is not None else set[str]().union(*self._rows.values())
        return sorted(found)

    @property
    def countries(self) -> list[str]:
        """The countries that have places."""
        return sorted(country for country in self._rows if country is not None)
