"""Articles that nobody edited: what the fuzz test and the fuzz bench read.

mutants = Mutants(seed)
mutants.text(article_text)      # truncated, shuffled, with odd Unicode, quotation marks that never close ...
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

TEXTS: Final = [
    "KUNDUZ, Afghanistan (NOP) - Taliban fighters captured Kunduz on Friday after three days of clashes, two officials said. "
    '"The city has fallen," said Mr. Karim Wali, a member of the provincial council. "We have lost everything." The army denied it.\n\n'
    "About 200 soldiers surrendered to the insurgents at the airport, a police officer told reporters by telephone. "
    "It was the fourth provincial capital to fall in a week.",
    "Rebels of the Harrow Front said they had taken the towns of Ardal, Korun and Besh; the government said its forces still held "
    "Ardal. President Ann Lee will meet U.N. envoy Jon Berg in Geneva on Tuesday, her office said, and the two sides agreed to a "
    "truce of 72 hours.\n“If the rebels enter the capital,” Defence Minister Omar Sayed warned, “we shall not surrender.”",
    "Government troops recaptured Taloqan, the army chief said, five days after it was lost. “Every street is ours,” he added. "
    "Foreign ministers of five countries called for talks. The U.S. embassy in Kabul evacuated its staff, a spokeswoman said.",
]
ODD: Final = (
    "\u202e \u202d \u200b \u200d \ufeff \u00a0 \u2028 \u0000 \u0007 \u0301 \ufffd \U0001f3f4 \u0130 \u00df \ud7ff \u3000 ﬁ ½ Ⅷ ٣ \x85"
).split(" ")
LONGEST: Final = 250_000
"""Characters of a mutant: more than are read, within what the contract lets an article have."""
QUOTES: Final = "\"'“”‘’«»„‹›``"


class Mutants:
    """Mutations of texts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ways: list[Callable[[str], str]] = [
            self._cut, self._shuffled, self._doubled, self._with_odd, self._with_quotes, self._without_stops, self._lowered,
            self._shouted, self._run_on, self._swapped_words, self._broken_lines, self._stuttered, self._bracketed,
        ]  # fmt: skip

    def text(self, text: str) -> str:
        """A mutant of `text`: one to four mutations, one after another. Never empty."""
        for _ in range(self._random.randint(1, 4)):
            text = self._random.choice(self._ways)(text)
        return text[:LONGEST] if text[:LONGEST].strip() else "x"

    def _places(self, text: str, most: int) -> list[int]:
        return sorted(
            (self._random.randrange(len(text) + 1) for _ in range(self._random.randint(1, most))), reverse=True
        )

    def _insert(self, text: str, choices: str | tuple[str, ...] | list[str], most: int) -> str:
        for at in self._places(text, most):
            text = text[:at] + self._random.choice(choices) + text[at:]
        return text

    def _cut(self, text: str) -> str:
        start = self._random.randrange(len(text) + 1)
        return text[start:] if self._random.random() < 0.5 else text[: max(1, start)]

    def _shuffled(self, text: str) -> str:
        parts = re.split(r"(?<=[.!?])\s+", text)
        self._random.shuffle(parts)
        return " ".join(parts)

    def _doubled(self, text: str) -> str:
        return text + self._random.choice(["", " ", "\n\n"]) + text

    def _with_odd(self, text: str) -> str:
        return self._insert(text, ODD, 30)

    def _with_quotes(self, text: str) -> str:
        return self._insert(text, QUOTES, 40)

    def _bracketed(self, text: str) -> str:
        return self._insert(text, "()[]{}—–-,;:…", 40)

    def _without_stops(self, text: str) -> str:
        return re.sub(r"[.!?]", self._random.choice(["", " ", ",", ";"]), text)

    def _lowered(self, text: str) -> str:
        return text.lower()

    def _shouted(self, text: str) -> str:
        return text.upper()

    def _run_on(self, text: str) -> str:
        return re.sub(r"\s+", self._random.choice(["", "\n", "\t", "  ", "\r\n"]), text)

    def _swapped_words(self, text: str) -> str:
        words = text.split(" ")
        for _ in range(self._random.randint(1, 20)):
            one, other = self._random.randrange(len(words)), self._random.randrange(len(words))
            words[one], words[other] = words[other], words[one]
        return " ".join(words)

    def _broken_lines(self, text: str) -> str:
        return self._insert(text, ["\n", "\n\n", " \n "], 20)

    def _stuttered(self, text: str) -> str:
        words = text.split(" ")
        at = self._random.randrange(len(words))
        return " ".join([*words[:at], *[words[at]] * self._random.choice([2, 30, 300]), *words[at:]])
