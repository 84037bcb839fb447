"""How many articles a key may post."""

from __future__ import annotations

from tocsin.ingest.limits import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_the_rate_counts() -> None:
    clock = Clock()
    limit = RateLimit(10, 20, clock)
    assert [limit.wait("desk", 10), limit.wait("desk", 10)] == [0, 0]
    assert limit.wait("desk", 10) == 1
    clock.now = 0.9
    assert limit.wait("desk", 10) == 1
    clock.now = 1.0
    assert limit.wait("desk", 10) == 0


def test_keys_do_not_pay_for_each_other() -> None:
    limit = RateLimit(1, 1, Clock())
    assert limit.wait("one", 1) == 0
    assert limit.wait("one", 1) == 1
    assert limit.wait("two", 1) == 0


def test_a_batch_larger_than_the_burst_passes_once_and_is_paid_off() -> None:
    clock = Clock()
    limit = RateLimit(10, 20, clock)
    assert limit.wait("desk", 100) == 0
    assert limit.wait("desk", 1) == 9
    clock.now = 9.0
    assert limit.wait("desk", 1) == 0


def test_the_wait_that_is_told_is_enough() -> None:
    clock = Clock()
    limit = RateLimit(3, 7, clock)
    limit.wait("desk", 7)
    clock.now = limit.wait("desk", 5)
    assert limit.wait("desk", 5) == 0
