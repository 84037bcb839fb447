"""From a reading to diplomacy: what kind of dealing, between whom, through whom, where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.reading import events, realis, syntax
from tocsin.reading.dating import date_of, is_background
from tocsin.reading.frames import FrameSet, Match
from tocsin.reading.refusals import tell
from tocsin.reading.voice import voice_of
from tocsin.reading.wants import Wants
from tocsin_schemas import Actor, Codes, Diplomacy, Place

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin.reading import Reading, Sentence
    from tocsin.reading.names import Person

FRAMES: Final = FrameSet.load(Path(__file__).with_name("frames.yaml"))
WANTS: Final = Wants(FRAMES)

_OFFICES: Final = re.compile(
    r"\b(?:president|prime minister|premier|(?:foreign|defen[cs]e|interior|finance) (?:minister|secretary)|minister|"
    r"secretary[- ]of[- ]state|secretary[- ]general|secretary|chancellor|envoys?|ambassadors?|diplomats?|negotiators?|mediators?|"
    r"delegates?|delegations?|leaders?|king|emir|crown prince|sultan|commissioner|high representative|general|warlord|strongman|"
    r"chief|officials?|ministers|presidents|special representative|undersecretary|governor|speaker|head of|sides|parties)\b",
    re.IGNORECASE,
)
_DOMESTIC_GATE: Final = re.compile(
    r"\b(?:company|companies|union|unions|club|clubs|league|coach|court|lawyers?|prosecutors?|shareholders?|investors?|"
    r"firm|employers?|strike|teachers?|studio|label|teammates?|fans?)\b",
    re.IGNORECASE,
)
_OWN_MEN: Final = re.compile(
    r"\b(?:his|her|its|their|local) (?:own |top |senior )?(?:commanders?|troops|soldiers|aides|advisers?|supporters|generals|officials|ministers|men|cabinet|party|lawyers?|family)\b",
    re.I,
)
_TELEPHONE: Final = re.compile(r"\b(?:tele)?phoned?|\bcall(?:ed)?\b", re.IGNORECASE)
_TRUCE: Final = re.compile(
    r"(?:cease|end|stop|halt)(?:ing)? (?:all |the )?(?:hostilities|fire|fighting)|\b(?:cease-?fire|truce|armistice|cessation of hostilities|end (?:hostilities|fighting)|(?:stop|end) (?:the )?(?:fighting|hostilities))\b",
    re.I,
)


def extract(reading: Reading) -> list[Diplomacy]:
    """Every dealing that `reading` tells, in document order; one per kind, participants and sentence."""
    found: list[Diplomacy] = []
    reading.dialogue.clear()
    for sentence in WANTS.sentences(reading):
        told = [event for match in FRAMES.matches(sentence.doc) for event in tell(read_match, match, sentence)]
        found += _without_repeats(told)
    return list({event.id: event for event in found}.values())


def read_match(match: Match, sentence: Sentence, why: list[str] | None = None) -> list[Diplomacy]:
    """The dealing that one frame match tells, or none with the reason appended to `why`."""
    reasons = why if why is not None else []
    sense = match.frame.source.sense
    verdict = realis.assess(match.anchor, nominal=bool(sense.get("nominal")))
    if not verdict.factual and not (
        sense.get("tried") and verdict.reason in ("purpose", "governed by try", "governed by seek")
    ):
        reasons.append(verdict.reason)
        return []
    actors = _parties(match, "actor", sentence)
    partners = _parties(match, "partner", sentence)
    mediators = _parties(match, "mediator", sentence)
    venue = _venue(match, sentence)
    participants = _distinct([*actors, *partners])
    if sense.get("context") and len(participants) < 2 and not _names_several(participants):
        participants = _from_context(participants, sentence)
    if sense["kind"] == "visit":
        if venue is None or not any(_travels(a, venue, sentence) for a in actors):
            reasons.append("no envoy, or nowhere to go")
            return []
        participants = _distinct([*actors, *_host(venue, actors)])
    elif sense.get("mission"):
        participants = _distinct(
            [a for a in actors if a.kind in ("state", "organisation")] + (_host(venue, actors) if venue else [])
        )
    refusal = _refusal(sense, participants, partners, mediators, sentence)
    if refusal:
        reasons.append(refusal)
        return []
    if len(participants) > 1 and sense["kind"] != "visit":
        sentence.reading.dialogue[:] = participants
    return [_diplomacy(match, sentence, verdict, participants, mediators, venue)]


def _from_context(participants: list[Actor], sentence: Sentence) -> list[Actor]:
    """Who deals with whom when the sentence does not say: its other parties, else those of the dealing told before."""
    actors = sentence.reading.actors_for(sentence)
    named = [
        actor
        for mention in actors.named(sentence.start, sentence.end)
        if (actor := actors.resolve(mention.text, mention.start, mention.end)) is not None
        and actor.kind in ("state", "armed_group")
    ]
    here = _distinct([*participants, *named])
    if len(here) >= 2 and (participants or not sentence.reading.dialogue):
        return here
    implied = [a.model_copy(update={"start": None, "end": None}) for a in sentence.reading.dialogue]
    return _distinct([*participants, *implied]) or here


def _travels(actor: Actor, venue: Place, sentence: Sentence) -> bool:
    """An envoy, and not officials who go about their own country."""
    if not _is_envoy(actor, sentence):
        return False
    return actor.kind == "person" or actor.country is None or actor.country != venue.country


def _refusal(
    sense: dict[str, object],
    participants: list[Actor],
    partners: list[Actor],
    mediators: list[Actor],
    sentence: Sentence,
) -> str | None:
    political = [a for a in [*participants, *mediators] if _is_political(a, sentence)]
    if not political:
        return "no state, armed group, international body or envoy takes part"
    if sense.get("needs_partner") and not partners:
        return "nobody on the other side"
    if sense.get("office_holders"):
        envoys = sum(_is_envoy(a, sentence) for a in participants)
        people = sum(a.kind == "person" for a in participants)
        if envoys < 2 and not (_TELEPHONE.search(sentence.text) and people >= 1):
            return "not two office holders"
    if sense["kind"] == "meeting" and partners and all(_OWN_MEN.search(p.text) for p in partners):
        return "met their own people"
    if sense.get("parties") and len(participants) < 2 and not _names_several(participants):
        return "only one side agrees"
    if sense.get("people_only") and not any(_is_envoy(p, sentence) for p in partners):
        return "no person is received"
    if sense["kind"] in ("talks", "meeting") and len(participants) < 2 and not _names_several(participants):
        return "only one side"
    if _DOMESTIC_GATE.search(sentence.text) and not any(
        a.kind in ("state", "armed_group", "organisation") for a in political
    ):
        return "a matter of business or courts"
    return None


def _names_several(participants: list[Actor]) -> bool:
    return any(
        re.search(
            r"\b(?:sides|countries|leaders|presidents|parties|delegations|members|officials|ministers|they|both)\b",
            a.text,
            re.I,
        )
        for a in participants
    )


def _parties(match: Match, role: str, sentence: Sentence) -> list[Actor]:
    token = match.roles.get(role)
    if token is None:
        return []
    found: list[Actor] = []
    for member in syntax.members(token):
        actor = _party(member, sentence)
        if actor is None:
            continue
        several = (
            sentence.reading.actors_for(sentence).resolve_all(actor.text, actor.start) if actor.kind != "person" else []
        )
        found += several if len(several) > 1 else [actor]
    return found


def _party(token: Token, sentence: Sentence) -> Actor | None:
    if token.pos_ not in ("NOUN", "PROPN", "PRON", "ADJ", "NUM"):
        return None
    if token.lower_ in ("he", "she", "him", "her") and sentence.field == "text":
        people = sentence.reading.roster.mentioned(max(0, sentence.start - 500), sentence.offset(token))
        if people:
            person = people[-1]
            start = sentence.offset(token)
            return Actor(
                text=token.text, start=start, end=start + len(token.text), id=person.id, name=person.name,
                kind="person", country=person.country,
            )  # fmt: skip
    party = sentence.reading.party(token, sentence)
    name = token if token.pos_ == "PROPN" else syntax.child(token, "appos")  # "special envoy Ann Lee"
    person = _person(name, sentence) if name is not None and (party is None or party.kind != "armed_group") else None
    if person is None:
        return party
    start = party.start if party is not None else None
    return Actor(
        text=party.text if party is not None else person.name,
        start=start,
        end=party.end if party is not None else None,
        id=person.id,
        name=person.name,
        kind="person",
        country=person.country or (party.country if party is not None else None),
    )


def _person(token: Token, sentence: Sentence) -> Person | None:
    """The person whose name ends at `token`."""
    if sentence.field != "text" or token.pos_ != "PROPN":
        return None
    first = token
    while first.i > 0 and token.doc[first.i - 1].dep_ == "compound" and token.doc[first.i - 1].pos_ == "PROPN":
        first = token.doc[first.i - 1]
    start, end = sentence.span(first, token)
    words = sentence.text[start - sentence.start : end - sentence.start]
    found = sentence.reading.person_named(words)
    return (
        found
        if found is not None
        and found.parts[-1]
        in {part.casefold() for part in words.replace("-", " ").split()} | {words.casefold().split()[-1]}
        else None
    )


def _is_envoy(actor: Actor, sentence: Sentence) -> bool:
    if actor.kind == "person":
        person = sentence.reading.person_named(actor.name or actor.text)
        return bool(
            (person is not None and any(_OFFICES.search(r) for r in person.roles))
            or _OFFICES.search(actor.text)
            or actor.country
        )
    return bool(_OFFICES.search(actor.text)) or actor.kind == "organisation"


def _is_political(actor: Actor, sentence: Sentence) -> bool:
    return actor.kind in ("state", "armed_group", "organisation") or _is_envoy(actor, sentence)


def _venue(match: Match, sentence: Sentence) -> Place | None:
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
    for c in match.anchor.children:
        if c.dep_ == "prep" and c.lower_ in ("in", "at"):
            start, end = sentence.span(c, c.right_edge)
            found = places.named(start, end)
            if found:
                return found[0]
    return None


def _host(venue: Place, actors: list[Actor]) -> list[Actor]:
    """The state that is visited, when it is not the visitor's own."""
    if venue.country is None or any(a.kind == "state" and a.country == venue.country for a in actors):
        return []
    return [
        Actor(
            text=venue.text, start=venue.start, end=venue.end, id=f"state:{venue.country}", name=_country_name(venue),
            kind="state", country=venue.country, plover=venue.country,
        )
    ]  # fmt: skip


