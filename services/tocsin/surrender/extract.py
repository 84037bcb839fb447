"""From a reading to surrenders: who gave up to whom, how many, where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tocsin.reading import events, place_phrases, quantities, realis, theatre
from tocsin.reading.dating import date_of, is_background
from tocsin.reading.frames import FrameSet, Match
from tocsin.reading.refusals import tell
from tocsin.reading.voice import voice_of
from tocsin.reading.wants import Wants
from tocsin_schemas import Actor, Codes, Place, Quantity, Surrender

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin.reading import Reading, Sentence

FRAMES: Final = FrameSet.load(Path(__file__).with_name("frames.yaml"))
WANTS: Final = Wants(FRAMES, gate=theatre.CONFLICT)

_UNITS: Final = frozenset(
    "unit brigade battalion regiment division company platoon garrison column detachment squad corps".split()
)
_FIGHTERS: Final = re.compile(
    r"\b(?:soldiers?|troops?|fighters?|militants?|rebels?|insurgents?|men|people|officers?|servicemen|policemen|guards?|gunmen|"
    r"recruits|conscripts|officials?|commandos?|terrorists?|members?|combatants?|guerrillas?|militiamen|extremists?|"
    r"jihadists?|prisoners|foreigners|volunteers|marines|taliban|personnel|defectors)\b",
    re.IGNORECASE,
)
_CIVILIANS: Final = frozenset(
    "suspect man woman driver robber killer singer player team party company owner buyer".split()
)


def extract(reading: Reading) -> list[Surrender]:
    """Every surrender that `reading` tells, in document order, one per frame match."""
    found: list[Surrender] = []
    for sentence in WANTS.sentences(reading):
        told = [event for match in FRAMES.matches(sentence.doc) for event in tell(read_match, match, sentence)]
        found += _without_repeats(told)
    return list({event.id: event for event in found}.values())


def read_match(match: Match, sentence: Sentence, why: list[str] | None = None) -> list[Surrender]:
    """The surrender that one frame match tells, or none with the reason appended to `why`."""
    reasons = why if why is not None else []
    token = match.roles.get("surrendering")
    place = _surrendered_place(match, sentence)
    if token is None and place is None:
        reasons.append("nobody surrenders")
        return []
    sense = match.frame.source.sense
    verdict = realis.assess(match.anchor, nominal=bool(sense.get("nominal")))
    if not verdict.factual:
        reasons.append(verdict.reason)
        return []
    who = sentence.reading.party(token, sentence) if token is not None else None
    if place is None and not _is_fighting(who, token, sentence):
        reasons.append("those who surrender are no fighters")
        return []
    return [_surrender(match, sentence, who, token, place, verdict)]


def _is_fighting(who: Actor | None, token: Token | None, sentence: Sentence) -> bool:
    if who is None or token is None:
        return False
    if token.lemma_.lower() in _CIVILIANS:
        return False
    if who.kind in ("armed_group", "state", "unit", "person") or who.id is not None:
        return True
    return bool(_FIGHTERS.search(who.text)) or token.lemma_.lower() in _UNITS or token.pos_ == "PRON"


def _surrendered_place(match: Match, sentence: Sentence) -> Place | None:
    token = match.roles.get("surrendered")
    subject = match.roles.get("surrendering")
    if token is None and subject is not None and subject.pos_ == "PROPN":
        token = subject  # "Ardal surrendered to the rebels"
    if token is None:
        return None
    found = place_phrases.read(token, sentence, sentence.reading.places_for(sentence))
    return next((p.place for p in found if p.place is not None), None)


def _surrender(
    match: Match,
    sentence: Sentence,
    who: Actor | None,
    token: Token | None,
    place: Place | None,
    verdict: realis.Realis,
) -> Surrender:
    reading = sentence.reading
    start, end = sentence.span(*_trigger(match))
    recipient_token = match.roles.get("recipient")
    recipient = reading.party(recipient_token, sentence) if recipient_token is not None else _opponent(who, sentence)
    what: Literal["people", "unit", "place"] = "people"
    if place is not None:
        what = "place"
    elif token is not None and token.lemma_.lower() in _UNITS:
        what = "unit"
    voice = voice_of(verdict, sentence, start, recipient, who)
    when = date_of(match.anchor, sentence)
    where = place or _place_near(match, sentence)
    count = _count(token, sentence) if token is not None and place is None else None
    return Surrender(
        id=events.event_id(
            reading.article, "surrender", sentence.text, events.actor_name(who), events.actor_name(recipient),
            events.place_name(where), what, count.text if count else None,
        ),
        article=events.article_ref(reading.article),
        evidence=events.evidence(sentence, start, end),
        rule=match.frame.id,
        modality=voice.modality,
        attribution=voice.attribution,
        date=when,
        background=is_background(when, reading.published),
        codes=Codes.model_validate(match.frame.source.codes),
        surrendering=who,
        recipient=recipient,
        count=count,
        place=where,
        what=what,
        defection=bool(match.frame.source.sense.get("defection")),
    )  # fmt: skip


def _trigger(match: Match) -> tuple[Token, Token]:
    words = sorted({match.anchor, *(w for w in match.words if abs(w.i - match.anchor.i) <= 4)}, key=lambda t: t.i)
    return words[0], words[-1]


def _count(token: Token, sentence: Sentence) -> Quantity | None:
    """How many gave up: the number beside a word for fighters in the phrase of those who do."""
    last = token.right_edge
    relative = next((c for c in token.children if c.dep_ in ("relcl", "acl") and c.i > token.i), None)
    if relative is not None:
        last = token.doc[max(token.i, relative.left_edge.i - 1)]
    start, end = sentence.span(token.left_edge, last)
    words = sentence.text[start - sentence.start : end - sentence.start]
    people = _FIGHTERS.search(words)
    if people is not None:
        before = max(words.rfind(",", 0, people.start()) + 1, 0)
        quantity = quantities.read(words[before : people.end()], start + before)
        if quantity is not None:
            return quantity
    if token.tag_ in ("NNP", "NN") and token.lemma_.lower() not in _UNITS and people is None:
        person = sentence.reading.person_named(words)
        if person is not None:
            return Quantity(text=words, start=start, end=end, value=1, minimum=1, maximum=1)
    return quantities.read(words, start) if people is None else None


def _place_near(match: Match, sentence: Sentence) -> Place | None:
    """Where: a place that hangs on the verb or on those who give up, else the last one of the sentence before it."""
    places = sentence.reading.places_for(sentence)
    towns = [p for p in places.named(sentence.start, sentence.end) if p.kind not in ("country", "region")]
    if not towns:
        return None
    at = sentence.offset(match.anchor)
    after = [p for p in towns if (p.start or 0) > at]
    local = [p for p in after if _is_locative(sentence, p)] or [p for p in towns if _is_locative(sentence, p)]
    return local[0] if local else None


def _is_locative(sentence: Sentence, place: Place) -> bool:
    start = (place.start or 0) - sentence.start
    return bool(
        re.search(
            r"\b(?:in|at|near|around|outside|of)\s+(?:\w+\s+){0,2}$", sentence.text[max(0, start - 40) : start], re.I
        )
    )


def _opponent(who: Actor | None, sentence: Sentence) -> Actor | None:
    """Whom they gave up to when the text does not say: the other side that the article speaks of."""
    if who is None:
        return None
    actors = sentence.reading.actors_for(sentence)
    foes = actors.opponents_of(who.id) if who.id is not None else []
    if foes:
        foe = actors.resolve(foes[0].name, sentence.start)
        if foe is not None and foe.id is not None and foe.id != who.id:
            return foe.model_copy(update={"text": foe.name or foes[0].name, "start": None, "end": None})
    phrase = "government forces" if who.kind == "armed_group" else "the rebels"
    found = actors.resolve(phrase, sentence.start)
    if found is None or found.id is None or found.id == who.id:
        return None
    return found.model_copy(update={"text": found.name or phrase, "start": None, "end": None})


def _without_repeats(told: list[Surrender]) -> list[Surrender]:
    kept: dict[tuple[str | None, str | None], Surrender] = {}
    for event in told:
        kept.setdefault((events.actor_name(event.surrendering), event.count.text if event.count else None), event)
    return list(kept.values())
