"""The parts of polling, put together from the service's settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from random import Random

from aiohttp.abc import AbstractResolver

from .fetch import PAUSE, Fetcher
from .journal import Journal
from .normalize import Normalizer
from .poller import Poller, Take
from .reading_items import ItemReader, utc_now
from .robots import RobotsKeeper
from .settings import IngestSettings
from .sources import Source
from .workshop import Workshop


def user_agent(contact: str) -> str:
    """How polling names itself to the sites it asks."""
    return f"Tocsin/{version('tocsin')}" + (f" (+{contact})" if contact else "")


def open_poller(
    sources: Sequence[Source],
    own: IngestSettings,
    folder: Path | None,
    take: Take,
    normalizer: Normalizer,
    *,
    pause: float = PAUSE,
    clock: Callable[[], datetime] = utc_now,
    resolver: AbstractResolver | None = None,
) -> Poller:
    """A poller of `sources`, to be made inside a running event loop and closed after use.

    Its memory is in `folder`, or goes with it when that is None. `pause` is in seconds, between requests to one host.
    """
    fetcher = Fetcher(user_agent(own.contact), own.allow_hosts, pause=pause, resolver=resolver)
    robots, workshop = RobotsKeeper(fetcher.get), Workshop()
    return Poller(
        sources,
        Journal(folder / "polling.sqlite" if folder is not None else None),
        take,
        normalizer,
        fetcher=fetcher,
        robots=robots,
        workshop=workshop,
        items=ItemReader(fetcher, robots, workshop, own.rules, clock),
        clock=clock,
        random=Random(),  # noqa: S311 - jitter, no secret
    )
