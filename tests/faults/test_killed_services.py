"""Ledger and alerting killed again and again under the war over twenty capitals: it ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

import twenty_capitals as war
from kafka_topics import latest, publish, records
from ledger_theatre import COUNTRY, Final
from tocsin.alerting.backtest import backtest
from tocsin.cli import fleet
from tocsin.cli.fleet import Fleet
from tocsin.cli.lag import total_lag
from tocsin.cli.services import BY_NAME
from tocsin.embedded.broker import free_port
from tocsin.ledger.core import fold_events
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, dlq_name
from tocsin_schemas import Alert, Control, Incident
from tocsin_schemas.topics import ALERTS, CONTROL, EVENT_TOPICS, INCIDENTS
from whole_line import QUIET, groups_settled

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
STATEFUL = [BY_NAME[name] for name in ("ledger", "alerting-matching", "alerting-counting")]
KILLS = 20
SEED = 20
PATIENCE = 120.0


def undisturbed() -> tuple[dict[str, Any], list[Alert]]:
    """Incidents and control, and alerts, without Kafka and without kills."""
    told = list(fold_events(war.events()))
    return Final().see(told).without_revisions(), war.standing(
        alert for _, alert in backtest(war.rules(), told, war.LATER)
    )


async def settled(settings: Settings, counting: int) -> None:
    """Wait until the services have worked off what is on their topics; what is between two of them shows the next time."""
    quiet = 0
    async with asyncio.timeout(PATIENCE):
        while quiet < QUIET:
            done = await total_lag(settings, STATEFUL) == 0 and await groups_settled(counting)
            quiet = quiet + 1 if done else 0
            await asyncio.sleep(0.3)


async def test_after_twenty_kills_control_incidents_and_alerts_are_those_of_an_undisturbed_run(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "PAUSES", (0.1,))  # a supervisor that waits longer only makes the test longer
    rules = tmp_path / "rules.yaml"
    rules.write_text(war.rules_text(), "utf-8")
    environment = {**service_environment, "TOCSIN_ALERTING__RULES": str(rules)}
    ports = {service.name: free_port() for service in STATEFUL}
    chance = random.Random(SEED)
    told = war.shuffled(SEED)
    await create_topics(settings)
    async with Fleet(STATEFUL, environment, tmp_path / "logs", ports) as running:
        await running.ready(within=PATIENCE)
        for start in range(KILLS):
            await publish(settings, told[start::KILLS])
            await asyncio.sleep(chance.uniform(0.0, 2.5))  # wherever it may be by then
            running.kill(chance.choice(STATEFUL).name)
        await running.ready(within=PATIENCE)
        await settled(settings, ports["alerting-counting"])
        seen = Final()
        seen.incidents = await latest(settings, INCIDENTS, Incident)
        seen.controls = {control.place.name: control for control in (await latest(settings, CONTROL, Control)).values()}
        alerts = [Alert.model_validate_json(value) for _, value in await records(settings, ALERTS) if value]
        letters = [
            await records(settings, topic, dlq_name(topic, service, settings))
            for service in ("ledger", "alerting-matching")
            for topic in EVENT_TOPICS.values()
            if service == "ledger" or "alerting" in topic.consumers
        ]
    calm, rung = undisturbed()
    assert seen.without_revisions() == calm
    assert war.standing(alerts) == rung
    assert war.rang(war.standing(alerts)) == war.written_alerts()
    written = {(alert.id, alert.revision): alert for alert in alerts}
    assert all(written[alert.id, alert.revision] == alert for alert in alerts), "one revision, two contents"
    assert not any(letters)
    held = [c for c in seen.controls.values() if c.holder == "harrow-front" and c.status in ("claimed", "confirmed")]
    assert len(held) == war.HELD[-1]
    assert {c.place.country for c in held} == {COUNTRY}
