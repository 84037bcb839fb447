"""Which sentences an extractor needs parsed, found by their words: a parse costs a hundred times as much.

WANTS = Wants(FRAMES, gate=theatre.is_conflict)
WANTS.sentences(reading)      # worked out once for a reading
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .frames import FrameSet
    from .reader import Reading, Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Wants:
    """The sentences that hold the words of one of `frames` (None: no sentence), in articles that pass `gate`."""

    frames: FrameSet | None = None
    gate: Callable[[Reading], bool] | None = None

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
        return candidates if candidates and (self.gate is None or self.gate(reading)) else []
