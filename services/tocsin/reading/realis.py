"""Realis: whether a clause is told as something that happened, and in whose voice.

Shared by the four extractors. The walk goes from the event's word up through its governors; the first thing that takes
the fact away ends it with a reason ("modal could", "purpose", "governed by try"). Attribution is collected on the way.
Terms follow Saurí and Pustejovsky, "FactBank" (2009): modality markers, event-selecting predicates, polarity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import syntax

if TYPE_CHECKING:
    from spacy.tokens import Token

MODALS: Final = frozenset("could may might would should must will shall can ca wo 'll ’ll 'd ought".split())
NON_FACTUAL: Final = frozenset(
    # what is tried, wanted, planned, feared, demanded or prevented has not happened by being named
    "try attempt seek vow threaten plan want hope fail refuse prepare order urge demand ask expect intend aim wish need "
    "promise pledge prevent stop avoid risk struggle fight push bid poise propose consider offer decide mean desire "
    "plot prepare train strive endeavor endeavour battle contemplate discourage forbid ban deter resist foil repel thwart "
    "repulse predict forecast fear warn worry imagine dream encourage invite call press schedule swear resolve mull "
    "entitle authorize authorise allow_ gear race rush scramble aspire command instruct tell beg plead appeal tempt vie".split()
)
FINITE_FACTUAL: Final = frozenset(["tell", "warn", "fear", "swear", "worry", "call"])
"""Of those, verbs whose finite complement may still tell a fact ("warned that the town had fallen")."""

NON_FACTUAL_ADJECTIVES: Final = frozenset(
    "poised set ready likely unlikely unable willing unwilling determined keen eager about due prepared possible "
    "impossible reluctant close bound desperate able_not free".split()
)
NON_FACTUAL_NOUNS: Final = frozenset(
    "attempt bid hope aim goal plan threat risk fear prospect possibility chance danger intention promise effort push "
    "campaign battle fight offensive operation ability purpose brink verge eve order call demand ultimatum deadline "
    "mission drive assault attack advance objective target ambition determination failure refusal struggle pressure "
    "strategy deal offer proposal talks negotiation preparation readiness opportunity way race war task fighting move "
    "vow pledge appeal intent choice option alternative time right decision counteroffensive counter-offensive siege quest desire".split()
)
UNFACT_MODIFIERS: Final = frozenset(
    "possible imminent attempted planned potential threatened eventual future likely expected impending would-be failed "
    "hoped-for feared intended looming".split()
)
_UNCERTAIN: Final = frozenset("near inevitable unlikely impossible unthinkable close matter certain".split())
HEDGES: Final = frozenset(
    "reportedly allegedly apparently purportedly supposedly seemingly reputedly unconfirmed possibly perhaps presumably "
    "unverified".split()
)
_ALMOST: Final = frozenset(["nearly", "almost"])
_IRREALIS_MARKS: Final = frozenset(
    ["if", "unless", "whether", "lest", "until", "till", "suppose", "supposing", "provided"]
)
_NOBODY: Final = frozenset(["no", "neither", "none", "nobody", "nothing", "noone"])
_INVERTED: Final = frozenset(["had", "were", "should"])
_IRREALIS_PREPOSITIONS: Final = frozenset(["without", "from", "against", "toward", "towards", "instead", "but"])
_VOID_OBJECT_VERBS: Final = NON_FACTUAL | frozenset(
    "await halt delay block oppose support avert stall rule_out prevent anticipate envisage near "
    "negotiate discuss".split()
)
REPORT: Final = frozenset(
    "say claim report announce confirm tell add state declare admit acknowledge concede write tweet post insist "
    "maintain assert allege argue note stress explain boast proclaim broadcast reveal show indicate suggest believe "
    "think understand hear estimate assume consider quote cite describe recall testify repeat reply answer deny warn "
    "contend affirm relate".split()
)
_BELIEF: Final = frozenset(
    "believe think understand assume consider suggest fear estimate suspect rumor rumour".split()
)
DENIAL: Final = frozenset("deny reject dismiss refute dispute rebut disclaim".split())
_NEWS_NOUNS: Final = frozenset(
    "report claim word news rumor rumour statement announcement suggestion allegation".split()
)
_UNTRUE: Final = frozenset(
    "false untrue wrong baseless unfounded incorrect inaccurate premature lies fabricated".split()
)
_CORRECTED: Final = re.compile(
    r"\b(?:earlier|previous|original) (?:version|report|story|article|headline|edition)\b.{0,60}\b(?:said|reported|stated|claimed|that|wrongly)\b",
    re.IGNORECASE,
)
""" "An earlier version of this report said that ...": what follows is being taken back."""
FACTUAL_RELATIVE_HEADS: Final = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth last latest only largest biggest "
    "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th".split()
)


@dataclass(frozen=True, slots=True)
class Realis:
    """The verdict on one clause: `factual` false means no event; `reason` says why in a few words.

    `source`/`cue` are who says so and the word that tells it, when the clause itself is somebody's speech;
    `denied`: it is told as untrue; `hedged`: "reportedly" and the like.
    """

    factual: bool
    reason: str
    denied: bool = False
    hedged: bool = False
    source: Token | None = None
    cue: Token | None = None


class _Walk:
    def __init__(self) -> None:
        self.denied = False
        self.hedged = False
        self.source: Token | None = None
        self.cue: Token | None = None

    def refuse(self, reason: str) -> Realis:
        return Realis(False, reason, self.denied, self.hedged, self.source, self.cue)

    def accept(self) -> Realis:
        reason = "denied" if self.denied else "attributed" if self.cue is not None else "told as fact"
        return Realis(True, reason, self.denied, self.hedged, self.source, self.cue)

    def attribute(self, cue: Token, source: Token | None) -> None:
        if self.cue is None:
            self.cue, self.source = cue, source


def assess(anchor: Token, *, nominal: bool = False) -> Realis:
    """Is the event at `anchor` told as having happened? `nominal`: the anchor is a noun ("the fall of X")."""
    walk = _Walk()
    token = anchor
    if _CORRECTED.search(anchor.doc.text, 0, anchor.idx):
        return walk.refuse("an earlier version, corrected")
    if nominal:
        refusal = _nominal(walk, anchor)
        if refusal:
            return walk.refuse(refusal)
        token = _clause_of(anchor)
        _speech_above(walk, token)
        return walk.accept()
    inherits = True
    while True:
        if inherits or token == anchor:
            refusal = _own_marks(walk, token, is_anchor=token == anchor)
            if refusal:
                return walk.refuse(refusal)
        head = token.head
        if head == token:
            break
        step = _step_up(walk, token, head, inherits)
        if not isinstance(step, str):
            token, inherits = step
        elif inherits:
            return walk.refuse(step)
        else:
            token = head  # a finite relative or reported clause: what governs it from outside does not undo it
    _loose_attribution(walk, token)
    return walk.accept()


def _own_marks(walk: _Walk, verb: Token, *, is_anchor: bool) -> str | None:
    for c in verb.children:
        word = c.lower_
        if c.dep_ == "aux" and word in MODALS and not (word in ("'d", "’d") and verb.tag_ == "VBN"):
            return f"modal {word}"
        if c.dep_ in ("mark", "advmod", "prep") and word in _IRREALIS_MARKS and not _is_end(word, verb):
            return f"conditional {word}"
        if word in HEDGES:
            walk.hedged = True
        if is_anchor and word in _ALMOST and c.dep_ == "advmod":
            return f"only {word}"
        if c.dep_ == "aux" and word in _INVERTED and verb.dep_ == "advcl" and _leads(c, verb):
            return f"conditional {word}"
        if (
            is_anchor
            and c.dep_ == "advmod"
            and word in ("yet", "still")
            and any(g.lower_ == "to" for g in verb.children)
        ):
            return "yet to happen"
    if is_anchor and verb.i > 1 and verb.doc[verb.i - 2 : verb.i].text.lower() == "all but":
        return "all but done"
    if syntax.has_negation(verb):
        if any(c.lower_ == "only" for c in verb.children):
            return None
        if walk.denied:
            return None
        if _under_report(verb):
            walk.denied = True
            return None
        return "negated"
    own = syntax.child(verb, "nsubj", "nsubjpass")
    if own is not None and any(d.lower_ in _NOBODY for d in [own, *syntax.children(own, "det")]):
        return "negated subject"
    if (
        is_anchor
        and verb.tag_ == "VBG"
        and any(c.dep_ == "aux" and c.lemma_ == "be" for c in verb.children)
        and any(c.lower_ in ("going",) for c in verb.children)
    ):
        return "future"
    return None


def _leads(auxiliary: Token, verb: Token) -> bool:
    """ "Had the town fallen, ...": an auxiliary before its subject makes a condition."""
    subject = syntax.child(verb, "nsubj", "nsubjpass")
    return subject is not None and auxiliary.i < subject.i


def _is_end(mark: str, verb: Token) -> bool:
    """ "held out until rebels took the airport": in the past, what "until" names has come."""
    tense = next((c for c in verb.children if c.dep_ in ("aux", "auxpass")), verb)
    return mark in ("until", "till") and tense.tag_ == "VBD" and tense.lower_ not in MODALS


def _under_report(verb: Token) -> bool:
    return verb.dep_ in ("ccomp", "parataxis") and verb.head.lemma_ in REPORT


def _step_up(walk: _Walk, token: Token, head: Token, inherits: bool) -> tuple[Token, bool] | str:
    """One step towards the root: the next token and whether its marks still bear on the event, or a refusal."""
    label = token.dep_
    lemma = head.lemma_.lower()
    if label == "conj":
        own_clause = syntax.child(token, "nsubj", "nsubjpass") is not None
        return head, inherits and not own_clause
    if label in ("xcomp", "ccomp", "oprd", "acomp"):
        return _complement(walk, token, head, inherits)
    if label == "advcl":
        return _adverbial(walk, token, head, inherits)
    if label == "pcomp":
        return _gerund(walk, token, head, inherits)
    if label in ("acl", "relcl"):
        return _noun_clause(walk, token, head, inherits)
    is_ahead = lemma in ("be", "mean", "require", "remain") or any(
        c.lower_ in MODALS for c in head.lefts if c.i > token.i
    )
    if label == "csubj" and inherits and is_ahead and token.tag_ in ("VB", "VBG"):
        return head, True  # "taking X would open the road"
    if label in ("parataxis", "dep") and lemma in REPORT:
        _report(walk, head)
        return head, False
    return head, False


def _complement(walk: _Walk, token: Token, head: Token, inherits: bool) -> tuple[Token, bool] | str:
    lemma = head.lemma_.lower()
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in token.children)
    finite = token.dep_ == "ccomp" and not infinitive and token.tag_ != "VBG"
    if lemma in DENIAL:
        walk.denied = True
        walk.attribute(head, syntax.subject(head))
        return head, False
    if finite:
        if lemma in NON_FACTUAL and lemma not in FINITE_FACTUAL:
            return f"governed by {lemma}"
        if lemma in REPORT or lemma in FINITE_FACTUAL:
            if syntax.has_negation(head) and lemma not in ("say", "think", "believe"):
                return f"not {lemma}"
            _report(walk, head)
            return head, False
        if head.pos_ == "ADJ" and lemma in NON_FACTUAL_ADJECTIVES:
            return f"governed by {lemma}"
        return head, False
    if lemma in REPORT and (infinitive or token.tag_ in ("VBG", "VBN")) and lemma not in NON_FACTUAL:
        _report(walk, head)
        return head, inherits
    if lemma in NON_FACTUAL and not (lemma in ("push", "press", "fight", "struggle") and not infinitive):
        return f"governed by {lemma}"
    if head.pos_ == "ADJ" and lemma in NON_FACTUAL_ADJECTIVES:
        return f"governed by {lemma}"
    if infinitive and lemma in ("be", "have", "go") and token.dep_ == "xcomp":
        return f"{head.text} to: future or duty"
    if lemma in ("look", "stand", "close", "inch", "move", "edge"):
        return f"governed by {lemma}"
    return head, inherits


def _report(walk: _Walk, head: Token) -> None:
    lemma = head.lemma_.lower()
    source = syntax.child(head, "nsubj")
    source = syntax.antecedent(source) if source is not None else syntax.subject(head)
    if syntax.is_passive(head):
        source = None
        walk.hedged = True
    if lemma in _BELIEF:
        walk.hedged = True
    walk.attribute(head, source)


def _adverbial(walk: _Walk, token: Token, head: Token, inherits: bool) -> tuple[Token, bool] | str:
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in token.children)
    mark = syntax.child(token, "mark")
    if infinitive:
        if any(c.lower_ == "only" for c in token.children):
            return head, True
        attribute = syntax.child(head, "attr", "oprd")
        if attribute is not None and {c.lower_ for c in attribute.children} & FACTUAL_RELATIVE_HEADS:
            return head, inherits  # "became the first town to fall"
        if head.lemma_ in ("go", "return") and token.i - head.i <= 3:
            return head, inherits
        return "purpose"
    if mark is not None and mark.lower_ in ("as", "while") and token.tag_ in ("VBG",):
        return head, False
    finite = token.tag_ in ("VBD", "VBZ", "VBP") or any(
        c.dep_ in ("aux", "auxpass") and c.tag_ in ("VBD", "VBZ", "VBP") for c in token.children
    )
    return head, inherits and not finite


def _gerund(walk: _Walk, token: Token, preposition: Token, inherits: bool) -> tuple[Token, bool] | str:
    word = preposition.lower_
    governor = preposition.head
    if word in _IRREALIS_PREPOSITIONS:
        return f"{word} doing it"
    lemma = governor.lemma_.lower()
    if governor.pos_ in ("NOUN", "PROPN") and lemma in NON_FACTUAL_NOUNS and word in ("of", "at", "for", "in", "to"):
        return f"{lemma} {word} doing it"
    if lemma in DENIAL:
        walk.denied = True
        walk.attribute(governor, syntax.subject(governor))
        return governor, False
    if (
        governor.pos_ in ("VERB", "ADJ", "ADV")
        and word in ("on", "at", "to", "about", "of")
        and (
            lemma in NON_FACTUAL
            or lemma in ("focus", "concentrate", "work", "bent", "intent", "close", "consider", "talk", "think")
        )
    ):
        return f"governed by {lemma} {word}"
    if lemma in ("accuse", "suspect", "quote", "cite", "credit", "blame") and word in ("of", "as", "for", "with"):
        walk.attribute(governor, syntax.subject(governor))
        return governor, False
    if word == "before" and any(c.dep_ == "aux" and c.lower_ in MODALS for c in governor.children):
        return "before doing it"
    return governor, inherits and word in ("after", "by", "in", "upon", "before", "when", "once")


def _noun_clause(walk: _Walk, token: Token, noun: Token, inherits: bool) -> tuple[Token, bool] | str:
    lemma = noun.lemma_.lower()
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in token.children)
    if infinitive:
        perfect = any(c.dep_ == "aux" and c.lower_ == "have" for c in token.children)
        if lemma in _NEWS_NOUNS and perfect:
            return _news(walk, noun)
        modifiers = {c.lower_ for c in noun.children if c.dep_ in ("amod", "nummod", "advmod", "det")}
        modifiers |= {g.lower_ for c in noun.children for g in c.children if c.dep_ in ("amod", "nummod")}
        if modifiers & FACTUAL_RELATIVE_HEADS and "next" not in modifiers:
            return _clause_of(noun), False
        return f"{lemma} to do it"
    if lemma in _NEWS_NOUNS and syntax.child(token, "mark") is not None:
        return _news(walk, noun)
    if lemma in NON_FACTUAL_NOUNS and syntax.child(token, "mark") is not None:
        return f"{lemma} that"
    return _clause_of(noun), False


def _news(walk: _Walk, noun: Token) -> tuple[Token, bool] | str:
    """ "a claim to have captured X", "reports that X had fallen": told by somebody, or denied."""
    governor = noun.head
    owner = syntax.child(noun, "poss", "compound")
    if governor.lemma_.lower() in DENIAL:
        walk.denied = True
        walk.attribute(governor, syntax.subject(governor))
        return _clause_of(noun), False
    walk.hedged = True
    walk.attribute(noun, owner)
    verdict = syntax.child(governor, "acomp", "attr")
    if verdict is not None and verdict.lower_ in _UNTRUE:
        walk.denied = True
        return _clause_of(noun), False
    if syntax.has_negation(governor) or any(d.lower_ == "no" for d in noun.children):
        return f"no {noun.lemma_}"
    return _clause_of(noun), False


def _nominal(walk: _Walk, noun: Token) -> str | None:
    for c in noun.children:
        if c.lower_ in UNFACT_MODIFIERS and c.dep_ in ("amod", "compound"):
            return f"{c.lower_} {noun.lemma_}"
        if c.lower_ == "no":
            return "negated"
        if c.lower_ in HEDGES or c.lower_ in ("alleged", "reported", "claimed", "apparent"):
            walk.hedged = True
    token = noun
    while token.dep_ == "conj":
        token = token.head
    governor = token.head
    if token.dep_ in ("pobj", "pcomp"):
        preposition = governor
        above = preposition.head
        lemma = above.lemma_.lower()
        if preposition.lower_ in ("without", "against", "toward", "towards"):
            return f"{preposition.lower_} it"
        if above.pos_ in ("NOUN", "PROPN") and lemma in NON_FACTUAL_NOUNS:
            return f"{lemma} {preposition.lower_} it"
        if (
            above.pos_ in ("VERB", "ADJ")
            and lemma in NON_FACTUAL | NON_FACTUAL_ADJECTIVES
            and preposition.lower_
            in (
                "for",
                "to",
                "of",
                "about",
                "on",
                "into",
                *(("at",) if lemma == "aim" else ()),
            )
        ):
            return f"{lemma} {preposition.lower_} it"
        small_clause = preposition.lower_ == "in" and noun.lemma_ in ("control", "command", "charge", "hand")
        return _governing_verb(walk, above if above.pos_ in ("VERB", "AUX") else above.head, direct=small_clause)
    if token.dep_ in ("dobj", "nsubjpass") and governor.lemma_.lower() in _VOID_OBJECT_VERBS:
        return f"{governor.lemma_} it"
    if token.dep_ in ("dobj", "nsubjpass") and governor.lemma_.lower() in DENIAL:
        walk.denied = True
        walk.attribute(governor, syntax.subject(governor))
        return None
    if token.dep_ in ("dobj", "nsubjpass") and governor.lemma_.lower() in REPORT:
        _report(walk, governor)
        return None
    if token.dep_ in ("nsubj", "nsubjpass", "dobj", "attr", "csubj"):
        return _governing_verb(walk, governor, direct=True)
    return None


def _governing_verb(walk: _Walk, verb: Token, *, direct: bool) -> str | None:
    if verb.pos_ not in ("VERB", "AUX"):
        return None
    modal = next((c.lower_ for c in verb.children if c.dep_ == "aux" and c.lower_ in MODALS), None)
    if modal and direct:
        return f"modal {modal}"
    mark = syntax.child(verb, "mark")
    if mark is not None and mark.lower_ in _IRREALIS_MARKS:
        return f"conditional {mark.lower_}"
    predicate = syntax.child(verb, "acomp", "attr")
    if direct and predicate is not None and predicate.lower_ in UNFACT_MODIFIERS | _UNCERTAIN:
        return f"it is {predicate.lower_}"
    if direct and verb.dep_ in ("xcomp", "advcl") and any(c.lower_ == "to" and c.dep_ == "aux" for c in verb.children):
        return "purpose"
    if direct and syntax.has_negation(verb):
        return "negated"
    return None


def _clause_of(token: Token) -> Token:
    """The verb of the clause that holds `token`."""
    while token.head != token and token.pos_ not in ("VERB", "AUX"):
        token = token.head
    return token


def _speech_above(walk: _Walk, token: Token) -> None:
    """Collect attribution from the clause verb `token` upwards."""
    while token.head != token:
        head = token.head
        if token.dep_ in ("ccomp", "parataxis") and head.lemma_.lower() in REPORT:
            _report(walk, head)
        token = head
    _loose_attribution(walk, token)


def _loose_attribution(walk: _Walk, root: Token) -> None:
    """ "according to X", and ", X said" where the parse hung the speech verb under the root."""
    for token in root.doc:
        if token.lower_ == "according" and walk.cue is None:
            to = next((t for t in token.children if t.lower_ == "to"), None)
            target = syntax.child(to, "pobj") if to is not None else syntax.child(token, "pobj")
            walk.attribute(token, target)
    if walk.cue is None:
        for c in root.children:
            if c.dep_ in ("parataxis", "ccomp") and c.lemma_ in ("say", "report", "claim", "announce") and c.i > root.i:
                walk.attribute(c, syntax.child(c, "nsubj"))
