"""Who is fit to deal: states, armed groups, bodies and those who speak for them, and what keeps other matters out.

A company's talks, a party's meeting and a team's match share the words of diplomacy; who takes part tells them apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tocsin.reading import theatre
from tocsin.reading.wants import Gate

from .dealers import names_several

if TYPE_CHECKING:
    from tocsin.reading import Reading, Sentence
    from tocsin.reading.frames import Match
    from tocsin_schemas import Actor

_ENVOYS: Final = (
    r"president|prime minister|premier|(?:foreign|defen[cs]e|interior|finance|home) (?:minister|secretary)|ministers?|"
    r"secretary[- ]of[- ]state|secretary[- ]general|secretary|secretaries|chancellor|envoys?|emissary|emissaries|ambassadors?|diplomats?|"
    r"negotiators?|mediators?|delegates?|delegations?|king|queen|pope|emir|crown prince|sultan|commissioner|high representative|"
    r"presidents|special representative|special adviser|undersecretary|under-secretary|foreign policy chief|counterparts?|heads? of state|"
    r"premiers|hosts?|taoiseach|ayatollah|nuclear chief|defen[cs]e chiefs?|army chiefs?|security adviser"
)
_OFFICES: Final = re.compile(
    rf"\b(?:{_ENVOYS}|leaders?|general|warlord|strongman|chief|officials?|governor|speaker|heads?|sides|parties|"
    r"representatives?|commanders?|factions|spokes\w+|negotiating team|team|mission|politicians|elders|dissidents|figures|inspectors|exiles|clerics|group|bloc|powers|neighbou?rs|countries|states|members)\b",
    re.IGNORECASE,
)
_STRONG: Final = re.compile(
    rf"\b(?:{_ENVOYS}|sides|powers|countries|nations|states|warring|governments?|regime)\b|\bleaders?\b", re.IGNORECASE
)
_BUSINESS: Final = re.compile(
    r"\b(?:company|companies|unions?|clubs?|court|lawyers?|prosecutors?|shareholders?|investors?|firms?|employers?|"
    r"strike over|on strike|teachers|doctors|studio|label|fans|airlines?|pilots|wages?|(?:on|of|over) pay|pay deal|banks?|factory|"
    r"university|students|films?|album|actor|actress|singer|cabin crew|shops?)\b"
)
_SPORT: Final = re.compile(
    r"\b(?:the final (?:of|on|in|against)|semi-?finals?|quarter-?finals?|tournament|match against|championships?|world cup|cup final|"
    r"of the cup|cricket|football|soccer|rugby|tennis|innings|wickets?|coach|teammates?|qualifier|striker|midfielder|league)\b"
)
_VOTE: Final = re.compile(r"\b(?:elections?|vot(?:e|es|ing|ers)|polls|ballots?|run-?off)\b", re.IGNORECASE)
_TALKS: Final = re.compile(r"\b(?:talks|negotiat|dialogue|consultation|summit|conference|meeting)", re.IGNORECASE)
_LOCAL: Final = re.compile(
    r"\b(?:surrender\w*|giv(?:e|ing) (?:themselves )?up|gave (?:themselves )?up|capitulat\w+|hand (?:it|the (?:city|town)) over|"
    r"lay(?:ing)? down)\b",
    re.IGNORECASE,
)
"""Fighters who bargain over their surrender are no diplomats."""
_PARTIES: Final = re.compile(
    r"\b(?:(?:local|city|town|municipal|county|school|club|health|tax) officials?|(?:opposition|political|ruling|coalition|rival|main|largest|democratic|socialist|conservative|liberal|republican) "
    r"(?:political )?part(?:y|ies)|lawmakers?|legislators?|parliament|senators?|congress(?:men|man)?|governors?|mayors?|voters|"
    r"supporters|shopkeepers|owners|farmers|relatives|families|students|residents|employees|workers|civilians|"
    r"(?:wounded )?(?:soldiers|troops|servicemen|veterans)|reporters|journalists)\b",
    re.IGNORECASE,
)
"""Those whom politicians meet at home."""
_OWN_MEN: Final = re.compile(
    r"\b(?:his|her|its|their|local) (?:own |top |senior )?(?:commanders?|troops|soldiers|aides|advisers?|supporters|generals|officials|"
    r"ministers|men|cabinet|party|lawyers?|family)\b",
    re.IGNORECASE,
)
_UNFIT: Final = re.compile(
    r"\b(?:troops|soldiers|fighters|peacekeepers|warships?|planes?|refugees|migrants|tourists|police|forces|pilots|"
    r"citizens|nationals|workers|residents|players?)\b",
    re.IGNORECASE,
)
"""Those of a state who neither visit nor receive in its name."""
_AFFAIRS: Final = re.compile(
    r"\b(ceasefire|cease-fire|truce|peace (?:talks|plan|process|accord|deal|agreement|treaty|envoy|conference)|foreign minist\w+|"
    r"foreign secretary|secretary of state|secretary-general|envoys?|ambassadors?|embassy|diplomat\w*|united nations|u\.n\.|"
    r"negotiat\w+|talks|summit|treaty|accord|sanctions|bilateral|delegation|mediat\w+|prime minister|president|withdrawal|"
    r"troops|rebels|border|sovereignty|independence|security council|european union|nato|kremlin|white house)\b",
    re.IGNORECASE,
)
_AFFAIRS_ENOUGH: Final = 4
"""So many different words of foreign affairs make an article one of diplomacy."""
_PLAIN: Final = re.compile(r"[^\W\d_]{4,}")
_TELEPHONE: Final = re.compile(r"\b(?:tele)?phoned?\b", re.IGNORECASE)
_RECEIVED: Final = re.compile(
    rf"\b(?:{_ENVOYS}|leaders?|mr|mrs|ms|sheikh|sir|lord|prince|princess|officials?|guests?|representatives?)\b",
    re.IGNORECASE,
)


def is_of_affairs(reading: Reading) -> bool:
    """Whether an article speaks of foreign affairs or war at large, so that its unexplained names are taken for a dealer's."""
    return _affairs(reading) >= _AFFAIRS_ENOUGH


