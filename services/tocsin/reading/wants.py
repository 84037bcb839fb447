"""Which sentences an extractor needs parsed, found by their words: a parse costs a hundred times as much.

WANTS = Wants(FRAMES, gate=theatre.CONFLICT)
WANTS.sentences(reading)      # worked out once for a reading
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .frames import FrameSet
    from .reader import Reading, Sentence


@dataclass(frozen=True, slots=True)
class Gate:
    """What an article must be like for any of its sentences to be wanted, and what is said of one that is not."""

    passes: Callable[[Reading], bool]
    otherwise: str


@dataclass(frozen=True, slots=True, eq=False)
class Wants:
    """The sentences that hold the words of one of `frames` (None: no sentence), in articles that pass `gate`."""

    frames: FrameSet | None = None
    gate: Gate | None = None

    def sentences(self, reading: Reading) -> list[Sentence]:
        """The sentences of text and title to parse, in order."""
        found = reading.wanted.get(self)
        if found is None:
            found = reading.wanted[self] = self._find(reading)
        return found

    def _find(self, reading: Reading) -> list[Sentence]:
        if self.frames is None:
            return []
        candidates = [sentence for sentence in reading.sentences if self.frames.could_match(sentence.words)]
        return candidates if candidates and not self.shut(reading) else []

    def shut(self, reading: Reading) -> str:
        """Why none of the article's sentences is wanted, whatever its words; empty where its words decide."""
        return "" if self.gate is None or self.gate.passes(reading) else self.gate.otherwise
