"""A group's alerts are a function of the set of its signals and of the time: checked against a slow, plain model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting.counter import Counter
from tocsin.alerting.rules import RuleSet, parse_rules
from tocsin_schemas import Alert, AlertEvidence, Signal
from tocsin_schemas.alert import SignalSpan

ZERO = datetime(2021, 8, 1, tzinfo=UTC)
LAST = 60


@dataclass(frozen=True)
class Told:
    """One revision of one item: it holds from hour `start` to hour `end` (None: on and on), or not at all."""

    item: int
    revision: int
    start: int
    end: int | None
    matched: bool
    value: int


def at(hour: int) -> datetime:
    return ZERO + timedelta(hours=hour)


@dataclass(frozen=True)
class Shape:
    """What a rule of these tests is made of; times in hours."""

    window: int | None
    least: int
    distinct: bool = False
    for_: int = 0
    keep: int = 0
    steps: tuple[int, ...] = ()

    def rules(self) -> RuleSet:
        return parse_rules(
            f"""
rules:
  - alert: Rings
    stream: control
    measure: {"{count_distinct: place.id}" if self.distinct else "count"}
    {f"window: {self.window}h" if self.window else ""}
    when: {{gte: {self.least}}}
    for: {self.for_}h
    keep_firing_for: {self.keep}h
    steps: {list(self.steps)}
