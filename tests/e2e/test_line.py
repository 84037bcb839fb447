"""From articles to the bell, over every real part."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from prometheus_server import Prometheus, prometheus
from tocsin.cli.demonstration import SAMPLES
from tocsin.cli.services import SERVICES
from tocsin.streaming.producer import new_producer
from tocsin.streaming.topics import topic_name
from tocsin_schemas.topics import ALERTS, CAPTURE, CONTROL
from whole_line import FINAL, Line, essence

DASHBOARD: Final = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards" / "tocsin.json"
pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]


def holders(control: dict[str, dict[str, Any]]) -> dict[str, tuple[str | None, str]]:
    return {c["place"]["name"]: (c["holder"], c["status"]) for c in control.values()}


async def test_the_sample_week_ends_in_what_its_readme_says_rings_once_and_is_seen_on_the_dashboard(
    line: Callable[..., Any], tmp_path: Path
) -> None:
    async with line() as running, prometheus(running.fleet.ports, tmp_path / "prometheus") as watching:
        report = await running.ingest(SAMPLES)
        assert report.refused == []
        await running.settled()
        control = holders(await running.latest(CONTROL))
        captures = [value for _, value in await running.records(CAPTURE) if value]
        alerts = [value for _, value in await running.records(ALERTS) if value]
        received = list(running.received)
        empty = await _empty_panels(running, watching)
        watched = {rule["name"]: (rule["health"], rule["state"]) for rule in await watching.rules()}
    assert empty == [], "panels whose query gives no series"
    assert {health for health, _ in watched.values()} == {"ok"}
    assert watched["TocsinDeadLetters"] == ("ok", "firing")
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


async def _empty_panels(running: Line, watching: Prometheus) -> list[str]:
    """The panels of the dashboard that show nothing after some more articles and a record that is none."""
    assert await watching.without_answer({"articles": "tocsin_articles_read_total > 0"}) == []  # rates begin here
    more = [
        {"id": f"more-{number}", "published": "2019-03-09T10:00:00Z", "outlet": "Courier", "text": text}
        for number, text in enumerate(
            ["KABUL - Taliban fighters captured the city of Herat on Saturday.",
             "KABUL - The insurgents were trying to capture Ghazni, a spokesman said. Talks were held in Doha."]
        )
    ]  # fmt: skip
    await running.post(more)
    producer = new_producer(running.settings)
    await producer.start()
    try:
        await producer.send_and_wait(topic_name(CAPTURE, running.settings), b"no event")
    finally:
        await producer.stop()
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return await watching.without_answer(
        {f"{panel['title']}: {target['expr']}": target["expr"] for panel in panels for target in panel["targets"]}
    )


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
