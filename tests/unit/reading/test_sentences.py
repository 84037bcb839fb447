"""Sentence boundaries by rule."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reading.sentences import MAX_SENTENCE, split


def pieces(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The town fell. The army left.", ["The town fell.", "The army left."]),
        ("Gen. Tal met Mr. Orlan on Jan. 3 in Ardal.", ["Gen. Tal met Mr. Orlan on Jan. 3 in Ardal."]),
        ("The U.S. envoy left. He flew home.", ["The U.S. envoy left.", "He flew home."]),
        ("They went to the U.S. The talks failed.", ["They went to the U.S.", "The talks failed."]),
        ("It began at 6 p.m. on Friday.", ["It began at 6 p.m. on Friday."]),
        ("J. R. Tal spoke. Nobody answered.", ["J. R. Tal spoke.", "Nobody answered."]),
        ('"We won!" he said. "All of it."', ['"We won!" he said.', '"All of it."']),
        ("“The town is lost.” The line went dead.", ["“The town is lost.”", "The line went dead."]),
        ("Rebels took 3.5 miles of road.", ["Rebels took 3.5 miles of road."]),
        ("A headline without a stop\n\nThe text begins.", ["A headline without a stop", "The text begins."]),
        ("A line that was\nwrapped by hand. Next.", ["A line that was\nwrapped by hand.", "Next."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("ARDAL, Belor (AP) — Rebels took it.", "Rebels took it."),
        ("(Reuters) - Rebels took it.", "Rebels took it."),
        ("ARDAL/BELOR, Jan 3 (XY) - Rebels took it.", "Rebels took it."),
        ("Rebels took Ardal - at last.", "Rebels took Ardal - at last."),
    ],
)
def test_what_is_parsed_begins_behind_the_dateline(text: str, body: str) -> None:
    first = split(text)[0]
    assert text[first.body : first.end] == body
    assert first.start == 0


def test_a_text_without_a_full_stop_comes_in_bounded_pieces() -> None:
    found = split("word " * 20_000)
    assert max(s.end - s.start for s in found) <= MAX_SENTENCE
    assert len(found) > 80


def test_paragraphs_are_numbered() -> None:
    assert [s.paragraph for s in split("One. Two.\n\nThree.")] == [0, 0, 1]


@given(st.text(alphabet=st.sampled_from(list("aA .!?\n\"'“”()-—,1é\u200f\u2028"))))
def test_sentences_never_overlap_and_lose_no_letter(text: str) -> None:
    found = split(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    kept = "".join(text[s.start : s.end] for s in found)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(s.start <= s.body < s.end for s in found)
