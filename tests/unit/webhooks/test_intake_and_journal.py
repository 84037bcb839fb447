"""What the intake does with a record too large to keep, and what `verify` makes of captured requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from tocsin.webhooks.engine import Incoming
from tocsin.webhooks.intake import Intake
from tocsin.webhooks.journal import probe_alert, verify_captured
from tocsin.webhooks.signing import BadKeyError, parse_key, sign
from tocsin.webhooks.store import TooLarge
from tocsin_schemas.cloudevents import encode
from webhook_builders import SECRET, an_alert


class Engine:
    """Takes alerts in, but none called "huge"."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.failure = None

    async def take_in(self, partition: int, batch: Sequence[Incoming]) -> None:
        if any(incoming.alert.fingerprint == "huge" for incoming in batch):
            raise TooLarge("the delivery is larger than a record may be")
        self.taken += [incoming.alert.fingerprint for incoming in batch]

    def committed(self, partition: int, offset: int) -> None:
        pass


class Consumer:
    def __init__(self) -> None:
        self.committed: dict[Any, int] = {}

    async def commit(self, offsets: dict[Any, int]) -> None:
        self.committed |= offsets


class Buried:
    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def bury(self, record: Any, error: Exception) -> None:
        self.offsets.append(record.offset)


def record(offset: int, value: bytes | None) -> Any:
    return SimpleNamespace(topic="alerts", partition=0, offset=offset, value=value, key=b"k", headers=())


async def test_what_cannot_be_kept_is_buried_alone_and_the_rest_goes_on() -> None:
    engine, consumer, buried = Engine(), Consumer(), Buried()
    store: Any = SimpleNamespace(topic="deliveries")
    intake = Intake(consumer, engine, store, buried, "alerts")  # type: ignore[arg-type]
    values = [encode(an_alert("a")), b"no alert", encode(an_alert("huge")), None, encode(an_alert("b"))]
    partition = TopicPartition("alerts", 0)
    await intake._take(partition, [record(offset, value) for offset, value in enumerate(values)])
    assert engine.taken == ["a", "b"]
    assert sorted(buried.offsets) == [1, 2]
    assert consumer.committed == {partition: 5}


BODY = b'{"status": "firing"}'


def captured(newline: bytes = b"\r\n", body: bytes = BODY, at: datetime | None = None) -> bytes:
    headers = sign("msg_1", at or datetime.now(UTC), BODY, [parse_key(SECRET)])
    lines = [b"POST /hook HTTP/1.1", *(f"{name}: {value}".encode() for name, value in headers.items())]
    return newline.join(lines) + newline * 2 + body


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_a_captured_request_verifies_whatever_its_line_ends_and_age(newline: bytes) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    assert verify_captured(captured(newline, at=long_ago), [SECRET]).ok
    assert not verify_captured(captured(newline, at=long_ago), [SECRET], any_age=False).ok


def test_a_captured_request_that_was_changed_does_not_verify() -> None:
    assert "no signature matches" in verify_captured(captured(body=BODY + b"\n"), [SECRET]).reason


def test_half_a_request_is_told_apart_from_a_forged_one() -> None:
    assert "capture the request whole" in verify_captured(b"webhook-id: 1", [SECRET]).reason


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(BadKeyError, match="whsec_"):
        verify_captured(captured(), ["hunter2"])


def test_the_test_alert_says_that_it_is_a_test() -> None:
    alert = probe_alert(datetime.now(UTC))
    assert alert.labels["severity"] == "none"
    assert "test" in alert.annotations["summary"]
