"""The ingest service as a process, with Kafka there, not there, and gone for a while."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer

from component.ingest.running import IngestProcess, articles_on
from ingest_builders import BODY, a_record
from tocsin.embedded import EmbeddedKafka
from tocsin.streaming.errors import EXIT_FATAL, EXIT_SETTINGS
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import dlq_name
from tocsin_schemas import Article
from tocsin_schemas.topics import ARTICLES

pytestmark = pytest.mark.kafka


def record(number: int, words: str = "") -> dict[str, Any]:
    return a_record(id=f"a{number}", url=f"https://herald.example/{number}", text=f"{BODY} Street {number}. {words}")


def safe(status: int, body: dict[str, Any]) -> set[str]:
    """Ids of the articles that an answer vouches for."""
    assert status in {200, 202, 422, 503, 429}, body
    return {r["id"] for r in body.get("results", []) if r["outcome"] != "refused"}


async def test_it_serves_articles_health_metrics_and_its_description(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
        status, body = await ingest.post([record(1), record(2), record(1, "More."), a_record(text="")])
        assert (status, body["counts"]) == (200, {"new": 2, "revised": 1, "refused": 1})
        status, body = await ingest.post([{"id": "a2", "status": "withdrawn"}])
        assert body["results"][0] == {"line": 1, "id": "a2", "outcome": "withdrawn", "revision": 2}
        status, page = await ingest.get("/metrics")
        assert 'tocsin_ingest_articles_total{outcome="new",source="http"} 2.0' in page
        assert 'tocsin_ingest_refused_total{kind="invalid",source="http"} 1.0' in page
        assert "tocsin_ingest_known_articles 2.0" in page
        assert "tocsin_kafka_up 1.0" in page
        assert await ingest.end() == 0
    found = await articles_on(settings)
    assert Counter((a.id, a.revision, a.status) for a in found) == Counter(
        [("a1", 1, "published"), ("a1", 2, "corrected"), ("a2", 1, "published"), ("a2", 2, "withdrawn")]
    )


async def test_a_restart_knows_what_was_there_before(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
        await ingest.post([record(n) for n in range(20)])
        await ingest.end(signal.SIGKILL)
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
        _, body = await ingest.post([record(n) for n in range(21)])
        assert body["counts"] == {"unchanged": 20, "new": 1}
    assert len(await articles_on(settings)) == 21


async def test_what_was_answered_for_before_a_kill_is_on_the_broker(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    vouched: set[str] = set()
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()

        async def post_on(start: int) -> None:
            for first in range(start, start + 100_000, 5):
                try:
                    vouched.update(safe(*await ingest.post([record(n) for n in range(first, first + 5)])))
                except (aiohttp.ClientError, json.JSONDecodeError):
                    return

        posting = asyncio.gather(*(post_on(start) for start in (0, 200_000, 400_000)))
        while len(vouched) < 300:
            await asyncio.sleep(0.01)
        await ingest.end(signal.SIGKILL)
        await posting
    assert vouched <= {a.id for a in await articles_on(settings)}


async def test_a_stop_in_the_middle_of_batches_answers_them_first(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    vouched: set[str] = set()
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
        posting = [asyncio.create_task(ingest.post([record(n + k * 200) for n in range(200)])) for k in range(5)]
        await asyncio.sleep(0.05)
        assert await ingest.end(signal.SIGTERM) == 0
        for answer in await asyncio.gather(*posting, return_exceptions=True):
            if isinstance(answer, tuple):
                vouched |= safe(*answer)
            else:
                assert isinstance(answer, aiohttp.ClientError)  # came too late: not answered for
    assert vouched
    assert vouched <= {a.id for a in await articles_on(settings)}


@pytest.mark.slow
async def test_kafka_absent_at_the_start_and_gone_for_a_while_loses_nothing(
    settings: Settings,
    service_environment: dict[str, str],
    tmp_path: Path,
    new_broker: Callable[[], EmbeddedKafka],
) -> None:
    broker = new_broker()
    own = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"bootstrap": broker.bootstrap})})
    environment = service_environment | {"TOCSIN_KAFKA__BOOTSTRAP": broker.bootstrap}
    await asyncio.to_thread(broker.stop)
    vouched: set[str] = set()
    async with IngestProcess(environment, tmp_path, send_seconds="1") as ingest:
        status, body = await ingest.post([record(n) for n in range(10)])
        assert (status, body["counts"]) == (202, {"spooled": 10})
        vouched |= safe(status, body)
        assert (await ingest.get("/readyz"))[0] == 200
        await ingest.end(signal.SIGKILL)  # with ten articles on the disk
    async with IngestProcess(environment, tmp_path, send_seconds="1") as ingest:
        vouched |= safe(*await ingest.post([record(10)]))
        await asyncio.to_thread(broker.start)
        await ingest.live()
        assert {a.id for a in await articles_on(own)} == vouched == {f"a{n}" for n in range(11)}

        stop = asyncio.Event()

        async def post_on() -> None:
            number = 100
            while not stop.is_set():
                vouched.update(safe(*await ingest.post([record(number), record(number + 1)])))
                number += 2

        posting = asyncio.create_task(post_on())
        await asyncio.sleep(0.5)
        await asyncio.to_thread(broker.stop)
        async with asyncio.timeout(30):
            while not (await ingest.get("/readyz"))[1].startswith("away"):
                await asyncio.sleep(0.1)
        started = asyncio.get_running_loop().time()
        assert (await ingest.get("/livez"))[0] == 200
        assert asyncio.get_running_loop().time() - started < 1
        _, page = await ingest.get("/metrics")
        assert "tocsin_kafka_up 0.0" in page
        await asyncio.sleep(3)
        await asyncio.to_thread(broker.start)
        await ingest.live()
        stop.set()
        await posting
        found = await articles_on(own)
        assert vouched <= {a.id for a in found}
        assert max(Counter((a.id, a.revision) for a in found).values()) == 1
        assert await ingest.end() == 0


@pytest.mark.slow
async def test_a_spool_that_is_full_or_not_there_is_a_503(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = service_environment | {"TOCSIN_KAFKA__BOOTSTRAP": "127.0.0.1:9"}
    async with IngestProcess(environment, tmp_path, spool_bytes="3000") as ingest:
        answers = [await ingest.post([record(n)]) for n in range(6)]
        assert [status for status, _ in answers] == [202, 202, 503, 503, 503, 503] or answers[-1][0] == 503
        assert "the spool is full" in answers[-1][1]["detail"]
    other = environment | {"TOCSIN_STATE_DIR": str(tmp_path / "other")}
    async with IngestProcess(other, tmp_path, spool_bytes="0") as ingest:
        status, body = await ingest.post([record(1)])
        assert (status, "there is no spool" in body["detail"]) == (503, True)
        assert (await ingest.get("/readyz"))[0] == 503


async def test_what_comes_out_of_the_spool_and_cannot_be_taken_is_a_dead_letter(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    away = service_environment | {"TOCSIN_KAFKA__BOOTSTRAP": "127.0.0.1:9"}
    async with IngestProcess(away, tmp_path) as ingest:
        status, _ = await ingest.post([{"id": "unheard-of", "status": "withdrawn"}, record(1)])
        assert status == 202
        await ingest.end(signal.SIGTERM)
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
    assert [a.id for a in await articles_on(settings)] == ["a1"]
    consumer = AIOKafkaConsumer(
        dlq_name(ARTICLES, "ingest", settings),
        bootstrap_servers=settings.kafka.bootstrap,
        auto_offset_reset="earliest",
    )
    async with consumer:
        letter = await asyncio.wait_for(consumer.getone(), 20)
    headers = dict(letter.headers)
    assert Article.model_validate_json(letter.value).id == "unheard-of"
    assert b"nothing to withdraw" in headers["dlq_message"]
    assert headers["dlq_service"] == b"ingest"


async def test_a_second_service_on_the_same_folder_and_wrong_settings_end_with_a_reason(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    def ended(**variables: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "tocsin.ingest.service"],
            env=service_environment | {"TOCSIN_HTTP__PORT": "0"} | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    async with IngestProcess(service_environment, tmp_path):
        status, said = await asyncio.to_thread(ended)
        assert status == EXIT_FATAL
        assert "another ingest service uses" in said
    status, said = await asyncio.to_thread(lambda: ended(TOCSIN_INGEST__KEYS=str(tmp_path / "none.yaml")))
    assert status == EXIT_SETTINGS
    assert "none.yaml cannot be read" in said
    status, said = await asyncio.to_thread(lambda: ended(TOCSIN_INGEST__RATE="fast"))
    assert status == EXIT_SETTINGS
    assert "TOCSIN_INGEST__RATE" in said
