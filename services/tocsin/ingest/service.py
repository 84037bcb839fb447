"""The ingest service: `python -m tocsin.ingest.service`."""

from __future__ import annotations

import asyncio
import fcntl
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop
from aiohttp import web

from tocsin.streaming import logs, metrics
from tocsin.streaming.errors import EXIT_FATAL, EXIT_SETTINGS, FatalError, SettingsError
from tocsin.streaming.health import DEFAULT_PORTS, Verdict, routes
from tocsin.streaming.settings import Settings, load, load_settings
from tocsin.streaming.topics import create_topics

from .api import Door, Limits
from .articles import ArticleTopic
from .dead_letter import DeadLetterBox
from .desk import Desk
from .keys import KeyFile
from .limits import RateLimit
from .normalize import Normalizer
from .poller import Poller
from .polling import open_poller
from .publishers import Publishers, default_publishers
from .settings import IngestSettings
from .sources import read_sources
from .spool import Spool, SpoolDamaged

log = logs.get_logger()


@contextmanager
def _own_folder(settings: Settings) -> Iterator[Path]:
    """The state folder of this instance, for this process alone. Raises FatalError when another has it."""
    folder = settings.state_dir / f"ingest-{settings.instance}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FatalError(
                f"another ingest service uses {folder}: stop it, or give this one its own TOCSIN_INSTANCE"
            ) from None
        yield folder


class Service:
    """The parts of the service, made of its settings. Raises SettingsError and FatalError."""

    def __init__(self, settings: Settings, own: IngestSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        try:
            keys = KeyFile(own.keys) if own.keys is not None else None
            publishers = Publishers.load(own.publishers) if own.publishers is not None else default_publishers()
            self._sources = read_sources(own.sources) if own.sources is not None else ()
        except ValueError as problem:
            raise SettingsError(str(problem)) from None
        try:
            spool = Spool(folder / "spool", own.spool_bytes) if own.spool_bytes else None
        except (SpoolDamaged, OSError) as problem:
            raise FatalError(f"the spool cannot be used: {problem}") from None
        self.desk = Desk(
            self._connect,
            spool,
            DeadLetterBox(settings).put,
            send_timeout=own.send_seconds,
            max_waiting=own.max_waiting,
        )
        self._own = own
        self._normalizer = Normalizer(publishers, own.rules)
        self._poller: Poller | None = None
        door = Door(
            self.desk,
            self._normalizer,
            keys=keys,
            rate=RateLimit(own.rate, own.burst),
            limits=Limits(own.max_body_bytes, own.max_batch),
        )
        self._app = door.application()
        self._app.add_routes([*routes(self._live, self._ready), web.get("/sources", self._show_sources)])
        metrics.INGEST_SPOOL_ARTICLES.set_function(lambda: self.desk.spooled)
        metrics.INGEST_SPOOL_BYTES.set_function(lambda: self.desk.spool_bytes)
        metrics.INGEST_KNOWN.set_function(lambda: self.desk.known)
        metrics.KAFKA_UP.set_function(lambda: self.desk.state == "live")
        metrics.READY.set_function(lambda: self._ready().ok)
        self._stopping = False
        self._working: asyncio.Task[None] | None = None
        if keys is None:
            log.warning("no keys are set, so nobody can post: give TOCSIN_INGEST__KEYS a keys file")

    async def serve(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set. Raises FatalError when it cannot go on."""
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=self._settings.stop_seconds)
        await runner.setup()
        self._working = asyncio.create_task(self.desk.run())
        polling = asyncio.create_task(self._poll())
        stopped = asyncio.create_task(stop.wait())
        try:
            await self._listen(runner)
            await asyncio.wait([self._working, polling, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task, what in ((self._working, "taking articles"), (polling, "polling")):
                if task.done():
                    raise FatalError(f"{what} ended: {task.exception()!r}")
        finally:
            self._stopping = True
            stopped.cancel()
            await _ended(polling)
            await runner.cleanup()  # requests in hand are answered first
            await self.desk.drain(self._settings.stop_seconds)
            await _ended(self._working)
            log.info("ingest stopped", spool=self.desk.spooled)

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._settings.http.host, self._settings.http.port or DEFAULT_PORTS["ingest"]
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as problem:
            raise FatalError(f"cannot listen on {host}:{port}: {problem.strerror}") from None
        log.info("ingest serves", host=host, port=port, sources=len(self._sources))

    async def _poll(self) -> None:
        if not self._sources:
            await asyncio.Event().wait()
        self._poller = open_poller(self._sources, self._own, self._folder, self.desk.take, self._normalizer)
        try:
            await self._poller.run()
        finally:
            await self._poller.close()

    async def _show_sources(self, _: web.Request) -> web.Response:
        """How the sources fare, without their addresses."""
        return web.json_response({"sources": self._poller.health() if self._poller is not None else []})

    async def _connect(self) -> ArticleTopic:
        await create_topics(self._settings)
        topic = ArticleTopic(self._settings, self._folder / "seen.sqlite", mend=True)
        await topic.start()
        return topic

    def _live(self) -> Verdict:
        if self._working is not None and self._working.done():
            return Verdict(False, "taking articles has ended")
        return Verdict(True, self.desk.reason)

    def _ready(self) -> Verdict:
        if self._stopping:
            return Verdict(False, "stopping")
        spooled = f"{self.desk.spooled:,} articles in the spool"
        return Verdict(self.desk.takes, f"{self.desk.state}: {self.desk.reason}; {spooled}")


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end; what it raised was seen before."""
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


async def run(settings: Settings, own: IngestSettings) -> None:
    """The service until SIGTERM or SIGINT. Raises SettingsError and FatalError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with _own_folder(settings) as folder:
        await Service(settings, own, folder).serve(stop)


def main() -> None:
    """Runs the service; the exit status says what to do (`tocsin.streaming.errors`)."""
    try:
        settings, own = load_settings(), load(IngestSettings)
    except SettingsError as problem:
        sys.stderr.write(f"tocsin ingest: {problem}\n")
        sys.exit(EXIT_SETTINGS)
    logs.configure("ingest", settings.log_level)
    try:
        uvloop.run(run(settings, own))
    except SettingsError as problem:
        log.error("ingest cannot start", problem=str(problem))
        sys.exit(EXIT_SETTINGS)
    except FatalError as problem:
        log.error("ingest cannot go on", problem=str(problem))
        sys.exit(EXIT_FATAL)


if __name__ == "__main__":
    main()
