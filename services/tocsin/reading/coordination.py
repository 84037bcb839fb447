"""The heads of a list in a parse, read from the words between them.

heads(token)            # [Kunduz, parts, Baghlan] of "Kunduz, parts of Taloqan and, to the south, Baghlan"
next_head(doc, start)   # the noun that the phrase beginning at word `start` is about
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import syntax

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

DIRECTIONS: Final = frozenset("east west north south northeast northwest southeast southwest".split())
_JOINTS: Final = frozenset([",", "and", "or", "&", "then", "also", "plus", "finally"])
_CLOSING: Final = frozenset(["and", "or", "&", "plus"])
_ALSO: Final = (
    ("as", "well", "as"),
    ("along", "with"),
    ("together", "with"),
    ("followed", "by"),
    ("in", "addition", "to"),
    ("not", "to", "mention"),
)
"""Joints of several words; a list with one of them is closed."""
_NOMINAL: Final = frozenset(["NOUN", "PROPN", "ADJ", "DET", "NUM", "PART", "PRON"])
ASIDE: Final = 9
"""Words that an aside in a list may have."""
_INNER: Final = frozenset(["of", "in", "near", "at", "to"])


def heads(token: Token) -> list[Token]:
    """The heads of a list that starts with `token`'s phrase, read from the words.

    A small parser hangs the members of a list ("A, B and parts of C", "A to its west, and B to its east") on all
    sorts of words; their order and the commas between them are reliable.
    """
    found = list(syntax.members(token))
    names_all = token.tag_ in ("NNS", "NNPS") or token.lower_ in ("others", "ones", "two", "three", "both")
    for appositive in syntax.children(token, "appos"):
        found += [m for m in syntax.members(appositive) if names_all or m != appositive]
    if token.pos_ == "PRON":
        return found
    known = {h.i for h in found}
    doc = token.doc
    pending: list[Token] = []
    at, closes = _phrase_end(token) + 1, False
    while at < len(doc):
        joint, closing = _after_joint(doc, at)
        if joint == at or joint >= len(doc):
            break
        closes = closes or closing
        if token.dep_ == "pobj" and doc[joint].lower_ == token.head.lower_ == "of":
            joint += 1  # "control of A and of B"
        aside = _end_of_aside(doc, joint)
        if aside is not None:
            at = aside
            continue
        head = next_head(doc, joint)
        if head is None or _tells_where(doc, joint):
            break
        end = _phrase_end(head)
        following = doc[end + 1] if end + 1 < len(doc) else None
        if following is not None and following.pos_ in ("VERB", "AUX") and following.tag_ != "VBG":
            break
        pending.append(head)
        if closes:
            # a list is a list only when it closes: "X, the last base of the army," is an apposition
            found += [h for h in pending if h.i not in known]
            known |= {h.i for h in pending}
            pending, closes = [], False
        at = end + 1
    return found


def _tells_where(doc: Doc, start: int) -> bool:
    """ "took A, north of B and close to C": B and C only tell where A lies."""
    return doc[start].lower_ in DIRECTIONS and start + 1 < len(doc) and doc[start + 1].lower_ in ("of", "from")


def _end_of_aside(doc: Doc, start: int) -> int | None:
    """Index of the comma that ends "on the border with B," or "north of B," at `start`: an aside in a list."""
    if doc[start].pos_ != "ADP" and not _tells_where(doc, start):
        return None
    for word in doc[start + 1 : start + ASIDE]:
        if word.text == ",":
            return word.i
        if word.pos_ in ("VERB", "AUX"):
            break
    return None


def _after_joint(doc: Doc, at: int) -> tuple[int, bool]:
    """Index of the first word behind the comma, "and", "as well as" ... at `at`, and whether it closes a list."""
    closes = False
    while at < len(doc):
        words = next((w for w in _ALSO if tuple(t.lower_ for t in doc[at : at + len(w)]) == w), None)
        if words is None and doc[at].lower_ not in _JOINTS:
            break
        closes = closes or words is not None or doc[at].lower_ in _CLOSING
        at += len(words) if words else 1
    return at, closes


def _phrase_end(head: Token) -> int:
    """Index of the last word of a noun phrase with its short "of"/"in"/"to its west" complements."""
    doc, end = head.doc, head.i
    while end + 2 < len(doc) and doc[end + 1].lower_ in _INNER:
        inner = next_head(doc, end + 2)
        if inner is None:
            break
        end = inner.i
    return end


def next_head(doc: Doc, start: int) -> Token | None:
    """The last nominal word of the run of nominal words that starts at `start`."""
    last: Token | None = None
    for word in doc[start : start + 8]:
        if word.lower_ in ("much", "most", "all", "half") and word.i + 1 < len(doc) and doc[word.i + 1].lower_ == "of":
            return word
        if word.pos_ not in _NOMINAL and word.text not in ("-", "'s", "’s"):
            break
        if word.pos_ == "PRON" and word.lower_ not in ("its", "their", "his", "it"):
            break
        if word.pos_ in ("NOUN", "PROPN") or word.lower_ == "it" or (word.pos_ == "ADJ" and word.text[:1].isupper()):
            last = word
    return last
