"""Which place a name in an article means, and what "the city", "it" and "the provincial capital" stand for.

    resolver = PlaceResolver(Gazetteer.load())
    places = resolver.read(text, title)               # ArticlePlaces: one per article, cheap (no parse)
    places.all                                         # [tocsin_schemas.Place], in order, with offsets
    places.named(start, end)                           # those that overlap these characters
    places.described("city", start)                    # what "the city" at `start` stands for
    places.resolve_words("the town of Marjah", start)  # a noun phrase, known to the gazetteer or not
    places.capital_of(place)

Ranking: how well known a place is, what kind the words around it want, and whether the article's countries and other
places agree (the "one country, near the others" prior that gazetteer linkers use, e.g. CLIFF-CLAVIN and Mordecai).
A name is never made finer than the text: "in Kunduz province" is the province.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from tocsin_schemas import Place
from tocsin_schemas.place import PlaceKind, PlacePrecision

from . import place_words as words
from .article_places import ArticlePlaces
from .gazetteer import Entry, Gazetteer
from .place_context import ACCEPTED, Context
from .place_names import alike, fold
from .place_scan import PlaceMention, PlaceScanner


class PlaceResolver:
    """Resolves the places of articles against one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, scanner: PlaceScanner | None = None) -> None:
        self.gazetteer = gazetteer
        self.scanner = scanner or PlaceScanner(gazetteer)

    def read(
        self,
        text: str,
        title: str = "",
        countries: Mapping[str, float] | None = None,
        taken: Iterable[tuple[int, int]] = (),
    ) -> ArticlePlaces:
        """The places of an article. `countries` are votes (alpha-3 -> weight) from elsewhere, such as its actors.

        `taken` are spans of the text known to name something else, such as an armed group ("Islamic State").
        """
        mentions = _outside(self.scanner.find_places(text), taken)
        return self.resolve(text, mentions, title, countries)

    def resolve(
        self, text: str, mentions: Sequence[PlaceMention], title: str = "", countries: Mapping[str, float] | None = None
    ) -> ArticlePlaces:
        """The same for mentions found before."""
        context = Context.of(
            gazetteer=self.gazetteer,
            text=text,
            title=title,
            mentions=mentions,
            in_title=self.scanner.find_places(title),
            votes=countries or {},
        )
        found = [place for mention in mentions if (place := self.place(mention, context)) is not None]
        return ArticlePlaces(self, text, title, context, found)

    def resolve_all(
        self, text: str, mentions: Sequence[PlaceMention], title: str = "", countries: Mapping[str, float] | None = None
    ) -> list[Place]:
        """The places of an article in order; mentions that are no place are left out."""
        return self.resolve(text, mentions, title, countries).all

    def place(self, mention: PlaceMention, context: Context) -> Place | None:
        """What one mention means in its article; None when it is no place."""
        ranked = context.rank(mention) or context.sounding(mention)
        if ranked and ranked[0][0] >= ACCEPTED:
            return self._known(mention, ranked[0][1], context)
        if mention.noun not in words.UNKNOWN_NOUNS or mention.score < ACCEPTED or mention.is_titled:
            return None
        follows = mention.end > mention.name_end
        if follows and (words.PEOPLE_ENDING.search(mention.name) or fold(mention.name) in words.ORDINARY):
            return None
        return self._unknown(mention, context)

    def _known(self, mention: PlaceMention, entry: Entry, context: Context) -> Place:
        if mention.hint in ("facility", "border_crossing") and entry.kind != mention.hint:
            if entry.country not in context.countries and entry.country:
                return self._unknown(mention, context)
            return self.facility(
                mention.text, mention.start, mention.end, self.as_place(entry, mention.name),
                border=mention.hint == "border_crossing",
            )  # fmt: skip
        name = _display(entry, mention.name)
        return self.as_place(entry, mention.text, mention.start, mention.end, name=name)

    def _unknown(self, mention: PlaceMention, context: Context) -> Place:
        kind = mention.hint or "city"
        if kind in ("facility", "border_crossing"):
            place = self.facility(mention.text, mention.start, mention.end, None, border=kind == "border_crossing")
            return place.model_copy(update={"country": context.main_country})
        name = mention.text if mention.noun.title() in mention.text else mention.name
        return self.unknown(mention.text, mention.start, mention.end, kind, name=name, country=context.main_country)

    def as_place(
        self, entry: Entry, text: str = "", start: int | None = None, end: int | None = None, *, name: str | None = None
    ) -> Place:
        """A gazetteer entry in the contract's form."""
        kind, precision = _kind_of(entry)
        return Place(
            text=text or entry.name,
            start=start,
            end=end,
            id=entry.place_id,
            name=name or entry.name,
            kind=kind,
            country=entry.country or None,
            admin1=entry.admin1 or None,
            is_admin1_capital=entry.is_admin1_capital,
            is_national_capital=entry.is_national_capital,
            lat=entry.lat,
            lon=entry.lon,
            precision=precision,
        )

    def facility(self, text: str, start: int | None, end: int | None, city: Place | None, *, border: bool) -> Place:
        """A building or site, at the coordinates of its town where one is named ("near"), else without any."""
        precise = city is not None and city.lat is not None
        return Place(
            text=text,
            start=start,
            end=end,
            name=re.sub(r"^(?:the|a|an|its|their|his) ", "", text, flags=re.IGNORECASE),
            kind="border_crossing" if border else "facility",
            country=city.country if city else None,
            admin1=city.admin1 if city else None,
            lat=city.lat if city else None,
            lon=city.lon if city else None,
            precision="near" if precise else "admin1" if city and city.admin1 else "country",
        )

    def unknown(
        self,
        text: str,
        start: int | None,
        end: int | None,
        kind: PlaceKind,
        *,
        name: str | None = None,
        country: str | None,
    ) -> Place:
        """A place that the gazetteer does not know: its words, without id or coordinates."""
        return Place(
            text=text, start=start, end=end, name=name or text, kind=kind, country=country, precision="country"
        )


def _outside(mentions: Sequence[PlaceMention], taken: Iterable[tuple[int, int]]) -> list[PlaceMention]:
    """The mentions that do not lie within (or run into) one of the spans."""
    spans = sorted(taken)
    starts = [start for start, _ in spans]
    kept = []
    for mention in mentions:
        at = bisect_left(starts, mention.name_end) - 1
        if at < 0 or spans[at][1] <= mention.name_start:
            kept.append(mention)
    return kept


def _kind_of(entry: Entry) -> tuple[PlaceKind, PlacePrecision]:
    if entry.kind == "city":
        return ("capital" if entry.is_national_capital or entry.is_admin1_capital else "city"), "exact"
    if entry.kind == "district":
        return "district", "near"
    if entry.kind == "province":
        return "province", "admin1"
    if entry.kind in ("facility", "border_crossing"):
        return entry.kind, "exact"
    return ("region" if entry.kind == "region" else "country"), "country"


def _display(entry: Entry, written: str) -> str:
    """The gazetteer's name, or the name as written when that is another name of the place (Palmyra, not Tadmur)."""
    if entry.is_admin1_capital or entry.kind in ("country", "province", "region"):
        return entry.name
    return entry.name if alike(entry.name, written) >= 0.8 else written
