"""Who deals with whom: the parties of a phrase, of a conversation told before, of the article; the states behind envoys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tocsin.reading import realis, syntax, theatre
from tocsin.reading.actor_words import HEADS
from tocsin.reading.names import fold
from tocsin_schemas import Actor

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin.reading import Sentence
    from tocsin.reading.names import Person

_THEY: Final = frozenset(["they", "them", "their", "both", "two", "pair", "trio"])
_HE: Final = frozenset(["he", "she", "him", "her", "his"])
_SEVERAL: Final = re.compile(
    r"\b(?:sides|countries|leaders|presidents|parties|delegations?|members|officials|ministers|they|both|envoys|diplomats|"
    r"negotiators|delegates|factions|neighbou?rs|rivals|powers|states|nations|governments|premiers|representatives|Koreas)\b",
    re.IGNORECASE,
)
_NAMESAKES: Final = {
    "koreas": ("South Korea", "North Korea"),
    "sudans": ("Sudan", "South Sudan"),
    "congos": ("Congo", "DR Congo"),
}
""" "The two Koreas" are two states of one name."""
_LEADERS: Final = frozenset(
    "president premier minister chancellor secretary king envoy negotiator leader chief mediator ambassador".split()
)
_FORMER: Final = re.compile(r"\b(?:former|ex-|late|ousted|deposed|opposition)\b", re.IGNORECASE)
_SPREAD: Final = frozenset(["of", "from", "for", "between", "representing"])
_BOTH: Final = re.compile(
    r"\b(?:sides|parties|delegat\w+|leaders|governments|presidents|they|both|negotiators|envoys|ministers|armies|countries|officials|"
    r"diplomats|representatives|factions|states|nations|powers|members|premiers)\b",
    re.IGNORECASE,
)
""" "The two sides", "delegates": those whom the article is about, unless it has told of others."""
_PRIVATE: Final = re.compile(
    r"(?:singer|economist|doctor|player|actor|artist|scientist|tourist|refugee|student|teacher|worker|compan(?:y|ie)|firm|"
    r"fan|writer|critic|analyst|journalist|farmer|airline|bank|team|club|people|child(?:ren)?|citizen|resident|visitor)s?",
    re.IGNORECASE,
)
_OF_PLACE: Final = re.compile(r" (?:capital|city|town|resort|village|port)\b")
""" "the Swiss city" is a place, not Switzerland at the table."""
_DESCRIBED: Final = frozenset(["insurgent", "government", "forces"])
_TITLE_END: Final = 6
"""So many words before a name may belong to it: given names and titles."""


def dealers(token: Token, sentence: Sentence) -> list[Actor]:
    """All parties that the phrase of `token` names, with what is coordinated with it; pronouns resolved."""
    token = syntax.antecedent(token)
    if token.pos_ not in ("NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET"):
        return []
    found: list[Actor] = []
    for member in _members(token):
        found += _of_member(member, sentence)
    return found


def _members(token: Token) -> list[Token]:
    """`token` and its conjuncts, also those that the parse hangs on the name behind a title ("President Tal and ...")."""
    members = list(syntax.members(token))
    for name in syntax.children(token, "appos"):
        members += [m for m in syntax.members(name) if m is not name and m not in members]
    # "Brahimi and Foreign Minister Walid Muallem", parsed as one name with another inside
    members += [
        c for c in syntax.children(token, "nmod") if c.pos_ == "PROPN" and syntax.child(c, "cc", "conj") is not None
    ]
    return members


def _of_member(token: Token, sentence: Sentence) -> list[Actor]:
    word = token.lower_
    reading = sentence.reading
    if word in ("it", "they") and (speaker := _who_says(token)) is not None:
        return dealers(speaker, sentence)
    if word in _THEY or (token.pos_ == "PRON" and word == "who"):
        return _implied(sentence)
    if word in _NAMESAKES:
        states = (reading.actors_for(sentence).resolve(name) for name in _NAMESAKES[word])
        return [state.model_copy(update={"text": token.text}) for state in states if state is not None]
    if word in _HE and sentence.field == "text":
        return _he(token, sentence)
    party = reading.party(token, sentence)
    person = _person(token, sentence) if party is None or party.kind != "armed_group" else None
    if person is not None:
        return [_as_actor(person, party, sentence)]
    several = _spread_out(token, party, sentence)
    if several:
        return several
    if token.pos_ == "PROPN" and (party is None or party.kind == "unknown"):
        leader = _known_leader(token, party, sentence)
        return [leader] if leader is not None else [party] if party is not None else []
    return [] if party is None else [party]


def _who_says(pronoun: Token) -> Token | None:
    """ "Ethiopia said it had accepted the plan", "soldiers ... as they arrive": the subject of the clause above."""
    clause = pronoun.head
    if pronoun.lower_ == "they" and pronoun.dep_ == "nsubj" and clause.dep_ == "advcl":
        subject = syntax.child(clause.head, "nsubj")
        return subject if subject is not None and subject.tag_ in ("NNS", "NNPS") and subject.i < pronoun.i else None
    if pronoun.dep_ not in ("nsubj", "nsubjpass") or clause.dep_ != "ccomp" or clause.head.lemma_ not in realis.REPORT:
        return None
    speaker = syntax.child(clause.head, "nsubj")
    return speaker if speaker is not None and speaker.pos_ != "PRON" else None


def _implied(sentence: Sentence) -> list[Actor]:
    """Those of the dealing told before."""
    return [a.model_copy(update={"start": None, "end": None}) for a in sentence.reading.dialogue]


def _he(token: Token, sentence: Sentence) -> list[Actor]:
    person = _spoken_of(token, sentence)
    if person is None:
        return []
    start = sentence.offset(token)
    return [
        Actor(
            text=token.text, start=start, end=start + len(token.text), id=person.id, name=person.name,
            kind="person", country=person.country,
        )
    ]  # fmt: skip


def _spoken_of(token: Token, sentence: Sentence) -> Person | None:
    """The person whom "he" means: the subject of a clause above, of the sentence before, or who was named last."""
    subjects = [syntax.child(a, "nsubj", "nsubjpass") for a in token.ancestors if a.pos_ in ("VERB", "AUX")]
    for subject in subjects:
        if subject is not None and subject.i < token.i and (person := _person(subject, sentence)) is not None:
            return person
    index = sentence.index - 1
    before = sentence.reading.sentences[index] if index >= 0 else None
    if before is not None and before.is_parsed and before.field == sentence.field:
        root = next((t for t in before.doc if t.head == t), None)
        subject = syntax.child(root, "nsubj", "nsubjpass") if root is not None else None
        if subject is not None and (person := _person(subject, before)) is not None:
            return person
    people = sentence.reading.roster.mentioned(max(0, sentence.start - 500), sentence.offset(token))
    return people[-1] if people else None


def _as_actor(person: Person, party: Actor | None, sentence: Sentence) -> Actor:
    state = sentence.reading.reader.actors.parties.led_by(person.parts[-1], sentence.reading.published)
    led = None if state is None else state.country
    return Actor(
        text=party.text if party is not None else person.name,
        start=party.start if party is not None else None,
        end=party.end if party is not None else None,
        id=person.id,
        name=person.name,
        kind="person",
        country=person.country or (party.country if party is not None else None) or led,
    )


def _known_leader(token: Token, party: Actor | None, sentence: Sentence) -> Actor | None:
    """A head of state whom the article does not introduce ("Mr. Yeltsin")."""
    led = sentence.reading.reader.actors.parties.led_by(token.text, sentence.reading.published)
    if led is None or led.kind != "state":
        return None
    start, end = sentence.span(token, token)
    text = token.text if party is None else party.text
    return Actor(
        text=text, start=start if party is None else party.start, end=end if party is None else party.end,
        name=text, kind="person", country=led.country,
    )  # fmt: skip


def _spread_out(token: Token, party: Actor | None, sentence: Sentence) -> list[Actor]:
    """ "the foreign ministers of Armenia and Azerbaijan", "both sides", "Sudanese and Ethiopian leaders": each party."""
    actors = sentence.reading.actors_for(sentence)
    first, last = syntax.phrase(token)
    for prep in syntax.children(token, "prep"):
        target = syntax.child(prep, "pobj")
        if prep.lower_ in _SPREAD and target is not None:
            last = max([last, *(syntax.phrase(m)[1] for m in _members(target))], key=lambda t: t.i)
    start, end = sentence.span(first, last)
    words = sentence.text[start - sentence.start : end - sentence.start]
    if _PRIVATE.fullmatch(token.text):
        return []  # "singers from Belgium and Chad" speak for neither
    if sentence.reading.dialogue and actors.speaks_of_several(words):
        return _implied(sentence)
    found = actors.resolve_all(words, start)
    return found if len(found) > 1 or (found and (party is None or party.id is None)) else []


def _person(token: Token, sentence: Sentence) -> Person | None:
    """The person whose name stands at `token`, or beside it ("special envoy Ann Lee")."""
    if sentence.field != "text":
        return None
    name = (
        token
        if token.pos_ == "PROPN"
        else next((c for c in token.children if c.dep_ == "appos" and c.pos_ == "PROPN"), None)
    )
    if name is None:
        return None
    for words in _names_at(name):
        found = sentence.reading.person_named(words)
        if found is not None and found.parts[-1] in {part.casefold() for part in re.split(r"[\s-]", words)} | {
            words.casefold().split()[-1]
        }:
            return found
    child = syntax.child(token, "appos")
    return _person(child, sentence) if child is not None and child.pos_ == "PROPN" and child is not name else None


def _names_at(token: Token) -> list[str]:
    """What the name around `token` may be, longest first: the parser cuts "Hafez al-Assad" into pieces."""
    doc = token.doc
    first = last = token.i
    while first > 0 and token.i - first < _TITLE_END and _continues(doc[first - 1], doc[first]):
        first -= 1
    while last + 1 < len(doc) and last - token.i < _TITLE_END and _continues(doc[last], doc[last + 1]):
        last += 1
    return [doc[i : last + 1].text for i in range(first, token.i + 1) if doc[i].text[0].isalpha()]


def _continues(one: Token, other: Token) -> bool:
    if "-" in (one.text, other.text):
        return not one.whitespace_ and (one.text != "-" or other.pos_ == "PROPN")
    return one.pos_ == other.pos_ == "PROPN" and (other.dep_ != "conj") and bool(one.whitespace_)


def names_several(participants: list[Actor]) -> bool:
    """Whether the words for them mean more than one: "the two sides", "African leaders", a body of states."""
    return any(_SEVERAL.search(a.text) or a.plover == "IGO" for a in participants)


def from_context(participants: list[Actor], sentence: Sentence) -> list[Actor]:
    """Who deals with whom when the clause does not say: the sentence's other parties, those of the dealing told before."""
    actors = sentence.reading.actors_for(sentence)
    named = [
        actor
        for mention in actors.named(sentence.start, sentence.end)
        if mention.role != "capital" and not _OF_PLACE.match(sentence.reading.text, mention.end)
        if (actor := actors.resolve(mention.text, mention.start, mention.end)) is not None
        and actor.kind in ("state", "armed_group")
    ]
    described = [
        actor
        for token in sentence.doc
        if token.pos_ == "NOUN" and HEADS.get(token.lower_) in _DESCRIBED
        if (actor := sentence.reading.party(token, sentence)) is not None and actor.kind in ("state", "armed_group")
    ]
    here = distinct([*participants, *_leaders_in(sentence), *named, *described])
    if len(here) >= 2 and (participants or not sentence.reading.dialogue):
        return here
    return distinct([*participants, *_implied(sentence), *(here if len(here) >= 2 else [])]) or here


