"""Whatever a service may say arrives as it was said, and is valid JSON of the schema."""

from __future__ import annotations

import json

import pytest
from contract_records import RECORDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.generate import json_schema
from tocsin_schemas.topics import BY_MODEL, TOPICS

VALIDATORS = {
    topic.event_type: Draft202012Validator(json_schema(topic), format_checker=FormatChecker()) for topic in TOPICS
}


def test_every_topic_has_records() -> None:
    assert [topic.model.__name__.lower() for topic in TOPICS] == [*RECORDS]


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_record_survives_the_wire(name: str, data: st.DataObject) -> None:
    record = data.draw(RECORDS[name])
    topic = BY_MODEL[type(record)]
    value = encode(record)
    read = topic.model.model_validate_json(value)
    assert read == record
    assert encode(read) == value
    assert topic.key_of(read) == topic.key_of(record)
    assert headers(read, "s") == headers(record, "s")
    VALIDATORS[topic.event_type].validate(json.loads(value))


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_python_values_and_json_give_the_same_record(name: str, data: st.DataObject) -> None:
    record = data.draw(RECORDS[name])
    assert type(record).model_validate(record.model_dump()) == record
    assert type(record).model_validate(json.loads(record.model_dump_json())) == record
