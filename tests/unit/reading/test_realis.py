"""Told as fact, or not, and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.capture.extract import FRAMES
from tocsin.reading import Reading, realis


def verdict(reading: Reading) -> realis.Realis:
    sentence = reading.sentences[0]
    match = next(iter(FRAMES.matches(sentence.doc)))
    return realis.assess(match.anchor, nominal=match.frame.source.sense["mention"] == "nominal")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Rebels could capture Ghazni within days.", "modal could"),
        ("If rebels capture Ghazni, the road is open.", "conditional if"),
        ("The army launched an attack to retake Ghazni.", "attack to do it"),
        ("The army failed to retake Ghazni.", "governed by fail"),
        ("The army vowed to retake Ghazni.", "governed by vow"),
        ("Rebels have not captured Ghazni.", "negated"),
        ("The rebels nearly captured Ghazni.", "only nearly"),
        ("The loss of Ghazni would be a blow.", "modal would"),
        ("An earlier version of this report said rebels had captured Ghazni.", "an earlier version, corrected"),
    ],
)
def test_what_has_not_happened_is_refused_with_a_reason(text: str, reason: str, read: Callable[..., Reading]) -> None:
    found = verdict(read(text))
    assert not found.factual
    assert reason in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Rebels captured Ghazni on Monday.",
        "Rebels managed to capture Ghazni.",
        "After capturing Ghazni, rebels moved on.",
        "Ghazni became the first town to be captured.",
        "The rebels, who had captured Ghazni, could attack Kabul.",
    ],
)
def test_what_has_happened_is_told_as_fact(text: str, read: Callable[..., Reading]) -> None:
    found = verdict(read(text))
    assert found.factual
    assert not found.denied
    assert found.cue is None


def test_a_report_names_its_source_and_a_denial_denies(read: Callable[..., Reading]) -> None:
    claimed = verdict(read("The rebels said they had captured Ghazni."))
    assert claimed.factual
    assert claimed.source is not None
    assert claimed.source.text == "rebels"
    assert verdict(read("The army denied that rebels had captured Ghazni.")).denied
    assert verdict(read("Rebels have reportedly captured Ghazni.")).hedged
