"""Known errors of the small model, mended by rule after the parse. Each repair says what it mends.

A repair changes tags only where the words leave no doubt; it never moves an arc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_PARTICIPLES: Final = frozenset(
    "overrun captured seized taken retaken recaptured liberated freed conquered occupied lost besieged surrendered "
    "evacuated closed signed brokered".split()
)
_BE: Final = frozenset("is are was were be been being ’s 's".split())
_VERBS_OF_TAKING: Final = {
    "retook": "retake",
    "overran": "overrun",
    "fell": "fall",
    "took": "take",
    "lost": "lose",
    "seized": "seize",
    "captured": "capture",
    "recaptured": "recapture",
    "regained": "regain",
    "reclaimed": "reclaim",
    "surrendered": "surrender",
    "conquered": "conquer",
    "liberated": "liberate",
}
_ONLY_VERBS: Final = {"flew": "fly", "met": "meet", "told": "tell", "signed": "sign", **_VERBS_OF_TAKING}
""" "Moon Jae-in flew to Washington": a past that is never a noun or an adjective before what follows."""
_PAST: Final = {
    "retook": "retake",
    "overran": "overrun",
    "retaken": "retake",
    "overrun": "overrun",
    "laid": "lay",
    "fell": "fall",
}
_MISTAKEN: Final = {
    **dict.fromkeys(["hopes", "hoped", "hoping"], "hope"),
    **dict.fromkeys(["stages", "staged", "staging"], "stage"),
    **dict.fromkeys(["reoccupies", "reoccupied", "reoccupying"], "reoccupy"),
    **dict.fromkeys(["deadlocked", "deadlocking"], "deadlock"),
}
"""Verbs whose forms the model's lemmatizer gives another verb ("hoped": hop) or none; all others of the frames and of the
lists in realis.py it gets right."""


def repair(doc: Doc) -> Doc:
    """Mend `doc` in place and return it."""
    for token in doc:
        word = token.lower_
        if word in _PARTICIPLES and token.pos_ in ("ADJ", "NOUN") and token.dep_ in ("acomp", "attr", "oprd", "conj"):
            # "are completely liberated", "the city to be overrun": a passive read as adjective or noun
            if token.head.lower_ in _BE or token.dep_ == "conj":
                token.pos_, token.tag_, token.lemma_ = "VERB", "VBN", _verb_lemma(word)
        elif word in _ONLY_VERBS and token.pos_ in ("NOUN", "PROPN") and token.text == word:
            if word in _VERBS_OF_TAKING and not _heads_clause(token):
                continue
            token.pos_, token.tag_, token.lemma_ = "VERB", "VBD", _ONLY_VERBS[word]
        elif word in _PAST and token.pos_ == "VERB" and token.lemma_ == word:
            token.lemma_ = _PAST[word]
            if word == "retook":
                token.tag_ = "VBD"
        elif word in _MISTAKEN and token.pos_ == "VERB":
            token.lemma_ = _MISTAKEN[word]
    return doc


def _heads_clause(token: Token) -> bool:
    """ "The army retook Ardal", read as a noun that has a subject or an object."""
    return any(child.dep_ in ("nsubj", "dobj", "nsubjpass") for child in token.children)


def _verb_lemma(word: str) -> str:
    if word in _PAST:
        return _PAST[word]
    irregular = {"taken": "take", "retaken": "retake", "lost": "lose", "freed": "free", "overrun": "overrun"}
    if word in irregular:
        return irregular[word]
    stem = word[:-2]
    return word[:-1] if stem.endswith(("r", "iz", "at", "at", "os", "v", "iv")) and not stem.endswith(("er",)) else stem
