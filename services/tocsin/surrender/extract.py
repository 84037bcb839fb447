"""From a reading to surrenders: who gave up to whom, how many, where."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tocsin.reading import events, place_phrases, quantities, realis, syntax, theatre
from tocsin.reading.actor_words import HEADS
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

_ORDINAL: Final = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
_ONE: Final = frozenset(
    "soldier fighter rebel militant insurgent policeman guard gunman officer official commander general colonel captain major "
    "leader chief governor mayor warlord pilot sergeant lieutenant minister ambassador guerrilla militiaman sniper".split()
)
HISTORY: Final = timedelta(days=3_650)
"""What lies longer ago than this is told as history: a surrender of another war."""
_IN: Final = re.compile(r"\bin\s*\Z", re.IGNORECASE)
_NOT_YET: Final = frozenset(["let", "agree", "consent", "line"])
"""What stands before a surrender that is still to come ("agreed to surrender", "were lining up to ...")."""
_SELVES: Final = frozenset(["himself", "herself", "themselves", "itself", "ourselves", "myself"])
_UNITS: Final = frozenset(
    "unit brigade battalion regiment division company platoon garrison column detachment squad corps".split()
)
_FIGHTERS: Final = re.compile(
    r"\b(?:soldiers?|troops?|fighters?|militants?|rebels?|insurgents?|men|people|officers?|servicemen|policemen|guards?|gunmen|"
    r"recruits|conscripts|officials?|commandos?|terrorists?|members?|combatants?|guerrillas?|militiamen|extremists?|"
    r"jihadists?|prisoners|foreigners|volunteers|marines|taliban|personnel|defectors|deserters|defenders|crew|sailors|police|pilots?|"
    r"generals?|colonels?|commanders?|warlords?|leaders?|chiefs?|governors?|mayors?|forces|separatists|partisans)\b",
    re.IGNORECASE,
)
_CIVILIANS: Final = frozenset(
    "suspect driver robber killer singer player team party company owner buyer hijacker market share stock price currency bank "
    "parliament court defendant convict fugitive goalkeeper champion striker bowler batsman minister".split()
)


_OF_STATE: Final = re.compile(
    r"\b(?:army|government forces|government troops|security forces|troops|soldiers|police(?:men)?|commandos|loyalists)\b",
    re.IGNORECASE,
)
_OF_REBELS: Final = re.compile(
    r"\b(?:rebels|insurgents|militants|separatists|guerrillas|jihadists|militiamen|gunmen|fighters)\b", re.IGNORECASE
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
    if _is_general(match.anchor):
        reasons.append("conditional: those who surrender, whoever they are")
        return []
    above = match.anchor.head.lemma_
    if above in _NOT_YET and match.anchor.dep_ in ("ccomp", "xcomp"):
        reasons.append(f"governed by {above}")
        return []
    who = sentence.reading.party(token, sentence) if token is not None else None
    given = syntax.undergoer(match.anchor)
    if place is None and given is not None and given.lower_ not in _SELVES and sense.get("plain"):
        reasons.append("what is surrendered is no place")
        return []
    if place is None and not _gives_up(who, token, match, sentence):
        reasons.append("those who surrender are no fighters")
        return []
    event = _surrender(match, sentence, who, token, place, verdict)
    if event.date.end is not None and event.date.end < sentence.reading.published - HISTORY:
        reasons.append("a standing state of history")
        return []
    return [event]


def _is_general(anchor: Token) -> bool:
    """ "those who surrender", "fighters who lay down their guns": a relative clause in the present tells of nobody in particular."""
    is_present = (
        anchor.tag_ in ("VBP", "VBZ", "VB") or anchor.lower_ == "lay"
    )  # the parser takes it for the past of "lie"
    return anchor.dep_ == "relcl" and is_present and not syntax.children(anchor, "aux")


def _gives_up(who: Actor | None, token: Token | None, match: Match, sentence: Sentence) -> bool:
    """Whether those who give up may be a party to the fight: of an article of war all but civilians and things may."""
    if who is None or token is None or token.lemma_.lower() in _CIVILIANS:
        return False
    if who.kind in ("armed_group", "state", "unit", "person") or who.id is not None or token.pos_ == "PRON":
        return True
    if match.frame.source.sense.get("plain"):
        return token.pos_ in ("NOUN", "PROPN", "NUM", "ADJ", "DET")
    return bool(_FIGHTERS.search(who.text)) or token.lemma_.lower() in _UNITS


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
    recipient = reading.party(recipient_token, sentence) if recipient_token is not None else None
    if recipient is None or (recipient.id is None and _is_town(recipient_token, sentence)):
        recipient = (_body_beside(sentence) if match.frame.source.sense.get("arms") else None) or _opponent(
            who, sentence
        )
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


def _is_town(token: Token | None, sentence: Sentence) -> bool:
    """ "men who gave up to Kunduz" is a slip of the parser's: they were sent there."""
    if token is None:
        return False
    at = sentence.offset(token)
    return any(p.kind != "country" for p in sentence.reading.places_for(sentence).named(at, at + len(token.text)))


