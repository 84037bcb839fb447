"""How many: number words, vague amounts and shares, as bounds.

read("hundreds of") -> Quantity(minimum=200, maximum=999)
read("more than a quarter") -> Quantity(fraction=0.25, minimum of a share)
"""

from __future__ import annotations

import re
from typing import Final

from tocsin_schemas import Quantity

SMALL_NUMBERS: Final = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
ORDINALS: Final = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_VAGUE: Final[tuple[tuple[str, int, int | None], ...]] = (
    # bounds as READING.md and the development set's conventions use them
    ("hundreds of thousands", 200_000, 999_999),
    ("tens of thousands", 20_000, 99_999),
    ("several thousand", 2_000, 9_999),
    ("several hundred", 200, 999),
    ("a few hundred", 200, 999),
    ("a few thousand", 2_000, 9_999),
    ("thousands", 2_000, 9_999),
    ("hundreds", 200, 999),
    ("several dozen", 24, 99),
    ("a few dozen", 24, 99),
    ("scores", 40, 99),
    ("dozens", 24, 99),
    ("tens", 20, 99),
    ("half a dozen", 5, 7),
    ("a dozen", 10, 14),
    ("dozen", 10, 14),
    ("a handful", 3, 9),
    ("several", 3, 9),
    ("a few", 3, 9),
    ("a couple", 2, 2),
    ("a number", 3, 99),
    ("multiple", 2, 20),
    ("many", 3, None),
    ("both", 2, 2),
)
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_FRACTIONS: Final = {
    "half": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4, "fifth": 1 / 5, "fifths": 1 / 5,
    "tenth": 1 / 10, "tenths": 1 / 10, "sixth": 1 / 6, "eighth": 1 / 8,
}  # fmt: skip
_AT_LEAST: Final = re.compile(
    r"\b(?:more than|over|at least|above|upwards of|no fewer than|not less than|exceeding)\b", re.I
)
_AT_MOST: Final = re.compile(
    r"\b(?:less than|fewer than|under|up to|at most|nearly|almost|as many as|close to)\b", re.I
)
_ABOUT: Final = re.compile(r"\b(?:about|around|some|roughly|approximately|an estimated|estimated)\b", re.I)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent\b)", re.I)
_WORD_PERCENT: Final = re.compile(r"\b([a-z]+(?:-[a-z]+)?) per ?cent\b", re.I)
_FRACTION: Final = re.compile(
    r"\b(?:(a|one|two|three|four|nine)[ -])?(half|thirds?|quarters?|fifths?|sixth|eighth|tenths?)\b(?!\s+(?:city|town|capital|provinc))",
    re.I,
)
_DIGITS: Final = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?")
_RANGE: Final = re.compile(r"(\d[\d,]*)\s*(?:-|–|to|and|or)\s*(\d[\d,]*)")


def number_value(words: str) -> float | None:
    """The value of one number in words or digits ("twenty-one", "1,200", "two hundred"), or None."""
    words = words.strip().lower().replace("-", " ")
    digits = _DIGITS.match(words)
    if digits:
        value = float(digits.group().replace(",", ""))
        rest = words[digits.end() :].split()
        return value * _SCALES[rest[0]] if rest and rest[0] in _SCALES else value
    if words in ("a", "an"):
        return 1.0
    total = current = 0.0
    seen = False
    for word in words.split():
        if word in SMALL_NUMBERS:
            current += SMALL_NUMBERS[word]
            seen = True
        elif word in _SCALES and (seen or word != "dozen"):
            current = (current or 1) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
            seen = True
        elif word in ("a", "and"):
            continue
        else:
            break
    return total + current if seen else None


def ordinal_value(word: str) -> int | None:
    """9 of "ninth" or "9th"; None for anything else."""
    word = word.lower()
    if word in ORDINALS:
        return ORDINALS[word]
    digits = re.match(r"^(\d+)(?:st|nd|rd|th)$", word)
    if digits:
        return int(digits.group(1))
    tens = re.match(r"^(twenty|thirty|forty)-(\w+)$", word)
    if tens and tens.group(2) in ORDINALS:
        return SMALL_NUMBERS[tens.group(1)] + ORDINALS[tens.group(2)]
    return None


def read(words: str, start: int | None = None) -> Quantity | None:
    """The quantity that `words` state, or None when they state none.

    A bare number gives `value`, `minimum` and `maximum`; "more than 100" only a minimum; a share gives `fraction`.
    `start` is the offset of `words` in the article.
    """
    end = None if start is None else start + len(words)
    folded = words.lower()
    share = _share(folded)
    if share is not None:
        return Quantity(text=words, start=start, end=end, fraction=share)
    dozens = re.search(r"\b(\w+) dozen\b", folded)
    if dozens and dozens.group(1) in SMALL_NUMBERS:
        value = float(SMALL_NUMBERS[dozens.group(1)] * 12)
        return Quantity(text=words, start=start, end=end, value=value, minimum=value * 0.9, maximum=value * 1.1)
    for phrase, low, high in _VAGUE:
        if re.search(rf"\b{phrase}\b", folded):
            return Quantity(text=words, start=start, end=end, minimum=low, maximum=high)
    between = _RANGE.search(folded)
    if between:
        low, high = (float(part.replace(",", "")) for part in between.groups())
        if high > low:
            return Quantity(text=words, start=start, end=end, minimum=low, maximum=high)
    value = _first_number(folded)
    if value is None:
        return None
    if _AT_LEAST.search(folded):
        return Quantity(text=words, start=start, end=end, minimum=value, maximum=None)
    if _AT_MOST.search(folded):
        return Quantity(text=words, start=start, end=end, value=value, maximum=value)
    if _ABOUT.search(folded):
        return Quantity(
            text=words, start=start, end=end, value=value, minimum=round(value * 0.9, 2), maximum=round(value * 1.1, 2)
        )
    return Quantity(text=words, start=start, end=end, value=value, minimum=value, maximum=value)


def _share(folded: str) -> float | None:
    percent = _PERCENT.search(folded)
    if percent:
        return min(1.0, float(percent.group(1)) / 100)
    worded = _WORD_PERCENT.search(folded)
    if worded and (value := number_value(worded.group(1))) is not None:
        return min(1.0, value / 100)
    fraction = _FRACTION.search(folded)
    if fraction and (fraction.group(1) or fraction.group(2) == "half"):
        times = number_value(fraction.group(1) or "one") or 1.0
        return min(1.0, times * _FRACTIONS[fraction.group(2)])
    return None


def _first_number(folded: str) -> float | None:
    digits = _DIGITS.search(folded)
    if digits:
        return number_value(folded[digits.start() :])
    for match in re.finditer(r"[a-z]+(?:-[a-z]+)?", folded):
        if match.group().split("-")[0] in SMALL_NUMBERS:
            return number_value(folded[match.start() :])
    return None
