"""Clauses whose verb is left out: "A was taken on Monday, B on Tuesday and C on Wednesday".

gapped(sentence, anchor) -> [(place, date mention)]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin_schemas import Place

    from .dates import DateMention
    from .reader import Sentence

_OPENS: Final = re.compile(r"\s*(?:[,;]|[,;]?\s*(?:and|then|followed by|and then))\s+", re.IGNORECASE)
_LISTS: Final = re.compile(r"\s*(?:,|,?\s*and|&)\s+", re.IGNORECASE)
_CLOSES: Final = re.compile(r"\s*(?:[,.;:)–—-]|and\b|$)", re.IGNORECASE)
"""What follows the date of a clause without a verb; a verb there has the place for its own."""
_DATES: Final = re.compile(r",?\s+(?:on|in|at|by)?\s*", re.IGNORECASE)


def gapped(sentence: Sentence, anchor: Token) -> list[tuple[Place, DateMention]]:
    """The places after `anchor` that share its verb, each with a date of its own, in order.

    They follow an expression of time ("... on Monday"), a comma or "and", and are followed by another.
    """
    reading = sentence.reading
    text = reading.text if sentence.field == "text" else reading.title
    dates = [d for d in reading.dates_in(sentence) if not d.future]
    at = next((d.end for d in dates if d.start > sentence.offset(anchor)), None)
    if at is None:
        return []
    places = reading.places_for(sentence).named(at, sentence.end)
    found: list[tuple[Place, DateMention]] = []
    group: list[Place] = []
    for place in places:
        start, end = place.start or 0, place.end or 0
        gap = _LISTS if group else _OPENS
        if not gap.fullmatch(text, at, start):
            break
        group.append(place)
        at = end
        date = next((d for d in dates if d.start >= end and _DATES.fullmatch(text, end, d.start)), None)
        if date is not None:
            if not _CLOSES.match(text, date.end, sentence.end):
                break
            found += [(member, date) for member in group]
            group, at = [], date.end
    return found
