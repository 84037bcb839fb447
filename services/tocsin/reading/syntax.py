"""Who does what to whom in a parse: logical subject and object across voice, relatives, participles and conjuncts.

Dependency labels are those of spaCy's English models (ClearNLP style: nsubj, nsubjpass, dobj, agent, prep, pobj ...).
All functions take and return spaCy tokens of one sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Token

RELATIVE_PRONOUNS: Final = frozenset(["which", "who", "that", "whom"])
_CLAUSE: Final = frozenset(["ROOT", "ccomp", "relcl", "advcl", "parataxis", "csubj"])
_SUBJECT: Final = frozenset(["nsubj", "csubj", "expl"])
_PASSIVE_SUBJECT: Final = frozenset(["nsubjpass", "csubjpass"])
_AUXILIARY: Final = frozenset(["aux", "auxpass"])
OBJECT_CONTROL: Final = frozenset(
    "allow ask enable force help let make order persuade urge lead permit press push tell compel convince get".split()
)
"""Verbs whose object is the subject of their infinitive ("urged them to leave")."""
MEANS: Final = frozenset("telephone phone radio letter land sea air road train plane helicopter".split())
"""What is done by these is done by somebody else ("talked by telephone")."""
OBJECT_BLAMED: Final = frozenset(
    "accuse praise thank blame criticize criticise condemn commend suspect denounce applaud rebuke credit".split()
)
"""Verbs whose object did what their "for" or "of" names ("accused them of breaking the truce")."""


def children(token: Token, *labels: str) -> list[Token]:
    """Direct dependents with one of the labels, in order."""
    return [child for child in token.children if child.dep_ in labels]


def child(token: Token, *labels: str) -> Token | None:
    """The first direct dependent with one of the labels."""
    return next((c for c in token.children if c.dep_ in labels), None)


def has_negation(token: Token) -> bool:
    """Negated by "not", "never", "no longer" or a negative determiner of its subject."""
    return any(c.dep_ == "neg" or c.lower_ in ("never", "neither", "nor", "hardly") for c in token.children)


def is_no_longer(token: Token) -> bool:
    """ "no longer": what was so has ended."""
    return any(c.lower_ == "longer" and any(g.lower_ == "no" for g in c.children) for c in token.children)


def is_passive(verb: Token) -> bool:
    """Passive, also reduced ("the town captured by X") and as a conjunct of a passive."""
    labels = {c.dep_ for c in verb.children}
    if labels & _PASSIVE_SUBJECT or "auxpass" in labels:
        return True
    if verb.tag_ == "VBD" and "dobj" not in labels and verb.lower_.endswith("ed"):
        agent = child(verb, "agent")
        if agent is not None and not any(c.lower_ in MEANS for c in agent.children):
            return True  # "talks mediated by Norway began", taken for a past tense
    if verb.tag_ != "VBN" or labels & {"nsubj", "dobj"}:
        return False
    if any(c.dep_ == "aux" and c.lemma_ in ("have", "’ve", "'ve") for c in verb.children):
        return False
    if "agent" in labels or verb.dep_ in ("acl", "advcl", "amod", "acomp", "attr", "oprd"):
        return True
    return verb.dep_ == "conj" and verb.head.pos_ in ("VERB", "AUX") and is_passive(verb.head)


def antecedent(token: Token) -> Token:
    """The noun that a relative pronoun stands for; any other token is itself."""
    if token.lower_ in RELATIVE_PRONOUNS and token.pos_ in ("PRON", "DET", "SCONJ"):
        for ancestor in token.ancestors:
            if ancestor.dep_ == "relcl":
                return ancestor.head
    return token


def subject(verb: Token) -> Token | None:
    """The one who does it: nsubj of an active verb, the "by" phrase of a passive, or the shared or controlling one."""
    if is_passive(verb):
        return _by_agent(verb)
    return _grammatical_subject(verb)


def undergoer(verb: Token) -> Token | None:
    """What it is done to: the object of an active verb, the subject of a passive, or a relative clause's noun."""
    if is_passive(verb):
        return _grammatical_subject(verb, passive=True)
    found = child(verb, "dobj", "obj")
    if found is not None:
        return antecedent(found)
    if verb.dep_ == "relcl" and child(verb, "nsubj") is not None:
        own = child(verb, "nsubj")
        if own is not None and own.lower_ not in RELATIVE_PRONOUNS:
            return verb.head
    if verb.dep_ in ("acl", "relcl") and _is_infinitive(verb) and child(verb, "nsubj") is None:
        return None
    for conjunct in verb.conjuncts:
        if conjunct.i > verb.i and conjunct.pos_ == "VERB" and not is_passive(conjunct):
            shared = child(conjunct, "dobj", "obj")
            if shared is not None and conjunct.i - verb.i <= 3:
                return antecedent(shared)
    if verb.dep_ == "conj" and verb.head.pos_ == "VERB" and verb.head.dep_ == "relcl":
        return undergoer(verb.head) if child(verb, "dobj") is None and not is_passive(verb.head) else None
    return None


