"""robots.txt (RFC 9309): which paths of a host may be fetched.

The longest matching rule counts, `allow` before `disallow` of equal length; `*` and `$` are wildcards. A host without
a robots.txt allows everything; one whose robots.txt cannot be had for a fault of the server allows nothing for now.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from .fetch import Fetched, FetchError, host_of

AGENT: Final = "tocsin"
KEPT: Final = 86_400.0
"""Seconds for which a copy is used (RFC 9309, section 2.4)."""
KEPT_AFTER_FAULT: Final = 600.0
MAX_BYTES: Final = 512_000
"""Bytes of a robots.txt that are read; section 2.5 asks for at least 500 KiB."""
MAX_RULES: Final = 2_000
LONGEST_DELAY: Final = 60.0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one agent: (allows, pattern), and the pause between requests that is asked for, in seconds."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None

    def allows(self, path: str) -> bool:
        """Whether a path with its query may be fetched."""
        found = [(len(pattern), allow) for allow, pattern in self.rules if _matches(pattern, path)]
        return max(found)[1] if found else True


NOTHING: Final = Robots(((False, "/"),))


def parse_robots(text: str, agent: str = AGENT) -> Robots:
    """The rules that hold for `agent`: those of the groups that name it, else those of `*`."""
    own: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    named, agents, in_rules = False, set[str](), False
    for key, value in _lines(text):
        if key == "user-agent":
            if in_rules:
                agents, in_rules = set(), False
            agents.add(value.lower())
            named = named or value.lower() == agent
            continue
        in_rules = True
        if agent in agents:
            own.append((key, value))
        elif "*" in agents:
            others.append((key, value))
    chosen = own if named else others
    rules = tuple((key == "allow", value) for key, value in chosen if key != "crawl-delay" and value)
    delays = [float(value) for key, value in chosen if key == "crawl-delay" and re.fullmatch(r"\d+(\.\d+)?", value)]
    return Robots(rules[:MAX_RULES], min(delays[0], LONGEST_DELAY) if delays else None)


def _lines(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        name = key.strip().lower()
        if colon and name in {"user-agent", "allow", "disallow", "crawl-delay"}:
            found.append((name, value.strip()))
    return found


def _matches(pattern: str, path: str) -> bool:
    """Whether a rule matches a path, in time linear in both: hostile patterns are full of `*`."""
    anchored = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for piece in pieces[1:]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if not anchored:
        return True
    return path == pieces[0] if len(pieces) == 1 else path.endswith(pieces[-1]) and len(path) >= at


class RobotsKeeper:
    """Fetches and keeps the rules of hosts. `get` is `Fetcher.get`."""

    def __init__(self, get: Callable[[str], Awaitable[Fetched]], clock: Callable[[], float] = monotonic) -> None:
        self._get = get
        self._clock = clock
        self._kept: dict[str, tuple[float, Robots]] = {}

    async def of(self, url: str) -> Robots:
        """The rules of the host of `url`. Raises FetchError when it is no web address or leads to a refused one."""
        parts = urlsplit(url)
        host_of(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        until, robots = self._kept.get(origin, (0.0, NOTHING))
        if self._clock() < until:
            return robots
        robots, seconds = await self._ask(origin)
        self._kept[origin] = (self._clock() + seconds, robots)
        return robots

    async def allows(self, url: str) -> bool:
        """Whether `url` may be fetched."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return (await self.of(url)).allows(path)

    async def _ask(self, origin: str) -> tuple[Robots, float]:
        try:
            found = await self._get(f"{origin}/robots.txt")
        except FetchError as failed:
            if failed.reason == "refused_address":
                raise
            if failed.status is not None and 400 <= failed.status < 500 and failed.status != 429:
                return Robots(), KEPT
            return NOTHING, KEPT_AFTER_FAULT
        return parse_robots(found.body[:MAX_BYTES].decode("utf-8", "replace")), KEPT
