"""From a reading to diplomacy: what kind of dealing, between whom, through whom, where."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tocsin.reading import events, realis, syntax, theatre
from tocsin.reading.dating import RECENT_DAYS, date_of, is_background
from tocsin.reading.frames import FrameSet, Match
from tocsin.reading.refusals import tell
from tocsin.reading.voice import voice_of
from tocsin.reading.wants import Wants
from tocsin_schemas import Actor, Codes, Diplomacy, EventDate, Place

from . import offices
from .dealers import dealers, distinct, from_context, meant_by_several, names_several, with_states
from .venues import host, host_by_country, states_named, venue_of

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin.reading import Reading, Sentence

FRAMES: Final = FrameSet.load(Path(__file__).with_name("frames.yaml"))
WANTS: Final = Wants(FRAMES, gate=offices.AFFAIRS)

_TRUCE_WORDS: Final = frozenset(
    "ceasefire ceasefires cease_fire cease_fires cease-fire truce armistice cessation".split()
)
_PLANS: Final = frozenset(
    "plan proposal roadmap map initiative formula framework offer deal accord talk mediation".split()
)
_TRUCE: Final = re.compile(
    r"(?:ceas|end|stop|halt|suspend)(?:e|ing)? (?:all |the |their )?(?:hostilities|fire|fighting|attacks|military operations)|"
    r"\b(?:cease.?fires?|truce|armistice|cessation of hostilities|lay down (?:their )?(?:arms|weapons))\b",
    re.IGNORECASE,
)
_BODIES: Final = frozenset(["meeting", "talks"])
_AHEAD: Final = frozenset(
    "agree accept arrange schedule expect set due plan promise pledge decide want hope offer propose invite urge press "
    "call demand request allow reject refuse rule prepare fail support".split()
)
""" "agreed to hold talks", "welcomed support for talks": what hangs on these has not happened by being named."""
_TOWARDS: Final = frozenset(["to", "for", "on", "of", "about", "at", "toward", "towards"])
_BY_MEANS_OF: Final = frozenset(["through", "by", "via"])
""" "unlikely to be solved through talks": a means that is as real as what it is to bring."""
_ATTEMPTS: Final = re.compile(
    r"^purpose$|^governed by (?:try|seek)$|^(?:effort|attempt|bid|mission|campaign|push) (?:to do|by|of|at|for) ?(?:doing )?it$|"
    r"^(?:ferry|ship|plane|helicopter|aircraft|bus|convoy|flight|boat|team) to do it$"
)


def _up_to_now(when: EventDate, sentence: Sentence) -> EventDate:
    """A day that is carried on from the story is the first of those that it may have been, up to the publication's."""
    published = sentence.reading.published
    if (
        when.text is not None
        or when.start is None
        or not timedelta(0) <= published - when.start <= timedelta(RECENT_DAYS)
    ):
        return when
    return when.model_copy(update={"end": published})


def extract(reading: Reading) -> list[Diplomacy]:
    """Every dealing that `reading` tells, in document order; one per kind, participants and sentence."""
    found: list[Diplomacy] = []
    reading.dialogue.clear()
    reading.story_day = None
    for sentence in WANTS.sentences(reading):
        told = [event for match in FRAMES.matches(sentence.doc) for event in tell(read_match, match, sentence)]
        found += _without_repeats(_mediated(told))
        dated = [e.date for e in told if e.date.precision == "day" and not e.background and e.date.text]
        reading.story_day = dated[-1] if dated and sentence.field == "text" else reading.story_day
    return list({event.id: event for event in found}.values())


def read_match(match: Match, sentence: Sentence, why: list[str] | None = None) -> list[Diplomacy]:
    """The dealing that one frame match tells, or none with the reason appended to `why`."""
    reasons = why if why is not None else []
    sense = match.frame.source.sense
    verdict = realis.assess(match.anchor, nominal=bool(sense.get("nominal")))
    if not verdict.factual and not (sense.get("tried") and _ATTEMPTS.search(verdict.reason)):
        reasons.append(verdict.reason)
        return []
    if sense.get("agreeing") and _in_opinion(match.anchor):
        reasons.append("agreed in opinion")
        return []
    ahead = _still_ahead(match.anchor, sentence, nominal=bool(sense.get("nominal")))
    if ahead or (verdict.denied and sense.get("nominal")):
        reasons.append(ahead or "denied")
        return []
    return _told(match, sentence, verdict, reasons)


