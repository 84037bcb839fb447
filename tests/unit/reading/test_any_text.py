"""Whatever the text: no exception, offsets inside it, the same events again, and work that grows with its length."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reading_fuzz import ODD, QUOTES, TEXTS, Mutants
from tocsin.cli.extractors import AnyEvent, Extractor, extractors
from tocsin.reading import Reader, Reading
from tocsin.reading.reader import MAX_TEXT, MAX_TITLE
from tocsin.reading.revisions import read_revision
from tocsin_schemas import Article, Capture, Publisher
from tocsin_schemas.ids import content_hash

NOW = datetime(2019, 3, 4, 9, tzinfo=UTC)
EXTRACTORS: list[Extractor] = extractors()
WANTS = [extractor.wants for extractor in EXTRACTORS]
READER = Reader.load()


def article(text: str, title: str = "") -> Article:
    return Article(
        id="odd", title=title, text=text, published_at=NOW, received_at=NOW, content_hash=content_hash(title, text),
        publisher=Publisher(id="p", name="P", family="p"),
    )  # fmt: skip


def events_of(reading: Reading) -> list[AnyEvent]:
    READER.parse([reading], WANTS)
    return [event for extractor in EXTRACTORS for event in extractor.extract(reading)]


def check(text: str) -> None:
    """Reads the text twice, and looks at every offset of what it gives."""
    given = article(text)
    events = events_of(READER.read(given))
    for event in events:
        evidence = event.evidence
        assert text[evidence.sentence_start : evidence.sentence_end] == evidence.sentence
        assert text[evidence.start : evidence.end] == evidence.trigger
        for part in _located(event):
            assert 0 <= part.start <= part.end <= len(text), part
    assert [e.id for e in events_of(READER.read(given))] == [e.id for e in events]
    assert len({e.id for e in events}) == len(events)


def _located(event: AnyEvent) -> Iterable[Any]:
    for name in type(event).model_fields:
        value = getattr(event, name)
        for part in value if isinstance(value, list | tuple) else (value,):
            if getattr(part, "start", None) is not None and isinstance(part.start, int):
                yield part


BROKE = [113, 403, 504, 793, 1048, 1080, 1233, 1369, 1701, 1875, 2170, 2337, 2677]
"""Seeds of mutants in which a quotation ran on from a sentence that was not the speaker's, and gave an error once."""


@pytest.mark.parametrize("seed", [*range(30), *BROKE])
def test_mutants_of_articles_are_read(seed: int) -> None:
    check(Mutants(seed).text(TEXTS[seed % len(TEXTS)]))


WORDS = sorted({word for text in TEXTS for word in text.split()})
PIECES = st.one_of(st.sampled_from([*WORDS, *ODD, *QUOTES, ".", ",", "\n", "\n\n", " - "]), st.text(max_size=4))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, min_size=1, max_size=80), st.sampled_from([" ", ""]))
def test_words_in_any_order_with_anything_between_are_read(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    check(text if text.strip() else "x")


DENSE = TEXTS[0] + " " + TEXTS[1].replace("\n", " ") + " "


@pytest.mark.parametrize(
    "unit",
    [DENSE, TEXTS[0].replace(".", ",") + " and ", "“He said that she said ", '"We took Kunduz, said Karim Wali ', "( ", "Kunduz (said ",
     "The Taliban took it and the city fell to them. ", "Kunduz, Kabul and Herat, ", "A. B. "],
    ids=["dense", "no full stop", "curly", "quotes opened", "brackets", "bracketed", "it", "names", "initials"],
)  # fmt: skip
def test_work_grows_with_the_length_of_the_text(unit: str) -> None:
    def work(length: int) -> int:
        reading = READER.read(article((unit * (length // len(unit) + 1))[:length]))
        READER.parse([reading], WANTS)
        with cProfile.Profile() as profile:
            for extractor in EXTRACTORS:
                extractor.extract(reading)
        return int(getattr(pstats.Stats(profile), "total_calls"))  # noqa: B009

    work(2_000)
    assert work(16_000) < 2.4 * work(8_000) + 2_000


def test_of_an_endless_text_the_beginning_is_read_and_the_rest_is_counted(read: Callable[..., Reading]) -> None:
    text = "Taliban fighters captured Kunduz on Friday. " + "Nothing more is known yet. " * (MAX_TEXT // 20)
    told = read_revision(READER, article(text, "Kunduz falls " * 200), WANTS, EXTRACTORS[0].extract)
    assert [e.place.name for e in told.events if isinstance(e, Capture) and e.place] == [
        "Kunduz",
        "Kunduz",
    ]  # of the text, of the title
    assert set(told.unread) == {"text", "title"}
    assert len(text) - MAX_TEXT <= told.unread["text"] < len(text) - MAX_TEXT + 60
    reading = READER.read(article(text, "x" * 5_000))
    assert (len(reading.title), reading.unread["title"]) == (MAX_TITLE, 4_000)
    assert reading.text == text[: len(reading.text)]
    assert reading.sentences[-1].end <= MAX_TEXT
    assert not read("Taliban fighters captured Kunduz on Friday.").unread
