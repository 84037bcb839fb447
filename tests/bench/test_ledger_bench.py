"""The ledger's cost of a report, memory of an incident and recovery, as ratios within one run.

TOCSIN_BENCH_INCIDENTS (default 100,000) is the largest ledger; 1,000,000 takes some fifteen minutes and 4 GB.
Rows are made by telling one incident and renaming it: so many are too many to tell by reports.
"""

from __future__ import annotations

import gc
import os
import random
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import pytest
from cramjam import zstd

from ledger_theatre import COUNTRY, dated, place, taken
from tocsin.cli.fleet import Fleet
from tocsin.cli.services import BY_NAME
from tocsin.embedded.broker import free_port
from tocsin.ledger.bounds import PER_CELL
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.rows import COMPRESSION, MemoryStore
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import changelog_name, create_topics
from tocsin_schemas.ids import name_id

FEW = 1_000
MANY = int(os.environ.get("TOCSIN_BENCH_INCIDENTS", "100000"))
SIZES = [size for size in (FEW, 10_000, 100_000, 1_000_000) if size <= MANY]
SAMPLE = 300
REPORTS = 4
"""Of each incident, as a fall of a town has that four outlets tell."""
MODEL = 424_242_424_242
"""The number of the place whose row is copied; as long as no other in the text."""


def report(number: int, told: int) -> Any:
    """The `told`th report of the fall of a town."""
    where = place(f"Town {number:012}", id=f"geonames:{number:012}")
    words = f"Fighters of the front entered town {number:012} before dawn and met nobody there, it was said, {told}."
    return taken(where, 3, hour=6 + told / 10, outlet=f"paper{told}", when=dated(3), sentence=words)


def rows(incidents: int) -> Iterator[tuple[str, bytes]]:
    """The rows of so many incidents of REPORTS reports, and where to find each incident."""
    core = LedgerCore(MemoryStore())
    for told in range(REPORTS):
        core.apply(report(MODEL, told))
    model, told = str(MODEL), identity(MODEL)
    ((key, stored),) = [(key, value) for key, value in core.store.items() if key.startswith("place:")]
    head, _, packed = stored.partition(b"\n")
    body = bytes(zstd.decompress(packed))
    assert told.encode() in body, "the id of an incident is made otherwise by now"
    for number in range(incidents):
        own, its = f"{number:012}", identity(number)
        renamed = body.replace(model.encode(), own.encode()).replace(told.encode(), its.encode())
        row = key.replace(model, own)
        yield row, head + b"\n" + bytes(zstd.compress(renamed, level=COMPRESSION))
        yield f"incident:{its}", row.encode()


def ledger(incidents: int) -> LedgerCore:
    """A ledger with so many incidents, each in a row of its own."""
    core = LedgerCore(MemoryStore())
    for key, value in rows(incidents):
        core.store.set(key, value)
    return core


def identity(number: int) -> str:
    """The id of the incident of a town."""
    return name_id("incident/capture", f"geonames:{number:012}", "harrow-front", "2019-03-03")


def cost(core: LedgerCore, numbers: Iterable[int]) -> float:
    """Median seconds of one more report of each of these places."""
    took: list[float] = []
    for number in numbers:
        event = report(number, REPORTS)
        began = time.perf_counter()
        core.apply(event)
        took.append(time.perf_counter() - began)
    return median(took)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_report_costs_the_same_among_a_thousand_and_all_incidents() -> None:
    chance = random.Random(5)
    ledgers: dict[int, LedgerCore] = {}
    took: dict[int, float] = {}
    resident: dict[int, float] = {}
    for size in SIZES:
        gc.collect()
        before = resident_bytes()
        ledgers[size] = ledger(size)
        gc.collect()
        resident[size] = resident_bytes() - before
    gc.freeze()
    for _ in range(3):  # in turn, so that what else the machine does falls on all alike
        for size in SIZES:
            least = cost(ledgers[size], chance.sample(range(size), SAMPLE))
            took[size] = min(took.get(size, least), least)
    gc.unfreeze()
    for size in SIZES:
        print(
            f"\namong {size:>9,} incidents: a report {took[size] * 1e3:.2f} ms ({1 / took[size]:,.0f}/s), ratio "
            f"{took[size] / took[FEW]:.2f}; resident {resident[size] / 1e6:,.0f} MB, {resident[size] / size:,.0f} bytes each",
            end="",
        )
    print()
    assert took[SIZES[-1]] < 1.5 * took[FEW]


