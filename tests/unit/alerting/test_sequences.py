"""Sequences: the chains that are followed step by step are those that a slow, plain search finds, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting.measures import Item, Stretch, micros
from tocsin.alerting.rules import CompiledRule, parse_rules
from tocsin.alerting.sequences import Chains
from tocsin_schemas import AlertEvidence, Signal
from tocsin_schemas.alert import SignalSpan

ZERO = datetime(2021, 8, 1, tzinfo=UTC)
WINDOW = 5


@dataclass(frozen=True)
class Told:
    """A record that may be a step: from which hours on it held; none, when it matches no more."""

    record: int
    step: int
    revision: int
    hours: tuple[int, ...]


def rule(steps: int) -> CompiledRule:
    listed = ", ".join(["{stream: control}"] * steps)
    text = f"rules: [{{alert: A, window: {WINDOW}h, when: {{gte: 1}}, measure: {{sequence: [{listed}]}}}}]"
    return parse_rules(text).by_name["A"]


def item(told: Told) -> Item:
    at = [ZERO + timedelta(hours=hour) for hour in told.hours]
    name = f"{told.step}:{told.record}" if told.step else f"{told.record}"
    return Item.of(
        Signal(
            rule="A", rule_hash="x", group={}, stream="control", item=name, revision=told.revision, matched=bool(at),
            value=told.step, at=ZERO, known_at=ZERO,
            spans=[SignalSpan(start=one, evidence=[AlertEvidence(item=name, at=one)]) for one in at],
        )
    )  # fmt: skip


def plainly(told: list[Told], steps: int) -> set[tuple[str, int, int]]:
    """For each last step: its item, when it was, and the latest first step of a chain that leads to it."""
    latest = {(one.record, one.step): one for one in sorted(told, key=lambda one: one.revision)}
    places = [
        [(hour, record) for (record, step), one in latest.items() if step == number for hour in one.hours]
        for number in range(steps)
    ]
    best: dict[tuple[int, int], int] = {}
    for chain in product(*places):
        hours = [hour for hour, _ in chain]
        distinct = len(set(chain)) == len(chain)
        if distinct and hours == sorted(hours) and hours[-1] < hours[0] + WINDOW:
            best[chain[-1]] = max(best.get(chain[-1], -1), hours[0])
    return {(f"{steps - 1}:{record}", hour, first) for (hour, record), first in best.items()}


def counted(stretches: list[Stretch]) -> set[tuple[str, int, int]]:
    hour = 3_600_000_000
    zero = micros(ZERO)
    return {(s.item, (s.start - zero) // hour, (s.end - zero) // hour - WINDOW) for s in stretches}


def revisions(steps: int) -> st.SearchStrategy[list[Told]]:
    one = st.tuples(
        st.integers(0, 5), st.integers(0, steps - 1), st.lists(st.integers(0, 14), max_size=2, unique=True).map(sorted)
    )
    return st.lists(one, max_size=12).map(
        lambda rows: [Told(record, step, number, tuple(hours)) for number, (record, step, hours) in enumerate(rows)]
    )


@given(told=revisions(2))
@settings(max_examples=150, deadline=None)
def test_two_steps_are_those_of_the_plain_search(told: list[Told]) -> None:
    check(told, 2)


def check(told: list[Told], steps: int) -> None:
    chains, known, standing = Chains(rule(steps)), dict[str, Item](), list[Stretch]()
    for one in told:
        made = item(one)
        gone, new = chains.change(known.get(made.id), made)
        assert all(stretch in standing for stretch in gone)
        standing = [stretch for stretch in standing if stretch not in gone] + new
        known[made.id] = made
    assert counted(standing) == plainly(told, steps)
    assert len(standing) == len(counted(standing))
    laid_out = Chains(rule(steps)).lay_out(known.values())
    assert sorted(laid_out, key=lambda s: (s.start, s.item)) == sorted(standing, key=lambda s: (s.start, s.item))


@given(told=revisions(3))
@settings(max_examples=150, deadline=None)
def test_three_steps_taken_one_by_one_are_those_laid_out_at_once(told: list[Told]) -> None:
    chains, known, standing = Chains(rule(3)), dict[str, Item](), list[Stretch]()
    for one in told:
        made = item(one)
        gone, new = chains.change(known.get(made.id), made)
        standing = [stretch for stretch in standing if stretch not in gone] + new
        known[made.id] = made
    laid_out = Chains(rule(3)).lay_out(known.values())
    assert sorted(laid_out, key=lambda s: (s.start, s.item)) == sorted(standing, key=lambda s: (s.start, s.item))
    assert {(name, hour) for name, hour, _ in counted(standing)} <= {(n, h) for n, h, _ in plainly(told, 3)}


def test_nothing_follows_upon_itself() -> None:
    check([Told(1, 0, 0, (3,)), Told(1, 1, 1, (3,))], 2)
    check([Told(1, 0, 0, (3,)), Told(1, 1, 1, (3, 5))], 2)
