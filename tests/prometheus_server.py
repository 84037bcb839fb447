"""A real Prometheus that scrapes the services of a test once a second, with the configuration and rules that are shipped."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tocsin.embedded.broker import free_port

SHIPPED = Path(__file__).parents[1] / "deploy" / "prometheus"
PATIENCE = 60.0


@dataclass
class Prometheus:
    """Asks a running Prometheus."""

    url: str

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that an expression gives now, without those that are no number. Raises when it does not parse."""
        url = f"{self.url}/api/v1/query"
        async with aiohttp.ClientSession() as web, web.get(url, params={"query": expression}) as reply:
            told = await reply.json()
        assert told["status"] == "success", f"{expression}: {told}"
        return [series for series in told["data"]["result"] if series["value"][1] != "NaN"]

    async def without_answer(self, expressions: Mapping[str, str]) -> list[str]:
        """The names of the expressions that give no series, though they were asked again and again for a minute."""
        left = dict(expressions)
        try:
            async with asyncio.timeout(PATIENCE):
                while left:
                    left = {name: asked for name, asked in left.items() if not await self.query(asked)}
                    await asyncio.sleep(0.5 if left else 0)
        except TimeoutError:
            pass
        return sorted(left)

    async def rules(self) -> list[dict[str, Any]]:
        """The alerting rules, with whether they could be evaluated."""
        async with aiohttp.ClientSession() as web, web.get(f"{self.url}/api/v1/rules") as reply:
            told = await reply.json()
        return [rule for group in told["data"]["groups"] for rule in group["rules"]]


@asynccontextmanager
async def prometheus(ports: Mapping[str, int], folder: Path) -> AsyncIterator[Prometheus]:
    """A Prometheus with the shipped configuration, whose targets are the services at `ports`."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no prometheus here: apt-get install prometheus")
    await asyncio.to_thread(folder.mkdir)
    config = yaml.safe_load((SHIPPED / "prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for group in config["scrape_configs"][0]["static_configs"]:
        group["targets"] = [f"127.0.0.1:{ports[target.partition(':')[0]]}" for target in group["targets"]]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    shutil.copy(SHIPPED / "tocsin.rules.yml", folder)
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", stdout=log, stderr=log, env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
    try:
        await _ready(f"http://127.0.0.1:{port}", process, folder / "log")
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as web:
        while True:
            assert process.returncode is None, await asyncio.to_thread(log.read_text)
            try:
                async with web.get(f"{url}/-/ready") as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
