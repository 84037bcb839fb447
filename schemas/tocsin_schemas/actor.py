"""Who acts: states, armed groups, organisations, persons, units."""

from __future__ import annotations

from typing import Literal

from .base import CountryCode, Mention

ActorKind = Literal["state", "armed_group", "organisation", "person", "unit", "unknown"]


class Actor(Mention):
    """A party as the text names it (`text`, `start`, `end`) and as it was resolved.

    `id` is stable across articles ("taliban", "state:AFG", "person:ashraf-ghani") or null when the words name
    nobody known; `country` is ISO 3166-1 alpha-3; `plover` the PLOVER actor code where there is one.
    """

    id: str | None = None
    name: str | None = None
    kind: ActorKind = "unknown"
    country: CountryCode | None = None
    plover: str | None = None


class Speaker(Actor):
    """A speaker; `resolved_from` keeps the pronoun or role that the text had ("he", "the lawmaker")."""

    resolved_from: str | None = None
