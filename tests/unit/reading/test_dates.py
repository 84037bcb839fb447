"""Expressions of time, counted from Wednesday, 11 August 2021."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reading import dates

PUBLISHED = date(2021, 8, 11)


@pytest.mark.parametrize(
    ("words", "start", "end", "precision"),
    [
        ("on Friday", "2021-08-06", "2021-08-06", "day"),
        ("on Wednesday", "2021-08-11", "2021-08-11", "day"),
        ("last Wednesday", "2021-08-04", "2021-08-04", "day"),
        ("overnight", "2021-08-10", "2021-08-11", "day"),
        ("yesterday", "2021-08-10", "2021-08-10", "day"),
        ("last week", "2021-08-02", "2021-08-08", "week"),
        ("in less than a week", "2021-08-04", "2021-08-11", "week"),
        ("in the past two days", "2021-08-09", "2021-08-11", "week"),
        ("three weeks ago", "2021-07-18", "2021-07-24", "week"),
        ("on Aug. 9", "2021-08-09", "2021-08-09", "day"),
        ("on 10 August", "2021-08-10", "2021-08-10", "day"),
        ("on December 30", "2020-12-30", "2020-12-30", "day"),
        ("in May", "2021-05-01", "2021-05-31", "month"),
        ("in September 2001", "2001-09-01", "2001-09-30", "month"),
        ("in November", "2020-11-01", "2020-11-30", "month"),
        ("in 1996", "1996-01-01", "1996-12-31", "year"),
        ("earlier this month", "2021-08-01", "2021-08-11", "month"),
        ("a day earlier", "2021-08-10", "2021-08-10", "day"),
        ("2021-08-01", "2021-08-01", "2021-08-01", "day"),
    ],
)
def test_an_expression_is_resolved_against_the_publication_day(
    words: str, start: str, end: str, precision: str
) -> None:
    found = dates.find(f"They took the town {words}.", PUBLISHED)
    assert [(str(m.date.start), str(m.date.end), m.date.precision) for m in found] == [(start, end, precision)]


@pytest.mark.parametrize(
    "text", ["He may come.", "They march on the town.", "They sun themselves.", "Some 2000 people fled."]
)
def test_words_that_only_look_like_dates_are_none(text: str) -> None:
    assert dates.find(text, PUBLISHED) == []


def test_since_opens_a_range_and_a_week_counts_from_the_story() -> None:
    assert dates.find("the ninth since Friday", PUBLISHED)[0].since
    later = dates.find("a day later", PUBLISHED, story_day=date(2021, 8, 6))[0]
    assert str(later.date.start) == "2021-08-07"
    assert later.relative


def test_the_future_is_marked() -> None:
    assert dates.find("They will come next week.", PUBLISHED)[0].future
    assert dates.find("by tomorrow", PUBLISHED)[0].future


@given(st.text(max_size=300), st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_no_text_breaks_the_search(text: str, published: date) -> None:
    for mention in dates.find(text, published):
        assert 0 <= mention.start < mention.end <= len(text)
