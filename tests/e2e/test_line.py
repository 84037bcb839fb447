"""From articles to the bell, over every real part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tocsin.cli.demonstration import SAMPLES
from tocsin.cli.services import SERVICES
from tocsin_schemas.topics import ALERTS, CAPTURE, CONTROL
from whole_line import FINAL, Line, essence

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]


def holders(control: dict[str, dict[str, Any]]) -> dict[str, tuple[str | None, str]]:
    return {c["place"]["name"]: (c["holder"], c["status"]) for c in control.values()}


async def test_the_sample_week_ends_in_what_its_readme_says_and_rings_once(line: Callable[..., Any]) -> None:
    async with line() as running:
        report = await running.ingest(SAMPLES)
        assert report.refused == []
        await running.settled()
        control = holders(await running.latest(CONTROL))
        captures = [value for _, value in await running.records(CAPTURE) if value]
        alerts = [value for _, value in await running.records(ALERTS) if value]
        received = list(running.received)
    capitals = {name: held for name, held in control.items() if held[0] == "taliban"}
    assert set(capitals) == {"Qala-e-Naw", "Maimana", "Ghazni"}
    assert control["Kunduz"] == ("state:AFG", "confirmed")
    assert control["Farah"] == (None, "retracted")
    assert [c["place"]["name"] for c in captures if c["retracted"]] == ["Farah"]
    firing = [a for a in alerts if a["state"] == "firing"]
    assert firing
    assert {a["of"] for a in alerts} == {34}
    assert max(a["value"] for a in alerts) >= 4
    assert alerts[-1]["state"] == "resolved"
    assert {m.id for m in received}, "the receiver heard nothing"
    first: dict[str, str] = {}
    for message in received:
        for alert in message.payload["alerts"]:
            first.setdefault(alert["fingerprint"], alert["status"])
    assert set(first.values()) == {"firing"}, "resolved ahead of its firing"


async def test_every_service_killed_once_ends_in_the_same_control_incidents_and_alerts(
    line: Callable[..., Any],
) -> None:
    async with line() as running:
        await running.ingest(SAMPLES)
        await running.settled()
        undisturbed = {topic.name: essence(await running.latest(topic)) for topic in FINAL}
        rung = fingerprints(running)
    async with line() as running:
        await _ingest_while_killing(running)
        await running.settled()
        disturbed = {topic.name: essence(await running.latest(topic)) for topic in FINAL}
        rung_again = fingerprints(running)
    for name, records in undisturbed.items():
        assert disturbed[name].keys() == records.keys(), name
        assert disturbed[name] == records, name
    assert rung_again == rung, "the receiver heard of an alert that it should not have, or not of one that it should"


def fingerprints(running: Line) -> set[str]:
    return {alert["fingerprint"] for message in running.received for alert in message.payload["alerts"]}


async def _ingest_while_killing(running: Line) -> None:
    ingesting = asyncio.create_task(running.ingest(SAMPLES))
    for service in SERVICES:
        running.fleet.kill(service.name)
        await asyncio.sleep(0.4)  # spread over the week's way through the line; what is asserted does not depend on it
    await ingesting
    await running.fleet.ready(within=180)
