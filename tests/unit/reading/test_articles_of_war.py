"""Which articles are about armed conflict at all, and what is told of one that is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.reading import Reader
from tocsin.reading.theatre import is_conflict, war_words
from tocsin_schemas import Article, Publisher
from tocsin_schemas.ids import content_hash

NOW = datetime(2019, 3, 4, 9, tzinfo=UTC)
READER = Reader.load()


def article(text: str, title: str = "") -> Article:
    return Article(
        id="t", title=title, text=text, published_at=NOW, received_at=NOW, content_hash=content_hash(title, text),
        publisher=Publisher(id="p", name="P", family="p"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "title", "passes"),
    [
        ("Rebel fighters captured Ardal on Friday.", "", True),
        ("A rebel column was seen.", "Two airstrikes near Ardal", True),
        ("The rebels and other rebels took the cup.", "Rebel tour ends", False),
        ("Northern captured the cup on Friday.", "", False),
        ("The Taliban captured Ardal on Friday.", "", True),
        ("The striker's shelling of the goal went on.", "", False),
    ],
)
def test_an_article_of_war_names_an_armed_group_or_two_words_of_war(text: str, title: str, passes: bool) -> None:
    assert is_conflict(READER.read(article(text, title))) is passes


def test_a_word_and_its_plural_are_one() -> None:
    assert war_words(READER.read(article("Rebels fought rebel fighters; a Fighter fell."))) == {"rebel", "fighter"}
