"""Who "Taliban fighters", "the army", "the insurgents" are: parties named in a text, and noun phrases resolved.

    index = ActorIndex.load()
    index.find("The Taliban took Kunduz from Afghan forces.")        # [ActorMention(...), ...], one pass
    actors = index.read(text, title)                                   # ArticleActors: one per article
    actors.votes                                                       # countries they speak for, for the places
    actors.settle("AFG", date(2021, 8, 8))                             # main country and day, once places are known
    actors.resolve("the insurgents", start=120)                        # tocsin_schemas.Actor

A phrase is resolved by what it names; without a name by the class of its head noun (government, its forces, insurgents,
fighters, a unit) and by the parties that the article speaks of. Words that fit nobody known keep a null id.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import ahocorasick

from .actor_data import Alias, Parties, Party, Role, load
from .article_actors import ArticleActors

_EVEN: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "-": " ", "–": " ", "‑": " ", "\u00a0": " ", "\n": " "})


@dataclass(frozen=True, slots=True)
class ActorMention:
    """Words that name a party: characters `start` to `end`. `options` are further readings, by country."""

    start: int
    end: int
    text: str
    party: Party
    role: Role
    options: tuple[Alias, ...]
    is_acronym: bool

    @property
    def actor_id(self) -> str:
        """The id of the party."""
        return self.party.id


class ActorIndex:
    """Finds the parties that a text names. One per process; make it with `load()`."""

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self._automaton = ahocorasick.Automaton()
        by_text: dict[str, list[Alias]] = defaultdict(list)
        for alias in parties.aliases:
            by_text[even(alias.text).lower()].append(alias)
        for text, aliases in by_text.items():
            self._automaton.add_word(text, (len(text), tuple(aliases)))
        self._automaton.make_automaton()

    @classmethod
    def load(cls) -> ActorIndex:
        """The index over the project's data."""
        return _load()

    def find(self, text: str) -> list[ActorMention]:
        """All parties named in `text`, leftmost and longest first, in order; offsets are characters of `text`."""
        lower = even(text).lower()
        if len(lower) != len(text):
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in even(text))
        found: list[ActorMention] = []
        for end, (length, aliases) in self._automaton.iter(lower):
            start = end + 1 - length
            if _is_whole(lower, start, end + 1):
                fitting = tuple(a for a in aliases if _in_case(a, text, start, end + 1))
                if fitting:
                    found.append(_mention(text, start, end + 1, fitting))
        found.sort(key=lambda m: (m.start, -m.end))
        kept: list[ActorMention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return kept

    def read(self, text: str, title: str = "") -> ArticleActors:
        """The parties of an article."""
        return ArticleActors(self, text, self.find(text), self.find(title))


def even(text: str) -> str:
    """`text` with one kind of apostrophe and spaces for hyphens, of the same length."""
    return text.translate(_EVEN)


def _mention(text: str, start: int, end: int, aliases: tuple[Alias, ...]) -> ActorMention:
    first = next((a for a in aliases if a.where is None), aliases[0])
    return ActorMention(start, end, text[start:end], first.party, first.role, aliases, first.is_acronym)


def _is_whole(text: str, start: int, end: int) -> bool:
    return (start == 0 or not text[start - 1].isalnum()) and (end >= len(text) or not text[end].isalnum())


def _in_case(alias: Alias, text: str, start: int, end: int) -> bool:
    if not alias.is_acronym:
        return text[start].isupper() or not alias.text[0].isupper()
    if not text[start:end].isupper():
        return False
    around = text[max(0, start - 24) : start] + text[end : end + 24]
    letters = [c for c in around if c.isalpha()]
    return len(alias.text) > 3 or not letters or sum(c.isupper() for c in letters) < 0.7 * len(letters)


@lru_cache(maxsize=1)
def _load() -> ActorIndex:
    return ActorIndex(load())
