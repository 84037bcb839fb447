"""Amounts and shares as bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reading import quantities


@pytest.mark.parametrize(
    ("words", "value", "low", "high", "share"),
    [
        ("hundreds of soldiers", None, 200, 999, None),
        ("20 soldiers", 20, 20, 20, None),
        ("twenty-one men", 21, 21, 21, None),
        ("1,200 fighters", 1200, 1200, 1200, None),
        ("two hundred fighters", 200, 200, 200, None),
        ("more than 100 men", None, 100, None, None),
        ("up to 120 men", 120, None, 120, None),
        ("about 100 men", 100, 90, 110, None),
        ("three dozen men", 36, 32.4, 39.6, None),
        ("several towns", None, 3, 9, None),
        ("dozens of towns", None, 24, 99, None),
        ("between 40 and 50 men", None, 40, 50, None),
        ("more than a quarter", None, None, None, 0.25),
        ("two-thirds of the country", None, None, None, 2 / 3),
        ("nearly 65 percent", None, None, None, 0.65),
    ],
)
def test_an_amount_has_its_bounds(
    words: str, value: float | None, low: float | None, high: float | None, share: float | None
) -> None:
    found = quantities.read(words)
    assert found is not None
    assert (found.value, found.minimum, found.maximum) == (value, low, high)
    assert found.fraction == pytest.approx(share)


@pytest.mark.parametrize(
    ("word", "number"), [("ninth", 9), ("9th", 9), ("twenty-first", 21), ("first", 1), ("city", None)]
)
def test_ordinals(word: str, number: int | None) -> None:
    assert quantities.ordinal_value(word) == number


def test_no_amount_is_none() -> None:
    assert quantities.read("the soldiers") is None


@given(st.text(max_size=200))
def test_no_words_break_it(words: str) -> None:
    quantities.read(words)