def resident_bytes(process: int | str = "self") -> int:
    """Memory of a process in RAM."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", SIZES[2:] or SIZES[-1:])
async def test_recovery_from_the_changelog(
    size: int, settings: Settings, service_environment: dict[str, str], tmp_path: Path
) -> None:
    await create_topics(settings)
    written = await _fill(settings, size)
    stores = {"memory": 1, "rocksdb": 2}
    took: list[float] = []
    for store, times in stores.items():
        environment = {**service_environment, "TOCSIN_STORE": store}
        for time_ in range(times):
            port = free_port()
            async with Fleet([BY_NAME["ledger"]], environment, tmp_path / store, {"ledger": port}) as fleet:
                await fleet.ready(within=1800)
                took.append(await _recovery_seconds(port))
                again = ", again on the same disk" if time_ else ""
                resident = resident_bytes(fleet.pid("ledger"))
                print(
                    f"\n{size:,} incidents ({written:,} changelog records), {store}{again}: recovered in {took[-1]:.1f} s "
                    f"({written / took[-1]:,.0f} records/s), resident {resident / 1e6:,.0f} MB",
                    end="",
                )
                if store == "memory":
                    await _knows(port, identity(size // 2))
    print(f"\na restart on the same disk takes {took[2] / took[1]:.2f} of the first start")
    assert took[2] < took[1]


async def _fill(settings: Settings, incidents: int) -> int:
    producer = new_producer(settings)
    await producer.start()
    written = 0
    try:
        changelog = changelog_name("ledger", "reports", settings)
        for key, value in rows(incidents):
            sent = await producer.send(changelog, value, key=key.encode())
            written += 1
        await producer.flush()
        await sent
    finally:
        await producer.stop()
    return written


async def _recovery_seconds(port: int) -> float:
    """From the assignment of the partitions to readiness, as the service measures it."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("tocsin_recovery_seconds "))


async def _knows(port: int, incident: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/incidents/{incident}") as answer,
    ):
        assert answer.status == 200
        assert (await answer.json())["incident"]["place"]["country"] == COUNTRY


def test_memory_of_an_incident_stops_growing() -> None:
    def size(reports: int) -> int:
        core = LedgerCore(MemoryStore())
        for told in range(reports):
            core.apply(report(1, told))
        return sum(len(key) + len(value) for key, value in core.store.items())

    some, full, more = size(REPORTS), size(PER_CELL + 64), size(PER_CELL + 264)
    print(f"\nbytes of an incident: {some:,} with {REPORTS} reports, {full:,} with {PER_CELL + 64}, {more:,} with 276")
    assert more < 1.05 * full
    assert full < 6 * some


def test_memory_of_a_store_is_that_of_its_rows() -> None:
    tracemalloc.start()
    core = ledger(FEW)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    bare = sum(len(key) + len(value) for key, value in core.store.items())
    print(f"\nbytes of an incident in memory: {held / FEW:,.0f}, of which the row: {bare / FEW:,.0f}")
    assert held < 1.5 * bare


def test_a_full_place_costs_a_few_reports() -> None:
    core = LedgerCore(MemoryStore())
    first = cost_of(core, range(REPORTS))
    for day in range(10):
        for told in range(40):
            core.apply(
                taken(day=3 + day, hour=6 + told / 10, outlet=f"paper{told % 20}", sentence=f"Fell {day} {told}.")
            )
    begun = time.perf_counter()
    for told in range(50):
        core.apply(taken(day=12, hour=12 + told / 10, outlet=f"late{told}", sentence=f"It fell, {told}."))
    full = (time.perf_counter() - begun) / 50
    print(f"\nreport of a new place: {first * 1e3:.2f} ms; of one in the news for ten days: {full * 1e3:.2f} ms")
    assert full < 60 * first


def cost_of(core: LedgerCore, told: Iterable[int]) -> float:
    """Mean seconds of the first reports of fifty places."""
    events = [report(number, count) for number in range(50) for count in told]
    began = time.perf_counter()
    for event in events:
        core.apply(event)
    return (time.perf_counter() - began) / len(events)
