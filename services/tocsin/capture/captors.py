"""Who took a place where the clause does not say: what the article tells of it elsewhere, or whom it is against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.reading import events, realis
from tocsin_schemas import Actor, Capture

if TYPE_CHECKING:
    from tocsin.reading import Sentence
    from tocsin.reading.frames import Match
    from tocsin.reading.place_phrases import PlacePhrase

_BOASTED: Final = frozenset("take capture seize secure win liberate retake recapture".split())
"""What a group that says it without naming anybody has done itself ("the rebels said X had been taken")."""
_PRONOUNS: Final = frozenset(["they", "them", "their", "theirs", "it", "its", "we", "our", "ours", "us", "he", "his"])


def told_before(phrases: list[PlacePhrase], loser: Actor | None, sentence: Sentence) -> Actor | None:
    """The captor that the article has told for the place, where a later sentence leaves it out ("the city was lost")."""
    places = {events.place_name(p.place) for p in phrases if p.place is not None}
    for place, captor in reversed(sentence.reading.captors):
        if place in places and (loser is None or loser.id != captor.id):
            return _from_elsewhere(captor)
    return None


def implied(verb: str, expels: bool, verdict: realis.Realis, loser: Actor | None, sentence: Sentence) -> Actor | None:
    """Who took it when nobody is named: the side that tells of its enemy's loss, or the army where a place is freed."""
    freed = verb in ("liberate", "free", "retake", "recapture")
    reading = sentence.reading
    source = reading.party(verdict.source, sentence) if verdict.source is not None else None
    if verb in _BOASTED and source is not None and source.kind == "armed_group" and source.id is not None:
        return None if _is(source, loser) else source.model_copy(update={"start": None, "end": None})
    if not freed and not (expels and loser is not None and loser.kind == "armed_group"):
        return None
    if source is None or source.kind not in ("state", "armed_group") or (loser is not None and source.id == loser.id):
        source = reading.actors_for(sentence).resolve("government forces", sentence.start)
    if source is None or source.id is None:
        return None
    return source.model_copy(update={"start": None, "end": None})


def opponent(verb: str, loser: Actor | None, sentence: Sentence) -> Actor | None:
    """Who it was lost to: the only party of the article that fights the loser ("the rebels took X but lost it again")."""
    if loser is None or loser.id is None or verb not in ("lose", "abandon", "cede", "yield", "relinquish"):
        return None
    against = sentence.reading.actors_for(sentence).opponents_of(loser.id)
    if len(against) != 1:
        return None
    (foe,) = against
    return Actor(text=foe.name, id=foe.id, name=foe.name, kind=foe.kind, country=foe.country)


def given_to(match: Match, sentence: Sentence, phrases: list[PlacePhrase]) -> Actor | None:
    """ "lost much of X, the second city, to the rebels a day earlier": the "to" that the parse hung on another word."""
    after = max(p.end for p in phrases)
    for word in sentence.doc[match.anchor.i + 1 :]:
        if word.pos_ in ("VERB", "AUX") and sentence.offset(word) > after:
            return None
        if word.lower_ == "to" and word.pos_ == "ADP" and sentence.offset(word) >= after:
            target = next((c for c in word.children if c.dep_ == "pobj"), None)
            party = sentence.reading.party(target, sentence) if target is not None else None
            return party if party is not None and party.kind in ("armed_group", "state", "unit") else None
    return None


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
        return _from_elsewhere(captor)

    return [c.model_copy(update={"captor": captor_of(number, c)}) for number, c in enumerate(captures)]


def _from_elsewhere(captor: Actor) -> Actor:
    """A captor told in another clause: without offsets, and by name where that clause has a pronoun."""
    said = captor.text.casefold().partition(" ")[0]
    text = captor.name or captor.text if said in _PRONOUNS else captor.text
    return captor.model_copy(update={"text": text, "start": None, "end": None})


def _is_open(capture: Capture) -> bool:
    """Nobody is said to have taken it, or a pronoun that nothing explains."""
    captor = capture.captor
    return captor is None or (captor.id is None and captor.kind == "unknown" and captor.text.casefold() in _PRONOUNS)


def _is(one: Actor, other: Actor | None) -> bool:
    return other is not None and one.id == other.id


def _same(one: Actor, other: Actor | None) -> bool:
    return other is not None and events.actor_name(one) == events.actor_name(other)