def _touches_affairs(reading: Reading) -> bool:
    return _affairs(reading) > 0 or reading.parties_named > 1 or theatre.is_conflict(reading)


def _affairs(reading: Reading) -> int:
    """How many different words of foreign affairs an article has."""
    if reading.affairs is None:
        reading.affairs = len({m.group(1).lower() for m in _AFFAIRS.finditer(f"{reading.title}\n{reading.text}")})
    return reading.affairs


AFFAIRS: Final = Gate(
    _touches_affairs,
    "the article has no word of foreign affairs, names no two states, groups or bodies, and is not of war",
)
""" "The two met on Monday" is no diplomacy where nothing else is. Every labelled dealing of the development set is in an
article with at least one such word."""


def is_envoy(actor: Actor, sentence: Sentence) -> bool:
    """Whether an actor may act for a state, a group or a body by his office."""
    if actor.kind == "person":
        person = sentence.reading.person_named(actor.name or actor.text)
        if _OFFICES.search(actor.text):
            return True
        if person is not None and person.roles:
            return any(_OFFICES.search(role) for role in person.roles)
        return (
            actor.country is not None
            or bool(re.match(r"(?:Mrs?|Ms|Miss)\.? ", actor.text))
            or is_of_affairs(sentence.reading)
        )
    if _is_bare_name(actor) and actor.start is not None and is_of_affairs(sentence.reading):
        return True
    if _UNFIT.search(actor.text):
        return False
    return bool(_OFFICES.search(actor.text)) or actor.kind == "organisation"


def is_political(actor: Actor, sentence: Sentence) -> bool:
    """A state, an armed group, a body, or somebody in office."""
    return actor.kind in ("state", "armed_group", "organisation") or is_envoy(actor, sentence)


def _is_strong(actor: Actor, sentence: Sentence) -> bool:
    """Beyond doubt a matter between states or parties to a war: not "officials", "the general", "the mayor"."""
    if actor.kind in ("armed_group", "organisation"):
        return True
    if actor.kind == "state":
        return actor.id is not None and (_is_named(actor, sentence) or bool(_STRONG.search(actor.text)))
    if actor.kind == "person":
        person = sentence.reading.person_named(actor.name or actor.text)
        roles = " ; ".join(person.roles) if person is not None else ""
        return bool(
            _STRONG.search(actor.text) or _STRONG.search(roles) or actor.country or is_of_affairs(sentence.reading)
        )
    return bool(_STRONG.search(actor.text)) or (_is_bare_name(actor) and is_of_affairs(sentence.reading))


def _is_named(actor: Actor, sentence: Sentence) -> bool:
    if actor.start is None or actor.end is None:
        return True
    return bool(sentence.reading.actors_for(sentence).named(actor.start, actor.end)) or any(
        c.isupper() for c in actor.text
    )


def refusal(
    match: Match,
    kind: str,
    direct: list[Actor],
    participants: list[Actor],
    partners: list[Actor],
    mediators: list[Actor],
    sentence: Sentence,
) -> str | None:
    """Why those who take part make it no diplomacy; None when they do.

    `direct` are named with the word itself, `participants` with those that the context gives.
    """
    sense = match.frame.source.sense
    taking_part = [*participants, *mediators]
    political = [a for a in taking_part if is_political(a, sentence)]
    if match.frame.id == "diplomacy.talks.event" and _VOTE.search(sentence.text) and not _TALKS.search(sentence.text):
        return "a round of an election"
    if not political:
        return "no state, armed group, international body or envoy takes part"
    if (
        direct
        and not mediators
        and not sense.get("mission")
        and not names_several(direct)
        and not any(is_political(a, sentence) for a in direct)
    ):
        return "those named are no state, armed group, international body or envoy"
    for rule in (_as_to_partner, _as_to_frame, _as_to_number):
        reason = rule(sense, kind, direct, taking_part, partners, sentence)
        if reason:
            return reason
    if sense.get("received") and not _is_received(match, partners, sentence):
        return "no person is received"
    if (
        kind in ("talks", "call", "agreement")
        and _LOCAL.search(sentence.text)
        and not any(
            (a.kind == "state" and _is_named(a, sentence)) or a.kind == "organisation" or is_envoy(a, sentence)
            for a in direct
        )
    ):
        return "fighters bargain over their surrender"
    return _other_matters(kind, direct, taking_part, sentence)


