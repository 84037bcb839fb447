"""Who took a place: "we" and "ours" of an officer, and what the clause leaves out and the article tells elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.capture.extract import extract
from tocsin.reading import Reading
from tocsin.reading.actor_data import load
from tocsin_schemas import Capture

WAR = " Afghan troops and Taliban fighters fought with artillery around Kunduz; soldiers died in the offensive."


def captors(reading: Reading) -> dict[str, str | None]:
    return {c.place.name: c.captor.id or c.captor.text if c.captor else None for c in extract(reading) if c.place}


@pytest.mark.parametrize(
    ("text", "captor"),
    [
        ('"Kunduz is ours again," army chief Yusuf Rahimi said.', "state:AFG"),
        ('"Kunduz is ours again," Afghan army chief Yusuf Rahimi said.', "state:AFG"),
        ('"We have captured Kunduz," said Lt. Gen. Yusuf Rahimi.', "state:AFG"),
        ('"We have captured Kunduz," said Defence Minister Yusuf Rahimi.', "state:AFG"),
        ('"We have captured Kunduz," Taliban commander Yusuf Rahimi said.', "taliban"),
        ('"We have captured Kunduz," a rebel commander said.', "taliban"),
        ('"We have captured Kunduz," said an army captain.', "state:AFG"),
    ],
)
def test_we_are_the_side_that_an_officer_serves(text: str, captor: str, read: Callable[..., Reading]) -> None:
    assert captors(read(text + WAR)) == {"Kunduz": captor}


@pytest.mark.parametrize(
    ("text", "captor"),
    [
        ("The army said it had recaptured Kunduz.", "state:AFG"),
        ("The Taliban said on Monday that Kunduz was in their hands.", "taliban"),
        ("US and Afghan troops took Kunduz.", "state:USA"),
        ("The army lost most of Kunduz, the largest city of the north, to the Taliban a day earlier.", "taliban"),
        ("A Taliban spokesman said that Kunduz had been captured.", "taliban"),
        ("The army denied a Taliban claim to have captured Kunduz.", "taliban"),
    ],
)
def test_who_took_it_by_the_words_around(text: str, captor: str, read: Callable[..., Reading]) -> None:
    assert captors(read(text + WAR))["Kunduz"] == captor


def test_who_declares_a_town_free_has_not_freed_it(read: Callable[..., Reading]) -> None:
    told = extract(read("Kunduz was declared liberated by Vice President Karim Rahimi on Friday." + WAR))
    assert [c.captor.id if c.captor else None for c in told] == ["state:AFG"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Kunduz fell on Monday. The Taliban captured Taloqan on Sunday.", {"Kunduz": "taliban", "Taloqan": "taliban"}),
        ("Kunduz fell on Monday. The Taliban took Kunduz at dawn.", {"Kunduz": "taliban"}),
        (
            "Kunduz fell on Monday. The Taliban took Kunduz at dawn. The army recaptured Taloqan on Sunday.",
            {"Kunduz": "taliban", "Taloqan": "state:AFG"},
        ),
        (
            "Faizabad fell on Monday. The Taliban took Kunduz at dawn. The army recaptured Taloqan on Sunday.",
            {"Faizabad": None, "Kunduz": "taliban", "Taloqan": "state:AFG"},
        ),
        (
            "The Taliban lost Taloqan on Monday. The Taliban took Kunduz at dawn.",
            {"Taloqan": "state:AFG", "Kunduz": "taliban"},
        ),
    ],
)
def test_what_a_clause_leaves_out_the_article_may_tell(
    text: str, told: dict[str, str | None], read: Callable[..., Reading]
) -> None:
    assert captors(read(text + WAR)) == told


def test_another_sentence_does_not_change_what_an_event_is_called(read: Callable[..., Reading]) -> None:
    def of_kunduz(text: str) -> Capture:
        return next(c for c in extract(read(text + WAR)) if c.place and c.place.name == "Kunduz")

    alone, told = of_kunduz("Kunduz fell on Monday."), of_kunduz("Kunduz fell on Monday. The Taliban took Taloqan.")
    assert (alone.captor, told.captor and told.captor.id) == (None, "taliban")
    assert alone.id == told.id
    assert told.captor is not None
    assert told.captor.start is None


def test_a_group_is_called_with_the_acronym_that_it_is_known_by() -> None:
    names = {party.id: party.name for party in load().by_id.values()}
    assert names["mnla"] == "Tuareg rebels (MNLA)"
    assert names["fsa"] == "Syrian rebels (FSA)"
    assert names["tmvp"] == "Karuna faction"
