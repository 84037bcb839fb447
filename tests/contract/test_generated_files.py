"""The checked-in JSON Schemas and the table of topics are those of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tocsin_schemas.cloudevents import schema_id
from tocsin_schemas.generate import FOLDER, generated_files, json_schema, write
from tocsin_schemas.topics import TOPICS, Topic, short_name

PER_TOPIC = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.event_type)


@pytest.mark.parametrize("path", generated_files())
def test_a_generated_file_is_up_to_date(path: str) -> None:
    assert (FOLDER / path).read_text("utf-8") == generated_files()[path], "run: make schemas"


def test_no_schema_is_left_of_a_topic_that_is_gone() -> None:
    assert {f"json/{path.name}" for path in (FOLDER / "json").iterdir()} == generated_files().keys() - {
        "TOPICS.md",
        "asyncapi.json",
    }


@PER_TOPIC
def test_a_schema_is_valid_draft_2020_12_under_the_id_that_records_name(topic: Topic) -> None:
    schema = json_schema(topic)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == schema_id(topic.event_type)


@PER_TOPIC
def test_every_model_says_what_it_is(topic: Topic) -> None:
    schema = json_schema(topic)
    for name, part in [(topic.model.__name__, schema), *schema.get("$defs", {}).items()]:
        assert part.get("description"), f"{name} has no docstring"


def test_the_table_names_every_topic_with_its_key_and_schema() -> None:
    table = (FOLDER / "TOPICS.md").read_text("utf-8")
    for topic in TOPICS:
        assert f"| `{topic.name}` | {topic.key} |" in table
        assert (FOLDER / f"json/{topic.event_type}.schema.json").exists()


def test_the_asyncapi_document_leads_to_every_schema_and_every_topic() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))

    def followed(reference: str) -> object:
        if not reference.startswith("#/"):
            return json.loads((FOLDER / reference).read_text("utf-8"))["$id"]
        found = document
        for step in reference[2:].split("/"):
            found = found[step]
        return found

    for topic in TOPICS:
        channel = document["channels"][short_name(topic.name)]
        assert channel["address"] == channel["bindings"]["kafka"]["topic"] == topic.name
        message = followed(channel["messages"][topic.model.__name__]["$ref"])
        assert followed(message["payload"]["$ref"]) == schema_id(topic.event_type)
        assert (f"receive-{short_name(topic.name)}" in document["operations"]) == ("subscribers" in topic.consumers)
    for operation in document["operations"].values():
        assert followed(operation["channel"]["$ref"])
        assert [followed(message["$ref"]) for message in operation["messages"]]


def test_writing_brings_files_up_to_date_and_removes_what_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "json" / "tocsin.gone.v1.schema.json"
    gone.parent.mkdir()
    gone.write_text("{}")
    changed = write(tmp_path)
    assert set(changed) == generated_files().keys() | {"json/tocsin.gone.v1.schema.json"}
    assert not gone.exists()
    assert not (tmp_path / "released").exists()
    assert write(tmp_path) == []


def test_a_release_keeps_the_schemas_and_pins_the_examples(tmp_path: Path) -> None:
    example = tmp_path / "examples" / "articles" / "v1" / "one.json"
    example.parent.mkdir(parents=True)
    example.write_text("{}")
    write(tmp_path, release=True)
    for path in (tmp_path / "json").iterdir():
        assert json.loads((tmp_path / "released" / path.name).read_text()) == json.loads(path.read_text())
    assert (tmp_path / "examples" / "SHA256SUMS").read_text() == (
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  examples/articles/v1/one.json\n"
    )
