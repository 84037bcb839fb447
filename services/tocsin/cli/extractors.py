"""The four extractors over one shared reading: what `extract`, `explain` and `backtest` run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tocsin_schemas import Article, Capture, Diplomacy, Statement, Surrender

if TYPE_CHECKING:
    from tocsin.reading import Reader, Reading, Wants
    from tocsin.reading.explain import Trial
    from tocsin.reading.frames import FrameSet

AnyEvent = Capture | Surrender | Statement | Diplomacy
TYPES: Final = ("capture", "surrender", "statement", "diplomacy")
BATCH: Final = 32
"""Articles whose sentences go through the parser together: enough to fill its batches, few enough to stream."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """One extractor: the sentences it wants parsed, and the function from a reading to events."""

    type: str
    wants: Wants
    extract: Callable[[Reading], Sequence[AnyEvent]]
    frames: FrameSet | None
    read_match: Callable[..., Sequence[Any]] | None
    trials: Callable[[Reading], list[tuple[int, Trial]]] | None = None
    """What was tried in a reading, with the start of its sentence, where the extractor has no frames."""


def extractors(types: Iterable[str] = TYPES) -> list[Extractor]:
    """The extractors of the given types, in the order of TYPES."""
    wanted = set(types)
    found: list[Extractor] = []
    for name in TYPES:
        if name in wanted:
            module = import_module(f"tocsin.{name}.extract")
            found.append(
                Extractor(
                    name,
                    module.WANTS,
                    module.extract,
                    getattr(module, "FRAMES", None),
                    getattr(module, "read_match", None),
                    import_module("tocsin.statement.trials").trials if name == "statement" else None,
                )
            )
    return found


def events_of(
    reader: Reader, articles: Iterable[Article], chosen: Sequence[Extractor]
) -> Iterator[tuple[Article, list[AnyEvent]]]:
    """Each article with its events in document order, and after them what it takes back; nothing is parsed twice."""
    from tocsin.reading.revisions import read_revisions

    def extract(reading: Reading) -> list[AnyEvent]:
        return sorted((event for extractor in chosen for event in extractor.extract(reading)), key=_position)

    wants = [extractor.wants for extractor in chosen]
    for batch in batched(articles, BATCH):
        for article, told in zip(batch, read_revisions(reader, batch, wants, extract), strict=True):
            yield article, told.events


def _position(event: AnyEvent) -> tuple[bool, int, int]:
    return (event.evidence.field == "title", event.evidence.start, event.evidence.end)


def batched(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    """The articles, `size` at a time."""
    batch: list[Article] = []
    for article in articles:
        batch.append(article)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


__all__ = ["BATCH", "TYPES", "AnyEvent", "Extractor", "batched", "events_of", "extractors"]
