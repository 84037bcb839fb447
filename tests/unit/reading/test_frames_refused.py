"""Refusals are counted by a few classes, and each class by what it is named for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.capture.extract import extract as captures
from tocsin.diplomacy.extract import extract as diplomacy
from tocsin.reading import Reading
from tocsin.reading.refusals import REFUSALS, class_of

WAR = " The rebels and the army traded artillery fire along the front line; two soldiers died."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The rebels could capture Kunduz.", "modal"),
        ("The rebels did not capture Kunduz.", "negated"),
        ("If the rebels captured Kunduz, the road would be cut.", "conditional"),
        ("The rebels tried to capture Kunduz.", "governed"),
        ("The rebels advanced at dawn to capture Kunduz.", "purpose"),
        ("The rebels captured a colonel.", "place"),
    ],
)
def test_a_frame_that_gives_no_capture_is_counted_by_its_reason(
    text: str, reason: str, read: Callable[..., Reading]
) -> None:
    reading = read(text + WAR)
    assert captures(reading) == []
    assert reading.refused == {reason: 1}


def test_a_frame_that_lacks_its_parties_is_counted(read: Callable[..., Reading]) -> None:
    reading = read("Near the border a club signed an agreement with its sponsor.")
    assert diplomacy(reading) == []
    assert set(reading.refused) == {"party"}


def test_what_gives_an_event_is_not_counted(read: Callable[..., Reading]) -> None:
    reading = read("The Taliban captured Kunduz." + WAR)
    assert len(captures(reading)) == 1
    assert not reading.refused


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("no place in the place role", "place"),
        ("a standing state, not a change", "state"),
        ("had to: future or duty", "future"),
        ("yet to happen", "future"),
        ("an earlier version, corrected", "negated"),
        ("governed by try", "governed"),
        ("battle to do it", "governed"),
        ("those driven out are no party to the fight", "party"),
        ("", "party"),
    ],
)
def test_reasons_have_a_class(reason: str, expected: str) -> None:
    assert class_of(reason) == expected
    assert expected in REFUSALS
