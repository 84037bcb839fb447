"""From a reading to captures: frames find the words, the phrases the places, realis and voice decide what is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.reading import events, place_lists, place_phrases, realis, syntax, theatre
from tocsin.reading.dating import date_of, is_background, since
from tocsin.reading.frames import FrameSet, Match
from tocsin.reading.place_phrases import PlacePhrase
from tocsin.reading.refusals import tell
from tocsin.reading.voice import voice_of
from tocsin.reading.wants import Wants
from tocsin_schemas import Actor, Capture, Codes, EventDate, Place

from . import captors

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin.reading import Reading, Sentence

FRAMES: Final = FrameSet.load(Path(__file__).with_name("frames.yaml"))
WANTS: Final = Wants(FRAMES, gate=theatre.CONFLICT)

_RECENT: Final = frozenset(
    [
        "now",
        "back",
        "longer",
        "already",
        "fully",
        "completely",
        "full",
        "complete",
        "finally",
        "again",
        "entirely",
        "today",
        "yet",
    ]
)
_RECAPTURE: Final = frozenset(
    "recapture retake reconquer liberate free regain reclaim recover liberation retaking reoccupy".split()
)
_LOST: Final = frozenset("lose cede surrender abandon yield relinquish concede fall hand turn".split())
_MANY: Final = re.compile(
    r"(?:almost |nearly )?(?:most|many|several|much|half|large|vast|huge|swathes|swaths|dozens|scores)\b", re.IGNORECASE
)
_GENERIC_REGIONS: Final = frozenset(["region", "country"])


def extract(reading: Reading) -> list[Capture]:
    """Every capture that `reading` tells, in document order, one per place and sentence and direction."""
    found: list[Capture] = []
    reading.told.clear()
    reading.acting.clear()
    reading.captors.clear()
    reading.story_day = None
    for sentence in WANTS.sentences(reading):
        told: list[Capture] = []
        for match in FRAMES.matches(sentence.doc):
            captures = tell(read_match, match, sentence)
            told += captures
            if sentence.field == "text":  # at once, so that "but lost it again" finds its place
                reading.told += [(c.evidence.end, c.place) for c in captures if c.place is not None]
        kept = [captors.of_its_city(capture, told) for capture in _without_repeats(told)]
        dated = [c.date for c in kept if c.date.precision == "day" and not c.background and c.date.text]
        reading.story_day = dated[-1] if dated and sentence.field == "text" else reading.story_day
        reading.captors += [
            (events.place_name(c.place), c.captor) for c in kept if c.place and c.captor and c.captor.id
        ]
        reading.acting += [(c.evidence.end, c.captor) for c in kept if c.captor is not None and c.captor.id is not None]
        found += kept
    return captors.settled(list({capture.id: capture for capture in found}.values()))


def read_match(match: Match, sentence: Sentence, why: list[str] | None = None) -> list[Capture]:
    """The captures that one frame match tells; empty when it tells none, with the reason appended to `why`."""
    reasons = why if why is not None else []
    sense = match.frame.source.sense
    phrases = _places(match, sentence)
    if not phrases:
        reasons.append("no place in the place role")
        return []
    nominal = match.anchor.pos_ == "NOUN"
    verdict = realis.assess(match.anchor, nominal=nominal)
    if match.anchor.lemma_ in sense.get("claims", ()) and verdict.cue is None:
        verdict = replace(verdict, cue=match.anchor, source=match.roles.get("captor"))
    if not verdict.factual:
        reasons.append(verdict.reason)
        return []
    lasting = since(match.anchor, sentence) if sense.get("mention") == "state" else None
    is_old = lasting is not None and is_background(lasting, sentence.reading.published)
    is_recent = lasting is not None and not is_old
    if is_old or (sense.get("new_only") and not is_recent and not _is_news(match, sentence)):
        reasons.append("a standing state, not a change")
        return []
    captor = _party(match, "captor", sentence, phrases)
    loser = _party(match, "previous_holder", sentence, phrases)
    if sense.get("mention") == "state" and syntax.is_no_longer(match.anchor):
        captor, loser = None, captor or loser  # "is no longer in our hands": lost by those who held it
    if captor is None and match.anchor.lemma_ in _LOST:
        captor = captors.given_to(match, sentence, phrases)
    captor = (
        captor
        or captors.told_before(phrases, loser, sentence)
        or captors.implied(match.anchor.lemma_, bool(match.frame.source.sense.get("expels")), verdict, loser, sentence)
        or captors.opponent(match.anchor.lemma_, loser, sentence)
    )
    if sense.get("free") and "previous_holder" in match.roles and not _fighters(loser, match, sentence):
        reasons.append("freed of something that is no party")
        return []
    if match.anchor.lemma_ == "abandon" and captor is None and all(p.kind == "tally" for p in phrases):
        reasons.append("left, but nobody is said to have taken it")
        return []
    if sense.get("to_party") and not _fighters(captor, match, sentence):
        reasons.append("left to nobody who fights")
        return []
    if sense.get("expels") and not _fighters(loser, match, sentence):
        reasons.append("those driven out are no party to the fight")
        return []
    if captor is not None and captor.kind == "person" and sense.get("strict_place") and not phrases[0].place:
        reasons.append("no party took it")
        return []
    when = lasting or date_of(match.anchor, sentence)
    told = [(phrase, when) for phrase in phrases]
    if not nominal and all(phrase.kind == "place" for phrase in phrases):
        told += [
            (place_phrases.of_name(match.anchor, place), mention.date if mention is not None else when)
            for place, mention in place_lists.sharing(sentence, match.anchor, max(p.end for p in phrases))
        ]
    return [_capture(match, sentence, phrase, verdict, captor, loser, date) for phrase, date in told]


def _places(match: Match, sentence: Sentence) -> list[PlacePhrase]:
    token = match.roles.get("place")
    if token is None:
        return []
    loose = not match.frame.source.sense.get("strict_place")
    found = place_phrases.read(token, sentence, sentence.reading.places_for(sentence), loose=loose)
    return [p for p in found if not _too_wide(p, token) and not _is_uncounted(p)]


def _too_wide(phrase: PlacePhrase, token: Token) -> bool:
    """ "took Iraq" is no capture of a place; only parts of a country are, as a tally."""
    return phrase.kind == "place" and phrase.place is not None and phrase.place.kind in _GENERIC_REGIONS


def _is_uncounted(phrase: PlacePhrase) -> bool:
    """ "its barracks and depots", "what towns": places without a name and without a number tell no tally."""
    return (
        phrase.kind == "tally" and phrase.quantity is None and phrase.ordinal is None and not _MANY.match(phrase.text)
    )


def _is_news(match: Match, sentence: Sentence) -> bool:
    """A state told as a new outcome: "now", "fully", or dated to these days."""
    nearby = {t.lower_ for word in match.words for t in word.subtree} if match.anchor.pos_ == "AUX" else set()
    nearby |= {c.lower_ for c in match.anchor.children} | {g.lower_ for word in match.words for g in word.children}
    if nearby & _RECENT:
        return True
    if match.frame.id == "capture.state.hands" and match.roles["place"] == match.anchor.head.head:
        return match.roles["place"].head.lower_ == "with"
    if match.anchor.lemma_ in ("remain", "stay", "keep", "retain") or "still" in nearby:
        return False
    if match.frame.id in (
        "capture.state.in_control",
        "capture.state.control_noun",
        "capture.control.object",
        "capture.state.theirs",
        "capture.state.hands",
    ):
        return True
    percent = any(t.lower_ in ("percent", "%") for t in match.anchor.subtree)
    return percent or (match.anchor.lemma_ == "be" and _dated(match.anchor, sentence))


def _dated(anchor: Token, sentence: Sentence) -> bool:
    when = date_of(anchor, sentence)
    return when.precision == "day" and when.start is not None and not is_background(when, sentence.reading.published)


def _party(match: Match, role: str, sentence: Sentence, phrases: list[PlacePhrase]) -> Actor | None:
    token = match.roles.get(role)
    if token is None or (role == "captor" and _only_declared(match.anchor)):
        return None
    if token.lemma_.lower() in ("claim", "report", "statement"):  # "a rebel claim to have captured X"
        token = syntax.child(token, "poss", "compound") or next(reversed(syntax.children(token, "amod")), token)
    at = sentence.offset(token)
    if any(p.start <= at < p.end and p.place is not None and p.place.kind != "country" for p in phrases):
        return None
    party = sentence.reading.party(token, sentence)
    if party is not None and party.kind == "unknown" and token.pos_ not in ("NOUN", "PROPN", "PRON"):
        return None  # "the overnight capture": a modifier, no party
    return party


def _only_declared(anchor: Token) -> bool:
    """ "was declared liberated by the president": he says so and has not done it."""
    governor = anchor.head
    return anchor.dep_ in ("oprd", "xcomp", "ccomp", "acomp") and governor.lemma_ in (
        "declare",
        "pronounce",
        "proclaim",
    )


def _fighters(loser: Actor | None, match: Match, sentence: Sentence) -> bool:
    return loser is not None and (loser.kind in ("armed_group", "state", "unit") or loser.id is not None)


def _capture(
    match: Match,
    sentence: Sentence,
    phrase: PlacePhrase,
    verdict: realis.Realis,
    captor: Actor | None,
    loser: Actor | None,
    when: EventDate,
) -> Capture:
    reading = sentence.reading
    first, last = _trigger(match)
    start, end = sentence.span(first, last)
    voice = voice_of(verdict, sentence, start, captor, loser)
    place: Place | None = phrase.place
    return Capture(
        id=events.event_id(
            reading.article, "capture", sentence.text,
            events.place_name(place) or phrase.text.casefold(), events.actor_name(captor), voice.modality,
        ),
        article=events.article_ref(reading.article),
        evidence=events.evidence(sentence, start, end),
        rule=match.frame.id,
        modality=voice.modality,
        attribution=voice.attribution,
        date=when,
        background=is_background(when, reading.published),
        codes=Codes.model_validate(match.frame.source.codes),
        kind=phrase.kind,
        place=place,
        captor=captor,
        previous_holder=loser,
        extent="partial" if phrase.partial else "full",
        mention=match.frame.source.sense.get("mention", "verbal"),
        recapture=match.anchor.lemma_ in _RECAPTURE or "back" in {c.lower_ for c in match.anchor.children},
        ordinal=phrase.ordinal,
        count=phrase.quantity,
        of=phrase.of,
    )  # fmt: skip


def _trigger(match: Match) -> tuple[Token, Token]:
    """First and last word of the trigger: the anchor, its particle and the words the frame needed next to it."""
    words = sorted({match.anchor, *(w for w in match.words if abs(w.i - match.anchor.i) <= 6)}, key=lambda t: t.i)
    particles = [c for c in match.anchor.children if c.dep_ == "prt" and abs(c.i - match.anchor.i) <= 3]
    words = sorted({*words, *particles}, key=lambda t: t.i)
    return words[0], words[-1]


def _is_way_back(one: Capture, other: Capture) -> bool:
    """ "retook the town that it had lost in May": one place, two directions."""
    return any(
        a.previous_holder is not None
        and b.captor is not None
        and a.captor is None
        and events.actor_name(a.previous_holder) == events.actor_name(b.captor)
        for a, b in ((one, other), (other, one))
    )


def _without_repeats(told: list[Capture]) -> list[Capture]:
    """One event per place and direction in a sentence: the verbal mention wins over state and nominal."""
    rank = {"verbal": 0, "state": 1, "nominal": 2}
    kept: dict[tuple[str | None, str | None], Capture] = {}
    for capture in told:
        key = (
            events.place_name(capture.place) or f"tally {capture.evidence.start}",
            events.actor_name(capture.captor),
        )
        same_place = [
            k for k, other in kept.items()
            if k[0] == key[0] and (k[1] == key[1] or None in (k[1], key[1])) and not _is_way_back(other, capture)
            and (other.modality == "denied") == (capture.modality == "denied")
        ]  # fmt: skip
        if not same_place:
            kept[key] = capture
            continue
        before = kept[same_place[0]]
        better = (capture.captor is not None, -rank[capture.mention]) > (
            before.captor is not None,
            -rank[before.mention],
        )
        if better:
            del kept[same_place[0]]
            kept[key] = capture
    return sorted(kept.values(), key=lambda c: c.evidence.start)
