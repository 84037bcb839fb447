"""`tocsin explain`: the parse, what was tried, why it was refused, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from tocsin.cli.app import app


def explained(text: str, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["explain", text, "--json", "--published", "2019-03-04", *options])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def tried(told: dict[str, Any], frame: str) -> dict[str, Any]:
    return next(trial for trial in told["sentences"][0]["tried"] if trial["frame"] == frame)


def test_a_match_tells_its_roles_and_its_event() -> None:
    told = explained("Taliban fighters captured Kunduz on Friday.", "--type", "capture")
    trial = tried(told, "capture.seize")
    assert (trial["roles"], trial["refused"]) == ({"captor": "Taliban fighters", "place": "Kunduz"}, "")
    (event,) = told["events"]
    assert trial["events"] == [event["id"]]
    assert event["date"]["start"] == "2019-03-01"
    captured = next(word for word in told["sentences"][0]["parse"] if word["text"] == "captured")
    assert (captured["lemma"], captured["pos"], captured["label"]) == ("capture", "VERB", "ROOT")


def test_what_is_not_told_as_fact_says_why() -> None:
    told = explained("Taliban fighters could capture Kunduz.", "--type", "capture")
    assert "could" in tried(told, "capture.seize")["refused"]
    assert told["events"] == []


def test_an_article_that_is_not_about_war_says_so() -> None:
    told = explained("The visitors captured Kunduz on Friday.", "--type", "capture")
    assert "the article names no armed group" in tried(told, "capture.seize")["refused"]
    assert tried(told, "capture.seize")["events"] == []
    assert told["events"] == []


def test_people_are_told_the_same() -> None:
    result = CliRunner().invoke(app, ["explain", "The visitors captured Kunduz.", "--type", "capture"])
    assert "✗ capture.seize" in result.stdout
    assert "no event" in result.stdout


def test_without_a_text_it_says_what_to_do() -> None:
    result = CliRunner().invoke(app, ["explain", "  "])
    assert result.exit_code == 2
    assert "give it in quotes" in result.output
