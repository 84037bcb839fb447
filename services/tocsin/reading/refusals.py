"""Why frames that fit gave no event, in few enough words to count: a shift among them shows that reading drifts.

events = tell(read_match, match, sentence)      # what the match tells; if nothing, counted in `reading.refused`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeVar, get_args

if TYPE_CHECKING:
    from .frames import Match
    from .reader import Sentence

E = TypeVar("E")

Refusal = Literal["place", "party", "state", "modal", "future", "negated", "conditional", "purpose", "governed"]
"""No place, or none that can be taken; no party that the event needs; a standing state; the rest as told by `realis`."""
REFUSALS: Final = get_args(Refusal)
_CLASSES: Final[tuple[tuple[Refusal, re.Pattern[str]], ...]] = (
    ("place", re.compile(r"\bplace\b")),
    ("state", re.compile(r"\bstanding state\b")),
    ("modal", re.compile(r"^modal ")),
    ("future", re.compile(r": future or duty$|^yet to ")),
    ("negated", re.compile(r"^negated|^denied|^an earlier version")),
    ("conditional", re.compile(r"^conditional ")),
    ("purpose", re.compile(r"^purpose$")),
    ("governed", re.compile(r"^governed by |(?: to do| about)? it$| that$|^it is close$")),
)


def class_of(reason: str) -> Refusal:
    """The class of a refusal's reason; what is none of `realis` and about no place is about the parties."""
    for name, pattern in _CLASSES:
        if pattern.search(reason):
            return name
    return "party"


def tell(
    read_match: Callable[[Match, Sentence, list[str]], Sequence[E]], match: Match, sentence: Sentence
) -> Sequence[E]:
    """The events that a match tells."""
    why: list[str] = []
    events = read_match(match, sentence, why)
    if not events:
        sentence.reading.refused[class_of(why[-1] if why else "")] += 1
    return events
