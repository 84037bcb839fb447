"""Closed classes of English words, and what a noun says about the speaker it heads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from .speaker_words import words

if TYPE_CHECKING:
    from .hosts import Tok


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


SpeakerKind = Literal[
    "person", "role", "body", "group", "pronoun", "plural", "outlet", "document", "relative", "named", "other"
]

PRONOUNS: Final = word_set("he she it they i we you")

RELATIVES: Final = word_set("who which")

DETERMINERS: Final = word_set(
    "the a an this that these those his her its their our my your one another some any each both every no several many "
    "most all two three four five six seven eight nine ten dozens hundreds few"
)

NUMBERS: Final = word_set("one two three four five six seven eight nine ten")
CONNECTORS: Final = word_set("of for in at to from with on")

POSTPOSED: Final = word_set(
    "familiar close loyal linked based allied aligned opposed involved briefed stationed present"
)
PREPOSITIONS: Final = word_set(
    "of in on at to for from by with about against between among during after before since until under over into through "
    "without within near amid despite per via as than toward towards across behind beyond around along off out up down "
    "inside outside above below beside besides except like unlike upon throughout following including regarding"
)

CONJUNCTIONS: Final = word_set("and or but nor yet so")

SUBORDINATORS: Final = word_set(
    "that which who whom whose what when where while whereas as because if unless although though once whether how why "
    "whenever wherever whatever till lest"
)

AUXILIARIES: Final = word_set(
    "is are was were be been being has have had having do does did will would can could may might must shall should 's "
    "isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't cannot not "
    "never ain't shouldn't"
)

CONTRACTED: Final = frozenset(
    f"{pronoun}{end}"
    for pronoun in ("he", "she", "it", "they", "we", "i", "you", "there", "that")
    for end in ("'s", "'d", "'ll", "'re", "'ve", "'m")
)
"""A pronoun and its verb in one word ("they're")."""

MODALS: Final = word_set("will would can could may might must shall should won't wouldn't can't couldn't cannot")

NEGATIONS: Final = word_set(
    "not never no n't isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't "
    "couldn't cannot neither nor"
)

WEEKDAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday")

MONTHS: Final = word_set(
    "january february march april may june july august september october november december jan. feb. mar. apr. jun. jul. "
    "aug. sep. sept. oct. nov. dec. jan feb apr jun jul aug sep sept oct nov dec"
)

TIME_UNITS: Final = word_set(
    "week weeks month months year years night day days morning afternoon evening weekend hour hours minute minutes "
    "moment moments"
)

TIME_WORDS: Final = (
    WEEKDAYS
    | TIME_UNITS
    | word_set("today yesterday tomorrow tonight overnight earlier later ago last this next late early")
)

ADVERBS: Final = frozenset(
    "also later earlier then now still meanwhile already again however instead only first once too even just both "
    "nevertheless nonetheless otherwise therefore thus further furthermore moreover separately ever always often twice "
    "yesterday today tonight overnight soon afterwards afterward there here back never likewise rather perhaps "
    "simply, flatly, alone apparently reportedly long far".replace(",", "").split()
)

_NOT_ADVERBS: Final = word_set(
    "family ally italy july daily weekly assembly supply reply anomaly likely monopoly holy lily billy emily"
)


def is_adverb(token: Tok) -> bool:
    """An adverb by form or by list."""
    word = token.lower
    return word in ADVERBS or (word.endswith("ly") and word not in _NOT_ADVERBS and not token.is_capital)


def noun_class(word: str) -> SpeakerKind | None:
    """What a lower-case noun says about the speaker it heads; null for a word that is in no list."""
    kind = _kinds().get(word)
    if kind is None and "-year-old" in word:
        return "role"
    return kind


@cache
def _kinds() -> dict[str, SpeakerKind]:
    """Every listed noun, as it stands and as a possessive, to its class."""
    found: dict[str, SpeakerKind] = {}
    for name, kind in _CLASSES:
        for word in words(name):
            for printed in (word, f"{word}'s", f"{word}'"):
                found.setdefault(printed, kind)
    return found


_CLASSES: Final[tuple[tuple[str, SpeakerKind], ...]] = (
    ("outlets", "outlet"),
    ("documents", "document"),
    ("roles", "role"),
    ("groups", "group"),
    ("bodies", "body"),
    ("plurals", "plural"),
)


def is_title(word: str) -> bool:
    """A lower-case title or rank, with or without its full stop ("lt.", "president")."""
    bare = word.rstrip(".")
    if "-" in bare:
        bare = bare.removeprefix("then-").removeprefix("ex-").removeprefix("vice-")
        bare = bare.removesuffix("-designate").removesuffix("-elect").removesuffix("-general")
    return bare in words("titles")


def is_noun(word: str) -> bool:
    return noun_class(word) is not None or is_title(word)
