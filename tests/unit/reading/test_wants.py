"""Only sentences that hold the words of a frame are parsed, and none that an extractor would have read is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reader, Reading
from tocsin.reading.frames import FrameSet
from tocsin.reading.morphology import AnyOf, words_in
from tocsin.reading.wants import Gate, Wants

FRAMES = FrameSet.parse(
    {
        "classes": {"grip": ["control", "charge"]},
        "frames": [
            {"id": "test.seize", "anchor": {"lemma": ["seize"]}},
            {"id": "test.take", "anchor": {"lemma": ["take"]}, "needs": ["undergoer[$grip] or prt[over]"]},
            {"id": "test.hand", "anchor": {"lemma": ["hand"]}, "trigger": ["rebel"], "needs": ["undergoer"]},
            {"id": "test.fall", "anchor": {"lemma": ["fall"]}, "needs": ["subject[!rain]"]},
        ],
    }
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Troops SEIZED the post.", True),
        ("The seizure of the post was quick.", False),  # another word
        ("They took control.", True),
        ("They were taking over.", True),
        ("They took the bus.", False),  # nothing that the frame needs
        ("Control was never an issue.", False),  # what it needs, without its anchor
        ("He handed the rebels a list.", True),
        ("He handed them a list.", False),
        ("Rain fell.", True),  # an exclusion names no word that must be there
        ("", False),
    ],
)
def test_a_sentence_is_wanted_for_the_words_of_one_frame(text: str, wanted: bool) -> None:
    assert FRAMES.could_match(words_in(text)) is wanted


def test_words_are_those_of_compounds_and_contractions() -> None:
    assert words_in("The cease-fire didn't hold, said EL-AMIN’s aide (42).") == {
        *("the cease fire didn t hold said el amin s aide".split()),
        "42",
    }


def test_a_compound_is_among_words_when_all_its_parts_are() -> None:
    any_of = AnyOf(["according to", "over-run", "say"])
    assert any_of.among(words_in("according to him"))
    assert any_of.among(words_in("It was over-run."))
    assert any_of.among(words_in("they say"))
    assert not any_of.among(words_in("He spoke to me of a run."))


def test_the_gate_is_asked_once_and_only_for_articles_with_candidates(read: Callable[..., Reading]) -> None:
    asked: list[Reading] = []

    def gate(reading: Reading) -> bool:
        asked.append(reading)
        return reading.title == "War"

    wants = Wants(FRAMES, Gate(gate, "no war"))
    dull, peace, war = (
        read("Nothing happened."),
        read("It was seized.", "Peace"),
        read("Rain. It was seized. Ice.", "War"),
    )
    assert [wants.sentences(r) for r in (dull, peace)] == [[], []]
    assert [[s.text for s in wants.sentences(war)] for _ in range(2)] == [["It was seized."]] * 2
    assert asked == [peace, war]


def test_what_several_want_is_parsed_once_and_the_rest_not_at_all(reader: Reader, read: Callable[..., Reading]) -> None:
    reading = read("It was seized. Ice. They fell.", "Fallen")
    both = [Wants(FRAMES), Wants(FrameSet.parse({"frames": [{"id": "test.be", "anchor": {"lemma": ["seize"]}}]}))]
    reader.parse([reading], both)
    docs = [s.doc if s.is_parsed else None for s in reading.sentences]
    assert [d is not None for d in docs] == [True, False, True, True]
    reader.parse([reading], both)
    assert [s.doc if s.is_parsed else None for s in reading.sentences] == docs
    assert Wants().sentences(reading) == []