def _is_infinitive(verb: Token) -> bool:
    return any(c.dep_ == "aux" and c.lower_ == "to" for c in verb.children)


def _by_agent(verb: Token) -> Token | None:
    by = child(verb, "agent") or next((c for c in children(verb, "prep") if c.lower_ == "by"), None)
    if by is not None:
        found = child(by, "pobj", "pcomp")
        return antecedent(found) if found is not None else None
    for conjunct in verb.conjuncts:
        if conjunct.pos_ == "VERB" and is_passive(conjunct):
            by = child(conjunct, "agent")
            found = child(by, "pobj") if by is not None else None
            if found is not None:
                return antecedent(found)
    return None


def _grammatical_subject(verb: Token, *, passive: bool = False) -> Token | None:
    own = child(verb, "nsubjpass", "csubjpass") if passive else None
    own = own or child(verb, "nsubj", "nsubjpass", "csubj")
    if own is not None and own.dep_ != "expl":
        return antecedent(own)
    head = verb.head
    if head == verb:
        return None
    if verb.dep_ == "conj":
        if head.pos_ in ("VERB", "AUX"):
            return _grammatical_subject(head)
        return None
    if verb.dep_ in ("acl", "relcl", "amod"):
        return head
    if verb.dep_ in ("xcomp", "ccomp"):
        if head.pos_ in ("VERB", "AUX", "ADJ"):
            controlled = child(head, "dobj")
            if head.lemma_ in OBJECT_CONTROL and controlled is not None and not is_passive(head):
                return antecedent(controlled)
            return _grammatical_subject(head)
        return None
    if verb.dep_ in ("advcl", "dep", "parataxis"):
        return _grammatical_subject(head) if head.pos_ in ("VERB", "AUX") else None
    if verb.dep_ == "pcomp":
        governor = head.head
        blamed = child(governor, "dobj") if governor.lemma_ in OBJECT_BLAMED and head.lower_ in ("for", "of") else None
        if blamed is not None:
            return antecedent(blamed)
        if governor.dep_ == "dobj" and governor.head.lemma_ in OBJECT_BLAMED:
            return governor  # the phrase hung on the one who is blamed
        if governor.pos_ in ("VERB", "AUX"):
            return _grammatical_subject(governor)
        if governor.pos_ in ("NOUN", "PROPN"):
            return child(governor, "poss")
    if verb.dep_ in ("attr", "acomp", "oprd"):
        return _grammatical_subject(head)
    return None


def members(token: Token) -> Iterator[Token]:
    """`token` and what is coordinated with it: "Kunduz and Taloqan" gives both heads."""
    yield token
    for conjunct in token.children:
        if conjunct.dep_ == "conj" and conjunct.pos_ not in ("VERB", "AUX", "ADP"):
            yield from members(conjunct)


def phrase(token: Token) -> tuple[Token, Token]:
    """First and last token of the noun phrase of `token`, without relative clauses, appositions and conjuncts."""
    first = last = token
    for left in token.lefts:
        if left.dep_ in ("det", "amod", "compound", "nummod", "poss", "nmod", "quantmod", "predet", "advmod", "punct"):
            if left.dep_ == "punct" and left.text not in "-–\"'“‘":
                continue
            start = left.left_edge
            if start.i < first.i:
                first = start
    for right in token.rights:
        if right.dep_ in ("prep", "nummod", "compound", "case") or _is_short_participle(right, last):
            if right.dep_ == "prep" and right.lower_ not in ("of", "in", "from", "for", "with", "to", "at", "under"):
                break
            last = right.right_edge if right.dep_ != "prep" else _prepositional_end(right)
        elif right.dep_ == "punct" and right.text in "-–":
            continue
        else:
            break
    return first, last


def _is_short_participle(right: Token, last: Token) -> bool:
    """ "forces backed by Iran", and no clause that a small parser hung there ("rebels handed over their weapons to ...")."""
    return right.dep_ == "acl" and right.i == last.i + 1 and right.right_edge.i - right.i <= 4


def _prepositional_end(prep: Token) -> Token:
    target = child(prep, "pobj")
    if target is None:
        return prep.right_edge
    return phrase(target)[1]
