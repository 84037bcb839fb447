"""The engine against a log that can be cut off at any write, and a receiver that can outlive the engine."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.webhooks.delivery import Answer, Outcome, delivery_id, message_id
from tocsin.webhooks.engine import Engine, Incoming
from tocsin.webhooks.rebuild import conclude_all
from tocsin.webhooks.receivers import Receivers
from tocsin.webhooks.store import Write
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import encode
from webhook_builders import a_receiver, an_alert


class Crash(Exception):  # noqa: N818
    """The process dies here."""


class Life:
    """What outlives a process: the log on the broker, what was committed, what the receiver got."""

    def __init__(self, seed: int, crashes: int, troubles: float = 0.3) -> None:
        self.dice = random.Random(seed)
        self.crashes = crashes
        self.troubles = troubles
        self.log: list[tuple[str, bytes]] = []
        self.committed = 0
        self.got: list[tuple[str, Alert]] = []

    def may_crash(self) -> None:
        if self.crashes and self.dice.random() < 0.1:
            self.crashes -= 1
            raise Crash

    async def write(self, writes: Sequence[Write]) -> None:
        for write in writes:
            self.may_crash()
            self.log.append((write.delivery.id, encode(write.delivery)))
        await asyncio.sleep(0)
        self.may_crash()

    async def send(self, name: str, message: str, alerts: Sequence[Alert], traceparent: str | None = None) -> Answer:
        self.may_crash()
        await asyncio.sleep(0)
        if self.dice.random() < self.troubles:
            outcome = self.dice.choice([Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.CLIENT_ERROR])
            return Answer(outcome, timedelta(milliseconds=1), 500)
        self.got += [(message, alert) for alert in alerts]
        self.may_crash()
        return Answer(Outcome.DELIVERED, timedelta(milliseconds=1), 200)

    async def until_got(self, count: int) -> None:
        async with asyncio.timeout(10):
            for _ in iter(lambda: len(self.got) >= count, True):
                await asyncio.sleep(0.01)

    def restore(self, engine: Engine) -> int:
        rebuild = engine.rebuild(0, self.committed)
        for key, value in self.log:
            rebuild.take(key, value, None)
        conclude_all([rebuild])
        return engine.own(rebuild)

    def latest(self) -> dict[str, Delivery]:
        return {key: Delivery.model_validate_json(value) for key, value in self.log}


async def live(life: Life, receivers: Receivers, alerts: list[Alert]) -> None:
    """Run engines, one after the other, until everything is told."""
    while True:
        engine = Engine(receivers, life, life, clock=lambda: datetime.now(UTC), random=life.dice.random)
        life.restore(engine)
        running = asyncio.create_task(engine.run())
        try:
            while life.committed < len(alerts):
                end = min(life.committed + life.dice.randint(1, 5), len(alerts))
                batch = [Incoming(alerts[n], 0, n) for n in range(life.committed, end)]
                await engine.take_in(0, batch)
                life.may_crash()
                life.committed = end
                engine.committed(0, end)
                for name in receivers.by_name():  # an open circuit would make the test wait for half a minute
                    engine.outbox.circuit(name).failures = 0
            async with asyncio.timeout(30):
                while len(engine.outbox) and engine.failure is None:
                    for name in receivers.by_name():
                        engine.outbox.circuit(name).failures = 0
                    await asyncio.sleep(0.002)
            if engine.failure is not None:
                raise engine.failure
        except Crash:
            continue
        else:
            return
        finally:
            running.cancel()
            for task in list(engine._tasks):
                task.cancel()
            await asyncio.gather(running, *engine._tasks, return_exceptions=True)


def a_week(seed: int, count: int = 40) -> list[Alert]:
    dice, alerts = random.Random(seed), []
    states: dict[str, tuple[int, int, bool]] = {}
    for _ in range(count):
        name = dice.choice("abcde")
        episode, revision, firing = states.get(name, (0, 0, False))
        state = "resolved" if firing and dice.random() < 0.4 else "firing"
        episode += not firing
        states[name] = (episode, revision + 1, state == "firing")
        alerts.append(an_alert(name, revision + 1, state, episode))  # type: ignore[arg-type]
    return alerts


PATIENT = ["0s", *["1ms"] * 400]


@pytest.mark.parametrize("seed", range(25))
async def test_cut_off_anywhere_nothing_is_lost_and_nothing_is_out_of_order(seed: int) -> None:
    alerts = a_week(seed)
    life = Life(seed, crashes=12)
    await live(life, Receivers(receivers=[a_receiver(retry=PATIENT)]), alerts)
    assert life.crashes < 12  # it did happen
    assert all(delivery.state != "pending" for delivery in life.latest().values())
    told: dict[str, list[Alert]] = defaultdict(list)
    for message, alert in life.got:
        assert message == delivery_id(alert, "desk")  # a repetition carries the same id
        told[alert.fingerprint].append(alert)
    final = {alert.fingerprint: alert for alert in alerts}
    for name, heard in told.items():
        assert [alert.revision for alert in heard] == sorted(alert.revision for alert in heard)
        for position, alert in enumerate(heard):
            if alert.state == "resolved":
                assert any(before.id == alert.id and before.state == "firing" for before in heard[:position])
        assert heard[-1] == final[name]
    assert told.keys() == final.keys()


@pytest.mark.parametrize("seed", range(10))
async def test_a_grouping_receiver_loses_nothing_either_and_batches_keep_their_ids(seed: int) -> None:
    alerts = a_week(seed)
    life = Life(seed, crashes=8)
    grouping = a_receiver(retry=PATIENT, group_by=["country"], group_wait="5ms", group_interval="5ms")
    await live(life, Receivers(receivers=[grouping]), alerts)
    assert all(delivery.state != "pending" for delivery in life.latest().values())
    final = {alert.fingerprint: alert for alert in alerts}
    heard = {alert.fingerprint: alert for _, alert in life.got}
    assert heard == final
    messages: dict[str, set[str]] = defaultdict(set)
    for message, alert in life.got:
        messages[message].add(f"{alert.fingerprint}/{alert.revision}")
    for message, members in messages.items():
        again = [name for name, others in messages.items() if name != message and others & members]
        assert not again, "an alert came again under another webhook-id"


async def test_a_reminder_that_was_due_before_a_restart_comes_after_it() -> None:
    life = Life(1, crashes=0, troubles=0)
    receivers = Receivers(receivers=[a_receiver(repeat="1s")])
    for _ in range(2):  # the second engine knows of the reminder from the log alone
        engine = Engine(receivers, life, life, clock=lambda: datetime.now(UTC), random=lambda: 0.5)
        life.restore(engine)
        running = asyncio.create_task(engine.run())
        if not life.got:
            await engine.take_in(0, [Incoming(an_alert(), 0, 0)])
        wanted = len(life.got) + 1 if life.got else 1
        await life.until_got(wanted)
        await engine.stop(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    delivery = delivery_id(an_alert(), "desk")
    assert [message for message, _ in life.got] == [delivery, message_id(delivery, 1)]


async def test_deliveries_for_a_receiver_that_is_gone_from_the_file_are_kept_for_its_return() -> None:
    life = Life(1, crashes=0, troubles=0)
    life.log.append(("x", encode(_pending(an_alert(), "desk"))))
    other = Engine(Receivers(), life, life, clock=lambda: datetime.now(UTC), random=lambda: 0.5)
    assert life.restore(other) == 0
    assert len(life.log) == 1
    back = Engine(Receivers(receivers=[a_receiver()]), life, life, clock=lambda: datetime.now(UTC), random=lambda: 0.5)
    assert life.restore(back) == 1


def _pending(alert: Alert, receiver: str) -> Delivery:
    now = datetime.now(UTC)
    return Delivery(
        id=delivery_id(alert, receiver), receiver=receiver, alert=alert, state="pending", next_at=now, created_at=now
    )
