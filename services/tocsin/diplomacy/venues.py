"""Where a dealing takes place, and the state that is visited or left there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pycountry

from tocsin_schemas import Actor, Place

from .dealers import from_context

if TYPE_CHECKING:
    from tocsin.reading import Sentence
    from tocsin.reading.frames import Match


def venue_of(match: Match, sentence: Sentence) -> Place | None:
    """The place of the role, of "in" or "at" with the word itself, or the dateline's for "here"."""
    token = match.roles.get("venue")
    places = sentence.reading.places_for(sentence)
    if token is not None:
        start, end = sentence.span(token.left_edge, token.right_edge)
        found = places.named(start, end)
        if found:
            return found[0]
        if token.lemma_.lower() == "capital":
            return places.described("capital", start)
        return None
    if any(c.lower_ == "here" and c.dep_ == "advmod" for c in match.anchor.children):
        return _dateline(sentence)
    for c in match.anchor.children:
        if c.dep_ == "prep" and c.lower_ in ("in", "at"):
            start, end = sentence.span(c, c.right_edge)
            found = places.named(start, end)
            if found:
                return found[0]
    return None


def _dateline(sentence: Sentence) -> Place | None:
    """ "here": where the report was written."""
    first = sentence.reading.body_sentences[0]
    found = sentence.reading.places_for(first).named(first.start, first.body) if first.body > first.start else []
    return found[0] if found else None


def host(venue: Place, actors: list[Actor]) -> list[Actor]:
    """The state that is visited, when it is not the visitor's own."""
    if venue.country is None or any(a.kind == "state" and a.country == venue.country for a in actors):
        return []
    return [
        Actor(
            text=venue.text, start=venue.start, end=venue.end, id=f"state:{venue.country}", name=_country_name(venue),
            kind="state", country=venue.country, plover=venue.country,
        )
    ]  # fmt: skip


def host_by_country(sentence: Sentence, actors: list[Actor]) -> list[Actor]:
    """Where a mission stands that is not placed: in the country that the article is about."""
    country = sentence.reading.text_places.country
    state = sentence.reading.actors_for(sentence).index.parties.state(country) if country is not None else None
    if state is None or any(a.country == country for a in actors):
        return []
    return [Actor(text=state.name, id=state.id, name=state.name, kind="state", country=country, plover=state.plover)]


def states_named(venue: Place | None, sentence: Sentence) -> list[Actor]:
    """ "Three embassies are shutting down, Britain and France said": the sentence's states but the one where they stand."""
    found = from_context([], sentence)
    return [a for a in found if a.kind == "state" and (venue is None or a.country != venue.country)]


def _country_name(venue: Place) -> str:
    found = pycountry.countries.get(alpha_3=venue.country)
    return venue.name if found is None else getattr(found, "common_name", found.name)
