"""The shapes in which text ties a speaker to words, and what looks like one and is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.reading import Reading
from tocsin.reading.report_content import Report, Voices
from tocsin.statement.extract import extract

SHAPES = """
# before, behind, around, split
“The dam is safe,” Ana Brix said. => before: The dam is safe,
“The dam is safe,” said Ana Brix, the mayor, on Friday. => before: The dam is safe,
Ana Brix said: “The dam is safe.” => after: The dam is safe.
Ana Brix said, “The dam is safe.” => after: The dam is safe.
“The dam,” Ana Brix said, “is safe.” => around: The dam, … is safe.
“The dam is safe,” Ana Brix said. “It will hold.” => before: The dam is safe, … It will hold.
“The dam is safe,” Ana Brix said before the vote. “It will hold.” => before: The dam is safe, … It will hold.
“Is the dam safe?” asked Ana Brix. => before: Is the dam safe?
“The dam is safe!” Ana Brix shouted. => before: The dam is safe!
“The dam is safe.” — Ana Brix => credit: The dam is safe.
Ana Brix: “The dam is safe.” => colon: The dam is safe.
Ana Brix said the dam was safe. => after: the dam was safe
Ana Brix said that the dam was safe. => after: the dam was safe
Ana Brix said on Monday that the dam, which opened in May, was safe. => after: the dam, which opened in May, was safe
The dam was safe, Ana Brix said. => before: The dam was safe
The dam was safe, said Ana Brix. => before: The dam was safe
The dam, Ana Brix said, was safe. => split: The dam … was safe
Ana Brix said it was. => after: it was
Ana Brix said nothing had been agreed. => after: nothing had been agreed
# partial quotations
Ana Brix said the dam was “fully safe”. => after: the dam was “fully safe”
Ana Brix called the dam “a disgrace”. => naming: a disgrace
Ana Brix condemned what she called a “cowardly act”. => naming: cowardly act
# according to, in the words of, quoted as saying
The dam was safe, according to Ana Brix. => before: The dam was safe
According to Ana Brix, who built it, the dam was safe. => after: the dam was safe
In the words of Ana Brix, “the dam is safe”. => after: the dam is safe
The news agency quoted Ana Brix as saying the dam was safe. => after: the dam was safe
Ana Brix was quoted as saying that the dam was safe. => after: the dam was safe
The dam was safe, Ana Brix was quoted as saying. => before: The dam was safe
# told
Ana Brix told reporters in Orsk on Monday that the dam, which opened in May, was safe. => after: the dam, which opened in May, was safe
Ana Brix told state radio the dam was safe. => after: the dam was safe
“The dam is safe,” Ana Brix told a news conference. => before: The dam is safe,
Ana Brix told the radio's “Morning Hour” on Friday that the dam was safe. => after: the dam was safe
# urging, charging, denying, promising
Ana Brix urged the rebels to leave. => after: the rebels to leave
Ana Brix called on both sides to leave. => after: both sides to leave
Ana Brix called for calm. => after: calm
Ana Brix accused the army of looting. => after: the army of looting
Ana Brix blamed the fire on the army. => after: the fire on the army
Ana Brix denied the allegations. => after: the allegations
Ana Brix vowed to fight on. => after: to fight on
Ana Brix warned of a wider war. => after: of a wider war
Ana Brix warned the rebels to stay away. => after: the rebels to stay away
Ana Brix confirmed the deal and said she had agreed to it. => after: she had agreed to it
# participles and control
Ana Brix left early, saying she was tired. => after: she was tired
Saying she was tired, Ana Brix left early. => after: she was tired
After saying she was tired, Ana Brix left early. => after: she was tired
Ana Brix began by saying she was tired. => after: she was tired
Ana Brix went on to accuse the army of looting. => after: the army of looting
Ana Brix voted for the law but has since said she was wrong. => after: she was wrong
# subjects
The court hearing the case said it would rule. => after: it would rule
Ana Brix -- who built the dam -- said it was safe. => after: it was safe
Ana Brix herself said the dam was safe. => after: the dam was safe
Field Works, an agency, says that Ana Walker, who charges 20,000, has left. => after: Ana Walker, who charges 20,000, has left
CAIRO — Ana Brix said the dam was safe. => after: the dam was safe
PARIS ― Ana Brix said the dam was safe. => after: the dam was safe
On Friday, some 20,000 people had fled, Ana Brix said. => before: On Friday, some 20,000 people had fled
# where what was said ends
Ana Brix said she was tired and that she would leave. => after: she was tired and that she would leave
Ana Brix said she was tired, but the council denied it. => after: she was tired
When Ana Brix said the dam was safe, the valley slept. => after: the dam was safe
"""

REFUSED = """
No group has claimed responsibility for the blast.
No one immediately claimed responsibility.
Ana Brix did not say when the dam would open.
Ana Brix would not say when the dam would open.
Ana Brix may say more on Friday.
Ana Brix said nothing.
Ana Brix declined to comment.
Ana Brix could not confirm the report.
The army was told to wait.
The army was blamed for the fire.
Officials said the dam was safe.
The dam was safe, residents said.
The dam was safe, according to state television.
The report said the dam would fail.
The film, “The Long Night”, opens on Friday.
The so-called “peace column” crossed the river.
He is known as “the Butcher”.
The operation, named “Iron Dawn”, began on Monday.
Supporters carried signs reading “No war”.
Ana Brix called a meeting for Friday.
Ana Brix praised the troops.
Ana Brix spoke of the war.
The number of claims about the dam rose.
She crossed into a neighbouring state for a visit.
What Ana Brix says matters.
A guard who asked not to be named left early.
Ana Brix described the crowd as a rough one, with people waving and chanting “Leave now, leave now!”
The target that Ana Brix pledged to reach was missed.
"""


def lines(table: str) -> list[str]:
    return [line for line in table.strip().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("line", lines(SHAPES))
def test_what_was_said_and_by_which_shape(line: str, read: Callable[..., Reading]) -> None:
    text, _, expected = line.partition(" => ")
    shape, _, content = expected.partition(": ")
    found = [(s.rule.rsplit(".", 1)[1], s.content) for s in extract(read(text))]
    assert (shape, content) in found, f"tocsin explain --type statement {text!r}"


@pytest.mark.parametrize("text", lines(REFUSED))
def test_what_is_no_statement(text: str, read: Callable[..., Reading]) -> None:
    assert [(s.rule, s.content) for s in extract(read(text))] == []


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("“The dam is safe,” Ana Brix said.", "direct"),
        ("Ana Brix said the dam was “fully safe”.", "mixed"),
        ("Ana Brix said the dam was safe.", "indirect"),
    ],
)
def test_the_mode_of_a_statement(text: str, mode: str, read: Callable[..., Reading]) -> None:
    assert [s.mode for s in extract(read(text))] == [mode]


def test_spans_are_the_characters_of_what_was_said(read: Callable[..., Reading]) -> None:
    text = "“The dam,” Ana Brix said, “is safe.” It rained."
    (statement,) = extract(read(text))
    assert [text[s.start : s.end] for s in statement.spans] == ["The dam,", "is safe."]
    assert (statement.cue, statement.evidence.trigger) == ("said", "said")


def test_who_is_told_is_the_addressee(read: Callable[..., Reading]) -> None:
    text = "Ana Brix told reporters that the dam was safe."
    (statement,) = extract(read(text))
    assert statement.addressee is not None
    assert text[statement.addressee.start : statement.addressee.end] == "reporters"


def test_a_denial_is_denied(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("Ana Brix denied that the dam leaked."))
    assert (statement.modality, statement.codes.plover if statement.codes else None) == ("denied", "REJECT")


def test_one_indirect_statement_for_a_speaker_and_sentence(read: Callable[..., Reading]) -> None:
    assert len(extract(read("Ana Brix said the dam was safe and urged the council to wait."))) == 1


def test_words_inside_what_somebody_else_says_are_no_statement_of_their_own(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("Ana Brix said that Olaf Sund had told her that the dam was safe."))
    assert statement.speaker is not None
    assert statement.speaker.name == "Ana Brix"


@given(st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=3), max_size=8))
def test_the_voice_at_a_character_is_the_innermost_report_that_covers_it(drawn: list[list[tuple[int, int]]]) -> None:
    reports = [
        Report(None, "r", "direct", tuple((at, at + size) for at, size in spans), None, None, None)  # type: ignore[arg-type]
        for spans in drawn
    ]
    voices = Voices(reports)
    for offset in range(90):
        covering = [r for r in reports if r.covers(offset)]
        inner = min(covering, key=lambda r: sum(end - start for start, end in r.spans), default=None)
        assert voices.at(offset) is inner