def _leaders_in(sentence: Sentence) -> list[Actor]:
    """Those in office whom a sentence names, but for the one who says it."""
    if sentence.field != "text":
        return []
    found: list[Actor] = []
    for token in sentence.doc:
        if (
            token.pos_ != "PROPN"
            or token.dep_ in ("compound", "nmod")
            or (token.dep_ == "nsubj" and token.head.lemma_ in realis.REPORT)
        ):
            continue
        person = _person(token, sentence)
        if person is not None and person.roles & _LEADERS:
            start, end = sentence.span(token, token)
            found.append(
                Actor(
                    text=token.text,
                    start=start,
                    end=end,
                    id=person.id,
                    name=person.name,
                    kind="person",
                    country=person.country,
                )
            )
    return found


def meant_by_several(direct: list[Actor], sentence: Sentence) -> list[Actor]:
    """Who "the two sides" or "delegates" are: those of the dealing told before, else the article's main parties."""
    if (
        not direct
        or any(a.id is not None or a.kind == "person" for a in direct)
        or not any(_BOTH.search(a.text) for a in direct)
    ):
        return direct
    actors = sentence.reading.actors_for(sentence)
    implied = _implied(sentence) or (theatre.is_conflict(sentence.reading) and actors.warring_parties())
    implied = implied or actors.main_parties(2)
    return implied if len(implied) > 1 else direct


