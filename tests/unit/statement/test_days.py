"""When something was said: by the attribution's day, by the same speaker's, by the news; never by the content's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.statement.extract import extract


def days(statements: list) -> list[str]:
    return [f"{s.date.start}..{s.date.end} {s.date.precision}" for s in statements]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The fort fell on Friday, the army said on Monday.", "2019-05-13"),
        ("On Friday the army said that the fort had fallen on Thursday.", "2019-05-10"),
        ("In a statement late Thursday, the army said the fort fell a day earlier.", "2019-05-09"),
        ("Ana Brix told reporters in Orsk on Monday that the talks, which began on Friday, would end.", "2019-05-13"),
        ("“No one won,” said Leo Tamm, the mayor, on Friday, after Monday's clashes.", "2019-05-10"),
        ("Speaking in Orsk on 3 May, Ana Brix said the war was over.", "2019-05-03"),
        ("“We are ready,” Ana Brix told a radio station yesterday.", "2019-05-14"),
        ("“We are ready,” Ana Brix said on Monday night, adding that troops would leave on Tuesday.", "2019-05-13"),
    ],
)
def test_the_day_of_the_attribution(text: str, day: str, read: Callable[..., Reading]) -> None:
    assert days(extract(read(text)))[0] == f"{day}..{day} day"


def test_a_month_keeps_its_precision_and_words(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("Ana Brix said in March that the war would end."))
    assert (str(statement.date.start), statement.date.precision, statement.date.text) == (
        "2019-03-01",
        "month",
        "March",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ana Brix, who resigned on Sunday, said the vote was fair.",
        "“No one won,” said Leo Tamm, who visited the town on Sunday.",
        "Ana Brix said the March 3 accord of Sunday was dead.",
        "Ana Brix defended Sunday's raid and said it was lawful.",
    ],
)
def test_days_of_something_else_are_not_the_statements(text: str, read: Callable[..., Reading]) -> None:
    statement = extract(read(text))[-1]
    assert statement.date.text is None
    assert str(statement.date.end) == "2019-05-15"


def test_a_speaker_without_a_day_spoke_when_he_spoke_before(read: Callable[..., Reading]) -> None:
    statements = extract(read("Ana Brix said on Friday that the fort had fallen. Troops fled. “It is over,” she said."))
    assert days(statements) == ["2019-05-10..2019-05-10 day"] * 2
    assert [s.date.text for s in statements] == ["on Friday", None]


def test_another_speaker_without_a_day_spoke_in_the_days_of_the_news(read: Callable[..., Reading]) -> None:
    statements = extract(read("The fort fell on Monday. “It is over,” Ana Brix said."))
    assert days(statements) == ["2019-05-13..2019-05-15 day"]


def test_what_had_been_said_before_is_not_of_the_days_of_the_news(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("The fort fell on Monday. Ana Brix had repeatedly said that it would hold."))
    assert (statement.date.start, statement.date.precision) == (None, "unknown")


def test_a_text_without_a_day_leaves_it_unknown(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("“It is over,” Ana Brix said. The talks of 2008 were long."))
    assert (statement.date.start, str(statement.date.end), statement.date.precision) == (None, "2019-05-15", "unknown")
