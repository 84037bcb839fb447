"""Events in any order, through ledger and alerting: the bells that are left standing are those that were written down."""

from __future__ import annotations

from datetime import timedelta

import pytest

import twenty_capitals as war
from tocsin.alerting.counter import Counter
from tocsin.alerting.matching import signals
from tocsin.ledger.core import LedgerCore
from tocsin_schemas import Alert

RULES = war.rules()
SECOND = 1_000_000


def rung(seed: int | None, settle: int | None, restart_every: int = 10**9) -> list[Alert]:
    """The alerts that stand in the end; events 0.3 s apart, in their own order without a `seed`."""
    ledger, counter = LedgerCore(), Counter(RULES, settle=settle)
    written: list[Alert] = []
    now = war.LATER
    for number, event in enumerate(war.events() if seed is None else war.shuffled(seed), start=1):
        now += timedelta(seconds=0.3)
        if number % restart_every == 0:
            counter = Counter(RULES, counter.store, settle=settle)
            written += counter.load(now)
        written += counter.tick(now)
        for record in [event, *ledger.apply(event)]:
            for signal in signals(RULES, record):
                written += counter.apply(signal, now)
    written += counter.tick(now + timedelta(minutes=1))
    revisions = [(alert.id, alert.revision) for alert in written]
    assert len(set(revisions)) == len(revisions)
    return war.standing(written)


CALM = rung(None, None)


def test_told_in_order_the_bells_are_the_written_ones() -> None:
    assert war.rang(CALM) == war.written_alerts()


@pytest.mark.parametrize("seed", range(50))
def test_any_order_with_duplicates_and_restarts_ends_in_the_same_alerts(seed: int) -> None:
    settle = (None, 0, SECOND)[seed % 3]
    assert rung(seed, settle, restart_every=9 + seed % 11) == CALM