def _country_name(venue: Place) -> str:
    import pycountry

    found = pycountry.countries.get(alpha_3=venue.country)
    return venue.name if found is None else getattr(found, "common_name", found.name)


def _distinct(actors: list[Actor]) -> list[Actor]:
    return list({a.id or (a.name or a.text).casefold(): a for a in actors}.values())


def _diplomacy(
    match: Match,
    sentence: Sentence,
    verdict: realis.Realis,
    participants: list[Actor],
    mediators: list[Actor],
    venue: Place | None,
) -> Diplomacy:
    reading = sentence.reading
    sense = match.frame.source.sense
    words = sorted({match.anchor, *(w for w in match.words if abs(w.i - match.anchor.i) <= 5)}, key=lambda t: t.i)
    start, end = sentence.span(words[0], words[-1])
    kind = sense["kind"]
    subtree = sentence.text[sentence.offset(match.anchor.left_edge) - sentence.start :][:400]
    if sense.get("truce") and _TRUCE.search(subtree):
        kind = "ceasefire"
    voice = voice_of(verdict, sentence, start, None, None)
    when = date_of(match.anchor, sentence)
    countries = {a.country for a in participants if a.country}
    return Diplomacy(
        id=events.event_id(
            reading.article, "diplomacy", sentence.text, kind, *sorted(events.actor_name(a) or "" for a in participants)
        ),
        article=events.article_ref(reading.article),
        evidence=events.evidence(sentence, start, end),
        rule=match.frame.id,
        modality=voice.modality,
        attribution=voice.attribution,
        date=when,
        background=is_background(when, reading.published),
        codes=Codes.model_validate(match.frame.source.codes),
        kind=kind,
        participants=participants,
        mediator=mediators[0] if mediators else None,
        place=venue,
        status=sense["status"],
        domestic=len(countries) == 1 and len(participants) > 1,
    )  # fmt: skip


def _without_repeats(told: list[Diplomacy]) -> list[Diplomacy]:
    """One event per kind and set of participants in a sentence; talks told twice in one are one."""
    kept: dict[tuple[str, frozenset[str]], Diplomacy] = {}
    for event in told:
        names = frozenset(events.actor_name(a) or "" for a in event.participants)
        same = next((k for k in kept if k[0] == event.kind and (k[1] <= names or names <= k[1])), None)
        if same is None:
            kept[event.kind, names] = event
        elif len(names) > len(same[1]):
            del kept[same]
            kept[event.kind, names] = event
    return sorted(kept.values(), key=lambda e: e.evidence.start)
