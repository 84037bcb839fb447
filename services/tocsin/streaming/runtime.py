"""`Service`: one process that reads topics, keeps tables, writes topics. The package's docstring has its rules."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from importlib.metadata import version
from typing import Any, Final, NoReturn, TypeVar, cast

import orjson
from aiohttp import web
from faust.types import TP
from prometheus_client import REGISTRY

from tocsin_schemas.topics import PARTITIONS, Topic

from . import logs, metrics
from .errors import EXIT_FATAL, EXIT_SETTINGS, FatalError, SettingsError, StreamingError
from .exit import die, or_die
from .hardening import App, ByteTable, Consumer, Producer
from .health import DEFAULT_PORTS, HealthServer, Verdict
from .pipeline import Handler, Pipeline, Source, Tick
from .progress import MOVING, LagCollector, Progress
from .settings import Settings, load_settings
from .tables import Table
from .topics import TABLES, changelog_name, dlq_name, group_name, topic_name, wait_for_topics
from .watchdog import LoopGuard, Pulse, StallClock

V = TypeVar("V")

WATCH_SECONDS: Final = 1.0
SESSION_SECONDS: Final = 30.0
READ_AHEAD: Final = 4_096
"""Records that lie ready for the handler."""

log = logs.get_logger()


class Service:
    """One service. Declare streams, tables and timers, then `run()`.

    `concurrency` records are handled at once (more than one: no tables, no timers). `read_ahead` records at most lie
    in memory before they are handled; fewer for topics of large records.
    """

    def __init__(self, name: str, settings: Settings, concurrency: int = 1, read_ahead: int = READ_AHEAD) -> None:
        self.name = name
        self.settings = settings
        self._concurrency = concurrency
        self._read_ahead = read_ahead
        self._sources: dict[str, Source] = {}
        self._outputs: list[Topic] = []
        self._tables: list[Table[Any]] = []
        self._timers: list[tuple[float, Tick]] = []
        self._resources: list[AbstractAsyncContextManager[Any]] = []
        self._routes: list[web.RouteDef] = []
        self._state = "starting"
        self._stall = Verdict(True, "starting")
        self._pulse: Pulse | None = None
        self._app: App | None = None
        self._settling: str | None = None

    # --- declarations ------------------------------------------------------------------------------------------------

    def stream(self, topic: Topic, handler: Handler) -> None:
        """Call `handler` with every record of `topic`, in the order of each partition."""
        self._sources[topic_name(topic, self.settings)] = Source(topic, handler)

    def table(
        self,
        name: str,
        dump: Callable[[V], bytes] = orjson.dumps,
        load: Callable[[bytes], V] = orjson.loads,
    ) -> Table[V]:
        """A table for handlers and timers. Raises ValueError when `topics.TABLES` does not list it."""
        if name not in TABLES.get(self.name, ()):
            raise ValueError(f"table {name!r} of {self.name} is not in tocsin.streaming.topics.TABLES: add it there")
        table: Table[V] = Table(name, dump, load)
        self._tables.append(table)
        return table

    def writes(self, *topics: Topic) -> None:
        """Name the topics of the outputs, so that the service waits at its start until they exist."""
        self._outputs.extend(topics)

    def timer(self, seconds: float, tick: Tick) -> None:
        """Call `tick` with the time (UTC) every so many seconds for each partition of this process."""
        self._timers.append((seconds, tick))

    def use(self, resource: AbstractAsyncContextManager[Any]) -> None:
        """Enter `resource` before the first record is read, leave it after the last one is finished."""
        self._resources.append(resource)

    def routes(self, *routes: web.RouteDef) -> None:
        """Answer these HTTP routes beside /metrics, /livez and /readyz."""
        self._routes.extend(routes)

    def ready(self) -> Verdict:
        """What /readyz says, for routes that answer from tables."""
        return self._ready()

    # --- running -----------------------------------------------------------------------------------------------------

    def run(self) -> NoReturn:
        """Run until SIGTERM or SIGINT, then exit with status 0; with 70 (EXIT_FATAL) when it cannot go on.

        Without a broker, or before its topics exist, the service waits: /livez says yes, /readyz no and why, and a
        line in the log says it again every few seconds.
        """
        logs.configure(self.name, self.settings.log_level)
        self._check()
        try:
            asyncio.run(self._main())
        except StreamingError as error:
            log.critical(str(error))
            sys.exit(EXIT_FATAL)
        sys.exit(0)

    def _check(self) -> None:
        stateful = bool(self._tables or self._timers)
        if stateful and self._concurrency != 1:
            raise ValueError("tables and timers need concurrency 1")
        compacted = [s.topic.name for s in self._sources.values() if "compact" in s.topic.cleanup]
        if self._tables and compacted:
            raise ValueError(f"tables need sources without compaction, which {', '.join(compacted)} has")

    async def _main(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        metrics.BUILD.info({"service": self.name, "version": version("tocsin"), "instance": self.settings.instance})
        port = self.settings.http.port or DEFAULT_PORTS.get(self.name, 0)
        health = HealthServer(self.settings.http.host, port, self._live, self._ready, self._routes)
        async with AsyncExitStack() as stack:
            await health.start()
            stack.push_async_callback(health.stop)
            stack.enter_context(running(LoopGuard(self.settings.stall_seconds).run()))
            log.info("answering", host=self.settings.http.host, port=health.port)
            serving = asyncio.create_task(self._serve(stack))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
            await self._stop(serving)

    async def _stop(self, serving: asyncio.Task[None]) -> None:
        """Finish what is in hand and commit it, but not for longer than `stop_seconds`."""
        log.info("stopping", state=self._state)
        self._state = "stopping"
        deadline = asyncio.get_running_loop().call_later(
            self.settings.stop_seconds, die, f"work in hand was not finished within {self.settings.stop_seconds:g} s"
        )
        if self._app is None:
            serving.cancel()
        else:
            await self._app.stop()
        await asyncio.wait({serving})
        deadline.cancel()
        log.info("stopped")

    async def _serve(self, stack: AsyncExitStack) -> None:
        """Everything from the resources to the running app; returns when the app has been stopped."""
        self._state = "loading"
        for resource in self._resources:
            await stack.enter_async_context(resource)
        self._state = "waiting for Kafka"
        self._check_partitions(await wait_for_topics(self._topics_needed(), self.settings, self._waiting))
        self._state = "joining the consumer group"
        app, pipeline, progress = self._build()
        stack.enter_context(_registered(LagCollector(app, progress, self._tables, self.settings.kafka.topic_prefix)))
        self._app = app
        self._pulse = Pulse(cast(Producer, app.producer).probe, self.settings.kafka.bootstrap)
        stack.enter_context(running(self._pulse.run()))
        stack.enter_context(running(self._watch(progress, pipeline, self._pulse)))
        try:
            await app.start()
            for seconds, tick in self._timers:
                stack.enter_context(running(_run_timer(seconds, tick, pipeline, progress)))
            self._state = "running"
            await app.wait_until_stopped()
        except Exception as error:
            log.exception("the service cannot run")
            die(f"{type(error).__name__}: {error}")
        if app.crashed:
            die(f"Faust crashed: {app.crash_reason!r}")

    def _waiting(self, reason: str) -> None:
        self._state = reason
        log.warning("waiting", reason=reason)

    def _topics_needed(self) -> list[str]:
        """All topics on the broker that must be there before the start."""
        topics = [source.topic for source in self._sources.values()]
        return [
            *self._sources,
            *(dlq_name(topic, self.name, self.settings) for topic in topics),
            *(topic_name(topic, self.settings) for topic in self._outputs),
            *(changelog_name(self.name, table.name, self.settings) for table in self._tables),
        ]

    def _check_partitions(self, partitions: Mapping[str, int]) -> None:
        """A table's key must lie on the partition of the same number in all of its topics."""
        names = [*self._sources, *(changelog_name(self.name, table.name, self.settings) for table in self._tables)]
        counts = {name: partitions[name] for name in names}
        if self._tables and len(set(counts.values())) > 1:
            told = ", ".join(f"{name} {count}" for name, count in counts.items())
            raise FatalError(f"these topics need equal numbers of partitions to share tables: {told}")

    def _build(self) -> tuple[App, Pipeline, Progress]:
        app = new_app(self.name, self.settings, self._read_ahead)
        for table in self._tables:
            changelog = changelog_name(self.name, table.name, self.settings)
            store = app.keep(ByteTable(app, table.name, PARTITIONS))
            table.attach(store, changelog)
        pipeline = Pipeline(app, self.name, self._sources, self._tables, self._concurrency)
        compacted = frozenset(name for name, source in self._sources.items() if "compact" in source.topic.cleanup)
        progress = Progress(app, compacted, pipeline.in_hand)
        channel = app.topic(
            *self._sources,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )

        async def read(stream: Any) -> None:
            await pipeline.run(stream.channel.queue)

        async def drain(*_: Any, **__: Any) -> None:
            await pipeline.drained()

        async def moved(*_: Any, **__: Any) -> None:
            await pipeline.drained()
            pipeline.forget_offsets()
            cast(Consumer, app.consumer).forget_back_pressure()

        app.agent(channel, name="reader", concurrency=1)(read)
        app.on_partitions_revoked.connect(moved)
        app.on_before_shutdown.connect(drain)
        return app, pipeline, progress

    # --- health ------------------------------------------------------------------------------------------------------

    async def _watch(self, progress: Progress, pipeline: Pipeline, pulse: Pulse) -> None:
        """Ends the process when it makes no progress although it could."""
        clock, limit = StallClock(), self.settings.stall_seconds
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            held_up = pulse.away or pipeline.retrying
            what, age = clock.look({} if held_up else progress.marks())
            if age > limit and not await progress.is_stalled(what):
                clock.restart(what)
                age = 0.0
            told = what if isinstance(what, str) else f"{what.topic}/{what.partition}" if isinstance(what, TP) else ""
            self._stall = Verdict(
                age <= limit, f"{told} has not moved for {age:.0f} s" if age > limit / 3 else "running"
            )
            if age > limit:
                die(f"no progress: {self._stall.reason}")
            self._settling = progress.recovering()
            metrics.READY.set(self._ready().ok)

    def _live(self) -> Verdict:
        return self._stall

    def _ready(self) -> Verdict:
        if self._state != "running":
            return Verdict(False, self._state)
        if self._pulse is not None and self._pulse.away:
            return Verdict(
                False, f"Kafka at {self.settings.kafka.bootstrap} has not answered for {self._pulse.away:.0f} s"
            )
        if self._app is not None and not self._app.settled.is_set():
            return Verdict(False, self._settling or MOVING)
        return Verdict(True, "running")


