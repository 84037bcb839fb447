"""The topics are what CONTRACT.md promised to subscribers: names, keys, how long they are kept."""

from __future__ import annotations

import pytest
from golden import EXAMPLES, record_of

from tocsin_schemas import Actor, Diplomacy
from tocsin_schemas.topics import (
    BY_MODEL,
    BY_NAME,
    EVENT_TOPICS,
    PARTITIONS,
    TOPICS,
    actor_key,
    dead_letter_name,
    place_key,
    short_name,
    signal_key,
)

KEYS = {
    "tocsin.events.capture.v1/a-city-changes-hands": "geonames:99000101",
    "tocsin.events.capture.v1/claimed-place-without-id": "name:dunmere",
    "tocsin.events.capture.v1/tally-with-ordinal": "country:unknown",
    "tocsin.events.surrender.v1/a-unit-gives-itself-up": "geonames:99000101",
    "tocsin.events.statement.v1/split-by-its-attribution": "person:marta-ilves",
    "tocsin.events.diplomacy.v1/talks-with-a-mediator": "person:edvin-sool+red-valley-front",
    "tocsin.control.v1/retaken": "geonames:99000101",
    "tocsin.control.v1/nothing-known-any-more": "name:dunmere",
    "tocsin.signals.v1/a-place-counts-from-a-day-on": "NorthernCapitalsHeld|place.country=XVR",
    "tocsin.signals.v1/required-fields-only": "MassSurrender",
}


def test_the_names_are_those_of_the_contract() -> None:
    assert [topic.name for topic in TOPICS] == [
        "tocsin.articles.v1",
        "tocsin.events.capture.v1",
        "tocsin.events.surrender.v1",
        "tocsin.events.statement.v1",
        "tocsin.events.diplomacy.v1",
        "tocsin.incidents.v1",
        "tocsin.control.v1",
        "tocsin.signals.v1",
        "tocsin.alerts.v1",
        "tocsin.deliveries.v1",
    ]
    assert [topic.event_type for topic in TOPICS if topic in EVENT_TOPICS.values()] == [
        "tocsin.capture.v1",
        "tocsin.surrender.v1",
        "tocsin.statement.v1",
        "tocsin.diplomacy.v1",
    ]


def test_a_topic_is_found_by_name_and_by_model() -> None:
    assert [BY_NAME[topic.name] for topic in TOPICS] == [BY_MODEL[topic.model] for topic in TOPICS] == [*TOPICS]


def test_keys_are_those_of_the_contract() -> None:
    keys = {f"{topic.name}/{path.stem}": topic.key_of(record_of(topic, path)) for topic, path in EXAMPLES}
    for name, key in KEYS.items():
        assert keys[name] == key


def test_topics_are_co_partitioned() -> None:
    """The ledger joins four event topics, and alerting counts where a key lives."""
    assert {topic.partitions for topic in TOPICS} == {PARTITIONS}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_clean_up_says_how_long(topic) -> None:
    assert topic.config["cleanup.policy"] in {"delete", "compact", "compact,delete"}
    assert ("retention.ms" in topic.config) == ("delete" in topic.cleanup)


def test_what_tables_are_folded_from_is_never_compacted() -> None:
    """A compacted topic skips offsets, and a skipped offset is how a lost record is noticed."""
    assert all(topic.cleanup == "delete" for topic in EVENT_TOPICS.values())
    assert BY_NAME["tocsin.signals.v1"].cleanup == "delete"


def test_retention_is_told_to_kafka_in_milliseconds() -> None:
    assert BY_NAME["tocsin.articles.v1"].config["retention.ms"] == "7776000000"


def test_a_place_without_id_is_keyed_by_its_name_however_it_is_written() -> None:
    assert place_key(None, "  Dunmere \n Heights") == place_key(None, "DUNMERE heights") == "name:dunmere heights"
    assert place_key("geonames:1", "Dunmere") == "geonames:1"


def test_an_actor_without_id_is_keyed_by_its_words() -> None:
    assert actor_key(None, "The  Garrison") == "text:the garrison"
    assert actor_key(None, None) == actor_key(None, "") == "unknown"


def test_the_order_in_which_parties_are_named_does_not_change_the_key() -> None:
    talks = next(r for t, p in EXAMPLES if isinstance(r := record_of(t, p), Diplomacy) and len(r.participants) == 2)
    parties = [Actor(text=name, id=f"actor:{name}") for name in "dbeacf"]
    for named in (parties, parties[::-1], parties + parties[:2]):
        key = BY_MODEL[Diplomacy].key_of(talks.model_copy(update={"participants": named}))
        assert key == "actor:a+actor:b+actor:c+actor:d+actor:e+actor:f"


def test_the_order_of_a_group_does_not_change_its_key() -> None:
    assert signal_key("r", {"b": "2", "a": "1"}) == signal_key("r", {"a": "1", "b": "2"}) == "r|a=1|b=2"


def test_names_for_people_and_for_dead_letters() -> None:
    assert [short_name(topic.name) for topic in TOPICS][:3] == ["articles", "capture", "surrender"]
    assert dead_letter_name("tocsin.articles.v1", "capture") == "tocsin.articles.v1.capture.dlq"
