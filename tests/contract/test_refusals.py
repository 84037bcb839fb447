"""What the contract refuses, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from golden import EXAMPLES
from pydantic import BaseModel, ValidationError

from tocsin_schemas import (
    Actor,
    Alert,
    Article,
    Capture,
    Control,
    Diplomacy,
    Evidence,
    Place,
    Signal,
    Span,
    Statement,
    Surrender,
    check_spans,
)

GOLDEN = {path.stem: (topic, json.loads(path.read_text("utf-8"))) for topic, path in EXAMPLES}


def _changed(example: str, **changes: Any) -> dict[str, Any]:
    """The example with other values, by path ("evidence__start")."""
    record = json.loads(json.dumps(GOLDEN[example][1]))
    for path, value in changes.items():
        *parents, name = path.split("__")
        inner = record
        for parent in parents:
            inner = inner[parent]
        inner[name] = value
    return record


def _refused(model: type[BaseModel], record: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(json.dumps(record))
    (error,) = refused.value.errors()
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2031-05-12T06:40:00", "a time needs its zone, such as 2025-08-11T10:00:00Z: 2031-05-12T06:40:00 has none"),
        ("2031-05-12", "a time needs its zone"),
        (1938400800, "a time is written out, such as 2025-08-11T10:00:00Z, not as the number 1938400800"),
        ("1938400800", "a time is written out"),
        (True, "a time is written out"),
        ("0001-01-01T00:00:00+14:00", "lies outside the years 1 to 9999"),
        ("12 May 2031", "Input should be a valid datetime"),
    ],
)
def test_a_time_without_zone_or_not_written_out(value: object, said: str) -> None:
    assert said in _refused(Article, _changed("first-report", published_at=value))
    assert "article.published_at: " in _refused(Capture, _changed("a-city-changes-hands", article__published_at=value))


def test_a_day_as_a_number() -> None:
    said = _refused(Capture, _changed("a-city-changes-hands", date__end=20310512))
    assert said == (
        "date.end: Value error, a time is written out, such as 2025-08-11T10:00:00Z, not as the number 20310512"
    )


@pytest.mark.parametrize(
    ("model", "example", "field", "value"),
    [
        (Article, "first-report", "status", "deleted"),
        (Capture, "a-city-changes-hands", "modality", "rumored"),
        (Capture, "a-city-changes-hands", "kind", "region"),
        (Capture, "a-city-changes-hands", "place__precision", "rough"),
        (Capture, "a-city-changes-hands", "captor__kind", "rebels"),
        (Capture, "a-city-changes-hands", "attribution__side", "ours"),
        (Capture, "a-city-changes-hands", "date__precision", "hour"),
        (Surrender, "a-unit-gives-itself-up", "what", "weapons"),
        (Statement, "split-by-its-attribution", "mode", "quoted"),
        (Diplomacy, "talks-with-a-mediator", "kind", "summit"),
        (Control, "held-since-a-day", "status", "rumored"),
        (Signal, "a-place-counts-from-a-day-on", "stream", "articles"),
        (Alert, "firing", "state", "pending"),
    ],
)
def test_an_unknown_value_of_an_enum_is_refused_with_those_that_are_known(
    model: type[BaseModel], example: str, field: str, value: str
) -> None:
    said = _refused(model, _changed(example, **{field: value}))
    assert said.startswith(f"{field.replace('__', '.')}: Input should be '")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evidence__start": -1}, "evidence.start: Input should be greater than or equal to 0"),
        ({"evidence__start": 3.0}, "evidence.start: Input should be a valid integer"),
        ({"evidence__start": "60"}, "evidence.start: Input should be a valid integer"),
        ({"evidence__end": 40}, "evidence: Value error, a span must end after it starts, not 51-40"),
        ({"evidence__end": 51}, "evidence: Value error, a span must end after it starts, not 51-51"),
        ({"captor__end": 3}, "captor: Value error, a span must end after it starts, not 34-3"),
        ({"captor__end": None}, "captor: Value error, a mention has both offsets or neither"),
        ({"evidence__sentence_start": 53}, "the trigger 51-57 lies outside its sentence 53-202"),
        ({"evidence__sentence_end": 55}, "the trigger 51-57 lies outside its sentence 0-55"),
        ({"date__end": "2031-05-01"}, "a date range cannot end (2031-05-01) before it starts (2031-05-11)"),
        ({"date__start": None}, "a date without start has precision unknown"),
        ({"place": None}, "a capture of kind place has a place, a tally has none"),
        ({"kind": "tally"}, "a capture of kind place has a place, a tally has none"),
        ({"place__country": "Varenia"}, "place.country: String should match pattern"),
        ({"place__lat": 91}, "place.lat: Input should be less than or equal to 90"),
        ({"article__revision": 0}, "article.revision: Input should be greater than or equal to 1"),
        ({"ordinal": 0}, "ordinal: Input should be greater than or equal to 1"),
    ],
)
def test_offsets_dates_and_places_that_cannot_be(changes: dict[str, Any], said: str) -> None:
    capture = _changed("a-city-changes-hands")
    assert (capture["evidence"]["start"], capture["evidence"]["end"], capture["captor"]["start"]) == (51, 57, 34)
    assert said in _refused(Capture, _changed("a-city-changes-hands", **changes))


def test_a_statement_without_words() -> None:
    assert _refused(Statement, _changed("split-by-its-attribution", spans=[])).startswith("spans: List should have")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": "  \n"}, "an article that is not withdrawn needs text"),
        ({"previous__revision": 2}, "revision 2 cannot follow revision 2"),
        ({"text": "x" * 1_000_001}, "text: String should have at most 1000000 characters"),
        ({"title": "x" * 10_001}, "title: String should have at most 10000 characters"),
        ({"id": ""}, "id: String should have at least 1 character"),
        ({"content_hash": "abc"}, "content_hash: String should match pattern"),
    ],
)
def test_articles_that_cannot_be(changes: dict[str, Any], said: str) -> None:
    assert said in _refused(Article, _changed("corrected", **changes))


def test_text_that_is_no_unicode_is_refused_before_it_is_written() -> None:
    for field in ("title", "text", "url", "credit", "language"):
        with pytest.raises(ValidationError, match=f"{field}\n.*valid string"):
            Article.model_validate(_changed("first-report", **{field: "half a \ud83d"}))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        Alert.model_validate(_changed("firing", value=value))


@pytest.mark.parametrize("model", [topic.model for topic, _ in GOLDEN.values()])
def test_a_record_is_never_changed_after_it_was_made(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen")


TEXT = "Rebels took Korvat."
TITLE = "Korvat falls to rebels, officials say"


def _capture(field: str = "text", end: int = 11, sentence_end: int = 19, place_end: int = 18) -> Capture:
    record = _changed("a-city-changes-hands")
    record |= {
        "evidence": Evidence.model_construct(
            field=field, start=7, end=end, sentence_start=0, sentence_end=sentence_end, trigger="took", sentence=""
        ).model_dump(),
        "place": Place(text="Korvat", start=12, end=place_end, name="Korvat", kind="city", precision="exact"),
        "captor": Actor(text="Rebels", start=0, end=6),
        "previous_holder": None,
        "attribution": None,
    }
    return Capture.model_validate(record)


def test_spans_inside_the_text_are_accepted() -> None:
    check_spans(_capture(), TITLE, TEXT)
    check_spans(_capture("title", sentence_end=len(TITLE)), TITLE, TEXT)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (_capture(sentence_end=20), "sentence 0-20 lies outside the text of 19 characters"),
        (_capture(end=25, sentence_end=25), "evidence 7-25 lies outside the text of 19 characters"),
        (_capture("title", sentence_end=38), "sentence 0-38 lies outside the title of 37 characters"),
        (_capture(place_end=60), "place 12-60 lies outside a text of 37 characters"),
    ],
)
def test_spans_outside_the_text_are_refused_by_name(event: Capture, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_spans(event, TITLE, TEXT)


def test_participants_and_quotations_are_checked_too() -> None:
    talks = Diplomacy.model_validate(
        _changed(
            "talks-with-a-mediator",
            evidence=_capture().evidence.model_dump(),
            mediator=None,
            place=None,
            participants=[{"text": "envoys", "start": 30, "end": 45}],
        )
    )
    with pytest.raises(ValueError, match="participants 30-45 lies outside a text of 37 characters"):
        check_spans(talks, TITLE, TEXT)
    said = Statement.model_validate(
        _changed(
            "split-by-its-attribution",
            evidence=_capture().evidence.model_dump(),
            speaker=None,
            attribution=None,
            spans=[Span(start=0, end=6).model_dump(), {"start": 7, "end": 20}],
        )
    )
    with pytest.raises(ValueError, match="spans 7-20 lies outside the text of 19 characters"):
        check_spans(said, TITLE, TEXT)
