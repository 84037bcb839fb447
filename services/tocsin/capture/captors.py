"""Who took a place where the clause does not say: what the article tells of it elsewhere, or whom it is against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.reading import events, realis
from tocsin_schemas import Actor, Capture

if TYPE_CHECKING:
    from tocsin.reading import Sentence
    from tocsin.reading.place_phrases import PlacePhrase

_PRONOUNS: Final = frozenset(["they", "them", "their", "theirs", "it", "its", "we", "our", "ours", "us", "he", "his"])


def told_before(phrases: list[PlacePhrase], loser: Actor | None, sentence: Sentence) -> Actor | None:
    """The captor that the article has told for the place, where a later sentence leaves it out ("the city was lost")."""
    places = {events.place_name(p.place) for p in phrases if p.place is not None}
    for place, captor in reversed(sentence.reading.captors):
        if place in places and (loser is None or loser.id != captor.id):
            return captor.model_copy(update={"start": None, "end": None})
    return None


def implied(verb: str, expels: bool, verdict: realis.Realis, loser: Actor | None, sentence: Sentence) -> Actor | None:
    """Who took it when nobody is named: the side that tells of its enemy's loss, or the army where a place is freed."""
    freed = verb in ("liberate", "free", "retake", "recapture")
    if not freed and not (expels and loser is not None and loser.kind == "armed_group"):
        return None
    reading = sentence.reading
    source = reading.party(verdict.source, sentence) if verdict.source is not None else None
    if source is None or source.kind not in ("state", "armed_group") or (loser is not None and source.id == loser.id):
        source = reading.actors_for(sentence).resolve("government forces", sentence.start)
    if source is None or source.id is None:
        return None
    return source.model_copy(update={"text": source.name or source.text, "start": None, "end": None})


def of_its_city(capture: Capture, told: list[Capture]) -> Capture:
    """ "X captured A, making it the ninth city to fall": the tally's captor is the one of the capture beside it."""
    if capture.captor is not None or capture.ordinal is None:
        return capture
    beside = next((c for c in told if c.captor is not None and c.kind == "place"), None)
    return capture if beside is None else capture.model_copy(update={"captor": beside.captor})


def settled(captures: list[Capture]) -> list[Capture]:
    """Captures without a captor ("the town fell") with the one of the same place, else with the only one of the article.

    An event keeps its id: what another sentence says of the captor does not make it another event.
    """
    named = [c for c in captures if c.captor is not None and not _is_open(c) and c.captor.kind != "person"]
    sides = {events.actor_name(c.captor): c.captor for c in named if c.modality != "denied"}
    only = next(iter(sides.values())) if len(sides) == 1 else None

    def captor_of(number: int, capture: Capture) -> Actor | None:
        place = events.place_name(capture.place)
        order = [*reversed(captures[:number]), *captures[number + 1 :]]
        same = next((c.captor for c in order if place and c in named and events.place_name(c.place) == place), None)
        captor = same if same is not None and not _same(same, capture.previous_holder) else only
        if not _is_open(capture) or captor is None or _same(captor, capture.previous_holder):
            return capture.captor
        return captor.model_copy(update={"start": None, "end": None})

    return [c.model_copy(update={"captor": captor_of(number, c)}) for number, c in enumerate(captures)]


def _is_open(capture: Capture) -> bool:
    """Nobody is said to have taken it, or a pronoun that nothing explains."""
    captor = capture.captor
    return captor is None or (captor.id is None and captor.kind == "unknown" and captor.text.casefold() in _PRONOUNS)


def _same(one: Actor, other: Actor | None) -> bool:
    return other is not None and events.actor_name(one) == events.actor_name(other)
