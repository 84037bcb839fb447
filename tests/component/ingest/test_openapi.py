"""The API does what its OpenAPI document says, for requests that nobody would write by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema.validators import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ingest_builders import FakeTopic
from tocsin.ingest.api import Door
from tocsin.ingest.desk import Desk
from tocsin.ingest.keys import KeyFile, hash_key
from tocsin.ingest.limits import RateLimit
from tocsin.ingest.normalize import Normalizer
from tocsin.ingest.openapi import BATCH_TYPES, document
from tocsin.ingest.publishers import default_publishers
from tocsin.ingest.refusal import Refusal

KEY = "tocsin_test_key"


async def _no_dead_letters(entry: bytes, refusal: Refusal) -> None:
    raise AssertionError(refusal)


async def _serve(keys: Path, started: threading.Event, told: dict[str, Any], stop: asyncio.Event) -> None:
    topic = FakeTopic()

    async def connect() -> FakeTopic:
        return topic

    desk = Desk(connect, None, _no_dead_letters)
    rate = RateLimit(1_000_000, 1_000_000)
    door = Door(desk, Normalizer(default_publishers()), keys=KeyFile(keys), rate=rate)
    runner = web.AppRunner(door.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    working = asyncio.create_task(desk.run())
    told["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    started.set()
    await stop.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await runner.cleanup()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    keys = tmp_path_factory.mktemp("keys") / "keys.yaml"
    scopes = ["articles:write", "articles:withdraw"]
    keys.write_text(yaml.safe_dump({"keys": [{"name": "test", "hash": hash_key(KEY), "scopes": scopes}]}))
    started, told = threading.Event(), dict[str, Any]()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(keys, started, told, stop),))
    thread.start()
    assert started.wait(20)
    yield told["url"]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_answers_are_as_described(url: str) -> None:
    described = schemathesis.openapi.from_url(f"{url}/openapi.json")
    (found,) = (one.ok() for one in described.get_all_operations())
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        ignored_auth,
    ]

    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=found.as_strategy())
    def answers_conform(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"}, checks=checks)

    answers_conform()


def test_the_schemas_are_valid_and_every_way_to_send_is_described() -> None:
    described = document(10, 1000)
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    content = described["paths"]["/articles"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", *BATCH_TYPES}
