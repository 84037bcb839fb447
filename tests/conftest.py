"""What tests of all rooms share: one broker for the run, settings that keep tests apart, brokers to break.

The broker is started by the first test that asks for it and stopped at the end of the run, also after failures.
TOCSIN_KAFKA__BOOTSTRAP set: that cluster is used. Every test writes to topics under a prefix of its own.

Benchmarks (tests/bench) run when they are named, as `make bench` does. In CI a test that would skip for want of a
program fails: skip with a reason that says "apt-get install PACKAGE", and name the package in .ci/run.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tocsin.embedded import EmbeddedKafka
from tocsin.embedded.broker import free_port

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings

BENCH = Path(__file__).parent / "bench"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the benchmarks out unless they were asked for by their path."""
    asked = any(Path(arg.partition("::")[0]).absolute().is_relative_to(BENCH) for arg in config.args)
    return True if collection_path == BENCH and not asked else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI every program is there, or the run says so."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and "apt-get install" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not skip in CI: {report.longrepr[-1]}"
    return report


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