def _trigger(match: Match) -> tuple[Token, Token]:
    words = sorted({match.anchor, *(w for w in match.words if abs(w.i - match.anchor.i) <= 4)}, key=lambda t: t.i)
    return words[0], words[-1]


def _count(token: Token, sentence: Sentence) -> Quantity | None:
    """How many gave up: the number beside a word for fighters in the phrase of those who do; one, where it is one person."""
    token = syntax.antecedent(token)
    last = token.right_edge
    relative = next((c for c in token.children if c.dep_ in ("relcl", "acl") and c.i > token.i), None)
    if relative is not None:
        last = token.doc[max(token.i, relative.left_edge.i - 1)]
    start, end = sentence.span(token.left_edge, last)
    words = sentence.text[start - sentence.start : end - sentence.start]
    people = _FIGHTERS.search(words)
    if people is not None:
        before = max(words.rfind(", ", 0, people.start()) + 1, 0)
        quantity = quantities.read(words[before : people.end()], start + before)
        if quantity is not None:
            return quantity
    along = _count_with(token, sentence) or _by_the_thousand(token, sentence)
    if along is None and _is_one(token, words, sentence):
        return Quantity(text=words, start=start, end=end, value=1, minimum=1, maximum=1)
    if people is None and along is None:
        return None if _ORDINAL.search(words) else quantities.read(words, start)  # "the 209th Corps" is no number
    return along


def _by_the_thousand(token: Token, sentence: Sentence) -> Quantity | None:
    """ "surrendered by the thousand": thousands of them."""
    for by in syntax.children(token.head, "prep"):
        amount = syntax.child(by, "pobj") if by.lower_ == "by" else None
        if amount is not None and amount.lemma_ in ("dozen", "hundred", "thousand"):
            start, end = sentence.span(by, amount)
            many = quantities.read(f"{amount.lemma_}s", start)
            text = sentence.text[start - sentence.start : end - sentence.start]
            return None if many is None else many.model_copy(update={"text": text, "start": start, "end": end})
    return None


def _is_one(token: Token, words: str, sentence: Sentence) -> bool:
    """ "he", "a soldier", "the Taliban commander in the city", "General Rahimi": one person."""
    if token.lower_ in ("he", "she"):
        return True
    if token.tag_ not in ("NNP", "NN") or token.lemma_.lower() in _UNITS or syntax.children(token, "conj"):
        return False
    return token.lemma_.lower() in _ONE or sentence.reading.person_named(words) is not None


