"""Examples of what flows on each topic keep validating for as long as their version lives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from golden import EXAMPLES, IDS, record_of
from jsonschema import Draft202012Validator, FormatChecker

from tocsin_schemas import EVENT, Article, Capture, Diplomacy, Statement, Surrender, check_spans
from tocsin_schemas.generate import FOLDER, example_files, example_sums, json_schema, released_sums
from tocsin_schemas.topics import TOPICS, Topic, short_name

EACH = pytest.mark.parametrize(("topic", "path"), EXAMPLES, ids=IDS)
ARTICLES = {
    (article.id, article.revision): article
    for topic, path in EXAMPLES
    if isinstance(article := record_of(topic, path), Article)
}


@EACH
def test_an_example_is_a_record_of_its_topic(topic: Topic, path: Path) -> None:
    record = record_of(topic, path)
    assert topic.key_of(record)
    if isinstance(record, Capture | Surrender | Statement | Diplomacy):
        assert EVENT.validate_json(path.read_bytes()) == record


@EACH
def test_an_example_is_valid_json_of_the_schema(topic: Topic, path: Path) -> None:
    validator = Draft202012Validator(json_schema(topic), format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text("utf-8")))] == []


@EACH
def test_what_is_written_again_is_valid_and_the_same(topic: Topic, path: Path) -> None:
    record = record_of(topic, path)
    written = record.model_dump_json()
    assert topic.model.model_validate_json(written) == record
    Draft202012Validator(json_schema(topic), format_checker=FormatChecker()).validate(json.loads(written))


@EACH
def test_nothing_of_an_example_is_lost_or_renamed_when_it_is_read(topic: Topic, path: Path) -> None:
    def named(value: object, at: str = "") -> set[str]:
        if isinstance(value, dict):
            return {f"{at}.{name}" for name in value} | {n for k, v in value.items() for n in named(v, f"{at}.{k}")}
        if isinstance(value, list):
            return {name for item in value for name in named(item, f"{at}[]")}
        return set()

    read = json.loads(record_of(topic, path).model_dump_json())
    assert named(json.loads(path.read_text("utf-8"))) <= named(read)


@EACH
def test_a_field_of_a_later_version_is_ignored(topic: Topic, path: Path) -> None:
    later = {**json.loads(path.read_text("utf-8")), "field_of_a_later_version": {"deep": [1]}}
    assert topic.model.model_validate(later) == record_of(topic, path)


@EACH
def test_the_spans_of_an_event_lie_where_its_article_has_the_words(topic: Topic, path: Path) -> None:
    event = record_of(topic, path)
    if not isinstance(event, Capture | Surrender | Statement | Diplomacy):
        return
    article = ARTICLES.get((event.article.id, event.article.revision))
    if article is None or event.retracted:
        return
    check_spans(event, article.title, article.text)
    evidence = event.evidence
    assert article.text[evidence.start : evidence.end] == evidence.trigger
    assert article.text[evidence.sentence_start : evidence.sentence_end] == evidence.sentence
    if isinstance(event, Statement):
        assert " ".join(article.text[span.start : span.end] for span in event.spans) == event.content


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: short_name(topic.name))
def test_every_topic_has_an_example_of_its_version(topic: Topic) -> None:
    version = re.search(r"\.(v\d+)$", topic.name)
    assert version is not None
    assert any(path.parent.name == version.group(1) for path in example_files()[short_name(topic.name)])


def test_no_example_lies_where_no_topic_reads_it() -> None:
    known = {path for paths in example_files().values() for path in paths} | {FOLDER / "examples" / "SHA256SUMS"}
    assert {path for path in (FOLDER / "examples").rglob("*") if path.is_file()} == known


def test_released_examples_are_untouched_and_new_ones_are_pinned() -> None:
    """An example of a released version is what subscribers were promised: add one beside it, never edit it."""
    assert example_sums() == released_sums(), "new example? run: python -m tocsin_schemas.generate --release"
