"""Every example of data/speech_cues.yaml: a cue that must introduce a statement does, and one that must not does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.reading.cues import CueKind, lexicon
from tocsin.statement.extract import extract


def examples(which: str) -> list[tuple[CueKind, str]]:
    return [(kind, sentence) for kind in lexicon().kinds for sentence in getattr(kind.examples, which)]


def name(value: object) -> str:
    return value.id if isinstance(value, CueKind) else str(value)


@pytest.mark.parametrize(("kind", "sentence"), examples("match"), ids=name)
def test_a_cue_introduces_the_statement_of_its_example(
    kind: CueKind, sentence: str, read: Callable[..., Reading]
) -> None:
    rules = [statement.rule.split(".")[1] for statement in extract(read(sentence))]
    assert kind.id in rules, f"tocsin explain --type statement {sentence!r}"


@pytest.mark.parametrize(("kind", "sentence"), examples("refuse"), ids=name)
def test_a_cue_that_says_nothing_gives_no_statement(kind: CueKind, sentence: str, read: Callable[..., Reading]) -> None:
    assert [statement.rule for statement in extract(read(sentence))] == []


def test_every_cue_has_an_example_that_matches_and_one_that_does_not() -> None:
    bare = [kind.id for kind in lexicon().kinds if not (kind.examples.match and kind.examples.refuse)]
    assert bare == []
