"""The outbox on a clock that the test holds: what goes when, in which order, and what need not go at all."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tocsin.webhooks.delivery import Answer, Decision, Outcome, Reason, Retry, decide, delivery_id
from tocsin.webhooks.outbox import Entry, Message, Outbox, Policy
from tocsin_schemas import Alert
from webhook_builders import START, an_alert

SECOND = timedelta(seconds=1)
FAST = Policy(retry=Retry((timedelta(), SECOND, SECOND, SECOND), 0.0))


def entry(alert: Alert, offset: int = 0, receiver: str = "desk", at: datetime = START, **fields: object) -> Entry:
    made = Entry(
        id=delivery_id(alert, receiver),
        receiver=receiver,
        fingerprint=alert.fingerprint,
        alert_id=alert.id,
        revision=alert.revision,
        firing=alert.state == "firing",
        partition=0,
        offset=offset,
        due=at,
        created=at,
        record=b"{}",
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def firing(name: str = "a", revision: int = 1, **fields: object) -> Entry:
    return entry(an_alert(name, revision), offset=revision, **fields)  # type: ignore[arg-type]


def resolved(name: str = "a", revision: int = 9, **fields: object) -> Entry:
    return entry(an_alert(name, revision, "resolved"), offset=revision, **fields)  # type: ignore[arg-type]


def taken(outbox: Outbox, now: datetime = START) -> list[Message]:
    return outbox.take(now).messages


def settle(outbox: Outbox, message: Message, outcome: Outcome, now: datetime = START) -> list[tuple[int, Reason]]:
    """Settle as the engine does; gives what was ended by it: revision and reason."""
    answer = Answer(outcome, SECOND)
    policy = FAST
    decision = decide(message.entries[0].tries + 1, answer, now, policy.retry, lambda: 0.5)
    return [(end.entry.revision, end.decision.reason) for end in outbox.settle(message, answer, decision, now)]


def test_a_resolved_waits_until_its_firing_is_delivered() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing())
    outbox.add(resolved())
    (first,) = taken(outbox)
    assert first.entries[0].firing
    assert taken(outbox) == []  # its lane is busy
    settle(outbox, first, Outcome.SERVER_ERROR)
    assert taken(outbox) == []  # its firing waits for the next try
    (again,) = taken(outbox, START + SECOND)
    assert again.entries[0].firing
    assert again.id == first.id
    settle(outbox, again, Outcome.DELIVERED)
    (second,) = taken(outbox, START + SECOND)
    assert not second.entries[0].firing


def test_a_newer_update_takes_the_place_of_one_that_has_not_gone() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(revision=1))
    ended = outbox.add(firing(revision=2))
    assert [(end.entry.revision, end.decision.reason) for end in ended] == [(1, Reason.SUPERSEDED)]
    assert [message.entries[0].revision for message in taken(outbox)] == [2]


def test_what_is_under_way_is_not_replaced_but_its_retry_is() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(revision=1))
    (under_way,) = taken(outbox)
    assert outbox.add(firing(revision=2)) == []
    assert settle(outbox, under_way, Outcome.TIMEOUT) == [(1, Reason.SUPERSEDED)]
    assert [message.entries[0].revision for message in taken(outbox)] == [2]


def test_a_resolved_replaces_an_update_once_the_receiver_knows_of_the_alert() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(revision=1))
    settle(outbox, taken(outbox)[0], Outcome.DELIVERED)
    outbox.add(firing(revision=2))
    ended = outbox.add(resolved(revision=3))
    assert [(end.entry.revision, end.decision.reason) for end in ended] == [(2, Reason.SUPERSEDED)]
    assert [message.entries[0].revision for message in taken(outbox)] == [3]


def test_a_resolved_does_not_replace_a_firing_that_only_may_have_arrived() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(revision=1))
    (first,) = taken(outbox)
    outbox.add(resolved(revision=2))
    assert settle(outbox, first, Outcome.TIMEOUT) == []
    (again,) = taken(outbox, START + SECOND)
    assert again.entries[0].revision == 1


def test_a_resolved_whose_firing_was_never_for_this_receiver_is_not_sent() -> None:
    outbox = Outbox({"desk": FAST})
    ended = outbox.add(resolved())
    assert [end.decision for end in ended] == [Decision("skipped", Reason.FIRING_NOT_SENT)]
    assert len(outbox) == 0


def test_a_resolved_follows_a_firing_that_was_given_up_but_may_have_arrived() -> None:
    outbox = Outbox({"desk": replace(FAST, retry=Retry((timedelta(),), 0.0))})
    outbox.add(firing())
    (message,) = taken(outbox)
    answer = Answer(Outcome.TIMEOUT, SECOND)
    outbox.add(resolved())
    assert outbox.settle(message, answer, Decision("failed", Reason.EXHAUSTED), START) == []
    assert [message.entries[0].firing for message in taken(outbox)] == [False]


def test_a_resolved_is_dropped_when_its_firing_was_refused_for_good() -> None:
    outbox = Outbox({"desk": replace(FAST, retry=Retry((timedelta(),), 0.0))})
    outbox.add(firing())
    (message,) = taken(outbox)
    outbox.add(resolved())
    answer = Answer(Outcome.CLIENT_ERROR, SECOND, 400)
    ended = outbox.settle(message, answer, Decision("failed", Reason.EXHAUSTED), START)
    assert [end.decision.reason for end in ended] == [Reason.FIRING_NOT_SENT]


def test_what_was_heard_before_a_restart_counts() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.heard("desk", "a", 0, an_alert().id, surely=True)
    assert outbox.add(resolved()) == []
    assert len(taken(outbox)) == 1


def test_the_next_episode_does_not_replace_the_resolved_of_the_last() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.heard("desk", "a", 0, an_alert().id, surely=True)
    outbox.add(resolved(revision=2))
    assert outbox.add(entry(an_alert("a", 3, episode=2), 3)) == []
    order = []
    for _ in range(2):
        (message,) = taken(outbox)
        order.append(message.entries[0].alert_id)
        settle(outbox, message, Outcome.DELIVERED)
    assert order == ["a/1", "a/2"]


def test_the_next_episode_does_not_replace_a_firing_of_the_last_where_no_resolved_is_wanted() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(revision=1))
    assert outbox.add(entry(an_alert("a", 2, episode=2), 2)) == []
    assert len(outbox) == 2


def test_alerts_do_not_wait_for_each_other() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing("a"))
    settle(outbox, taken(outbox)[0], Outcome.SERVER_ERROR)
    outbox.add(firing("b"))
    assert [message.entries[0].fingerprint for message in taken(outbox)] == ["b"]


def test_one_receiver_never_has_more_under_way_than_it_asked_for() -> None:
    outbox = Outbox({"desk": replace(FAST, max_in_flight=2), "pager": FAST})
    for name in "abcdef":
        outbox.add(firing(name))
        outbox.add(entry(an_alert(name), receiver="pager"))
    messages = taken(outbox)
    assert sum(message.receiver == "desk" for message in messages) == 2
    assert sum(message.receiver == "pager" for message in messages) == FAST.max_in_flight
    desk = next(message for message in messages if message.receiver == "desk")
    settle(outbox, desk, Outcome.DELIVERED)
    assert [message.receiver for message in taken(outbox)] == ["desk"]


def test_a_dead_receiver_is_left_alone_and_then_asked_with_one_message() -> None:
    outbox = Outbox({"desk": replace(FAST, max_in_flight=5)})
    for name in "abcdefgh":
        outbox.add(firing(name))
    for message in taken(outbox):
        settle(outbox, message, Outcome.CONNECTION)
    assert taken(outbox, START + 20 * SECOND) == []
    assert outbox.wake_at(START + 20 * SECOND) == START + 30 * SECOND
    (probe,) = taken(outbox, START + 30 * SECOND)
    assert outbox.wake_at(START + 30 * SECOND) is None  # only the answer can tell
    settle(outbox, probe, Outcome.CONNECTION, START + 30 * SECOND)
    assert outbox.wake_at(START + 31 * SECOND) == START + 90 * SECOND


def test_what_waited_goes_out_at_once_when_a_dead_receiver_returns() -> None:
    slow = replace(FAST, max_in_flight=5, retry=Retry((timedelta(), timedelta(hours=2), timedelta(hours=2)), 0.0))
    outbox = Outbox({"desk": slow})
    for name in "abcde":
        outbox.add(firing(name))
    for message in taken(outbox):
        answer = Answer(Outcome.CONNECTION, SECOND)
        outbox.settle(message, answer, decide(1, answer, START, slow.retry, lambda: 0.5), START)
    later = START + 30 * SECOND
    outbox.add(firing("new", at=later))
    (probe,) = taken(outbox, later)
    settle(outbox, probe, Outcome.DELIVERED, later)
    assert sorted(message.entries[0].fingerprint for message in taken(outbox, later)) == list("abcde")


def test_a_receiver_that_asks_for_patience_is_given_it_for_all_alerts() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing("a"))
    (message,) = taken(outbox)
    answer = Answer(Outcome.THROTTLED, SECOND, 429, timedelta(minutes=2))
    outbox.settle(message, answer, decide(1, answer, START, FAST.retry, lambda: 0.5), START)
    outbox.add(firing("b"))
    assert taken(outbox, START + timedelta(minutes=1)) == []
    assert outbox.wake_at(START + timedelta(minutes=1)) == START + timedelta(minutes=2)
    assert len(taken(outbox, START + timedelta(minutes=2))) == 2


def test_after_410_nothing_more_is_sent_until_somebody_asks() -> None:
    outbox = Outbox({"desk": replace(FAST, max_in_flight=1)})
    outbox.add(firing("a"))
    outbox.add(firing("b"))
    (message,) = taken(outbox)
    assert settle(outbox, message, Outcome.GONE) == [(1, Reason.GONE)]
    assert [end.decision.reason for end in outbox.add(firing("c"))] == [Reason.GONE]
    assert taken(outbox) == []
    assert outbox.add(firing("c", forced=True)) == []
    assert len(taken(outbox)) == 1


def test_a_delivery_that_could_not_be_tried_for_days_is_given_up() -> None:
    outbox = Outbox({"desk": replace(FAST, max_in_flight=5)})
    for name in "abcde":
        outbox.add(firing(name))
    for message in taken(outbox):
        settle(outbox, message, Outcome.CONNECTION)
    outbox.circuit("desk").open_until = START + timedelta(days=9)
    much_later = START + FAST.retry.patience + 2 * SECOND
    ended = outbox.take(much_later).ended
    assert {end.decision.reason for end in ended} == {Reason.EXPIRED}
    assert len(outbox) == 0


def test_muted_hours_delay_and_lose_nothing() -> None:
    opens = START + timedelta(hours=8)
    outbox = Outbox({"desk": replace(FAST, muted_until=lambda now: opens if now < opens else None)})
    outbox.add(firing())
    assert taken(outbox) == []
    assert outbox.wake_at(START) == opens
    assert len(taken(outbox, opens)) == 1


def test_the_same_delivery_is_not_taken_in_twice() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing())
    assert outbox.add(firing()) == []
    assert len(outbox) == 1
    assert len(taken(outbox)) == 1


def test_partitions_that_moved_away_are_forgotten_even_under_way() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing("a"))
    outbox.add(firing("b", partition=1))
    outbox.add(resolved("b", partition=1))
    for message in taken(outbox):
        if message.entries[0].partition == 1:
            moved = message
        else:
            kept = message
    outbox.drop([1])
    assert settle(outbox, moved, Outcome.DELIVERED) == []
    settle(outbox, kept, Outcome.SERVER_ERROR)
    assert len(outbox) == 1
    assert [m.entries[0].fingerprint for m in taken(outbox, START + SECOND)] == ["a"]


def test_an_answer_from_before_a_rebalance_does_not_touch_what_was_restored_after_it() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing())
    (old,) = taken(outbox)
    outbox.drop([0])
    outbox.add(firing())
    (new,) = taken(outbox)
    settle(outbox, old, Outcome.DELIVERED)
    assert len(outbox) == 1
    settle(outbox, new, Outcome.DELIVERED)
    assert len(outbox) == 0


def test_an_abandoned_message_waits_again() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing())
    (message,) = taken(outbox)
    outbox.abandon(message)
    (again,) = taken(outbox)
    assert again.id == message.id


def test_a_reminder_follows_a_delivered_alert_until_it_is_resolved() -> None:
    outbox = Outbox({"desk": replace(FAST, repeat=timedelta(hours=4))})
    outbox.add(firing(revision=1))
    (first,) = taken(outbox)
    at = START + timedelta(hours=4)
    settle(outbox, first, Outcome.DELIVERED)
    assert taken(outbox, at - SECOND) == []
    (reminder,) = taken(outbox, at)
    assert reminder.entries[0].id == first.entries[0].id
    assert reminder.id != first.id
    settle(outbox, reminder, Outcome.DELIVERED, at)
    ended = outbox.add(resolved(revision=2))
    assert [end.decision.reason for end in ended] == [Reason.SUPERSEDED]
    assert [message.entries[0].firing for message in taken(outbox, at)] == [False]


GROUPING = replace(FAST, grouped=True, group_wait=10 * SECOND, group_interval=timedelta(minutes=5))


def test_a_burst_goes_out_as_one_message_after_the_group_wait() -> None:
    outbox = Outbox({"desk": GROUPING})
    for number, name in enumerate("abc"):
        outbox.add(firing(name, group="AFG", at=START + number * SECOND))
    outbox.add(firing("z", group="SYR"))
    assert taken(outbox, START + 9 * SECOND) == []
    assert outbox.wake_at(START + 9 * SECOND) == START + 10 * SECOND
    messages = taken(outbox, START + 10 * SECOND)
    assert sorted(len(message.entries) for message in messages) == [1, 3]
    assert all(message.fresh for message in messages)


def test_what_comes_after_a_group_was_told_waits_for_the_group_interval() -> None:
    outbox = Outbox({"desk": GROUPING})
    outbox.add(firing("a", group="AFG"))
    at = START + 10 * SECOND
    settle(outbox, taken(outbox, at)[0], Outcome.DELIVERED, at)
    outbox.add(firing("b", group="AFG", at=at))
    assert taken(outbox, at + 299 * SECOND) == []
    assert len(taken(outbox, at + 300 * SECOND)) == 1


def test_a_batch_that_was_tried_is_tried_again_as_it_was() -> None:
    outbox = Outbox({"desk": GROUPING})
    outbox.add(firing("a", group="AFG"))
    outbox.add(firing("b", group="AFG"))
    at = START + 10 * SECOND
    (first,) = taken(outbox, at)
    settle(outbox, first, Outcome.TIMEOUT, at)
    outbox.add(firing("a", revision=2, group="AFG"))
    outbox.add(firing("c", group="AFG"))
    messages = taken(outbox, at + SECOND)
    assert [message.id for message in messages] == [first.id]
    assert not messages[0].fresh


def test_a_restored_batch_keeps_its_webhook_id() -> None:
    outbox = Outbox({"desk": GROUPING})
    outbox.add(firing("a", group="AFG"))
    outbox.add(firing("b", group="AFG"))
    (message,) = taken(outbox, START + 10 * SECOND)
    restored = Outbox({"desk": GROUPING})
    for name in "ba":
        restored.add(firing(name, group="AFG", message=message.entries[0].message, tries=1))
    assert [again.id for again in taken(restored, START)] == [message.id]


def test_hastening_makes_a_waiting_delivery_due_now() -> None:
    outbox = Outbox({"desk": FAST})
    outbox.add(firing(at=START + timedelta(hours=5)))
    outbox.hasten(delivery_id(an_alert(), "desk"), START)
    assert len(taken(outbox)) == 1


@pytest.mark.parametrize("seed", range(30))
def test_whatever_receivers_answer_no_resolved_passes_its_firing_and_nothing_stays_behind(seed: int) -> None:
    """A week of random alerts against a moody receiver: every delivery ends, in order, one at a time per alert."""
    dice = random.Random(seed)
    outbox = Outbox({"desk": replace(FAST, grouped=seed % 2 == 1, retry=Retry((timedelta(days=9),)))})
    endless = Retry((SECOND,) * 1000)
    now, offset = START, 0
    seen: dict[str, list[Entry]] = defaultdict(list)
    states: dict[str, tuple[int, int, bool]] = {}
    while offset < 120 or len(outbox):
        if offset < 120:
            offset += 1
            name = dice.choice("abcd")
            episode, revision, was_firing = states.get(name, (0, 0, False))
            state = "resolved" if was_firing and dice.random() < 0.4 else "firing"
            episode += not was_firing
            states[name] = (episode, revision + 1, state == "firing")
            alert = an_alert(name, revision + 1, state, episode)  # type: ignore[arg-type]
            outbox.add(entry(alert, offset, group="g", at=now))
        messages = taken(outbox, now)
        lanes = [each.fingerprint for message in messages for each in message.entries]
        assert len(lanes) == len(set(lanes))
        for message in messages:
            outcome = dice.choice([Outcome.DELIVERED, Outcome.DELIVERED, Outcome.SERVER_ERROR, Outcome.TIMEOUT])
            if outcome is Outcome.DELIVERED:
                for each in message.entries:
                    seen[each.fingerprint].append(each)
            answer = Answer(outcome, SECOND)
            decision = decide(message.entries[0].tries + 1, answer, now, endless, lambda: 0.5)
            outbox.settle(message, answer, decision, now)
        now += timedelta(seconds=dice.choice([0, 1, 5, 60]))
    for name, heard in seen.items():
        order = [(each.offset) for each in heard]
        assert order == sorted(order), f"{name} was told out of order"
        for position, each in enumerate(heard):
            if not each.firing:
                assert any(before.alert_id == each.alert_id and before.firing for before in heard[:position])
        assert heard[-1].revision == states[name][1]  # the last word is the latest state
