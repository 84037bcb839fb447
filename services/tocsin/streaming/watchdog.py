"""Is there progress? What /livez and /readyz tell, and what ends a process that only looks alive.

Three watches, for three ways of standing still:

- `StallClock`: records wait, but the committed offset of a partition does not move; or partitions are being moved and
  tables recovered without progress. The process ends.
- `LoopGuard`: the event loop is blocked. A thread sees that and ends the process; heartbeats, which Faust's consumer
  sends from a thread of its own, would keep the partitions here for ever.
- `Pulse`: the broker does not answer. No reason to end: said in the log, in /readyz and as a metric, and while it
  lasts the stall clock stands still.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Final

from . import metrics
from .exit import die
from .logs import get_logger

PULSE_SECONDS: Final = 5.0
PULSE_TIMEOUT: Final = 4.0
BEAT_SECONDS: Final = 0.25

log = get_logger()


class StallClock:
    """How long each of several things has shown the same mark."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, tuple[object, float]] = {}

    def look(self, marks: Mapping[Hashable, object]) -> tuple[Hashable | None, float]:
        """What has stood still longest, and for how many seconds. `marks` has all that should move now."""
        now = self._clock()
        seen = {}
        for what, mark in marks.items():
            before = self._seen.get(what)
            seen[what] = before if before is not None and before[0] == mark else (mark, now)
        self._seen = seen
        if not seen:
            return None, 0.0
        what = min(seen, key=lambda name: seen[name][1])
        return what, now - seen[what][1]

    def restart(self, what: Hashable) -> None:
        """Count `what` from now on: it had reason to stand."""
        self._seen.pop(what, None)


class Pulse:
    """Asks the broker every few seconds whether it is there."""

    def __init__(self, ask: Callable[[], Awaitable[None]], where: str) -> None:
        self._ask = ask
        self._where = where
        self._away_since: float | None = None

    @property
    def away(self) -> float:
        """Seconds since the broker last answered, 0 when it does."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since

    async def run(self) -> None:
        """Ask until cancelled; one log line when the broker goes and one when it is back."""
        while True:
            asked = time.monotonic()
            try:
                await asyncio.wait_for(self._ask(), PULSE_TIMEOUT)
            except Exception as error:
                if self._away_since is None:
                    self._away_since = asked
                    log.error("Kafka does not answer; waiting", kafka=self._where, error=repr(error))
            else:
                if self._away_since is not None:
                    log.info("Kafka answers again", kafka=self._where, away=round(self.away, 1))
                self._away_since = None
            metrics.KAFKA_UP.set(self._away_since is None)
            await asyncio.sleep(PULSE_SECONDS)


class LoopGuard:
    """Measures how late the event loop wakes a sleeper, and ends the process when it does not at all."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._beat = time.monotonic()
        self._done = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        threading.Thread(target=self._watch, name="loop-guard", daemon=True).start()
        try:
            while True:
                self._beat = time.monotonic()
                await asyncio.sleep(BEAT_SECONDS)
                metrics.LOOP_DELAY_SECONDS.observe(max(0.0, time.monotonic() - self._beat - BEAT_SECONDS))
        finally:
            self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(self._limit / 10):
            if time.monotonic() - self._beat > self._limit:
                die(f"the event loop has been blocked for {self._limit:.0f} s")
