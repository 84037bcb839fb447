"""The delivery log, and what one does with it: look, send again, try a receiver, check a signature.

Functions for the command line and the HTTP API. They need no running service: the log is the deliveries topic, and
a redelivery is a record on it, which the owner of its partition obeys now or when it next starts.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from aiokafka import AIOKafkaProducer
from pydantic import ValidationError

from tocsin_schemas import Alert, Delivery, Replay

from .delivery import Answer, redelivered
from .receivers import Receivers
from .sender import Sender
from .signing import Verified, parse_key, verify
from .store import Store, Write, read_partitions

State = Literal["pending", "delivered", "failed", "skipped"]

TEST_RULE: Final = "TocsinTest"
"""`alertname` of the alert that `try_receiver` sends."""


class UnknownDelivery(LookupError):  # noqa: N818 - it names what was asked for
    """No delivery of this id is in the log."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery as it stands, where, and since when."""

    delivery: Delivery
    partition: int
    written_at: datetime


async def delivery_log(
    bootstrap: str,
    topic: str,
    *,
    receiver: str | None = None,
    state: State | None = None,
    ids: Sequence[str] | None = None,
    limit: int = 50,
) -> list[Logged]:
    """The deliveries that match, the last changed last, at most `limit` of them (the newest).

    Reads the whole topic. Records that are no deliveries are passed over: the service moves them to its dead
    letters. Raises KafkaError when the broker is away.
    """
    found: dict[str, Logged] = {}
    wanted = set(ids) if ids is not None else None
    async for record in read_partitions(bootstrap, topic):
        key = (record.key or b"").decode("utf-8", "replace")
        if wanted is not None and key not in wanted:
            continue
        found.pop(key, None)
        if record.value is None:
            continue
        try:
            delivery = Delivery.model_validate_json(record.value)
        except ValidationError:
            continue
        if receiver in (None, delivery.receiver):
            found[key] = Logged(delivery, record.partition, datetime.fromtimestamp(record.timestamp / 1000, UTC))
    matching = [logged for logged in found.values() if state in (None, logged.delivery.state)]
    return sorted(matching, key=lambda logged: logged.written_at)[-limit:]


async def redeliver(bootstrap: str, topic: str, ids: Sequence[str]) -> list[Logged]:
    """Ask for these deliveries to be sent again, under their webhook-ids. Returns them as they stood.

    Raises UnknownDelivery when one is not in the log (then none is sent), KafkaError when the broker is away.
    """
    found = {logged.delivery.id: logged for logged in await delivery_log(bootstrap, topic, ids=ids, limit=len(ids))}
    unknown = [each for each in ids if each not in found]
    if unknown:
        raise UnknownDelivery(f"no delivery {', '.join(unknown)} in the log; `tocsin webhooks log` lists them")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        now = datetime.now(UTC)
        asked = [Write(redelivered(each.delivery, now), each.partition, request=True) for each in found.values()]
        await Store(producer, topic, bootstrap).write(asked)
    finally:
        await producer.stop()
    return list(found.values())


def probe_alert(now: datetime) -> Alert:
    """An alert that says that it is a test."""
    return Alert(
        id=str(uuid.uuid4()),
        fingerprint="tocsin-test",
        revision=1,
        rule=TEST_RULE,
        state="firing",
        starts_at=now,
        updated_at=now,
        value=1,
        threshold="gte 1",
        labels={"severity": "none"},
        annotations={"summary": "This is a test of Tocsin. Nothing has happened."},
        replay=Replay(rule=TEST_RULE, rule_hash="", group={}, end=now),
    )


async def try_receiver(receivers: Receivers, name: str, external_url: str) -> Answer:
    """Send a test alert to a receiver, once, past the outbox. Raises KeyError when there is none of that name."""
    receivers.by_name()[name]
    now = datetime.now(UTC)
    sender = Sender(receivers.by_name(), external_url, lambda: datetime.now(UTC))
    try:
        return await sender.send(name, str(uuid.uuid4()), [probe_alert(now)])
    finally:
        await sender.close()


def verify_captured(request: bytes, secrets: Sequence[str], *, any_age: bool = True) -> Verified:
    """Check the signature of a request as captured: its header lines, an empty line, and its body, byte for byte.

    The request line may be there or not. Raises BadKeyError for a secret that cannot be used.
    """
    head, separator, body = request.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = request.partition(b"\n\n")
    if not separator:
        return Verified(False, "no empty line between headers and body: capture the request whole")
    lines = [line.strip() for line in head.decode("utf-8", "replace").splitlines()]
    headers = {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    keys = [parse_key(secret) for secret in secrets]
    if any_age:
        return verify(headers, body, keys, datetime.now(UTC), tolerance=None)
    return verify(headers, body, keys, datetime.now(UTC))
