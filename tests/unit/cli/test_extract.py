"""`tocsin extract`: what it prints of articles that come again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tocsin.cli.app import app

FELL = "Rebel fighters captured Kunduz on Friday, residents said."
HELD = "Shops in Kunduz were open on Saturday, residents said."


def extracted(folder: Path, *articles: dict[str, str]) -> list[dict[str, Any]]:
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    result = CliRunner().invoke(app, ["extract", str(path), "--type", "capture"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def an_article(id: str, text: str, day: int = 3, **more: str) -> dict[str, str]:
    return {"id": id, "text": text, "title": "", "published_at": f"2019-03-0{day}T10:00:00Z", **more}


def test_what_a_correction_no_longer_tells_is_printed_as_retracted(tmp_path: Path) -> None:
    first, taken_back = extracted(tmp_path, an_article("a", FELL), an_article("a", HELD, 4, status="corrected"))
    assert (first["retracted"], taken_back["retracted"]) == (False, True)
    assert first["id"] == taken_back["id"]
    assert taken_back["article"]["revision"] == 2
    assert taken_back["article"]["published_at"] == "2019-03-04T10:00:00Z"


def test_the_same_words_again_give_nothing(tmp_path: Path) -> None:
    assert len(extracted(tmp_path, an_article("a", FELL), an_article("b", HELD), an_article("a", FELL))) == 1


def test_a_withdrawn_article_takes_back_what_each_batch_before_it_told(tmp_path: Path) -> None:
    others = [an_article(str(number), HELD) for number in range(40)]
    first, taken_back = extracted(
        tmp_path, an_article("a", FELL), *others, an_article("a", "Withdrawn.", 5, status="withdrawn")
    )
    assert first["id"] == taken_back["id"]
    assert taken_back["retracted"]
