"""Where what the web sent is taken apart: a process of its own, with a time limit and a memory limit.

Pages and feeds are hostile input, and the libraries that read them are large. What takes too long, or too much memory,
or crashes them, costs one child process, and is a refusal like any other.

    workshop = Workshop()
    page = await workshop.page(body, url)
    feed = await workshop.feed(body, content_type, url)
    await workshop.close()
"""

from __future__ import annotations

import asyncio
import pickle
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Final

from .feeds import Feed, read_feed
from .page import Page, read_page
from .refusal import Refusal

SECONDS: Final = 20.0
"""A page takes 5-100 ms, the largest that is let in some 5 s."""
START_SECONDS: Final = 60.0
MEMORY_BYTES: Final = 2_000_000_000
"""Address space of the child: three times what the largest page that is let in needs."""

_WORK: Final[dict[str, Callable[..., Any]]] = {"page": read_page, "feed": read_feed}


class Workshop:
    """One child process, started when it is first needed and again, at once, after it had to be ended."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._child: ForkServerProcess | None = None
        self._line: Connection | None = None

    async def page(self, html: bytes, url: str | None) -> Page:
        """See `page.read_page`. Raises Refusal."""
        return await self._do("page", "html", html, url)

    async def feed(self, body: bytes, content_type: str, url: str) -> Feed:
        """See `feeds.read_feed`. Raises Refusal."""
        return await self._do("feed", "feed", body, content_type, url)

    async def close(self) -> None:
        """Ends the child."""
        async with self._turn:
            await asyncio.to_thread(self._end)

    async def _do(self, work: str, field: str, *given: Any) -> Any:
        async with self._turn:
            answer = await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(self._exchange, work, given)))
        if answer is None:
            raise Refusal("too_large", f"took more than {self._seconds:.0f} s or too much memory to read", field)
        kind, value = answer
        if kind == "refused":
            raise Refusal(*value)
        return value

    def _exchange(self, work: str, given: tuple[Any, ...]) -> tuple[str, Any] | None:
        """Sends work to the child; its answer, or None when it had to be ended. Runs in a thread, one at a time."""
        line = self._line or self._start()
        try:
            line.send_bytes(pickle.dumps((work, given)))
            if line.poll(self._seconds):
                return pickle.loads(line.recv_bytes())  # noqa: S301 - from our own child
        except (EOFError, OSError):
            pass
        self._end()
        return None

    def _start(self) -> Connection:
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])  # the libraries are loaded once, not for each child
        self._line, theirs = context.Pipe()
        self._child = context.Process(target=_work, args=(theirs,), name="tocsin-workshop", daemon=True)
        self._child.start()
        theirs.close()
        if self._line.poll(START_SECONDS):
            self._line.recv_bytes()
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._child = None


def _work(line: Connection) -> None:
    """The child: takes work until the line is closed, also by the death of the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    line.send_bytes(b"ready")
    with suppress(EOFError, OSError):
        while True:
            work, given = pickle.loads(line.recv_bytes())  # noqa: S301 - from our own parent
            line.send_bytes(pickle.dumps(_answer(work, given)))


def _answer(work: str, given: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "done", _WORK[work](*given)
    except Refusal as refusal:
        return "refused", (refusal.kind, refusal.detail, refusal.field)
    except MemoryError:
        return "refused", ("too_large", "needs too much memory to read", work)
    except Exception as fault:  # a library stumbled over its input
        return "refused", ("malformed", f"cannot be read ({type(fault).__name__}: {str(fault)[:200]})", work)
