"""What an article as a whole says of where it plays, and the ranking of a name's candidates by it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tocsin_schemas.place import PlaceKind

from . import place_words as words
from .gazetteer import Entry, Gazetteer
from .place_names import fold, key
from .place_scan import PlaceMention, in_dateline

ACCEPTED: Final = 0.45
"""Least score of a name that counts as a place."""
_WORLD_POWERS: Final = frozenset({"USA", "GBR", "FRA", "CHN", "DEU", "RUS", "ITA", "CAN", "AUS", "JPN"})
"""States that are spoken of in news from everywhere: they say little of where an article plays."""
_NEAR: Final = 300.0
"""Kilometers within which places of one article support each other."""
_OBSCURE: Final = 0.6
"""A town less prominent than this (below 100,000 people) is believed only where the article calls it a place at least
once, and in the countries that the article speaks of."""
_CAPITALIZED: Final = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")


@dataclass(slots=True)
class Context:
    """What the article as a whole says of where it plays."""

    gazetteer: Gazetteer
    countries: dict[str, float]
    anchors: list[Entry] = field(default_factory=list)
    names: dict[str, float] = field(default_factory=dict)
    located: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    within: dict[str, Entry] = field(default_factory=dict)
    _ranked: dict[tuple[object, ...], list[tuple[float, Entry]]] = field(default_factory=dict)

    @property
    def main_country(self) -> str | None:
        """The alpha-3 code of the country that the article is most about."""
        return max(self.countries, key=lambda c: self.countries[c]) if self.countries else None

    @classmethod
    def of(
        cls,
        *,
        gazetteer: Gazetteer,
        text: str,
        title: str,
        mentions: Sequence[PlaceMention],
        in_title: Sequence[PlaceMention],
        votes: Mapping[str, float],
    ) -> Context:
        """Counts countries, peoples and the places that leave no doubt; then takes those as anchors."""
        counts: dict[str, float] = defaultdict(float)
        for country in _peoples(f"{title}\n{text}"):
            counts[country] += 1
        context = cls(gazetteer, {})
        context.located = frozenset(key(m.name) for m in mentions if m.is_located and not m.is_titled)
        context.persons = frozenset(key(m.name) for m in mentions if m.is_titled)
        context._note_areas(text, mentions)
        for mention in mentions:
            share = 0.3 if in_dateline(text, mention.start, mention.end) else 1.0
            for entry, weight in context._certain(mention):
                counts[entry.country] += weight * share
        for mention in in_title:
            for entry, weight in context._certain(mention):
                counts[entry.country] += 2 * weight
        weights = {c: math.log2(1 + n) * (0.4 if c in _WORLD_POWERS else 1.0) for c, n in counts.items() if c}
        for country, weight in votes.items():
            weights[country] = weights.get(country, 0.0) + weight
        total = max(weights.values(), default=1.0)
        context.countries = {c: w / total for c, w in weights.items()}
        context._find_anchors(mentions)
        return context

    def _certain(self, mention: PlaceMention) -> Iterable[tuple[Entry, float]]:
        """Places that a mention certainly or very likely means, with their vote."""
        entries = [self.gazetteer.entry(row) for row in mention.rows]
        states = [entry for entry in entries if entry.kind in ("country", "region") and entry.country]
        if states and not mention.is_name_part:
            return [(states[0], 1.0)]
        if mention.score < 0.7:
            return []
        scored = sorted(((self.gazetteer.prominence(e, mention.name), e.row, e) for e in entries), reverse=True)
        if not scored or scored[0][0] < 0.5 or mention.is_speaker:
            return []
        rivals = [s for s, _, e in scored if e.country != scored[0][2].country]
        if rivals and rivals[0] > scored[0][0] - 0.25:
            return []
        return [(scored[0][2], 1.0)]

    def _note_areas(self, text: str, mentions: Sequence[PlaceMention]) -> None:
        """ "Tripoli, Lebanon": the name's country or province is said beside it."""
        for mention, following in pairwise(mentions):
            if mention.end == mention.name_end and text[mention.end : following.start] in (", ", ", in "):
                areas = [self.gazetteer.entry(row) for row in following.rows]
                area = next((e for e in areas if e.kind == "country"), None)
                area = area or next((e for e in areas if e.kind == "province" and following.hint != "city"), None)
                if area is not None:
                    self.within[key(mention.name)] = area

    def _find_anchors(self, mentions: Sequence[PlaceMention]) -> None:
        for mention in mentions:
            ranked = self.rank(mention)
            if not ranked or ranked[0][0] < 0.9 or mention.is_name_part:
                continue
            self.names[key(mention.name)] = max(ranked[0][0], self.names.get(key(mention.name), 0))
            if ranked[0][1].lat is not None:
                self.anchors.append(ranked[0][1])
        self.anchors = list({a.row: a for a in self.anchors}.values())[:12]
        self._ranked.clear()

    def rank(self, mention: PlaceMention) -> list[tuple[float, Entry]]:
        """The places that a mention may mean, most likely first, with a score (ACCEPTED and more is a place)."""
        memo = (mention.name, mention.hint, round(mention.score, 2), mention.is_name_part, mention.is_located)
        ranked = self._ranked.get(memo)
        if ranked is None:
            ranked = self._ranked[memo] = self._rank(mention)
        return ranked

    def _rank(self, mention: PlaceMention) -> list[tuple[float, Entry]]:
        entries = [self.gazetteer.entry(row) for row in mention.rows]
        best = max((self.gazetteer.prominence(e, mention.name) for e in entries), default=0.0)
        words_say = mention.score - best
        seen = self.names.get(key(mention.name), 0.0) >= 0.9 and not mention.is_name_part
        name = key(mention.name)
        owners = {e.country for e in entries if e.kind == "city" and key(e.name) == name}
        scored = []
        for entry in entries:
            borrows = entry.kind == "city" and entry.country in owners and key(entry.name) != name
            score = self._score(entry, mention) + words_say + (0.3 if seen else 0.0) - (0.6 if borrows else 0.0)
            scored.append((score, entry))
        return sorted(scored, key=lambda pair: (-pair[0], pair[1].row))

    def _score(self, entry: Entry, mention: PlaceMention) -> float:
        prominence = score = self.gazetteer.prominence(entry, mention.name)
        support = self.countries.get(entry.country, 0.0)
        is_town = entry.kind in ("city", "district")
        score += 0.7 * support if entry.country else 0.3
        if not support and entry.kind not in ("country", "region") and self.countries:
            is_other_name = is_town and key(entry.name) != key(mention.name)
            score -= 1.5 if is_town and prominence < _OBSCURE else 0.7 if is_other_name else 0.35
        score += fit(entry, mention.hint)
        score += self._said_of(entry, mention, prominence)
        if entry.lat is not None and self.anchors:
            nearest = min((kilometers(entry, a) for a in self.anchors if a.row != entry.row), default=None)
            if nearest is not None and nearest < _NEAR:
                score += 0.15 * (1 - nearest / _NEAR)
        return score

    def _said_of(self, entry: Entry, mention: PlaceMention, prominence: float) -> float:
        """What the article says of a name elsewhere: its area, that it is a person's, that it is a place at all."""
        score = 0.0
        name = key(mention.name)
        area = self.within.get(name)
        if area is not None and area.row != entry.row and entry.country == area.country:
            score += 0.5 if area.kind == "country" or area.admin1 == entry.admin1 else 0.0
        is_area = entry.kind in ("country", "region")
        if name in self.persons and not is_area:
            score -= 1.0 if prominence < _OBSCURE else 0.5
        is_located = mention.is_located or name in self.located
        if not is_located and prominence < _OBSCURE and entry.kind in ("city", "district"):
            score -= 0.6
        return score

    def sounding(self, mention: PlaceMention) -> list[tuple[float, Entry]]:
        """Places of the article's countries whose name sounds like an unknown one."""
        name = key(mention.name)
        is_located = mention.is_located or name in self.located
        if mention.is_titled or mention.is_name_part or name in self.persons:
            return []
        for country in sorted(self.countries, key=lambda c: -self.countries[c])[:2]:
            if self.countries[country] < 0.5:
                break
            for entry in self.gazetteer.find_sounding(mention.name, country):
                if fit(entry, mention.hint) < 0 or entry.kind in ("country", "region"):
                    continue
                if is_located or self.gazetteer.prominence(entry) >= _OBSCURE:
                    return [(ACCEPTED, entry)]
        return []


