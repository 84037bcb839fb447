"""Opens the whole line on the run's broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from whole_line import PATIENCE, Line

from tocsin.cli.demonstration import RULES, SAMPLES
from tocsin.cli.fleet import Fleet, environment_for
from tocsin.cli.services import SERVICES
from tocsin.embedded.broker import free_port
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics
from tocsin.webhooks.receiver import LocalReceiver, Received
from tocsin.webhooks.signing import new_secret


@pytest.fixture
def line(settings: Settings, tmp_path: Path) -> Callable[..., Any]:
    """Opens the whole line on the run's broker, each time under topics of its own."""
    numbers = count()

    @asynccontextmanager
    async def open_line(rules: Path = RULES) -> AsyncIterator[Line]:
        secret = new_secret()
        received: list[Received] = []

        async def note(message: Received) -> None:
            received.append(message)

        number = next(numbers)
        kafka = settings.kafka.model_copy(update={"topic_prefix": f"{settings.kafka.topic_prefix}{number}."})
        own = settings.model_copy(update={"kafka": kafka})
        state = tmp_path / f"line-{number}"
        state.mkdir()
        await create_topics(own)
        async with LocalReceiver(secret, note) as receiver:
            receivers = state / "receivers.yaml"
            receivers.write_bytes(
                orjson.dumps(
                    {
                        "receivers": [
                            {
                                "name": "desk",
                                "url": receiver.url,
                                "secrets": [{"value": secret}],
                                "allow": ["127.0.0.1"],
                            }
                        ]
                    }
                )
            )
            environment = environment_for(
                own.kafka.bootstrap, state / "state",
                TOCSIN_KAFKA__TOPIC_PREFIX=own.kafka.topic_prefix,
                TOCSIN_ALERTING__RULES=str(rules),
                TOCSIN_WEBHOOKS__RECEIVERS=str(receivers),
            )  # fmt: skip
            ports = {service.name: free_port() for service in SERVICES}
            async with Fleet(SERVICES, environment, state / "logs", ports) as fleet:
                await fleet.ready(within=PATIENCE)
                yield Line(own, fleet, receiver, received)

    return open_line


@pytest.fixture
def samples() -> Path:
    """The sample week."""
    return SAMPLES