def with_states(participants: list[Actor], sentence: Sentence) -> list[Actor]:
    """The participants, and the states and bodies that office holders among them act for."""
    actors = sentence.reading.actors_for(sentence)
    behind: list[Actor] = []
    for person in participants:
        if person.kind not in ("person", "organisation") or _FORMER.search(person.text):
            continue
        if person.kind == "person" and person.start is not None and person.end is not None:
            behind += [
                Actor(text=m.text, start=m.start, end=m.end, id=m.party.id, name=m.party.name, kind="organisation",
                      plover=m.party.plover)
                for m in actors.named(person.start, person.end)
                if m.party.kind == "organisation" and sentence.field == "text"
            ]  # fmt: skip
        if person.kind == "person":
            behind += _bodies_served(person, sentence)
        if person.country is not None:
            state = actors.index.parties.state(person.country)
            if state is not None:
                behind.append(
                    Actor(text=person.text, start=person.start, end=person.end, id=state.id, name=state.name, kind="state",
                          country=state.country, plover=state.plover)
                )  # fmt: skip
    return distinct([*participants, *behind])


def _bodies_served(actor: Actor, sentence: Sentence) -> list[Actor]:
    """The international bodies that the article says a person speaks for ("Ann Lee, the head of UNESCO")."""
    person = sentence.reading.person_named(actor.name or actor.text)
    if person is None:
        return []
    mentions = sentence.reading.actors_for(sentence).mentions
    bodies = [
        m.party for m in mentions if m.party.kind == "organisation" and set(fold(m.text).split()) <= person.described
    ]
    return [
        Actor(text=actor.text, start=actor.start, end=actor.end, id=body.id, name=body.name, kind="organisation",
              plover=body.plover)
        for body in bodies
    ]  # fmt: skip


def distinct(actors: list[Actor]) -> list[Actor]:
    """Each party once, as it was first named."""
    found: dict[str, Actor] = {}
    for actor in actors:
        found.setdefault(actor.id or (actor.name or actor.text).casefold(), actor)
    return list(found.values())
