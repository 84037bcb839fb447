"""Where quoted words begin and end: every kind of mark, quotations in quotations, over paragraphs, lost marks, apostrophes."""

from __future__ import annotations

import pytest

from tocsin.reading.quotations import find, kind, outermost


def words(text: str) -> list[str]:
    return [quotation.words(text) for quotation in find(text)]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“We left,” she said.", ["We left,"]),
        ('"We left," she said. "It was late."', ["We left,", "It was late."]),
        ("''We left,'' she said.", ["We left,"]),
        ("``We left,'' she said.", ["We left,"]),
        ("«We left,» she said.", ["We left,"]),
        ("»We left,« she said.", ["We left,"]),
        ("„We left,“ she said.", ["We left,"]),
        ("‘We left,’ she said.", ["We left,"]),
        ("'We left,' she said.", ["We left,"]),
        ("Minister 'will not resign' after defeat", ["will not resign"]),
        ("— We left the town, said Ana Brenn.", ["We left the town"]),
        ("– Who goes there? asked the guard.", ["Who goes there"]),
    ],
    ids=str,
)
def test_every_kind_of_mark_opens_and_closes(text: str, quoted: list[str]) -> None:
    assert words(text) == quoted


@pytest.mark.parametrize(
    "text",
    [
        "The rebels' camp lay in the soldiers' line of fire.",
        "It's Brenn's road, isn't it?",
        "The '90s were hard, and the ’80s too.",
        "He was 6' tall and she was 5' 4\" tall.",
        "Rock 'n' roll isn't dead.",
        "The prisoners’ families and the guards’ wives waited.",
    ],
)
def test_apostrophes_possessives_and_inches_quote_nothing(text: str) -> None:
    assert words(text) == []


def test_a_possessive_inside_single_marks_does_not_close_them() -> None:
    assert words("'The rebels' camp is gone,' she said.") == ["The rebels' camp is gone,"]


def test_a_quotation_inside_another_follows_it_one_level_deeper() -> None:
    text = "“He told me, ‘Go home,’ and I went,” she said."
    found = find(text)
    assert [(q.words(text), q.depth) for q in found] == [("He told me, ‘Go home,’ and I went,", 0), ("Go home,", 1)]
    assert [q.depth for q in outermost(found)] == [0]


def test_double_marks_may_stand_inside_single_ones() -> None:
    text = "‘The road “is open”,’ she said."
    assert [(q.words(text), q.depth) for q in find(text)] == [("The road “is open”,", 0), ("is open", 1)]


def test_a_quotation_over_paragraphs_is_one_with_a_span_for_each() -> None:
    text = "“We left at dawn.\n\n“Nobody saw us,” she said.\n\nIt rained."
    (found,) = find(text)
    assert [text[s:e] for s, e in found.spans] == ["We left at dawn.", "Nobody saw us,"]
    assert found.closed


def test_a_paragraph_without_a_new_mark_belongs_to_the_quotation_that_closes_in_it() -> None:
    text = "“We left at dawn.\n\nNobody saw us,” she said."
    (found,) = find(text)
    assert len(found.spans) == 2


def test_a_quotation_that_nothing_closes_ends_with_its_paragraph() -> None:
    text = "“We left at dawn, she said.\n\nIt rained on the town."
    (found,) = find(text)
    assert not found.closed
    assert text[found.start : found.end] == "“We left at dawn, she said."


def test_two_opening_marks_in_a_row_end_the_first_quotation() -> None:
    text = "“We left at dawn. “Nobody saw us,” she said."
    assert [(q.words(text), q.closed) for q in find(text)] == [("We left at dawn.", False), ("Nobody saw us,", True)]


def test_offsets_hold_the_marks_outside_and_the_words_inside() -> None:
    text = "She said: “ We left. ”"
    (found,) = find(text)
    assert text[found.start] == "“"
    assert text[found.end - 1] == "”"
    assert found.spans == ((12, 20),)


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ("We left at dawn.", "speech"),
        ("Go!", "speech"),
        ("we will hold this bridge until the very last man", "speech"),
        ("fully secure", "fragment"),
        ("peace column", "fragment"),
        ("The Long Night", "title"),
        ("Red Harbour", "title"),
        ("Desert Storm,", "title"),
    ],
)
def test_what_quoted_words_look_like_by_themselves(quoted: str, expected: str) -> None:
    text = f"“{quoted}”"
    assert kind(text, find(text)[0]) == expected