def fit(entry: Entry, hint: PlaceKind | None) -> float:
    """How well an entry's kind suits what the words around it say."""
    if hint is None:
        return 0.25 if entry.kind == "city" and entry.is_admin1_capital else 0.0
    if hint == "region":
        return 0.3 if entry.kind in ("region", "province") else -0.2 if entry.kind == "country" else 0.0
    if hint in ("facility", "border_crossing", "capital"):
        return 0.2 if entry.kind == "city" else -0.3 if entry.kind == "country" else 0.0
    if hint == "city" and entry.kind == "city":
        return 0.3
    if hint == entry.kind:
        return 0.5
    return -0.5


def kilometers(one: Entry, other: Entry) -> float:
    """The distance between two towns (equirectangular: within 1 % below 500 km), infinite for areas."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return math.inf
    x = math.radians(other.lon - one.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return 6371.0 * math.hypot(x, math.radians(other.lat - one.lat))


def _peoples(text: str) -> Iterator[str]:
    """The countries whose people `text` names ("Afghan", "South Koreans"), once for each time."""
    for found in _CAPITALIZED.finditer(text):
        folded = fold(found.group())
        country = words.DEMONYMS.get(folded)
        if country is not None:
            yield country
            continue
        for word in folded.split():
            if (country := words.DEMONYMS.get(word)) is not None:
                yield country
