"""Which day a dealing is of: what its clause, its tense and the story tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.diplomacy.extract import extract
from tocsin.reading import Reading

LEAD = "Rebels fought with troops and artillery. Shops were shut. Nobody was seen. Rain fell. Snow fell. "


def days(reading: Reading, number: int = -1) -> tuple[int | None, int]:
    """Days before publication on which the last dealing began and ended."""
    date = extract(reading)[number].date
    return (None if date.start is None else (reading.published - date.start).days, (reading.published - date.end).days)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Norway's foreign minister met President Aliyev of Azerbaijan in Baku earlier in the day.", (1, 0)),
        ("Norway is mediating talks between Colombia and Venezuela in Oslo.", (3, 0)),
        ("France and Germany signed an accord in Geneva.", (None, 0)),
    ],
)
def test_without_a_date_the_tense_tells(text: str, when: tuple[int | None, int], read: Callable[..., Reading]) -> None:
    assert days(read(LEAD + text)) == when


def test_a_clause_with_when_is_of_the_date_before_it(read: Callable[..., Reading]) -> None:
    reading = read(
        LEAD + "The visit began on Sunday, when President Macron of France met President Putin of Russia in Sochi."
    )
    start, end = days(reading)
    assert start == end
    assert (reading.published - timedelta(days=end)).strftime("%A") == "Sunday"


def test_an_undated_dealing_is_of_the_day_that_the_story_has_reached_or_a_later_one(
    read: Callable[..., Reading],
) -> None:
    told = "President Macron of France met President Putin of Russia in Sochi {}. Iran and Iraq signed an accord in Geneva."
    reading = read(LEAD + told.format("yesterday"))
    assert days(reading) == (1, 0)
    assert days(reading, 0) == (1, 1)
    assert days(read(LEAD + told.format("last month")))[0] != 1
