"""Notices of withdrawal, and articles that are none."""

from __future__ import annotations

import pytest

from tocsin.ingest.notices import takes_back

BODY = "Rebels took the town of Harun on Friday, and the army left for the hills in the north, residents said."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Harun falls", "This article has been withdrawn because its source could not be verified."),
        ("Harun falls", "Editor's note: this story was retracted on Monday."),
        ("Harun falls", "We have taken down this report: it was published in error."),
        ("WITHDRAWN: Harun falls", BODY),
        ("Retraction - Harun falls", BODY),
        ("STORY KILLED", "See the advisory."),
        ("BC-HARUN-KILL ", "Editors, kill the story slugged Harun."),
    ],
)
def test_a_notice_in_place_of_an_article_takes_it_back(title: str, text: str) -> None:
    assert takes_back(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Harun falls", BODY),
        ("Troops withdrawn from Harun", BODY),
        ("Killings in Harun", BODY),
        ("Ministry retracts claim on Harun", "The ministry has withdrawn its report on Harun, it said."),
        ("Harun falls", f"{BODY}\n\nCorrection: an earlier version of this article named the wrong bridge."),
        ("A paper looks back", "This article has been withdrawn, the notice said. " + BODY * 8),
    ],
)
def test_an_article_about_withdrawals_is_an_article(title: str, text: str) -> None:
    assert not takes_back(title, text)