def _told(match: Match, sentence: Sentence, verdict: realis.Realis, reasons: list[str]) -> list[Diplomacy]:
    sense = match.frame.source.sense
    actors = _role(match, "actor", sentence)
    partners = _role(match, "partner", sentence)
    mediators = _mediators(match, sentence)
    venue = venue_of(match, sentence)
    direct = distinct([*actors, *partners])
    kind = _kind(match, direct)
    participants = direct = meant_by_several(direct, sentence) if sense["kind"] not in ("visit", "proposal") else direct
    if sense.get("context") and len(direct) < 2 and not names_several(direct):
        participants = from_context(direct, sentence)
        if len(participants) < 2 and (offices.is_of_affairs(sentence.reading) or theatre.is_conflict(sentence.reading)):
            participants = distinct(
                [*participants, *sentence.reading.actors_for(sentence).last_parties(2, sentence.start)]
            )
        participants = [a for a in participants if a.id is None or a.id not in {m.id for m in mediators}]
    if kind == "visit":
        if venue is None or not any(_travels(a, venue, sentence, sense) for a in actors):
            reasons.append(
                "no place to go" if venue is None else "no envoy, or not abroad" if actors else "no traveller"
            )
            return []
        participants = distinct([*actors, *partners, *host(venue, actors)])
    elif kind == "mediation":
        participants = distinct([*participants, *mediators[1:]])
    elif sense.get("mission"):
        participants = distinct(
            ([a for a in direct if a.kind in ("state", "organisation")] or states_named(venue, sentence))
            + (host(venue, actors) if venue else host_by_country(sentence, direct))
        )
        direct = participants
    refusal = offices.refusal(match, kind, direct, participants, partners, mediators, sentence)
    if refusal:
        reasons.append(refusal)
        return []
    if len(participants) > 1 and kind not in ("visit", "mission_evacuation", "other"):
        sentence.reading.dialogue[:] = participants
    return [_diplomacy(match, sentence, verdict, kind, with_states(participants, sentence), mediators, venue)]


def _role(match: Match, role: str, sentence: Sentence) -> list[Actor]:
    token = match.roles.get(role)
    return [] if token is None else dealers(token, sentence)


def _mediators(match: Match, sentence: Sentence) -> list[Actor]:
    """Who mediates: by role, or joined to the word by a hyphen ("a UN-brokered truce")."""
    anchor = match.anchor
    actors = sentence.reading.actors_for(sentence)
    if anchor.i >= 2 and anchor.nbor(-1).text in "-–" and match.frame.source.sense["kind"] == "mediation":
        end = sentence.offset(anchor.nbor(-1))
        joined = [m for m in actors.named(sentence.start, end) if m.end == end]
        return [a for m in joined if (a := actors.resolve(m.text, m.start, m.end)) is not None]
    return _role(match, "mediator", sentence)


def _kind(match: Match, direct: list[Actor]) -> str:
    """The kind of the dealing; a truce when that is what is agreed, a proposal when a single party agrees to one."""
    sense = match.frame.source.sense
    kind = sense["kind"]
    several = len(direct) > 1 or names_several(direct)
    truce = _about_truce(match)
    if sense.get("accepting") and several and len({a.id for a in _own(match, direct)}) > 1:
        return "ceasefire" if truce else "agreement"
    if not sense.get("truce"):
        return kind
    if sense.get("agreeing") and direct and not several and _to_a_plan(match.anchor):
        return "proposal"
    return "ceasefire" if truce else kind


def _to_a_plan(anchor: Token) -> bool:
    """ "agreed to a plan": a proposal accepted; "agreed to withdraw" binds."""
    objects = [o for c in anchor.children if c.dep_ == "prep" and c.lower_ == "to" for o in c.children]
    return any(o.lemma_.lower() in _PLANS or o.lower_ in _TRUCE_WORDS for o in objects)


def _own(match: Match, direct: list[Actor]) -> list[Actor]:
    token = match.roles.get("actor")
    if token is None:
        return []
    inside = {t.text for t in token.subtree}
    return [a for a in direct if a.text.split()[-1] in inside]


def _about_truce(match: Match) -> bool:
    """Whether the words of a truce stand in what is agreed."""
    if any(w.lower_ in _TRUCE_WORDS for w in match.words):
        return True
    anchor = match.anchor
    agreed = [anchor] if anchor.pos_ == "NOUN" else []
    agreed += [c for c in anchor.children if c.dep_ in ("dobj", "nsubjpass", "xcomp", "ccomp", "prep")]
    if anchor.dep_ in ("acl", "relcl"):
        agreed.append(anchor.head)
    for token in agreed:
        last = next((t.i for t in token.subtree if t.dep_ == "relcl"), token.right_edge.i + 1)
        first = token.left_edge.i if token != anchor.head else token.i - sum(1 for _ in token.lefts)
        if _TRUCE.search(token.doc[first : max(last, token.i + 1)].text.replace("_", " ")):
            return True
    return False


def _in_opinion(anchor: Token) -> bool:
    """ "agreed that prices would rise" binds nobody, "agreed that they should cooperate" does."""
    clause = syntax.child(anchor, "ccomp")
    if clause is None or not any(c.dep_ in ("nsubj", "nsubjpass", "expl") for c in clause.children):
        return False
    return not any(c.lower_ in ("should", "will", "would", "to") for c in clause.children if c.dep_ == "aux")


