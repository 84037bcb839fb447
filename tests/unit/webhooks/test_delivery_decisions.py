"""What an answer means for a delivery, on a clock that the test holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.webhooks import delivery
from tocsin.webhooks.circuit import MAX_COOLDOWN, THRESHOLD, Circuit
from tocsin.webhooks.delivery import Answer, Outcome, Reason, Retry
from webhook_builders import START, an_alert

SECOND = timedelta(seconds=1)


def answer(outcome: Outcome, retry_after: timedelta | None = None) -> Answer:
    return Answer(outcome, timedelta(milliseconds=20), retry_after=retry_after)


def test_the_tries_of_a_receiver_that_stays_away_follow_the_schedule_to_its_end() -> None:
    now, waits = START, []
    for tries in range(1, 11):
        decision = delivery.decide(tries, answer(Outcome.SERVER_ERROR), now, Retry(), lambda: 0.5)
        if decision.next_at is not None:
            waits.append((decision.next_at - now).total_seconds())
            now = decision.next_at
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert (decision.state, decision.reason) == ("failed", Reason.EXHAUSTED)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 9))
def test_every_wait_stays_within_a_fifth_of_the_schedule(random: float, tries: int) -> None:
    decision = delivery.decide(tries, answer(Outcome.TIMEOUT), START, Retry(), lambda: random)
    assert decision.next_at is not None
    wait, planned = decision.next_at - START, delivery.SCHEDULE[tries]
    assert planned * 0.8 <= wait <= planned * 1.2


def test_jitter_goes_both_ways() -> None:
    early, late = (delivery.decide(2, answer(Outcome.TIMEOUT), START, Retry(), lambda r=r: r) for r in (0.0, 0.999))
    assert early.next_at is not None and late.next_at is not None
    assert early.next_at < START + delivery.SCHEDULE[2] < late.next_at


def test_success_ends_a_delivery_and_so_does_410() -> None:
    assert delivery.decide(1, answer(Outcome.DELIVERED), START, Retry(), lambda: 0.5).state == "delivered"
    gone = delivery.decide(1, answer(Outcome.GONE), START, Retry(), lambda: 0.5)
    assert (gone.state, gone.reason, gone.next_at) == ("failed", Reason.GONE, None)


def test_a_receiver_that_asks_for_more_time_than_the_schedule_gets_it() -> None:
    asked = answer(Outcome.THROTTLED, timedelta(minutes=3))
    assert delivery.decide(1, asked, START, Retry(), lambda: 0.5).next_at == START + timedelta(minutes=3)


def test_a_receiver_that_asks_for_less_time_than_the_schedule_is_not_hurried() -> None:
    asked = answer(Outcome.THROTTLED, timedelta(minutes=3))
    later = delivery.decide(4, asked, START, Retry(), lambda: 0.5)
    assert later.next_at == START + delivery.SCHEDULE[4]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED), (202, Outcome.DELIVERED), (204, Outcome.DELIVERED), (299, Outcome.DELIVERED),
        (301, Outcome.REDIRECT), (302, Outcome.REDIRECT), (307, Outcome.REDIRECT), (304, Outcome.REDIRECT),
        (400, Outcome.CLIENT_ERROR), (401, Outcome.CLIENT_ERROR), (404, Outcome.CLIENT_ERROR),
        (410, Outcome.GONE), (429, Outcome.THROTTLED), (500, Outcome.SERVER_ERROR), (503, Outcome.SERVER_ERROR),
    ],
)  # fmt: skip
def test_only_2xx_is_success(status: int, outcome: Outcome) -> None:
    assert delivery.classify(status, None) is outcome


def test_503_with_a_retry_after_is_a_request_to_slow_down() -> None:
    assert delivery.classify(503, SECOND) is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta()),
        ("Mon, 11 Aug 2025 10:01:00 GMT", timedelta(minutes=1)),
        ("Mon, 11 Aug 2025 09:00:00 GMT", timedelta()),
        ("999999999999999999", timedelta(hours=24)),
        ("soon", None), ("-5", None), ("1.5", None), ("", None), (None, None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, wait: timedelta | None) -> None:
    assert delivery.retry_after(header, START) == wait


@given(st.text(max_size=60))
def test_no_retry_after_header_breaks_the_reader(header: str) -> None:
    wait = delivery.retry_after(header, datetime.now(UTC))
    assert wait is None or timedelta() <= wait <= delivery.MAX_RETRY_AFTER


def test_a_delivery_has_the_same_id_whenever_and_wherever_it_is_made() -> None:
    first = delivery.new_delivery(an_alert(), "desk", 7, START)
    again = delivery.new_delivery(an_alert(), "desk", 7, START + timedelta(days=1))
    assert first.id == again.id


def test_another_revision_and_another_receiver_have_ids_of_their_own() -> None:
    ids = {
        delivery.delivery_id(an_alert(revision=1), "desk"),
        delivery.delivery_id(an_alert(revision=2), "desk"),
        delivery.delivery_id(an_alert(revision=1), "pager"),
        delivery.delivery_id(an_alert(revision=1, episode=2), "desk"),
    }
    assert len(ids) == 4


def test_a_batch_is_named_by_what_is_in_it_in_any_order() -> None:
    assert delivery.batch_id(["x", "y"]) == delivery.batch_id(["y", "x"]) != delivery.batch_id(["x", "z"])
    assert delivery.batch_id(["x"]) == "x"


def test_each_reminder_has_a_webhook_id_of_its_own() -> None:
    assert delivery.message_id("x", 0) == "x"
    assert len({delivery.message_id("x", repeat) for repeat in range(4)}) == 4


def test_a_redelivery_starts_the_schedule_anew_under_the_old_id() -> None:
    failed = delivery.new_delivery(an_alert(), "desk", 7, START)
    for _ in range(10):
        mark = delivery.attempted(answer(Outcome.SERVER_ERROR), START, "x")
        failed = delivery.after(failed, delivery.Decision("failed", Reason.EXHAUSTED), mark)
    assert delivery.tries_made(failed) == 10
    asked = delivery.redelivered(failed, START + SECOND)
    assert (asked.id, asked.state, asked.next_at) == (failed.id, "pending", START + SECOND)
    assert delivery.tries_made(asked) == 0
    assert len(asked.attempts) == 11  # the log keeps what was tried before


def test_the_log_of_a_delivery_does_not_grow_without_end() -> None:
    record = delivery.new_delivery(an_alert(), "desk", 7, START)
    for number in range(200):
        record = delivery.after(
            record,
            delivery.Decision("pending", Reason.RETRY, START),
            delivery.attempted(answer(Outcome.TIMEOUT), START + timedelta(seconds=number), "x"),
        )
    assert len(record.attempts) == delivery.LOG_LENGTH
    assert record.attempts[-1].at == START + timedelta(seconds=199)


def test_five_failures_open_the_circuit_and_one_message_probes_it() -> None:
    circuit = Circuit()
    for _ in range(THRESHOLD - 1):
        circuit.answered(answer(Outcome.TIMEOUT), START)
    assert circuit.admit(START).free
    circuit.answered(answer(Outcome.TIMEOUT), START)
    assert circuit.admit(START).hold == "open"
    later = START + timedelta(seconds=30)
    assert circuit.admit(later).free
    circuit.started()
    assert circuit.admit(later).hold == "probing"
    assert circuit.answered(answer(Outcome.DELIVERED), later) is True
    assert circuit.admit(later).free


def test_an_open_circuit_waits_twice_as_long_after_each_failed_probe() -> None:
    circuit, now, waits = Circuit(), START, []
    for _ in range(THRESHOLD):
        circuit.answered(answer(Outcome.CONNECTION), now)
    for _ in range(8):
        until = circuit.admit(now).until
        assert until is not None
        waits.append((until - now).total_seconds())
        now = until
        circuit.started()
        circuit.answered(answer(Outcome.CONNECTION), now)
    assert waits[:6] == [30, 60, 120, 240, 480, 600]
    assert max(waits) == MAX_COOLDOWN.total_seconds()


def test_late_answers_of_what_was_under_way_do_not_lengthen_the_wait() -> None:
    circuit = Circuit()
    for late in range(THRESHOLD + 10):
        circuit.answered(answer(Outcome.CONNECTION), START + max(0, late - THRESHOLD + 1) * SECOND)
    assert circuit.admit(START).until == START + timedelta(seconds=30)


def test_a_throttled_receiver_is_left_alone_but_not_taken_for_dead() -> None:
    circuit = Circuit()
    for _ in range(THRESHOLD * 2):
        circuit.answered(answer(Outcome.THROTTLED, SECOND), START)
    assert circuit.admit(START).hold == "asked_to_wait"
    assert circuit.admit(START + SECOND).free
