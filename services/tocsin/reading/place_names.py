"""Place names brought to one form, so that spellings of one name meet.

    fold("Deir al-Zōr")      -> "deir al zor"     case, accents, hyphens and apostrophes gone
    key("Deir al-Zōr")       -> "deirzor"         articles and spaces gone too, doubled letters, ou/oo for u, a last h:
                                                    what the gazetteer is looked up by
    skeleton("Sheberghan")   -> "$brgn"           consonants by sound: "Shibirghan" gives the same

A skeleton joins too much to be believed alone: `alike` compares the vowels as well. The classes of sounds follow
the transliterations that English newspapers use for Arabic, Persian, Pashto, Amharic and Cyrillic names.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Levenshtein

_LETTERS: Final = str.maketrans(
    {
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ə": "e", "ŋ": "ng", "þ": "th",
        "ð": "d", "ħ": "h", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e", "ɔ": "o",
        "'": "", "’": "", "‘": "", "`": "", "ʻ": "", "ʼ": "", "´": "", "ʿ": "", "ʾ": "", "ʹ": "", "′": "",
        "“": "", "”": "",
        "-": " ", "–": " ", "—": " ", "‐": " ", "‑": " ", ".": " ", ",": " ", "/": " ", "_": " ", "\u00a0": " ",
    }
)  # fmt: skip
_COMBINING: Final = re.compile("[\u0300-\u036f]")
_ARTICLES: Final = {
    "al": "", "el": "", "ul": "", "ar": "r", "er": "r", "as": "s", "es": "s", "ash": "sh", "esh": "sh", "an": "n",
    "en": "n", "at": "t", "et": "t", "ad": "d", "ed": "d", "az": "z", "ez": "z", "adh": "dh", "ath": "th", "us": "s",
    "ur": "r", "ud": "d",
}  # fmt: skip
"""The Arabic article in its spellings -> how the next word must begin for it to be one (sun letters)."""
_LINKS: Final = frozenset({"e", "i", "ye", "yi", "o"})
"""The Persian izafat between words: Mazar-i-Sharif, Pul-e-Khumri."""


@lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """`name` in lower case without accents, hyphens, apostrophes and points; single spaces."""
    words = name.casefold().translate(_LETTERS)
    if not words.isascii():
        words = _COMBINING.sub("", unicodedata.normalize("NFD", words)).translate(_LETTERS)
    return " ".join(words.split())


def telling_words(folded: str) -> list[str]:
    """The words of a folded name without "the", Arabic articles and the Persian link."""
    words = folded.split()
    if len(words) < 2:
        return words
    kept = []
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if word in _ARTICLES and following and following.startswith(_ARTICLES[word]):
            continue
        if word in _LINKS and kept and following:
            continue
        if word == "the" and not kept and following:
            continue
        kept.append(word)
    return kept


_DOUBLED: Final = re.compile(r"(.)\1+")
_LONG_U: Final = re.compile("ou|oo")


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """What a name is looked up by: its telling words, written together, in the plainest spelling."""
    word = "".join(telling_words(fold(name)))
    plain = _DOUBLED.sub(r"\1", _LONG_U.sub("u", word))
    return plain[:-1] if len(plain) > 4 and plain.endswith(("ah", "eh")) else plain


_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tsch|tch|ch|cz", "C"),
        (r"shch", "$"),
        (r"sh|sch", "$"),
        (r"zh|dzh|dj|j", "J"),
        (r"kh|q|ck|c|x", "k"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"ts|tz|ss", "s"),
        (r"(?<=[aeiou])[yw](?![aeiou])", "i"),
        (r"w", "v"),
        (r"(?<=.)h(?![aeiou])", ""),
    )
)
_VOWELS: Final = re.compile(r"(?<=.)[aeiouy]+")


def _sounds(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


@lru_cache(maxsize=65536)
def skeleton(name: str) -> str:
    """The consonants of a name by sound, vowels only where it begins with one ("A")."""
    word = _VOWELS.sub("", _DOUBLED.sub(r"\1", _sounds(key(name))))
    return "A" + word[1:] if word[:1] in "aeiou" and word else word


_EVEN: Final = str.maketrans({"e": "i", "y": "i", "o": "u"})


def alike(one: str, other: str) -> float:
    """How alike two names sound, 0 to 1, once the usual swaps (e/i, o/u, q/k, doubled letters) are evened out."""
    a, b = (_DOUBLED.sub(r"\1", _sounds(key(name)).translate(_EVEN)) for name in (one, other))
    return Levenshtein.normalized_similarity(a, b)
