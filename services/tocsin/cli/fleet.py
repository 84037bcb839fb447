"""All services on one machine, each in a process of its own: started, watched, started again, stopped together.

    async with Fleet(services, environment, logs) as fleet:
        await fleet.ready(within=60)

A service that ends is started again after a pause that grows from half a second to ten; one whose settings are wrong, or that
ends with exit code 1 or 2 five times in a row, ends the fleet with the last lines of its log.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import aiohttp

from .services import Service

PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before a service is started again, by how often it ended in a row."""
STEADY: Final = 30.0
"""Seconds that a service has to run for its earlier ends to be forgotten."""
GRACE: Final = 25.0
"""Seconds between SIGTERM and SIGKILL: more than a service's own `stop_seconds`."""
GIVE_UP: Final = 5
WRONG_SETTINGS: Final = 78
"""Exit code of a service whose settings are wrong (EX_CONFIG): starting it again does not help."""


class FleetError(Exception):
    """A service cannot be kept running; the message names it and shows the end of its log."""


class Fleet:
    """The running services. `environment` is given to all; `ports` may move a service's HTTP port."""

    def __init__(
        self,
        services: Sequence[Service],
        environment: dict[str, str],
        logs: Path,
        ports: dict[str, int] | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.services = tuple(services)
        self.ports = {service.name: service.port for service in services} | (ports or {})
        self.failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._environment = environment
        self._logs = logs
        self._report = report
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False

    async def __aenter__(self) -> Fleet:
        self._logs.mkdir(parents=True, exist_ok=True)
        for service in self.services:
            await self._start(service)
            self._keepers.append(asyncio.create_task(self._keep(service), name=f"keep {service.name}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def pid(self, name: str) -> int:
        """The process id of a service, while it runs."""
        return self._processes[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL one service; it is started again."""
        self._processes[name].kill()

    def log(self, name: str) -> Path:
        """The file that holds a service's log lines."""
        return self._logs / f"{name}.log"

    async def ready(self, within: float) -> None:
        """Wait until every service answers 200 on /readyz. Raises FleetError naming those that do not in time."""
        pending = {service.name for service in self.services}
        deadline = time.monotonic() + within
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while pending:
                if self.failed.done():
                    raise FleetError(self.failed.result())
                for name in sorted(pending):
                    if await _answers(session, self.ports[name]):
                        pending.discard(name)
                        self._report(f"{name} is ready")
                if pending and time.monotonic() > deadline:
                    raise FleetError(f"not ready after {within:.0f} s: {', '.join(sorted(pending))}; see {self._logs}")
                if pending:
                    await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """SIGTERM to all, SIGKILL after GRACE seconds to those that remain."""
        self._stopping = True
        running = [process for process in self._processes.values() if process.returncode is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in running]
        if waits:
            _, late = await asyncio.wait(waits, timeout=GRACE)
            for process in running:
                if process.returncode is None:
                    process.kill()
            if late:
                await asyncio.wait(late)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _start(self, service: Service) -> None:
        environment = {**self._environment, "TOCSIN_HTTP__PORT": str(self.ports[service.name])}
        with self.log(service.name).open("ab") as log:
            self._processes[service.name] = await asyncio.create_subprocess_exec(
                sys.executable, *service.command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    async def _keep(self, service: Service) -> None:
        ends = 0
        while True:
            began = time.monotonic()
            code = await self._processes[service.name].wait()
            if self._stopping:
                return
            ends = 1 if time.monotonic() - began > STEADY else ends + 1
            if (code == WRONG_SETTINGS or (ends >= GIVE_UP and code in (1, 2))) and not self.failed.done():
                self.failed.set_result(
                    f"{service.name} ends again and again (exit code {code}):\n{self._tail(service.name)}"
                )
                return
            pause = PAUSES[min(ends, len(PAUSES)) - 1]
            self._report(f"{service.name} ended ({_how(code)}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            await self._start(service)

    def _tail(self, name: str) -> str:
        lines = self.log(name).read_text("utf-8", "replace").splitlines()
        return "\n".join(f"  {line[:300]}" for line in lines[-5:])


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


async def _answers(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def environment_for(bootstrap: str, state_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a fleet's services: this process's, with broker and state folder set, one thread for BLAS."""
    return {
        **os.environ,
        "TOCSIN_KAFKA__BOOTSTRAP": bootstrap,
        "TOCSIN_STATE_DIR": str(state_dir),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }
