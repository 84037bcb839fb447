"""The outbox read back from its log: what waits, what was told, what a crash left half written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tocsin.webhooks.delivery import Answer, Decision, Outcome, Reason, after, attempted, new_delivery, redelivered
from tocsin.webhooks.rebuild import Rebuild, conclude_all
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import encode
from webhook_builders import START, a_receiver, an_alert

GROUPING = a_receiver(group_by=["country"])


def rebuild(partition: int = 0, committed: int = 100) -> Rebuild:
    return Rebuild(partition, committed, {"desk": GROUPING}, START)


def waiting(alert: Alert, offset: int = 0, message: str | None = None) -> Delivery:
    return new_delivery(alert, "desk", offset, START).model_copy(update={"message": message})


def told(delivery: Delivery, message: str = "m", outcome: Outcome = Outcome.DELIVERED) -> Delivery:
    decision = (
        Decision("delivered", Reason.DELIVERED)
        if outcome is Outcome.DELIVERED
        else Decision("failed", Reason.EXHAUSTED)
    )
    return after(delivery, decision, attempted(Answer(outcome, timedelta(seconds=1)), START, message))


def take(into: Rebuild, *deliveries: Delivery) -> Rebuild:
    for delivery in deliveries:
        into.take(delivery.id, encode(delivery), None)
    return into


def test_only_the_last_word_on_a_delivery_counts() -> None:
    first, second = waiting(an_alert("a")), waiting(an_alert("b"), 1)
    read = take(rebuild(), first, second, told(first))
    assert list(read.pending) == [second.id]


def test_a_tombstone_takes_a_delivery_away() -> None:
    delivery = waiting(an_alert())
    read = take(rebuild(), delivery)
    read.take(delivery.id, None, None)
    assert read.pending == {}


def test_the_alerts_that_will_be_read_again_are_known() -> None:
    old, new = told(waiting(an_alert("a"), 6)), told(waiting(an_alert("b"), 7))
    assert take(rebuild(committed=7), old, new).recent == {new.id: 7}


def test_who_was_in_a_message_that_was_delivered_is_delivered_on_whatever_partition() -> None:
    written, unwritten = waiting(an_alert("a"), message="m"), waiting(an_alert("b"), message="m")
    zero, one = take(rebuild(0), written, told(written)), take(rebuild(1), unwritten)
    conclude_all([one, zero])
    assert one.pending == {}
    assert [entry.id for entry in one.concluded] == [unwritten.id]
    heard = one.told()["desk", "b"]
    assert (heard.alert, heard.surely) == ("b/1", True)  # so that its resolved will be sent


def test_who_was_in_a_message_that_failed_still_waits() -> None:
    written, unwritten = waiting(an_alert("a"), message="m"), waiting(an_alert("b"), message="m")
    read = take(rebuild(), written, unwritten, told(written, outcome=Outcome.TIMEOUT))
    conclude_all([read])
    assert list(read.pending) == [unwritten.id]


def test_an_update_is_overtaken_when_a_later_one_was_delivered() -> None:
    earlier, later = waiting(an_alert(revision=1), 1), waiting(an_alert(revision=2), 2)
    read = take(rebuild(), earlier, later, told(later))
    assert read.overtaken(read.pending[earlier.id])


def test_a_redelivery_that_somebody_asked_for_is_not_overtaken() -> None:
    earlier, later = waiting(an_alert(revision=1), 1), waiting(an_alert(revision=2), 2)
    asked = redelivered(told(earlier), START)
    read = take(rebuild(), told(later), asked)
    assert not read.overtaken(read.pending[asked.id])


def test_a_resolved_that_was_told_closes_what_was_heard() -> None:
    firing, resolved = waiting(an_alert(), 1), waiting(an_alert(revision=2, state="resolved"), 2)
    assert take(rebuild(), told(firing)).told() != {}
    assert take(rebuild(), told(firing), told(resolved)).told() == {}
    assert take(rebuild(), told(resolved), told(firing)).told() == {}  # compaction may turn them round


def test_a_record_that_is_no_delivery_is_refused() -> None:
    with pytest.raises(ValidationError):
        rebuild().take("x", b"{}", None)
