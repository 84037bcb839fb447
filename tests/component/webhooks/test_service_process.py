"""The service as a process, and several of them: start, stop, broker gone, partitions moving."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from hostile import OK, Behavior, Hostile, Request, status
from line import heard, publish, receivers_file, settled

from tocsin.embedded import EmbeddedKafka
from tocsin.embedded.broker import free_port
from tocsin.streaming.settings import Settings
from webhook_builders import an_alert

pytestmark = pytest.mark.kafka


@contextlib.asynccontextmanager
async def process(
    environment: dict[str, str], receivers: Path | None, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service in a process of its own, killed at the end if it still runs. Stderr goes to a pipe."""
    given = dict(environment) | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)} | more
    given.setdefault("TOCSIN_HTTP__PORT", str(free_port()))
    if receivers is not None:
        given["TOCSIN_WEBHOOKS__RECEIVERS"] = str(receivers)
    log = receivers.with_suffix(f".{free_port()}.log") if receivers else Path(os.devnull)
    with log.open("wb") as stderr:
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tocsin.webhooks.service", env=given, stderr=stderr
        )
        try:
            yield started
        finally:
            if started.returncode is None:
                started.kill()
                await started.wait()


async def answers(url: str, code: int, seconds: float = 40) -> str:
    """What the URL says once it answers with this status."""
    async with aiohttp.ClientSession() as web, asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with web.get(url) as reply:
                    if reply.status == code:
                        return await reply.text()
            await asyncio.sleep(0.1)


def slow(seconds: float) -> Behavior:
    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await OK(request, writer)

    return behave


async def test_sigterm_lets_the_try_under_way_finish(
    settings: Settings, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    async with Hostile(then=slow(2)) as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "timeout": "10s"})
        await publish(settings, [an_alert()])
        async with process(service_environment, file) as running:
            await desk.until(lambda server: len(server.requests) == 1, 60)
            running.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(running.wait(), 30) == 0
        (delivery,) = await settled(settings, 1)
    assert len(desk.requests) == 1
    assert delivery.state == "delivered"


@pytest.mark.parametrize(
    ("text", "told"),
    [("receivers:\n  - nmae: desk\n", ":2: nmae: unknown field; did you mean name?"), ("receivers: [\n", "not YAML")],
)
async def test_a_mistake_in_the_file_ends_the_service_with_one_line_about_it(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "receivers.yaml"
    file.write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tocsin.webhooks.service",
        env={**environment, "TOCSIN_WEBHOOKS__RECEIVERS": str(file)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 78
    assert told in stderr.decode()
    assert "Traceback" not in stderr.decode()


@pytest.mark.slow
async def test_it_waits_for_a_kafka_that_comes_later_and_outlives_one_that_goes(
    new_broker: Callable[[], EmbeddedKafka], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = await asyncio.to_thread(new_broker)
    settings = Settings.model_validate({"kafka": {"bootstrap": kafka.bootstrap}, "state_dir": tmp_path})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    port = free_port()
    await asyncio.to_thread(kafka.stop)
    async with Hostile() as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url})
        bootstrap = {"TOCSIN_KAFKA__BOOTSTRAP": kafka.bootstrap, "TOCSIN_HTTP__PORT": str(port)}
        async with process(environment | bootstrap, file) as running:
            assert "waiting" in await answers(f"http://127.0.0.1:{port}/readyz", 503)
            await asyncio.to_thread(kafka.start)
            await publish(settings, [an_alert("before")])
            await desk.until(lambda server: len(server.answered) == 1, 90)
            await asyncio.to_thread(kafka.stop)
            await answers(f"http://127.0.0.1:{port}/livez", 200)
            await asyncio.to_thread(kafka.start)
            await publish(settings, [an_alert("after")])
            await desk.until(lambda server: len(server.answered) == 2, 90)
            assert running.returncode is None
    assert [request.alerts[0][0] for request in desk.answered] == ["before", "after"]


@pytest.mark.slow
async def test_when_partitions_move_between_instances_nothing_is_lost_and_order_is_kept(
    settings: Settings, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    names = [f"alert-{number}" for number in range(24)]
    async with Hostile(*[status(500)] * 3, then=slow(0.05)) as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "retry": ["0s"] + ["200ms"] * 60})
        await publish(settings, [an_alert(name) for name in names])
        async with process(service_environment, file, TOCSIN_INSTANCE="0") as first:
            await desk.until(lambda server: len(server.requests) >= 4, 60)
            async with process(service_environment, file, TOCSIN_INSTANCE="1"):
                await publish(settings, [an_alert(name, 2) for name in names])
                await desk.until(lambda server: len(server.requests) >= 20, 60)
                first.send_signal(signal.SIGTERM)
                await publish(settings, [an_alert(name, 3, "resolved") for name in names])
                await settled(settings, 72, 120)
    for name in names:
        states = heard(desk, name)
        assert states[0] == "firing"
        assert states[-1] == "resolved"
        assert states.count("resolved") == 1
