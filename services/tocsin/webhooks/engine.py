"""Delivering: the outbox, the durable store and the sender, tied together on the event loop.

Order of things, so that a kill at any moment loses nothing: a delivery is on the broker before the alert that it
is for is committed, the make-up of a batch before it is first sent, and what came of a try before the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from tocsin.streaming import metrics
from tocsin.streaming.logs import get_logger
from tocsin_schemas import Alert, Delivery
from tocsin_schemas.cloudevents import encode

from .delivery import (
    Answer,
    Decision,
    Random,
    Reason,
    after,
    arrived,
    attempted,
    decide,
    new_delivery,
    repeated,
)
from .outbox import Ended, Entry, Message, Outbox
from .rebuild import Rebuild, entry_of
from .receivers import Receivers
from .store import Write

ALREADY_DELIVERED: Final = Decision("delivered", Reason.DELIVERED)
OVERTAKEN: Final = Decision("skipped", Reason.SUPERSEDED)

LONGEST_SLEEP: Final = timedelta(seconds=5)
"""The dispatcher looks around this often, whatever it thinks comes next: wall clocks are set, too."""

RELEASE_SECONDS: Final = 5.0
"""How long tries under way may take to finish when their partition moves to another process."""

log = get_logger()


class Writer(Protocol):
    """Where deliveries are made durable: `Store`."""

    async def write(self, writes: Sequence[Write]) -> None:
        """Return when all is safe."""
        ...


class Poster(Protocol):
    """What makes one try: `Sender`."""

    async def send(self, name: str, message_id: str, alerts: Sequence[Alert], traceparent: str | None = None) -> Answer:
        """Try once; never raises for what a receiver does."""
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """An alert as it came in: where it stood, and the trace that it carries."""

    alert: Alert
    partition: int
    offset: int
    traceparent: str | None = None


class Engine:
    """Takes alerts in, delivers them, keeps the record. Owns whatever partitions it is given."""

    def __init__(
        self,
        receivers: Receivers,
        writer: Writer,
        poster: Poster,
        *,
        clock: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._receivers = receivers
        self._by_name = receivers.by_name()
        self._policies = {name: receiver.policy() for name, receiver in self._by_name.items()}
        self.outbox = Outbox(self._policies)
        self._writer = writer
        self._poster = poster
        self._clock = clock
        self._random = random
        self._wake = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], Message | None] = {}
        self._recent: dict[int, dict[str, int]] = {}
        self.failure: BaseException | None = None
        """What broke a delivery in a way that no retry mends: the process is to be restarted then."""
        self.beat = time.monotonic()
        """When the dispatcher last went round, on the monotonic clock."""

    # -- taking in

    def rebuild(self, partition: int, committed: int) -> Rebuild:
        """What is to be fed with a partition's log before `own`. `committed` is the offset on its alerts."""
        return Rebuild(partition, committed, self._by_name, self._clock())

    def own(self, rebuild: Rebuild) -> int:
        """Start delivering a partition from what its log told. Returns how many deliveries wait in it."""
        partition = rebuild.partition
        for (receiver, fingerprint), heard in rebuild.told().items():
            if receiver in self._by_name and heard.alert is not None:
                self.outbox.heard(receiver, fingerprint, partition, heard.alert, surely=heard.surely)
        if rebuild.parked:
            waiting = len(rebuild.parked)
            log.warning("deliveries wait for receivers that are not configured", partition=partition, waiting=waiting)
        self._recent[partition] = rebuild.recent
        ended = [Ended(entry, ALREADY_DELIVERED) for entry in rebuild.concluded]
        for entry in sorted(rebuild.pending.values(), key=lambda entry: (entry.offset, entry.repeat)):
            if rebuild.overtaken(entry):
                ended.append(Ended(entry, OVERTAKEN))
            else:
                ended += self.outbox.add(entry)
        if ended:
            self._start(self._write_off(ended))
        self._wake.set()
        return len(rebuild.pending)

    async def take_in(self, partition: int, batch: Sequence[Incoming]) -> None:
        """Make durable what this batch of alerts has to be told, then let it go out. Returns when it is safe.

        Raises TooLarge when one of the deliveries is larger than a record may be; nothing of the batch is kept then.
        """
        recent = self._recent.setdefault(partition, {})
        fresh: dict[str, Entry] = {}
        writes: list[Write] = []
        for incoming in batch:
            found = self._receivers.for_alert(incoming.alert)
            metrics.WEBHOOK_ALERTS.labels(result="routed" if found else "unrouted").inc()
            for receiver in found:
                now = self._clock()
                delivery = new_delivery(incoming.alert, receiver.name, incoming.offset, now)
                if delivery.id in recent or delivery.id in fresh or delivery.id in self.outbox:
                    metrics.WEBHOOK_ALERTS.labels(result="seen").inc()
                    continue
                trace = incoming.traceparent
                fresh[delivery.id] = entry_of(delivery, receiver, partition=partition, now=now, traceparent=trace)
                writes.append(Write(delivery, partition, trace))
        await self._writer.write(writes)
        if self._recent.get(partition) is not recent:
            return  # the partition moved away meanwhile: its new owner reads these alerts again
        recent.update({delivery: entry.offset for delivery, entry in fresh.items()})
        ended = [end for entry in fresh.values() for end in self.outbox.add(entry)]
        self._wake.set()
        await self._write_off(ended)

    def committed(self, partition: int, offset: int) -> None:
        """Alerts before `offset` are committed: they will not come again."""
        recent = self._recent.get(partition, {})
        for delivery in [delivery for delivery, stood in recent.items() if stood < offset]:
            del recent[delivery]

    async def redeliver(self, asked: Delivery, partition: int, traceparent: str | None) -> None:
        """Send a delivery again, as somebody has asked; `asked` is the pending record that they wrote."""
        receiver = self._by_name.get(asked.receiver)
        if receiver is None:
            log.warning("redelivery waits for a receiver that is not configured", receiver=asked.receiver)
            return
        now = self._clock()
        if asked.id in self.outbox:
            self.outbox.hasten(asked.id, now)
        else:
            entry = entry_of(asked, receiver, partition=partition, now=now, traceparent=traceparent)
            await self._write_off(self.outbox.add(entry))
        self._wake.set()

    # -- sending

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            self.beat = time.monotonic()
            taken = self.outbox.take(self._clock())
            for message in taken.messages:
                self._start(self._deliver(message), message)
            if taken.ended:
                self._start(self._write_off(taken.ended))
            self._show()
            now = self._clock()
            wake = self.outbox.wake_at(now)
            pause = LONGEST_SLEEP if wake is None else min(max(wake - now, timedelta()), LONGEST_SLEEP)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause.total_seconds()):
                    await self._wake.wait()
            self._wake.clear()

    async def release(self, partitions: Iterable[int]) -> None:
        """Stop delivering these partitions: let tries under way finish for a moment, then forget them."""
        leaving = set(partitions)
        for partition in leaving:
            self._recent.pop(partition, None)
        await self._finish(
            [
                task
                for task, message in self._tasks.items()
                if message is not None and any(entry.partition in leaving for entry in message.entries)
            ],
            RELEASE_SECONDS,
        )
        self.outbox.drop(leaving)

    async def stop(self, seconds: float) -> None:
        """Let tries under way finish for at most so long. What is cut off is tried again after the next start."""
        await self._finish(list(self._tasks), seconds)

    async def _finish(self, tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None], message: Message | None = None) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = message
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        message = self._tasks.pop(task)
        if task.cancelled():
            if message is not None:
                self.outbox.abandon(message)
        elif (error := task.exception()) is not None:
            self.failure = error
        self._wake.set()

    async def _deliver(self, message: Message) -> None:
        """One try: write down what it is made of, send, write down what came of it."""
        deliveries = [Delivery.model_validate_json(entry.record) for entry in message.entries]
        if message.fresh:
            label = {"message": message.entries[0].message}
            deliveries = [delivery.model_copy(update=label) for delivery in deliveries]
            await self._keep(message, deliveries)
        began = self._clock()
        alerts = [delivery.alert for delivery in deliveries]
        answer = await self._poster.send(message.receiver, message.id, alerts, message.entries[0].traceparent)
        now = self._clock()
        policy = self._policies[message.receiver]
        tries = max(entry.tries for entry in message.entries) + 1
        decision = decide(tries, answer, now, policy.retry, self._random)
        updated: list[Delivery] = []
        for entry, delivery in zip(message.entries, deliveries, strict=True):
            each = policy.reminding(entry, decision, now)
            record = after(delivery, each, attempted(answer, began, message.id))
            updated.append(repeated(record) if each.reason is Reason.REPEAT else record)
        await self._keep(message, updated)
        self._tell(message, updated, answer, decision)
        ended = self.outbox.settle(message, answer, decision, now)
        self._wake.set()
        await self._write_off(ended)

    async def _keep(self, message: Message, deliveries: Sequence[Delivery]) -> None:
        """Make new states durable, and let the entries stand for them."""
        for entry, delivery in zip(message.entries, deliveries, strict=True):
            entry.record = encode(delivery)
        await self._writer.write(
            [
                Write(delivery, entry.partition, entry.traceparent)
                for entry, delivery in zip(message.entries, deliveries, strict=True)
            ]
        )

    async def _write_off(self, ended: Sequence[Ended]) -> None:
        """Write down what left without being sent. Cut off by a restart, the restart comes to the same end."""
        writes: list[Write] = []
        for end in ended:
            delivery = Delivery.model_validate_json(end.entry.record)
            record = after(delivery, end.decision)
            if end.decision.state == "skipped" and arrived(delivery):
                record = record.model_copy(update={"state": "delivered"})  # only its reminder is not needed any more
            writes.append(Write(record, end.entry.partition, end.entry.traceparent))
            reason = str(end.decision.reason)
            metrics.WEBHOOK_DELIVERIES.labels(receiver=record.receiver, state=record.state, reason=reason).inc()
            if record.state == "failed":
                log.error("delivery given up", delivery=record.id, receiver=record.receiver, reason=reason)
        await self._writer.write(writes)

    # -- telling operators

    def _tell(self, message: Message, records: Sequence[Delivery], answer: Answer, decision: Decision) -> None:
        name = message.receiver
        metrics.WEBHOOK_ATTEMPTS.labels(receiver=name, outcome=str(answer.outcome)).inc()
        metrics.WEBHOOK_ATTEMPT_SECONDS.labels(receiver=name).observe(answer.duration.total_seconds())
        told = {"receiver": name, "message": message.id, "deliveries": len(records), "outcome": str(answer.outcome)}
        if decision.state != "pending":
            for _ in records:
                metrics.WEBHOOK_DELIVERIES.labels(
                    receiver=name, state=decision.state, reason=str(decision.reason)
                ).inc()
        if decision.state == "delivered":
            for record, entry in zip(records, message.entries, strict=True):
                if not entry.repeat and not entry.forced:
                    delay = (self._clock() - record.alert.updated_at).total_seconds()
                    metrics.WEBHOOK_DELAY_SECONDS.labels(receiver=name).observe(max(delay, 0.0))
            log.info("delivered", **told)
        elif decision.state == "failed":
            log.error("delivery given up", **told, status=answer.status, detail=answer.detail, reason=decision.reason)
        else:
            log.warning("delivery failed, will be tried again", **told, status=answer.status, detail=answer.detail)

    def _show(self) -> None:
        for name, waiting in self.outbox.pending().items():
            metrics.WEBHOOK_PENDING.labels(receiver=name).set(waiting)
            held = self.outbox.circuit(name).is_open or self.outbox.is_gone(name)
            metrics.WEBHOOK_CIRCUIT_OPEN.labels(receiver=name).set(held)