def _still_ahead(anchor: Token, sentence: Sentence, *, nominal: bool) -> str | None:
    """The reason why a dealing is only planned: it hangs on a word for what is to come, or on a day to come."""
    token = anchor
    while token.head != token and (
        token.dep_ in ("xcomp", "pobj", "pcomp", "prep", "dative")
        or (nominal and token.dep_ in ("dobj", "nsubjpass", "conj"))
    ):
        above = token.head
        if token.dep_ == "prep" and token.lower_ in ("before", "ahead"):
            return "still to come"
        if token.dep_ == "prep" and token.lower_ in _BY_MEANS_OF and not (by := realis.assess(above)).factual:
            return by.reason
        if token.dep_ == "prep" and token.lower_ not in _TOWARDS:
            break
        if above.lemma_.lower() in _AHEAD and above.pos_ in ("VERB", "NOUN", "ADJ"):
            return f"governed by {above.lemma_.lower()}"
        if token.dep_ == "prep" and above.pos_ in ("VERB", "AUX") and not (verdict := realis.assess(above)).factual:
            return verdict.reason
        if any(c.lower_ in ("due", "expected", "scheduled") for c in above.children if c.dep_ in ("acomp", "oprd")):
            return "still to come"
        token = above
    if (
        anchor.dep_ == "acl"
        and anchor.head.dep_ in ("nsubj", "nsubjpass")
        and any(c.lower_ in ("would", "could", "might", "may") for c in anchor.head.head.children)
    ):
        return "modal"
    for mention in sentence.reading.dates_in(sentence):
        if mention.future and anchor.tag_ in ("VBZ", "VBP", "VBG", "VB"):
            near = [t for t in anchor.subtree if mention.start <= sentence.offset(t) < mention.end]
            if near:
                return "future"
    return None


def _travels(actor: Actor, venue: Place, sentence: Sentence, sense: dict[str, Any]) -> bool:
    """An envoy who goes abroad, and not officials who go about their own country."""
    if actor.country is not None and actor.country == venue.country:
        return False
    if (sense.get("travelling") and actor.kind == "state") or (sense.get("sent") and actor.kind == "person"):
        return True
    return offices.is_envoy(actor, sentence)


def _diplomacy(
    match: Match,
    sentence: Sentence,
    verdict: realis.Realis,
    kind: str,
    participants: list[Actor],
    mediators: list[Actor],
    venue: Place | None,
) -> Diplomacy:
    reading = sentence.reading
    words = sorted({match.anchor, *(w for w in match.words if abs(w.i - match.anchor.i) <= 5)}, key=lambda t: t.i)
    start, end = sentence.span(words[0], words[-1])
    voice = voice_of(verdict, sentence, start, None, None)
    when = _up_to_now(date_of(match.anchor, sentence), sentence)
    countries = {a.country for a in participants if a.country}
    return Diplomacy.model_validate(
        {
            "id": events.event_id(
                reading.article, "diplomacy", sentence.text, kind,
                *sorted(events.actor_name(a) or "" for a in participants),
            ),
            "article": events.article_ref(reading.article),
            "evidence": events.evidence(sentence, start, end),
            "rule": match.frame.id,
            "modality": voice.modality,
            "attribution": voice.attribution,
            "date": when,
            "background": is_background(when, reading.published),
            "codes": Codes.model_validate(match.frame.source.codes),
            "kind": kind,
            "participants": participants,
            "mediator": mediators[0] if mediators else None,
            "place": venue,
            "status": match.frame.source.sense["status"],
            "domestic": len(countries) == 1 and len(participants) > 1,
        }
    )  # fmt: skip


def _mediated(told: list[Diplomacy]) -> list[Diplomacy]:
    """The mediator told of in a sentence is that of its talks and agreements too."""
    mediator = next((e.mediator for e in told if e.kind == "mediation" and e.mediator is not None), None)
    if mediator is None:
        return told
    return [
        e.model_copy(update={"mediator": mediator})
        if e.mediator is None and e.kind in ("talks", "meeting", "agreement", "ceasefire")
        else e
        for e in told
    ]


def _without_repeats(told: list[Diplomacy]) -> list[Diplomacy]:
    """One event per kind and set of participants in a sentence; talks told twice in one are one."""
    kept: dict[tuple[str, frozenset[str]], Diplomacy] = {}
    for event in told:
        names = frozenset(events.actor_name(a) or "" for a in event.participants)
        family = "talks" if event.kind == "meeting" else event.kind
        same = next((k for k in kept if k[0] == family and (k[1] <= names or names <= k[1])), None)
        if same is None:
            kept[family, names] = event
        elif len(names) > len(same[1]):
            del kept[same]
            kept[family, names] = event
    return sorted(kept.values(), key=lambda e: e.evidence.start)
