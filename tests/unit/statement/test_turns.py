"""Turns: a quotation split by its attribution is one statement; one that runs on in another paragraph continues it."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.reading import Reading
from tocsin.statement.extract import extract


def test_a_turn_of_one_paragraph_is_one_statement(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("“We left,” said Ana Brix. “It was late at night.” It rained."))
    assert (statement.content, statement.continues) == ("We left, … It was late at night.", None)


def test_a_turn_that_runs_on_over_paragraphs_is_tied_to_its_speaker_and_beginning(read: Callable[..., Reading]) -> None:
    text = "“We left,” said Ana Brix.\n\n“It was late at night.”\n\n“Nobody came.”\n\nIt rained."
    first, second, third = extract(read(text))
    assert first.continues is None
    assert (second.continues, third.continues) == (first.id, second.id)
    assert [s.speaker.name for s in (first, second, third) if s.speaker] == ["Ana Brix"] * 3
    assert second.rule == "statement.quotation.continues"


def test_another_speaker_between_ends_a_turn(read: Callable[..., Reading]) -> None:
    text = "“We left,” said Ana Brix.\n\n“Not true,” said Olaf Sund.\n\n“It was late at night.”"
    statements = extract(read(text))
    assert [s.speaker.name for s in statements if s.speaker] == ["Ana Brix", "Olaf Sund", "Olaf Sund"]
    assert [s.continues for s in statements] == [None, None, statements[1].id]


def test_a_paragraph_of_prose_between_ends_a_turn(read: Callable[..., Reading]) -> None:
    text = "“We left,” said Ana Brix.\n\nIt rained in Orsk.\n\n“It was late at night.”"
    assert [s.continues for s in extract(read(text))] == [None, None]


def test_a_quotation_with_its_own_attribution_is_its_own_statement(read: Callable[..., Reading]) -> None:
    statements = extract(read("“We left,” said Ana Brix. “It was late,” she added."))
    assert [(s.content, s.continues) for s in statements] == [("We left,", None), ("It was late,", None)]


def test_an_untouched_sentence_keeps_its_id_when_the_text_before_it_changes(read: Callable[..., Reading]) -> None:
    said = "“We left,” said Mayor Ana Brix."
    (one,), (other,) = extract(read(said)), extract(read(f"It rained in Orsk on Monday. {said}"))
    assert one.id == other.id
