"""Small services for the tests of the runtime, each run as a process: `python streaming_lab.py NAME`."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from tocsin.streaming.errors import PoisonError, TransientError
from tocsin.streaming.records import Output, Record
from tocsin.streaming.runtime import Service, start
from tocsin.streaming.settings import Settings
from tocsin_schemas import Signal
from tocsin_schemas.topics import SIGNALS

NAME = "alerting-counting"
TABLE = "groups"

ECHO = replace(SIGNALS, name="tocsin.echo.v1")
"""What the services here write to."""

WORK_SECONDS = float(os.environ.get("LAB_WORK_SECONDS", "0"))


def counting(settings: Settings) -> Service:
    """Counts the items of each key, and says so. An item that says "poison" cannot be counted."""
    service = Service(NAME, settings)
    table = service.table(TABLE)
    service.writes(ECHO)

    async def count(record: Record[Signal]) -> list[Output]:
        if record.value is None:
            table.delete(record.key)
            return []
        if WORK_SECONDS:
            await asyncio.sleep(WORK_SECONDS)
        known: list[str] = table.get(record.key) or []
        if record.value.item not in known:
            known = sorted([*known, record.value.item])
        table.set(record.key, known)
        return [Output(ECHO, record.value.model_copy(update={"value": len(known)}))]

    service.stream(SIGNALS, count)
    return service


def picky(settings: Settings) -> Service:
    """Echoes, but not everything: the item's name says what goes wrong with it."""
    service = Service(NAME, settings)
    table = service.table(TABLE)
    service.writes(ECHO)
    tries: dict[str, int] = {}

    async def echo(record: Record[Signal]) -> list[Output]:
        signal = record.value
        if signal is None:
            return [Output(ECHO, None, key=record.key)]
        tries[signal.item] = tries.get(signal.item, 0) + 1
        table.set(record.key, [*(table.get(record.key) or []), signal.item])
        if signal.item.startswith("poison"):
            raise PoisonError("it says so itself")
        if signal.item.startswith("fault"):
            raise KeyError("no such thing")
        if signal.item.startswith("later") and tries[signal.item] < 3:
            raise TransientError("not yet")
        if signal.item.startswith("broker"):
            raise ConnectionResetError("the peer is gone")
        return [Output(ECHO, signal.model_copy(update={"value": table.get(record.key)}))]

    service.stream(SIGNALS, echo)
    return service


def ticking(settings: Settings) -> Service:
    """Keeps what it reads, and says it a second later from a timer, once."""
    service = Service(NAME, settings)
    table = service.table(TABLE)

    async def keep(record: Record[Signal]) -> list[Output]:
        if record.value is not None:
            table.set(record.value.item, record.value.model_dump(mode="json"))
        return []

    async def tick(now: datetime) -> list[Output]:
        told: list[Output] = []
        for item, held in table.items():
            told.append(Output(ECHO, Signal.model_validate(held)))
            table.delete(item)
        return told

    service.stream(SIGNALS, keep)
    service.timer(0.2, tick)
    return service


def blocked(settings: Settings) -> Service:
    """Blocks its event loop on the first record."""
    import time

    service = Service(NAME, settings)

    async def block(record: Record[Any]) -> list[Output]:
        time.sleep(3600)  # noqa: ASYNC251 - a loop that is blocked is what this is for
        return []

    service.stream(SIGNALS, block)
    return service


def stuck(settings: Settings) -> Service:
    """Never finishes its first record."""
    service = Service(NAME, settings)

    async def wait(record: Record[Any]) -> list[Output]:
        await asyncio.Event().wait()
        return []

    service.stream(SIGNALS, wait)
    return service


if __name__ == "__main__":
    start(globals()[sys.argv[1]])
