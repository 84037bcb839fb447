"""What `tocsin explain` tells of statements: every cue that was looked at, why it gave none, how its speaker was found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.statement.extract import extract
from tocsin.statement.trials import trials


def told(read: Callable[..., Reading], text: str) -> list[tuple[str, str]]:
    return [(trial.frame, trial.refused) for _, trial in trials(read(text))]


@pytest.mark.parametrize(
    ("text", "frame", "reason"),
    [
        ("No one claimed responsibility.", "statement.claim", "negated: nobody said it"),
        ("The army was told to wait.", "statement.tell", "a passive that names nobody who speaks"),
        ("Ana Brix might say more.", "statement.say", "might be said, or is to be said"),
        ("The claims of the rebels were false.", "statement.claim", "a noun here, not a verb"),
        ("Ana Brix asked a question.", "statement.urge", "nothing that it takes (urging, that) stands beside it"),
        (
            "Officials said the dam was safe.",
            "statement.say.after",
            "indirect speech of nobody who is named or alone (plural)",
        ),
        ("Ana Brix said Olaf Sund had said that it leaked.", "statement.say.after", "inside what somebody else says"),
    ],
)
def test_why_a_cue_gives_no_statement(text: str, frame: str, reason: str, read: Callable[..., Reading]) -> None:
    assert (frame, reason) in told(read, text)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Mayor Ana Brix left. “I am tired,” she said.", "whom the text is about in the sentence before"),
        ("Mayor Ana Brix said it leaked. She said it was old.", "spoke in the sentence before"),
        ("Mayor Ana Brix left. Brix said it leaked.", "named in full elsewhere in the text"),
        ("The mayor, Ana Brix, said it leaked.", "named beside the role"),
        ("Mayor Ana Brix left. The mayor said it leaked.", "who holds that role in the text"),
        ("“I am tired,” she said.", "a pronoun, and nobody it could mean"),
        ("“We left,” Ana Brix said.\n\n“It was late at night.”", "the quotation runs on from the paragraph before"),
    ],
)
def test_how_the_speaker_was_found(text: str, how: str, read: Callable[..., Reading]) -> None:
    assert trials(read(text))[-1][1].roles["found"] == how


def test_what_is_explained_is_what_happens(read: Callable[..., Reading]) -> None:
    text = "Mayor Ana Brix left on Monday. “I am tired,” she said. Officials said it leaked. Olaf Sund said it did not."
    reading = read(text)
    shown = [event for _, trial in trials(reading) for event in trial.events]
    assert shown == extract(reading)
    starts = {sentence.start for sentence in reading.sentences}
    assert {start for start, _ in trials(reading)} <= starts