"""
        )


def signal(rules: RuleSet, told: Told) -> Signal:
    proof = AlertEvidence(item=f"place-{told.item}", label=f"Place {told.item}", at=at(told.start))
    span = SignalSpan(start=at(told.start), end=None if told.end is None else at(told.end), evidence=[proof])
    return Signal(
        rule="Rings",
        rule_hash=rules.by_name["Rings"].match_hash,
        group={},
        stream="control",
        item=f"place-{told.item}",
        revision=told.revision,
        matched=told.matched,
        value=f"v{told.value}",
        at=at(told.start),
        known_at=at(told.start),
        spans=[span] if told.matched else [],
        cause=None if told.matched else "retracted",
    )


def standing(alerts: dict[str, Alert]) -> list[tuple[object, ...]]:
    """What the last states say, without those that were taken back, and without what counts the writings."""
    return sorted(
        (
            alert.id, alert.state, alert.starts_at, alert.ends_at, alert.value, alert.reason, alert.updated_at,
            tuple(proof.item for proof in alert.evidence),
        )
        for alert in alerts.values()
        if alert.change != "taken back"
    )  # fmt: skip


def play(rules: RuleSet, told: list[Told], nows: list[int], restarts: set[int] = frozenset()) -> dict[str, Alert]:
    """The last state of every alert after these signals, each taken at its hour, and a last look at hour LAST."""
    store: dict[str, bytes] = {}
    counter = Counter(rules, store)
    known: dict[str, Alert] = {}
    clock = 0
    for index, (one, now) in enumerate(zip(told, nows, strict=True)):
        clock = max(clock, now)
        if index in restarts:
            counter = Counter(rules, store)
            known.update((alert.id, alert) for alert in counter.load(at(clock)))
        known.update((alert.id, alert) for alert in counter.tick(at(clock)))
        known.update((alert.id, alert) for alert in counter.apply(signal(rules, one), at(clock)))
    known.update((alert.id, alert) for alert in counter.tick(at(LAST)))
    return known


@dataclass
class Episode:
    starts: int
    ends: int | None = None


def plainly(told: list[Told], shape: Shape) -> list[Episode]:
    """The episodes, hour by hour: nothing begins or ends between two full hours."""
    latest: dict[int, Told] = {}
    for one in told:
        if one.item not in latest or latest[one.item].revision < one.revision:
            latest[one.item] = one
    held = [one for one in latest.values() if one.matched]

    def counted(hour: int) -> int:
        holding = [
            one for one in held
            if one.start <= hour
            and (one.end is None or hour < one.end)
            and (shape.window is None or hour < one.start + shape.window)
        ]  # fmt: skip
        return len({one.value for one in holding}) if shape.distinct else len(holding)

    episodes: list[Episode] = []
    since: int | None = None
    lapsed: int | None = None
    ringing: Episode | None = None
    for hour in range(LAST + 1):
        holds = counted(hour) >= shape.least
        since = (hour if since is None else since) if holds else None
        if ringing is not None:
            if holds:
                lapsed = None
            else:
                lapsed = hour if lapsed is None else lapsed
                if hour >= lapsed + shape.keep:
                    ringing.ends = lapsed + shape.keep
                    ringing = lapsed = None
        if ringing is None and since is not None and hour >= since + shape.for_:
            ringing = Episode(since + shape.for_)
            episodes.append(ringing)
    return episodes


def revisions(items: int, hours: int) -> st.SearchStrategy[list[Told]]:
    one = st.builds(
        lambda item, start, length, matched, value: (item, start, length, matched, value),
        st.integers(0, items - 1), st.integers(0, hours), st.one_of(st.none(), st.integers(1, 20)),
        st.sampled_from([True, True, True, False]), st.integers(0, 3),
    )  # fmt: skip

    def numbered(rows: list[tuple[int, int, int | None, bool, int]]) -> list[Told]:
        return [
            Told(item, number, start, None if length is None else start + length, matched, value)
            for number, (item, start, length, matched, value) in enumerate(rows)
        ]

    return st.lists(one, min_size=1, max_size=14).map(numbered)


SHAPES = st.builds(
    Shape,
    window=st.one_of(st.none(), st.integers(1, 15)),
    least=st.integers(1, 4),
    distinct=st.booleans(),
    for_=st.sampled_from([0, 0, 1, 4]),
    keep=st.sampled_from([0, 0, 2, 6]),
    steps=st.sampled_from([(), (5, 6)]),
)


@given(told=revisions(6, 45), shape=SHAPES)
@settings(max_examples=120, deadline=None)
def test_episodes_are_those_of_the_plain_model(told: list[Told], shape: Shape) -> None:
    known = play(shape.rules(), told, [LAST] * len(told))
    expected = plainly(told, shape)
    found = sorted((state[2], state[3]) for state in standing(known))
    assert found == [(at(one.starts), at(one.ends) if one.ends is not None else None) for one in expected]


@given(data=st.data(), told=revisions(6, 45), shape=SHAPES)
@settings(max_examples=120, deadline=None)
def test_order_repetition_time_and_restarts_change_nothing(data: st.DataObject, told: list[Told], shape: Shape) -> None:
    rules = shape.rules()
    repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=6))
    shuffled = data.draw(st.permutations(repeated))
    nows = data.draw(st.lists(st.integers(0, LAST), min_size=len(shuffled), max_size=len(shuffled)))
    restarts = data.draw(st.sets(st.integers(0, len(shuffled) - 1), max_size=3))
    disturbed = play(rules, shuffled, nows, restarts)
    calm = play(rules, told, [LAST] * len(told))
    assert standing(disturbed) == standing(calm)


@given(data=st.data(), told=revisions(6, 45), shape=SHAPES)
@settings(max_examples=60, deadline=None)
def test_revisions_count_up_and_nothing_is_resolved_that_did_not_fire(
    data: st.DataObject, told: list[Told], shape: Shape
) -> None:
    rules = shape.rules()
    nows = data.draw(st.lists(st.integers(0, LAST), min_size=len(told), max_size=len(told)))
    counter = Counter(rules)
    written: list[Alert] = []
    clock = 0
    for one, now in zip(told, nows, strict=True):
        clock = max(clock, now)
        written += counter.tick(at(clock)) + counter.apply(signal(rules, one), at(clock))
    fired: dict[str, int] = {}
    for alert in written:
        assert alert.revision == fired.get(alert.id, 0) + 1
        assert alert.state == "firing" or alert.id in fired
        fired[alert.id] = alert.revision


@given(data=st.data(), told=revisions(6, 45), shape=SHAPES)
@settings(max_examples=60, deadline=None)
def test_what_fires_is_said_last_under_its_fingerprint(data: st.DataObject, told: list[Told], shape: Shape) -> None:
    rules = shape.rules()
    counter = Counter(rules)
    last: Alert | None = None
    for one in data.draw(st.permutations(told)):
        for alert in counter.apply(signal(rules, one), at(LAST)):
            last = alert
    states = standing(play(rules, told, [LAST] * len(told)))
    firing = [state for state in states if state[1] == "firing"]
    if firing:
        assert last is not None and (last.id, last.state) == (firing[0][0], "firing")


@pytest.mark.parametrize("lateness_hours", [1, 5])
def test_a_large_group_is_compacted_and_goes_on_as_before(lateness_hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.alerting.counting.COMPACT_ABOVE", 20)
    rules = Shape(window=5, least=3, keep=1).rules()
    told = [
        Told(n, 0, hour, None, True, 0)
        for n, hour in enumerate(h for h in range(0, 600, 2) for _ in range(h // 50 % 4))
    ]
    small = Counter(rules, lateness=lateness_hours * 3_600_000_000)
    large = Counter(rules, lateness=10_000 * 3_600_000_000)
    found: list[dict[str, Alert]] = []
    for counter in (small, large):
        known: dict[str, Alert] = {}
        for one in told:
            written = counter.tick(at(one.start)) + counter.apply(signal(rules, one), at(one.start))
            known.update((alert.id, alert) for alert in written)
        found.append(known)
    assert standing(found[0]) == standing(found[1])
    assert len(small.store) < 120
    assert len(large.store) > 400
