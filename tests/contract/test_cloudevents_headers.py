"""Records are CloudEvents in Kafka's binary mode, as the reference library reads and writes them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from golden import EXAMPLES, IDS, record_of
from pydantic import BaseModel

from tocsin_schemas import Delivery, Model
from tocsin_schemas.cloudevents import encode, headers, schema_id, traceparent_of
from tocsin_schemas.topics import TOPICS, Topic

EACH = pytest.mark.parametrize(("topic", "path"), EXAMPLES, ids=IDS)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _message(topic: Topic, record: BaseModel) -> KafkaMessage:
    return KafkaMessage(
        headers=dict(headers(record, source="tocsin/test", traceparent=TRACE)),
        key=topic.key_of(record).encode(),
        value=encode(record),
    )


@EACH
def test_the_reference_library_reads_a_record(topic: Topic, path: Path) -> None:
    record = record_of(topic, path)
    event = from_binary_event(_message(topic, record))
    assert event.get_specversion() == "1.0"
    assert event.get_type() == topic.event_type
    assert event.get_source() == "tocsin/test"
    assert event.get_subject() == event.get_extension("partitionkey") == topic.key_of(record)
    assert event.get_dataschema() == schema_id(topic.event_type)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_time() is not None
    assert event.get_time().utcoffset().total_seconds() == 0
    assert event.get_data() == json.loads(record.model_dump_json())


@EACH
def test_the_reference_library_writes_the_same_headers(topic: Topic, path: Path) -> None:
    message = _message(topic, record_of(topic, path))
    again = to_binary_event(from_binary_event(message)).headers
    ours = {name: value for name, value in message.headers.items() if name != "traceparent"}
    assert {name: value for name, value in again.items() if name != "ce_partitionkey"} == ours


@EACH
def test_a_replay_writes_the_same_bytes(topic: Topic, path: Path) -> None:
    record = record_of(topic, path)
    again = topic.model.model_validate_json(encode(record))
    assert headers(again, "tocsin/test") == headers(record, "tocsin/test")
    assert encode(again) == encode(record)


def test_every_state_of_a_thing_has_an_id_of_its_own() -> None:
    ids = Counter(dict(headers(record_of(t, p), "tocsin/test"))["ce_id"] for t, p in EXAMPLES)
    assert [found for found, times in ids.items() if times > 1] == []


def test_a_retracted_event_differs_in_its_id_from_the_event() -> None:
    examples = {path.stem: record_of(topic, path) for topic, path in EXAMPLES}
    event, taken_back = examples["a-city-changes-hands"], examples["taken-back-with-its-article"]
    ids = [dict(headers(record, "s"))["ce_id"].decode() for record in (event, taken_back)]
    assert ids == [f"{event.id}/1", f"{event.id}/3/retracted"]


def test_each_try_of_a_delivery_is_a_record_with_its_time() -> None:
    delivery = next(r for t, p in EXAMPLES if isinstance(r := record_of(t, p), Delivery) and len(r.attempts) == 2)
    fresh = delivery.model_copy(update={"state": "pending", "attempts": []})
    told = [dict(headers(record, "s")) for record in (fresh, delivery)]
    assert [one["ce_id"].decode().rpartition(delivery.id)[2] for one in told] == ["/pending/0", "/delivered/2"]
    assert [one["ce_time"] for one in told] == [b"2031-05-19T17:30:01Z", b"2031-05-19T17:30:23Z"]


def test_times_are_rfc_3339_in_utc() -> None:
    for topic, path in EXAMPLES:
        told = dict(headers(record_of(topic, path), "s"))["ce_time"].decode()
        assert told.endswith("Z")
        assert datetime.fromisoformat(told).tzinfo == UTC


def test_the_trace_context_is_handed_on() -> None:
    topic, path = EXAMPLES[0]
    assert traceparent_of(headers(record_of(topic, path), "s", TRACE)) == TRACE
    assert traceparent_of(headers(record_of(topic, path), "s")) is None
    assert traceparent_of(None) is None


def test_a_model_without_a_topic_has_no_headers() -> None:
    with pytest.raises(KeyError):
        headers(Model(), "s")


def test_every_topic_has_an_example_here() -> None:
    assert {topic.name for topic, _ in EXAMPLES} == {topic.name for topic in TOPICS}
