"""The ledger's cost of a report and memory of an incident, as ratios within one run.

One million incidents are too many to tell by reports: rows are made by telling one and renaming it.
"""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Iterable
from statistics import median
from typing import Any

import pytest

from ledger_theatre import dated, place, taken
from tocsin.ledger.bounds import PER_CELL
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.rows import MemoryStore
from tocsin_schemas.ids import name_id

FEW, MANY = 1_000, 1_000_000
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


def ledger(incidents: int) -> LedgerCore:
    """A ledger with so many incidents of REPORTS reports, each in a row of its own."""
    core = LedgerCore(MemoryStore())
    for told in range(REPORTS):
        core.apply(report(MODEL, told))
    rows = dict(core.store.items())
    model, told = str(MODEL), identity(MODEL)
    assert any(told in key for key in rows), "the id of an incident is made otherwise by now"
    for number in range(incidents):
        own, its = f"{number:012}", identity(number)
        for key, value in rows.items():
            renamed = value.replace(model.encode(), own.encode()).replace(told.encode(), its.encode())
            core.store.set(key.replace(model, own).replace(told, its), renamed)
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
@pytest.mark.timeout(600)
def test_a_report_costs_the_same_among_a_thousand_and_a_million_incidents() -> None:
    chance = random.Random(5)
    few, many = ledger(FEW), ledger(MANY)
    gc.collect()
    gc.freeze()
    pairs = [
        (cost(few, chance.sample(range(FEW), SAMPLE)), cost(many, chance.sample(range(MANY), SAMPLE))) for _ in range(3)
    ]
    gc.unfreeze()
    ratio = min(one / other for other, one in pairs)
    print(
        f"\nreport among {FEW:,}: {pairs[0][0] * 1e3:.2f} ms; among {MANY:,}: {pairs[0][1] * 1e3:.2f} ms; ratio {ratio:.2f}"
    )
    assert ratio < 1.5


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