def _as_to_partner(
    sense: dict[str, Any],
    kind: str,
    direct: list[Actor],
    taking_part: list[Actor],
    partners: list[Actor],
    sentence: Sentence,
) -> str | None:
    if kind not in ("talks", "meeting", "call") or not partners:
        return None
    if all(_OWN_MEN.search(p.text) for p in partners):
        return "met their own people"
    if all(_PARTIES.search(p.text) for p in partners):
        return "met people of their own country"
    if not any(
        is_political(p, sentence) or p.kind == "person" or names_several([p]) or _is_bare_name(p) for p in partners
    ):
        return "the other side is no state, armed group, international body or envoy"
    return None


def _is_bare_name(actor: Actor) -> bool:
    """A name that the article does not introduce, such as a person's."""
    return (
        actor.kind == "unknown" and actor.text[:1].isupper() and all(w[0].isupper() for w in _PLAIN.findall(actor.text))
    )


def _as_to_frame(
    sense: dict[str, Any],
    kind: str,
    direct: list[Actor],
    taking_part: list[Actor],
    partners: list[Actor],
    sentence: Sentence,
) -> str | None:
    political = [a for a in taking_part if is_political(a, sentence)]
    if sense.get("officials"):
        fit = [a for a in political if not _UNFIT.search(a.text)]
        several = names_several(direct) and any(_is_strong(a, sentence) for a in direct)
        on_telephone = _TELEPHONE.search(sentence.text) and any(
            a.kind == "person" or _is_bare_name(a) for a in taking_part
        )
        if len(fit) < 2 and not several and not on_telephone:
            return "not two states, armed groups, bodies or office holders"
    if sense.get("insurgents") and not any(a.kind == "armed_group" for a in direct):
        return "an appeal by others than the fighters"
    if sense.get("belligerents") and not any(a.kind in ("armed_group", "state") for a in direct):
        return "no party of a war"
    if sense.get("bodies") and not any(a.plover == "IGO" for a in direct):
        return "no international body"
    if sense.get("states") and not any(
        a.kind in ("state", "organisation", "armed_group") and _is_named(a, sentence) for a in taking_part
    ):
        return "no state"
    if sense.get("named") and not any(a.id is not None for a in direct):
        return "nobody's proposal"
    return None


def _as_to_number(
    sense: dict[str, Any],
    kind: str,
    direct: list[Actor],
    taking_part: list[Actor],
    partners: list[Actor],
    sentence: Sentence,
) -> str | None:
    several = len(taking_part) > 1 or names_several(taking_part)
    if kind in ("talks", "meeting", "call") and not several:
        return "only one side"
    if sense.get("agreeing") and kind != "proposal":
        if not several and not (
            len(direct) == 1 and direct[0].kind in ("state", "armed_group") and sense.get("agreeing")
        ):
            return "only one side agrees"
        if len(direct) == 1 and direct[0].kind not in ("state", "armed_group") and not names_several(direct):
            return "one person agrees"
    if sense.get("signed") and not several:
        return "only one side signs"
    if kind == "other" and not sense.get("bodies") and not several:
        return "only one side"
    return None


def _is_received(match: Match, partners: list[Actor], sentence: Sentence) -> bool:
    token = match.roles.get("partner")
    if token is None:
        return False
    if any(p.kind == "person" for p in partners) and token.pos_ == "PROPN":
        return True
    head = sentence.text[sentence.offset(token) - sentence.start :][: len(token.text)]
    return bool(_RECEIVED.fullmatch(head)) or (token.pos_ == "PRON" and any(p.kind == "person" for p in partners))


def _other_matters(kind: str, direct: list[Actor], taking_part: list[Actor], sentence: Sentence) -> str | None:
    text = sentence.text
    if (
        _SPORT.search(text)
        and kind in ("meeting", "visit", "talks")
        and not any(a.kind == "person" and is_envoy(a, sentence) for a in taking_part)
    ):
        return "a matter of sport"
    if _BUSINESS.search(text) and not any(
        _is_strong(a, sentence) and _is_named(a, sentence) for a in (direct or taking_part)
    ):
        return "a matter of business or courts"
    if kind in ("talks", "meeting", "visit", "call") and not any(_is_strong(a, sentence) for a in taking_part):
        return "nobody who speaks for a state, an armed group or a body"
    if (
        kind in ("talks", "meeting")
        and _PARTIES.search(" ; ".join(a.text for a in taking_part))
        and len({a.country for a in taking_part if a.country}) < 2
    ):
        return "party politics"
    return None
