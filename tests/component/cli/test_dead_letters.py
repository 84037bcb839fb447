"""Dead letters listed and put back on the run's broker."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tocsin.streaming.dead_letters import Source, dead_letter_headers
from tocsin.streaming.letters import read_letters
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, dlq_name, topic_name
from tocsin_schemas.topics import ARTICLES, SURRENDER

pytestmark = pytest.mark.kafka


async def put_aside(settings: Settings, value: bytes, service: str = "capture") -> None:
    source = Source(topic_name(ARTICLES, settings), 0, 7, datetime.now(UTC))
    headers = dead_letter_headers([("ce_id", b"a1")], source, service, ValueError("no JSON"))
    producer = new_producer(settings)
    await producer.start()
    try:
        await producer.send_and_wait(dlq_name(ARTICLES, service, settings), value, key=b"a1", headers=headers)
    finally:
        await producer.stop()


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "dlq", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_dead_letter_is_listed_and_put_back_as_it_came(
    settings: Settings, service_environment: dict[str, str]
) -> None:
    await create_topics(settings)
    await put_aside(settings, b"\xff not JSON")
    await put_aside(settings, b"other", service="surrender")
    listed = run(service_environment, "list", "--service", "capture", "--json")
    assert listed.returncode == 0, listed.stderr
    letters = [json.loads(row) for row in listed.stdout.splitlines()]
    assert [(x["service"], x["error"], x["message"], x["replays"]) for x in letters] == [
        ("capture", "ValueError", "no JSON", 0)
    ]
    put_back = run(service_environment, "replay", letters[0]["id"])
    assert put_back.returncode == 0, put_back.stderr
    from aiokafka import AIOKafkaConsumer

    consumer = AIOKafkaConsumer(
        topic_name(ARTICLES, settings), bootstrap_servers=settings.kafka.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()
    assert (record.key, record.value) == (b"a1", b"\xff not JSON")
    assert dict(record.headers) == {"ce_id": b"a1", "dlq_replays": b"1"}


async def test_filters_leave_out_what_they_name_not(settings: Settings) -> None:
    await create_topics(settings)
    await put_aside(settings, b"x")
    assert [letter async for letter in read_letters(settings, topic="surrender")] == []
    assert [letter async for letter in read_letters(settings, error="KeyError")] == []
    assert len([letter async for letter in read_letters(settings, topic="articles", error="ValueError")]) == 1
    assert SURRENDER.name


def test_replaying_everything_must_be_meant(service_environment: dict[str, str]) -> None:
    refused = run(service_environment, "replay")
    assert refused.returncode == 2
    assert "--all" in refused.stderr