def start(build: Callable[[Settings], Service]) -> NoReturn:
    """What a service's `main` calls: read the settings, build the service, run it.

    Wrong settings are told in a line on stderr, not in a stack trace; the exit status is 78 (EXIT_SETTINGS) then.
    """
    try:
        service = build(load_settings())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_SETTINGS)
    service.run()


def new_app(service: str, settings: Settings, read_ahead: int) -> App:
    """A Faust app with the settings that were measured (STREAMING.md)."""
    return App(
        group_name(service, settings),
        tocsin=settings,
        broker=";".join(f"kafka://{server}" for server in settings.bootstrap_servers),
        datadir=settings.state_dir / "tables" / f"{group_name(service, settings)}-{settings.instance}",
        store="memory://",
        web_enabled=False,
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        # A restart keeps its partitions, and begins in 2 s instead of after the session's timeout.
        consumer_group_instance_id=settings.instance,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=3.0,
        broker_request_timeout=60.0,
        producer_request_timeout=60.0,
        broker_commit_interval=1.0,
        broker_max_poll_records=min(2_000, read_ahead),
        stream_buffer_maxsize=read_ahead,
        table_cleanup_interval=30.0,
    )


async def _run_timer(seconds: float, tick: Tick, pipeline: Pipeline, progress: Progress) -> None:
    while True:
        await asyncio.sleep(seconds)
        for partition in sorted({tp.partition for tp in progress.sources()}):
            await pipeline.tick(tick, partition)


@contextmanager
def running(work: Coroutine[Any, Any, None]) -> Iterator[None]:
    """`work` runs beside the context; what it raises ends the process."""
    task = asyncio.create_task(or_die(work))
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def _registered(collector: LagCollector) -> Iterator[None]:
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
