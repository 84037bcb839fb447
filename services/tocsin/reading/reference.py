"""What "the city", "it" and "the two towns" stand for: the most salient place that fits.

Salience is what centering theory (Grosz, Joshi and Weinstein 1995) makes of it, in three counts: a place whose capture
the article has just told outranks one that is only named; nearer outranks farther; often named outranks once named. A
place that is only where an institution sits ("the ministry in X") counts less.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tocsin_schemas import Place

if TYPE_CHECKING:
    from .article_places import ArticlePlaces

_TOWN_NOUNS: Final = frozenset(
    "city town village port metropolis stronghold bastion settlement hamlet hub hometown municipality township community "
    "commune enclave outpost oasis".split()
)
_TOWN_KINDS: Final = frozenset(["city", "capital"])
_AREA_KINDS: Final = {
    "province": frozenset(["province"]),
    "governorate": frozenset(["province"]),
    "state": frozenset(["province"]),
    "district": frozenset(["district"]),
    "neighborhood": frozenset(["district"]),
    "neighbourhood": frozenset(["district"]),
    "area": frozenset(["district", "region"]),
    "region": frozenset(["region", "province"]),
    "crossing": frozenset(["border_crossing"]),
}
_SETTLED: Final = frozenset("city town village district neighborhood neighbourhood area suburb".split())
"""What an unknown place may be called again: its kind is a guess."""
_ANY: Final = _TOWN_KINDS | {"district", "facility", "border_crossing", "province"}
_SEAT: Final = re.compile(
    r"(?:ministry|ministries|embassy|government|parliament|office|university|hospital|reporters|officials|spokes\w+|diplomats?|"
    r"statement|told \w+|based|speaking|said|arrived|from|toward|towards|near|outside|of|west|east|north|south|between)\s+"
    r"(?:\w+\s+)?(?:in|from|of|to)?\s*$",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(
    r"(?:[’']s)?\s+(?:(?:state|provincial|city|regional|local)\s+)?(?:government|police|officials?|authorities|governor|ministry|army|council)\b",
    re.IGNORECASE,
)
""" "the Borno state government": a place that only names whose the government is."""
_STOP: Final = re.compile(r"[.!?](?=\s|$)")
REACH: Final = 1_500
"""Characters back to which a description may point: about four paragraphs."""


RECENT: Final = 100
"""Captures back to which a description may point."""


def referents(
    places: ArticlePlaces, told: list[tuple[int, Place]], noun: str, before: int, count: int = 1
) -> list[Place]:
    """The `count` most salient places that `noun` ("city", "it") at character `before` can mean, best first.

    `told` are the places whose capture has been read so far, with the offset where it was told. Empty when nothing fits.
    """
    kinds = _kinds(noun)
    if kinds is None:
        return []
    scores: dict[str, tuple[float, Place]] = {}
    for place in places.between(before - REACH - 100, before):
        end = place.end or 0
        if place.kind not in kinds or end > before or before - end > REACH or places._is_dateline(place):
            continue
        score = 3.0 - (before - end) / 500 + min(places.times_named[place.id or place.name], 5) * 0.25
        if _SEAT.search(places.text[max(0, (place.start or 0) - 30) : place.start or 0]):
            score -= 1.5
        if _OWNED.match(places.text, end):
            score -= 1.5
        if (
            noun == "it"
            and place.kind != "province"
            and "\n" not in places.text[end:before]
            and not _STOP.search(places.text, end, before)
        ):
            score += 2.5
        if place.is_national_capital and noun in ("town", "village"):
            score -= 2.0
        _keep(scores, place, score)
    for at, place in told[-RECENT:]:
        unknown = place.id is None and place.kind in ("city", "district") and noun in _SETTLED
        if (place.kind in kinds or unknown) and at < before:
            _keep(scores, place, 4.5 - (before - at) / 600)
    ranked = sorted(scores.values(), key=lambda scored: -scored[0])
    return [place for _, place in ranked[:count]]


def _keep(scores: dict[str, tuple[float, Place]], place: Place, score: float) -> None:
    name = place.id or place.name
    if name not in scores or scores[name][0] < score:
        scores[name] = (score, place)


def _kinds(noun: str) -> frozenset[str] | None:
    if noun in ("it", "its", "there", "both", "them", "place"):
        return _ANY
    if noun in _TOWN_NOUNS:
        return _TOWN_KINDS
    return _AREA_KINDS.get(noun)
