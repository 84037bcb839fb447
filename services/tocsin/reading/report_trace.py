"""Why a cue gave no report: what `tocsin explain` tells of the words that were looked at.

with tracing() as refusals:
    ...                       # attribution.read_host and what it calls; each refusal is noted
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .cues import Cue
    from .hosts import Host


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reading of a word as a cue that gave no report: the token's index in its host, the cue's id, and why."""

    host: Host
    index: int
    cue: str
    reason: str


_NOTES: Final[ContextVar[list[Refusal] | None]] = ContextVar("report refusals", default=None)


@contextmanager
def tracing() -> Iterator[list[Refusal]]:
    """Collects the refusals of what runs inside; the list is complete when the block ends."""
    notes: list[Refusal] = []
    token = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(token)


def refuse(host: Host, index: int, cue: Cue, reason: str) -> None:
    """Note, where somebody asked, why the cue at token `index` gives no report."""
    notes = _NOTES.get()
    if notes is not None:
        notes.append(Refusal(host, index, cue.kind.id, reason))
