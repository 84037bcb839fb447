"""A real Alertmanager: it takes what Tocsin pushes, and what Tocsin posts looks like what it posts."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import yaml
from hostile import Hostile

from tocsin.webhooks.delivery import Outcome
from tocsin.webhooks.sender import Sender
from tocsin_schemas import Alert
from webhook_builders import a_receiver, an_alert

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

pytestmark = pytest.mark.skipif(
    BINARY is None, reason="no Alertmanager here: apt-get install prometheus-alertmanager (0.25 or newer)"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def alertmanager(folder: Path, webhook: str) -> AsyncIterator[str]:
    """An Alertmanager that posts to `webhook`; gives its address."""
    config = {
        "route": {"receiver": "desk", "group_wait": "0s", "group_interval": "1s", "group_by": ["alertname"]},
        "receivers": [{"name": "desk", "webhook_configs": [{"url": webhook}]}],
    }
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    command = [
        BINARY or "",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        await _ready(address)
        yield address
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)


async def _ready(address: str) -> None:
    async with aiohttp.ClientSession() as web, asyncio.timeout(30):
        while True:
            try:
                async with web.get(f"{address}/-/ready") as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


async def send(url: str, alerts: list[Alert], **fields: Any) -> Outcome:
    receiver = a_receiver(url=url, allow=["127.0.0.1"], **fields)
    sender = Sender({receiver.name: receiver}, "http://tocsin.example", lambda: datetime.now(UTC))
    try:
        return (await sender.send(receiver.name, "msg_1", alerts)).outcome
    finally:
        await sender.close()


def now_alert(**fields: Any) -> Alert:
    now = datetime.now(UTC)
    times = {"starts_at": now - timedelta(minutes=5), "updated_at": now}
    if fields.get("state") == "resolved":
        times["ends_at"] = now - timedelta(seconds=1)
    return an_alert(**fields).model_copy(update=times)


def shape(value: Any) -> Any:
    """The types of a JSON value, key by key. What labels and annotations hold is the rules' business."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


FREE = ("labels", "annotations", "groupLabels", "commonLabels", "commonAnnotations")


def skeleton(payload: dict[str, Any]) -> dict[str, Any]:
    alerts = [{**alert, **{name: {} for name in FREE if name in alert}} for alert in payload["alerts"]]
    return shape({**payload, **{name: {} for name in FREE if name in payload}, "alerts": alerts})


async def active(address: str) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as web, web.get(f"{address}/api/v2/alerts") as reply:
        return await reply.json()


async def test_a_pushed_alert_fires_in_alertmanager_until_tocsin_takes_it_back(tmp_path: Path) -> None:
    async with Hostile() as desk, alertmanager(tmp_path, desk.url) as address:
        assert await send(address, [now_alert()], deliver="alertmanager") is Outcome.DELIVERED
        (alert,) = await active(address)
        await desk.until(lambda server: bool(server.answered))
        resolved = now_alert(state="resolved", revision=2)
        assert await send(address, [resolved], deliver="alertmanager") is Outcome.DELIVERED
        await desk.until(lambda server: len(server.answered) == 2)
        assert await active(address) == []
    assert alert["labels"]["alertname"] == "CapitalsFalling"
    assert alert["annotations"]["evidence"] == "The city fell. (Daily)"
    assert datetime.fromisoformat(alert["endsAt"]) > datetime.now(UTC) + timedelta(days=6)
    told = [orjson.loads(request.body)["status"] for request in desk.answered]
    assert told == ["firing", "resolved"]


@pytest.mark.parametrize("state", ["firing", "resolved"])
async def test_our_webhook_has_the_fields_and_types_of_alertmanagers_own(tmp_path: Path, state: str) -> None:
    alert = now_alert()
    resolved = now_alert(state="resolved", revision=2).model_copy(update={"starts_at": alert.starts_at})
    async with Hostile() as desk:
        async with alertmanager(tmp_path, desk.url) as address:
            await send(address, [alert], deliver="alertmanager")
            await desk.until(lambda server: len(server.answered) == 1)
            if state == "resolved":
                await send(address, [resolved], deliver="alertmanager")
                await desk.until(lambda server: len(server.answered) == 2)
        theirs = orjson.loads(desk.answered[-1].body)
        await send(desk.url, [alert if state == "firing" else resolved])
        ours = orjson.loads(desk.answered[-1].body)
    assert skeleton(ours) == skeleton(theirs)
    assert list(ours) == list(theirs)
    assert (ours["version"], ours["status"]) == (theirs["version"], theirs["status"])
    mine, other = ours["alerts"][0], theirs["alerts"][0]
    assert mine["labels"] == other["labels"]
    assert mine["annotations"] == other["annotations"]
    assert mine["startsAt"] == other["startsAt"]
    if state == "firing":
        assert mine["endsAt"] == "0001-01-01T00:00:00Z"
    assert mine["generatorURL"] == other["generatorURL"]
