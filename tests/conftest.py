"""What tests of all rooms share: one broker for the run, settings that keep tests apart, brokers to break.

The broker is started by the first test that asks for it and stopped at the end of the run, also after failures.
TOCSIN_KAFKA__BOOTSTRAP set: that cluster is used. Every test writes to topics under a prefix of its own.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tocsin.embedded import EmbeddedKafka
from tocsin.embedded.broker import free_port

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the test run's Kafka."""
    if given := os.environ.get("TOCSIN_KAFKA__BOOTSTRAP"):
        yield given
        return
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka.bootstrap


@pytest.fixture
def new_broker(tmp_path: Path) -> Iterator[Callable[[], EmbeddedKafka]]:
    """Starts brokers of the test's own, to kill and restart. Stopped when the test ends."""
    with ExitStack() as brokers:

        def start() -> EmbeddedKafka:
            return brokers.enter_context(EmbeddedKafka(tmp_path / f"kafka-{uuid.uuid4().hex[:8]}"))

        yield start


@pytest.fixture
def settings(kafka_bootstrap: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings on the run's broker: topics, groups and state of this test alone. Its topics go when it ends."""
    from tocsin.streaming.settings import Settings

    prefix = f"t{uuid.uuid4().hex[:12]}."
    yield Settings.model_validate(
        {
            "kafka": {"bootstrap": kafka_bootstrap, "topic_prefix": prefix},
            "http": {"port": free_port()},
            "state_dir": tmp_path,
        }
    )
    with ThreadPoolExecutor(1) as away:  # from the test's own event loop
        away.submit(_delete_topics, kafka_bootstrap, prefix).result()


@pytest.fixture
def service_environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a service in a process of its own the test's settings.

    Its HTTP port is not in it: processes that run beside each other need one each.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")},
        "TOCSIN_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "TOCSIN_KAFKA__TOPIC_PREFIX": settings.kafka.topic_prefix,
        "TOCSIN_STATE_DIR": str(settings.state_dir),
    }


def _delete_topics(bootstrap: str, prefix: str) -> None:
    """Hundreds of tests with some twenty topics each would slow the broker down."""
    from aiokafka.admin import AIOKafkaAdminClient

    async def delete() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            mine = [name for name in await admin.list_topics() if name.startswith(prefix)]
            if mine:
                await admin.delete_topics(mine)
        finally:
            await admin.close()

    asyncio.run(delete())