def _count_with(token: Token, sentence: Sentence) -> Quantity | None:
    """ "the commander surrendered with 120 of his men": those who are said to have been with him."""
    verb = token.head
    for along in (*syntax.children(verb, "prep"), *syntax.children(token, "prep")):
        if along.lower_ not in ("with", "together", "along", "alongside"):
            continue
        first, last = sentence.span(along, along.right_edge)
        words = sentence.text[first - sentence.start : last - sentence.start]
        if _FIGHTERS.search(words):
            return quantities.read(words, first)
    return None


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
    beside = _foe_beside(who, sentence)
    if beside is not None:
        return beside
    actors = sentence.reading.actors_for(sentence)
    abroad = _state_of_scene(sentence) if who.kind == "armed_group" else None
    if abroad is not None:
        return abroad
    foes = actors.opponents_of(who.id) if who.id is not None else []
    if foes:
        foe = actors.resolve(foes[0].name, sentence.start)
        if foe is not None and foe.id is not None and foe.id != who.id:
            return foe.model_copy(update={"text": foe.name or foes[0].name, "start": None, "end": None})
    phrase = "government forces" if who.kind == "armed_group" else "the rebels"
    found = actors.resolve(phrase, sentence.start)
    if found is None or found.id is None or found.id == who.id:
        return _described_foe(who, sentence)
    return found.model_copy(update={"text": found.name or phrase, "start": None, "end": None})


def _state_of_scene(sentence: Sentence) -> Actor | None:
    """ "In Cameroon 300 fighters surrendered": to the state where the sentence plays."""
    places = sentence.reading.places_for(sentence).named(sentence.start, sentence.end)
    found = [
        p for p in places if p.kind == "country" and _IN.search(sentence.text, 0, max(0, (p.start or 0) - sentence.start))
    ]  # fmt: skip
    actors = sentence.reading.actors_for(sentence)
    party = actors.index.parties.state(found[0].country) if len(found) == 1 and found[0].country else None
    if party is None:
        return None
    return Actor(
        text=party.name, id=party.id, name=party.name, kind="state", country=party.country, plover=party.plover
    )


def _body_beside(sentence: Sentence) -> Actor | None:
    """Arms are also given to a body that stands between the sides, if the sentence names one ("... under UN supervision")."""
    actors = sentence.reading.actors_for(sentence)
    bodies = [m for m in actors.named(sentence.start, sentence.end) if m.party.kind == "organisation"]
    one = bodies[0] if len({m.party.id for m in bodies}) == 1 else None
    return None if one is None else actors.resolve(one.text, one.start, one.end)


def _foe_beside(who: Actor, sentence: Sentence) -> Actor | None:
    """The only other armed party that the sentence describes ("... gave up, according to the loyalist fighters")."""
    found: dict[str, Actor] = {}
    for token in sentence.doc:
        if token.pos_ == "NOUN" and HEADS.get(token.lower_) in ("insurgent", "forces", "fighter"):
            party = sentence.reading.party(token, sentence)
            if party is not None and party.id not in (None, who.id) and party.kind in ("armed_group", "state", "unit"):
                found.setdefault(party.id or "", party)
    return next(iter(found.values())) if len(found) == 1 and who.id is not None else None


def _described_foe(who: Actor, sentence: Sentence) -> Actor | None:
    """The other side as the article calls it most, where it names neither: soldiers give up to "the rebels"."""
    of_rebels = _OF_REBELS.search(who.text) is not None or who.kind == "armed_group"
    of_state = _OF_STATE.search(who.text) is not None or who.kind in ("state", "unit")
    if of_state == of_rebels and who.kind != "state":
        return None
    words = _OF_REBELS if of_state else _OF_STATE
    said = Counter(found.group().lower() for found in words.finditer(sentence.reading.text))
    if said:
        text = f"the {said.most_common(1)[0][0]}"
        return Actor(text=text, name=text, kind="armed_group" if of_state else "unit")
    others = sentence.reading.actors_for(sentence).main_parties(3)  # of a war between states the other one
    return next((other for other in others if other.id != who.id and other.country != who.country), None)


def _without_repeats(told: list[Surrender]) -> list[Surrender]:
    kept: dict[tuple[str | None, str | None], Surrender] = {}
    for event in told:
        kept.setdefault((events.actor_name(event.surrendering), event.count.text if event.count else None), event)
    return list(kept.values())
