"""An extractor as a service: articles in, events out, the reading in a worker process.

The event loop only moves records: heartbeats, commits and health go on while an article is read. A few articles are on
their way to the worker at once, so that it never waits; more would only lie in memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from tocsin_schemas import Article
from tocsin_schemas.topics import ARTICLES, Topic

from . import metrics
from .errors import SettingsError
from .exit import die
from .records import Output, Record
from .runtime import Service
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

IN_HAND: Final = 4
"""Articles handed to the worker at once."""
READ_AHEAD: Final = 64
"""Articles that lie ready: they are large records."""


class Told(Protocol):
    """What reading an article gave (`tocsin.reading.revisions.Told`): its events, and how it went."""

    @property
    def events(self) -> Sequence[Any]:
        """The events, in document order."""
        ...

    @property
    def sentences(self) -> int:
        """Sentences of the article."""
        ...

    @property
    def parsed(self) -> int:
        """Those of them that were worth a parse."""
        ...

    @property
    def refused(self) -> Mapping[str, int]:
        """Frames that fitted and gave no event, by reason."""
        ...

    @property
    def unread(self) -> Mapping[str, int]:
        """Characters of an overlong article that were not read, by part: text or title."""
        ...


class Worker:
    """One process that does `read`. `warm_up` is called in it first; a worker that dies ends this process, too."""

    def __init__(self, warm_up: Callable[[], object], read: Callable[[Any], Any]) -> None:
        self._warm_up = warm_up
        self._read = read
        self._pool: ProcessPoolExecutor | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The worker, warm, for as long as the context lasts."""
        self._pool = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(self._warm_up, os.getpid())
        )
        try:
            await self._run(_nothing)
            yield
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, item: Any) -> Any:
        """`read(item)`, in the worker. Raises what it raises."""
        return await self._run(self._read, item)

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        assert self._pool is not None, "the worker is not running"
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        except BrokenProcessPool as error:
            die(f"the reading process died: {error}")


def build_extractor(
    name: str,
    settings: Settings,
    topic: Topic,
    *,
    problem: Callable[[], str],
    warm_up: Callable[[], object],
    read: Callable[[Article], Told],
) -> Service:
    """The service `name` that reads every article with `read` and writes its events to `topic`.

    Raises SettingsError with what `problem` says, when it says something.
    """
    if wrong := problem():
        raise SettingsError(wrong)
    worker = Worker(warm_up, read)
    service = Service(name, settings, concurrency=IN_HAND, read_ahead=READ_AHEAD)

    async def handle(record: Record[Article]) -> list[Output]:
        article = record.value
        if article is None:
            return []
        began = time.perf_counter()
        told: Told = await worker(article)
        metrics.READ_SECONDS.observe(time.perf_counter() - began)
        metrics.ARTICLES_READ.labels(article.status).inc()
        _count(told)
        return [Output(topic, event) for event in told.events]

    service.use(worker.running())
    service.stream(ARTICLES, handle)
    service.writes(topic)
    return service


def _count(told: Told) -> None:
    metrics.SENTENCES_READ.labels("true").inc(told.parsed)
    metrics.SENTENCES_READ.labels("false").inc(told.sentences - told.parsed)
    for part in told.unread:
        metrics.ARTICLES_CUT.labels(part).inc()
    for reason, times in told.refused.items():
        metrics.FRAMES_REFUSED.labels(reason).inc(times)
    for event in told.events:
        metrics.EVENTS.labels(event.type, event.modality, str(event.retracted).lower()).inc()
        for what in unresolved(event):
            metrics.EVENTS_UNRESOLVED.labels(event.type, what).inc()


def unresolved(event: Any) -> list[str]:
    """What of an event stayed without an id: its place, its parties (participants as one), its speaker."""
    found = [
        name
        for name in ("place", "captor", "surrendering", "recipient", "speaker")
        if (value := getattr(event, name, None)) is not None and value.id is None
    ]
    if any(actor.id is None for actor in getattr(event, "participants", ())):
        found.append("participant")
    if event.type == "statement" and event.speaker is None:
        found.append("speaker")
    return found


def _begin(warm_up: Callable[[], object], parent: int) -> None:
    """In the worker: signals are the parent's business; without it, end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with(parent)
    warm_up()


def _die_with(parent: int) -> None:
    """Linux: have the kernel end this process when its parent ends, however it ends."""
    import ctypes

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(0)


def _nothing() -> None:
    """Done when the worker is warm."""
