"""Is a text English? Counted, not guessed: the share of its words that are English function words.

In running English about 40 of 100 words are among the 60 below (they follow Zipf's law in any register); in other
languages written in Latin letters it is under 10, and in other scripts none.
"""

from __future__ import annotations

import re
from typing import Final

ENGLISH_SHARE: Final = 0.18
"""Below this share of function words a text is not read as English: half of what the plainest wire copy has."""
ENOUGH_WORDS: Final = 25
"""A shorter text is not judged: the share scatters too much."""
LOOKED_AT: Final = 6_000
"""Characters of a text that are counted."""

_FUNCTION_WORDS: Final = frozenset(
    """
    a about after all also an and are as at be been but by can could did for from had has have he her his how i if in
    into is it its more no not of on or our out over she so than that the their them there they this to under up was
    we were what when where which while who will with would you
    """.split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def english_share(text: str) -> float | None:
    """The share (0-1) of English function words among the words of `text`, or None when it has too few words."""
    words = _WORD.findall(text[:LOOKED_AT].casefold())
    if len(words) < ENOUGH_WORDS:
        return None
    return sum(word in _FUNCTION_WORDS for word in words) / len(words)


def looks_english(text: str) -> bool | None:
    """Whether `text` reads as English; None when it is too short to tell."""
    share = english_share(text)
    return None if share is None else share >= ENGLISH_SHARE
