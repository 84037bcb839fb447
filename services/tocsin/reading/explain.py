"""Why a sentence was coded, or not: the parse, the frames tried, and what became of each.

    for attempt in explain(sentence, FRAMES, read_match): ...

The extractors' own functions run here, so what is explained is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .frames import Attempt, FrameSet, Match

if TYPE_CHECKING:
    from .reader import Sentence


@dataclass(frozen=True, slots=True)
class Word:
    """One token of the parse: its printed form, lemma, part of speech, dependency label and head's index."""

    index: int
    text: str
    lemma: str
    pos: str
    label: str
    head: int


@dataclass(frozen=True, slots=True)
class Trial:
    """One frame at one word: `refused` says why not, or is empty when it gave `events`."""

    frame: str
    anchor: str
    at: int
    refused: str
    roles: dict[str, str] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)


def words_of(sentence: Sentence) -> list[Word]:
    """The parse of a sentence as plain data."""
    return [Word(t.i, t.text, t.lemma_, t.pos_, t.dep_, t.head.i) for t in sentence.doc]


def explain(
    sentence: Sentence, frames: FrameSet, read_match: Callable[[Match, Sentence, list[str]], Sequence[Any]]
) -> list[Trial]:
    """Every frame tried in a sentence, in order of the words; empty when no word of it anchors a frame."""
    attempts: list[Attempt] = []
    trials: list[Trial] = []
    for match in frames.matches(sentence.doc, attempts):
        reasons: list[str] = []
        events = list(read_match(match, sentence, reasons))
        roles = {name: _phrase(sentence, token) for name, token in match.roles.items()}
        refused = "" if events else (reasons[-1] if reasons else "gave no event")
        trials.append(Trial(match.frame.id, match.anchor.text, match.anchor.i, refused, roles, events))
    trials += [Trial(a.frame_id, a.anchor.text, a.anchor.i, a.reason) for a in attempts]
    return sorted(trials, key=lambda t: (t.at, bool(t.refused)))


def _phrase(sentence: Sentence, token: Any) -> str:
    start, end = sentence.span(token.left_edge, token.right_edge)
    return sentence.text[start - sentence.start : end - sentence.start]
