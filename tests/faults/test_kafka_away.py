"""Kafka goes away under the running line and comes back: nothing is lost, nothing rings that should not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.cli.demonstration import SAMPLES
from tocsin.embedded import EmbeddedKafka
from tocsin.streaming.settings import Settings
from tocsin_schemas.topics import ARTICLES, CONTROL
from whole_line import open_line

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]
AWAY = 30.0
"""Seconds without a broker: longer than a heartbeat, a request and a session's patience."""


async def test_a_broker_that_is_gone_for_half_a_minute_costs_nothing(
    new_broker: Callable[[], EmbeddedKafka], tmp_path: Path
) -> None:
    broker = await asyncio.to_thread(new_broker)
    settings = Settings.model_validate({"kafka": {"bootstrap": broker.bootstrap}, "state_dir": tmp_path / "own"})
    week = SAMPLES.read_text("utf-8").splitlines(keepends=True)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text("".join(week[:6]), "utf-8")
    second.write_text("".join(week[6:]), "utf-8")
    async with open_line(settings, tmp_path / "line") as running:
        await running.ingest(first)
        await asyncio.to_thread(broker.kill)
        await asyncio.sleep(AWAY)  # the outage itself
        await asyncio.to_thread(broker.restart)
        await running.ingest(second)
        await running.settled()
        articles = await running.latest(ARTICLES)
        control = {c["place"]["name"]: (c["holder"], c["status"]) for c in (await running.latest(CONTROL)).values()}
    assert len(articles) == 12
    assert {name for name, held in control.items() if held[0] == "taliban"} == {"Qala-e-Naw", "Maimana", "Ghazni"}
    assert control["Kunduz"] == ("state:AFG", "confirmed")
    assert control["Farah"] == (None, "retracted")
