"""What names and descriptions in one article stand for: "Kunduz", "the city", "its capital", "it".

Made by `PlaceResolver.read`; see `places.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tocsin_schemas import Place
from tocsin_schemas.place import PlaceKind

from .place_context import ACCEPTED, Context
from .place_names import fold, key
from .place_scan import in_dateline

if TYPE_CHECKING:
    from .places import PlaceResolver

_CITY_NOUNS: Final = frozenset(
    "city town village port metropolis stronghold bastion settlement hamlet hub hometown municipality township "
    "community commune enclave outpost".split()
)
_AREA_NOUNS: Final[dict[str, frozenset[str]]] = {
    "province": frozenset({"province"}),
    "governorate": frozenset({"province"}),
    "state": frozenset({"province"}),
    "oblast": frozenset({"province"}),
    "region": frozenset({"region", "province"}),
    "district": frozenset({"district"}),
    "county": frozenset({"district"}),
    "country": frozenset({"country"}),
    "nation": frozenset({"country"}),
    "area": frozenset({"region", "district", "province"}),
    "territory": frozenset({"region"}),
    "peninsula": frozenset({"region", "province"}),
    "valley": frozenset({"region"}),
    "island": frozenset({"region", "province"}),
    "neighborhood": frozenset({"district"}),
    "neighbourhood": frozenset({"district"}),
    "quarter": frozenset({"district"}),
    "camp": frozenset({"facility", "district"}),
    "crossing": frozenset({"border_crossing"}),
}
"""A common noun for an area -> the kinds of place that it may stand for."""
_TOWNS: Final = frozenset({"city", "capital"})
_FACILITIES: Final = frozenset({"facility", "border_crossing"})
_PHRASE: Final = re.compile(r"^(?:the|a|an|its|their|his|our|this|that)\s+", re.IGNORECASE)


class ArticlePlaces:
    """The places of one article; answers what names and descriptions in it stand for. Offsets count `text`."""

    def __init__(self, resolver: PlaceResolver, text: str, title: str, context: Context, found: list[Place]) -> None:
        self.resolver = resolver
        self.text = text
        self.title = title
        self.context = context
        self.all = found
        self._starts = [place.start or 0 for place in found]
        self._names: dict[str, Place] = {}
        for place in found:
            self._names.setdefault(key(place.name), place)
            self._names.setdefault(key(place.text), place)

    @property
    def country(self) -> str | None:
        """The alpha-3 code of the country that the article is most about."""
        return self.context.main_country

    def named(self, start: int, end: int) -> list[Place]:
        """The resolved names whose span overlaps characters `start` to `end` of the text, in order."""
        at = bisect_left(self._starts, start)
        while at > 0 and (self.all[at - 1].end or 0) > start:
            at -= 1
        found = []
        while at < len(self.all) and self._starts[at] < end:
            if (self.all[at].end or 0) > start:
                found.append(self.all[at])
            at += 1
        return found

    @cached_property
    def times_named(self) -> Counter[str]:
        """How often each place is named, by its id or else its name."""
        return Counter(place.id or place.name for place in self.all)

    def between(self, start: int, end: int) -> list[Place]:
        """The places that begin at or after character `start` and before `end`, in order."""
        return self.all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def capital_of(self, place: Place) -> Place | None:
        """The seat of a province or the capital of a country, implied (without offsets)."""
        gazetteer = self.resolver.gazetteer
        if place.kind == "province" and place.admin1:
            entry = gazetteer.capital_of(place.admin1)
        elif place.kind == "country" and place.country:
            entry = gazetteer.country_capital(place.country)
        else:
            return None
        return self.resolver.as_place(entry) if entry else None

    def country_capital(self, iso3: str) -> Place | None:
        """The capital of a state, implied (without offsets)."""
        entry = self.resolver.gazetteer.country_capital(iso3)
        return self.resolver.as_place(entry) if entry else None

    def antecedent(self, before: int, kinds: frozenset[str], *, skip: frozenset[str] = frozenset()) -> Place | None:
        """The last place of one of `kinds` named before character `before`, other than those with an id in `skip`."""
        at = bisect_right(self._starts, before - 1)
        for place in reversed(self.all[:at]):
            fits = place.kind in kinds and (place.end or 0) <= before and (place.id or place.name) not in skip
            if fits and not self._is_dateline(place):
                return place
        return None

    def _is_dateline(self, place: Place) -> bool:
        return place.start is not None and in_dateline(self.text, place.start, place.end or 0)

    def described(self, noun: str, start: int, *, country: str | None = None) -> Place | None:
        """What "the city", "the capital", "it", "both" at character `start` stands for; None when nothing fits.

        `noun` is the head of the description in the singular, or the pronoun. `country` narrows "the capital".
        """
        noun = noun.casefold()
        if noun in ("it", "there", "its", "them", "both"):
            return self.antecedent(start, _TOWNS | _FACILITIES | {"district", "province"})
        if noun == "capital":
            return self._the_capital(start, country)
        if noun in _CITY_NOUNS:
            return self.antecedent(start, _TOWNS) or self._title_place(_TOWNS)
        kinds = _AREA_NOUNS.get(noun)
        if kinds:
            return self.antecedent(start, kinds)
        return self._facility_like(noun, start)

    def _the_capital(self, start: int, country: str | None) -> Place | None:
        if country:
            return self.country_capital(country)
        clause = self.text[max(0, start - 40) : start + 60].casefold()
        if "provincial capital" in clause or "regional capital" in clause or "state capital" in clause:
            province = self.antecedent(start, frozenset({"province"}))
            near = self.antecedent(start, _TOWNS)
            if (
                near is not None
                and near.is_admin1_capital
                and (province is None or (near.start or 0) > (province.start or 0))
            ):
                return near
            return self.capital_of(province) if province else near
        main = self.country
        return self.country_capital(main) if main else None

    def _facility_like(self, noun: str, start: int) -> Place | None:
        at = bisect_right(self._starts, start - 1)
        for place in reversed(self.all[:at]):
            if place.kind in _FACILITIES and noun in fold(place.text):
                return place
        return None

    def _title_place(self, kinds: frozenset[str]) -> Place | None:
        for mention in self.resolver.scanner.find_places(self.title):
            place = self.resolver.place(mention, self.context)
            if place is not None and place.kind in kinds:
                return place.model_copy(update={"start": None, "end": None})
        return None

    def facility(self, text: str, start: int, end: int, city: Place | None, *, border: bool) -> Place:
        """A facility, in its town if one is known; else only in the article's country."""
        place = self.resolver.facility(text, start, end, city, border=border)
        if place.country is None and self.country:
            return place.model_copy(update={"country": self.country})
        return place

    def unknown(self, text: str, start: int, end: int, kind: PlaceKind) -> Place:
        """A name that something else says is a place's: one of the article, an obscure one, or text without id."""
        known = self._names.get(key(text))
        if known is not None:
            return known.model_copy(update={"text": text, "start": start, "end": end})
        mention = self.resolver.scanner.as_mention(text)
        ranked = self.context.rank(mention) or self.context.sounding(mention)
        if ranked and ranked[0][0] >= ACCEPTED:
            return self.resolver.as_place(ranked[0][1], text, start, end)
        return self.resolver.unknown(text, start, end, kind, country=self.country)

    def resolve_words(self, words_: str, start: int | None = None) -> Place | None:
        """The place that a noun phrase names: by its names, by description, or unknown but kept as text.

        None when the phrase names no place at all (no proper name, and no description that the article explains).
        """
        end = None if start is None else start + len(words_)
        if start is not None and (found := self.named(start, start + len(words_))):
            return next((p for p in found if p.kind in _FACILITIES), found[0])
        for mention in self.resolver.scanner.find_places(words_):
            place = self.resolver.place(mention, self.context)
            if place is not None:
                shift = None if start is None else start + mention.start
                stop = None if start is None else start + mention.end
                return place.model_copy(update={"start": shift, "end": stop})
        bare = _PHRASE.sub("", words_).strip()
        last = bare.split()[-1] if bare else ""
        if last and last[0].islower():
            return self.described(last, start if start is not None else len(self.text))
        return self.unknown(bare, start or 0, end or len(words_), "city") if bare[:1].isupper() else None
