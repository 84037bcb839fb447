"""What a headline has somebody say, in the offsets and words of the title."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.statement.extract import extract
from tocsin_schemas import Statement

TEXT = "Foreign Minister Jan Olk said on Monday that the talks had failed. President Luc Barre refused to resign."


def in_title(read: Callable[..., Reading], title: str) -> list[Statement]:
    return [s for s in extract(read(TEXT, title)) if s.evidence.field == "title"]


@pytest.mark.parametrize(
    ("title", "speaker", "content"),
    [
        ("Olk: talks have failed", "Jan Olk", "talks have failed"),
        ("Minister: Talks have failed", "Jan Olk", "Talks have failed"),
        ("Talks have failed: Olk", "Jan Olk", "Talks have failed"),
        ("Talks have failed - minister", "Jan Olk", "Talks have failed"),
        ("Talks have failed, says Olk", "Jan Olk", "Talks have failed"),
        ("Foreign minister says talks have failed", "Jan Olk", "talks have failed"),
        ("'We won', says Barre", "Luc Barre", "We won"),
        ("‘We won’ – Barre", "Luc Barre", "We won"),
        ("Barre vows to fight on", "Luc Barre", "to fight on"),
        ("Barre Vows To Fight On", "Luc Barre", "To Fight On"),
        ("Barre Says Talks Have Failed", "Luc Barre", "Talks Have Failed"),
        ("Army: bridge lost to rebels", "Army", "bridge lost to rebels"),
        ("Bridge lost to rebels, army says", "army", "Bridge lost to rebels"),
        ("Barre urges rebels to lay down arms", "Luc Barre", "rebels to lay down arms"),
        ("Barre calls vote 'a farce'", "Luc Barre", "a farce"),
        ("UN chief warns of famine", "UN chief", "of famine"),
    ],
)
def test_a_headline_that_has_somebody_speak(
    title: str, speaker: str, content: str, read: Callable[..., Reading]
) -> None:
    (statement,) = in_title(read, title)
    assert statement.speaker is not None
    assert (statement.speaker.name or statement.speaker.text, statement.content) == (speaker, content)
    assert title[statement.spans[0].start : statement.spans[-1].end] == content
    assert title[statement.speaker.start : statement.speaker.end] == statement.speaker.text
    assert statement.evidence.sentence == title


@pytest.mark.parametrize(
    "title",
    [
        "Mali: troops land in the north",
        "Ardal: troops land in the north",
        "Analysis: Barre is finished",
        "Rebels take Ardal: what we know",
        "Barre's last stand: how the president lost",
        "World-Class: Ardal's football side",
        "Officials say two killed",
        "Barre meets Olk in Paris",
        "The 'peace column' crosses the river",
        "",
    ],
)
def test_a_headline_in_which_nobody_speaks(title: str, read: Callable[..., Reading]) -> None:
    assert [(s.rule, s.content) for s in in_title(read, title)] == []


def test_the_text_is_read_the_same_with_and_without_a_title(read: Callable[..., Reading]) -> None:
    with_title = [s for s in extract(read(TEXT, "Olk: talks have failed")) if s.evidence.field == "text"]
    assert with_title == extract(read(TEXT))


def test_a_headlines_statement_is_of_the_days_of_the_news(read: Callable[..., Reading]) -> None:
    (statement,) = in_title(read, "Bridge lost to rebels, army says")
    assert (str(statement.date.start), str(statement.date.end)) == ("2019-05-13", "2019-05-15")
