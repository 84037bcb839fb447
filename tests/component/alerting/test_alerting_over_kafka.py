"""Alerting on a real broker: it rings and takes back, refuses broken rules, sees the past of new ones."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alerting_line import AlertingProcess, AlertsTopic, publish

from tocsin.alerting.fields import Record
from tocsin.alerting.scenarios import Scenario
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics

pytestmark = pytest.mark.kafka

HELD = """\
rules:
  - alert: Held
    stream: control
    match: {place.country: AFG, place.is_admin1_capital: true, holder: taliban}
    measure: {count_distinct: place.id}
    when: {gte: 4}
"""
CAPITALS = ["Faizabad", "Sheberghan", "Kunduz", "Taloqan"]


def rules_file(folder: Path, text: str = HELD) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def falls(scenario: Scenario, name: str, hour: int = 9, **more: Any) -> Record:
    fields = {"place": f"{name}, AFG", "holder": "taliban", "since": date(2021, 8, 11), "sentence": f"{name} fell."}
    return scenario.record("control", fields | more, datetime(2021, 8, 11, hour, tzinfo=UTC))


@pytest.fixture
async def topics(settings: Settings) -> Settings:
    await create_topics(settings)
    return settings


async def test_the_fourth_capital_rings_with_four_sentences_and_a_recapture_resolves(
    topics: Settings, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    rules, scenario = rules_file(tmp_path), Scenario()
    async with (
        AlertingProcess("matching", service_environment, rules),
        AlertingProcess("counting", service_environment, rules) as counting,
        AlertsTopic(topics) as topic,
    ):
        await publish(topics, [falls(scenario, name) for name in CAPITALS])
        (alert,) = await topic.until(len)
        assert (alert.state, alert.value, alert.of) == ("firing", 4, 34)
        assert {proof.sentence for proof in alert.evidence} == {f"{name} fell." for name in CAPITALS}
        retaken = falls(scenario, "Kunduz", 20, holder="state:AFG", since=date(2021, 8, 14), sentence="It is ours.")
        await publish(topics, [retaken])
        _, resolved = await topic.until(lambda alerts: len(alerts) == 2)
        assert (resolved.id, resolved.state, resolved.reason) == (alert.id, "resolved", "recaptured")
        counting.send(signal.SIGTERM)
        assert await counting.ended() == 0


@pytest.mark.parametrize("name", ["matching", "counting"])
async def test_a_typo_in_a_rule_ends_the_service_with_its_file_and_line(
    name: str, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    broken = HELD.replace("place.country", "place.contry").replace("count_distinct", "count_distint")
    rules = rules_file(tmp_path, broken)
    async with AlertingProcess(name, service_environment, rules) as process:
        assert await process.ended() == 78
        assert process.log.read_text().splitlines() == [
            f'{rules}:4: records of stream control have no field "place.contry"; did you mean "place.country"?',
            f"{rules}:5: no such key: 'count_distint'; did you mean \"count_distinct\"?",
        ]


async def test_without_rules_it_says_which_setting_is_missing(
    tmp_path: Path, service_environment: dict[str, str]
) -> None:
    async with AlertingProcess("matching", service_environment, tmp_path / "none.yaml") as process:
        assert await process.ended() == 78
        assert process.log.read_text() == f"{tmp_path}/none.yaml:1: cannot be read: No such file or directory\n"


async def test_on_hangup_broken_rules_are_refused_and_new_rules_see_what_is_there(
    topics: Settings, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    rules, scenario = rules_file(tmp_path, HELD.replace("gte: 4", "gte: 9")), Scenario()
    async with (
        AlertingProcess("matching", service_environment, rules) as matching,
        AlertingProcess("counting", service_environment, rules) as counting,
        AlertsTopic(topics) as topic,
    ):
        await publish(topics, [falls(scenario, name) for name in CAPITALS])
        await matching.ready()
        await counting.ready()
        await _until(lambda: counting.metric("tocsin_records_done_total"), 4)
        rules.write_text(HELD.replace("holder", "hodler"))
        for process in (matching, counting):
            process.send(signal.SIGHUP)
            await _until(lambda: process.metric("tocsin_rule_reloads_total"), 1)  # noqa: B023
            assert "did you mean" in process.log.read_text()
        rules.write_text(HELD + HELD.removeprefix("rules:\n").replace("Held", "Other"))
        for process in (counting, matching):
            process.send(signal.SIGHUP)
        alerts = await topic.until(lambda alerts: len(alerts) == 2)
        assert {alert.rule for alert in alerts} == {"Held", "Other"}
        assert {alert.value for alert in alerts} == {4}


async def _until(read: Any, least: float) -> None:
    async with asyncio.timeout(60):
        while await read() < least:
            await asyncio.sleep(0.1)
