"""Every example in every frames.yaml: those that must match give an event, those that must not give none."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

from tocsin.reading import Reading
from tocsin.reading.frames import Frame

CONTEXT = {
    "capture": "\n\nSoldiers and rebels have fought around the town of Ardal for weeks. Ardal lies on a river.",
    "surrender": "\n\nSoldiers and rebels have fought around the town of Ardal for weeks. Ardal lies on a river.",
    "diplomacy": "\n\nThe war in Mali between the government and rebels of the MNLA began in spring.",
}
FRAMES = {kind: import_module(f"tocsin.{kind}.extract") for kind in CONTEXT}


def examples(which: str) -> list[tuple[str, Frame, str]]:
    return [
        (kind, compiled.source, sentence)
        for kind, module in FRAMES.items()
        for compiled in module.FRAMES.frames
        for sentence in getattr(compiled.source.examples, which)
    ]


def name(value: object) -> str:
    return value.id if isinstance(value, Frame) else str(value)


@pytest.mark.parametrize(("kind", "frame", "sentence"), examples("match"), ids=name)
def test_a_sentence_that_must_match_gives_an_event(
    kind: str, frame: Frame, sentence: str, read: Callable[..., Reading]
) -> None:
    events = FRAMES[kind].extract(read(sentence + CONTEXT[kind]))
    told = [event for event in events if event.evidence.start < len(sentence)]
    assert told, f"{frame.id} gives nothing: tocsin explain --type {kind} {sentence!r}"


@pytest.mark.parametrize(("kind", "frame", "sentence"), examples("refuse"), ids=name)
def test_a_sentence_that_must_not_match_gives_none(
    kind: str, frame: Frame, sentence: str, read: Callable[..., Reading]
) -> None:
    events = FRAMES[kind].extract(read(sentence + CONTEXT[kind]))
    told = [event.rule for event in events if event.evidence.start < len(sentence)]
    assert not told


def test_every_frame_has_an_example_that_matches() -> None:
    bare = [
        f.id for module in FRAMES.values() for f in (c.source for c in module.FRAMES.frames) if not f.examples.match
    ]
    assert bare == []
