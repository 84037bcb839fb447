"""A subscriber of the last release reads what is written now, and what was written then is read now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from tocsin_schemas.compatibility import breaking_changes
from tocsin_schemas.generate import FOLDER, json_schema
from tocsin_schemas.topics import TOPICS

RELEASED = sorted((FOLDER / "released").glob("*.schema.json"))
NOW = {f"{topic.event_type}.schema.json": topic for topic in TOPICS}


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.name)
def test_no_field_of_the_last_release_was_removed_renamed_or_made_required(released: Path) -> None:
    assert released.name in NOW, "a released topic is gone"
    assert breaking_changes(json.loads(released.read_text("utf-8")), json_schema(NOW[released.name])) == []


def test_there_is_a_release_to_compare_with() -> None:
    assert RELEASED


class Part(BaseModel):
    size: int = Field(ge=0)
    label: str | None = None


def _model(**fields: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": (str, ...),
        "kind": (Literal["a", "b"], "a"),
        "part": (Part | None, None),
        "parts": (list[Part], []),
        "labels": (dict[str, str], {}),
    }
    known.update(fields)
    return create_model("Record", **{name: field for name, field in known.items() if field}).model_json_schema()


def _part(**fields: Any) -> type[BaseModel]:
    known: dict[str, Any] = {"size": (int, Field(ge=0)), "label": (str | None, None)}
    known.update(fields)
    return create_model("Part", **{name: field for name, field in known.items() if field})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, ["id is gone"]),
        ({"id": None, "identifier": (str, "")}, ["id is gone"]),
        ({"place": (str, ...)}, ["place became required"]),
        ({"kind": (Literal["a", "b"], ...)}, ["default of kind changed from 'a' to None", "kind became required"]),
        ({"kind": (Literal["a", "b", "c"], "a")}, ["kind may now be 'c'"]),
        ({"kind": (Literal["a", "c"], "a")}, ["kind may no longer be 'b'", "kind may now be 'c'"]),
        ({"id": (int, ...)}, ["type of id changed from 'string' to 'integer'"]),
        ({"id": (str, Field(max_length=9))}, ["maxLength of id changed from None to 9"]),
        ({"labels": (dict[str, int], {})}, ["type of labels[] changed from 'string' to 'integer'"]),
        ({"parts": (list[_part(size=None)], [])}, ["parts[].size is gone"]),
        ({"part": (_part(weight=(int, ...)) | None, None)}, ["part.weight became required"]),
        ({"part": (Part, ...)}, ["part may no longer be null"]),
        (
            {"parts": (list[_part(size=(int, Field(ge=1)))], [])},
            ["minimum of parts[].size changed from 0 to 1"],
        ),
    ],
)
def test_a_breaking_change_is_told_with_its_field(change: dict[str, Any], said: list[str]) -> None:
    assert set(said) <= set(breaking_changes(_model(), _model(**change)))


def test_a_field_with_a_default_may_be_added_at_any_depth() -> None:
    added = _model(note=(str | None, None), parts=(list[_part(weight=(float, 0.0))], []))
    assert breaking_changes(_model(), added) == []


def test_words_of_explanation_are_free() -> None:
    assert breaking_changes(_model(), {**_model(id=(str, Field(description="new words"))), "title": "Other"}) == []
