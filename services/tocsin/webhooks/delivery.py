"""What becomes of a delivery: ids, the schedule of tries, and what an answer means. Pure: no clock, no sockets.

Sources: Standard Webhooks 1.0 ("Deliverability and reliability": 2xx alone is success, redirects are failures,
410 ends it, the example schedule of tries, jitter), RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, Literal

from tocsin_schemas import Alert, Attempt, Delivery
from tocsin_schemas.ids import name_id

SCHEDULE: Final = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Waits before each try, counted from the try before: at once, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h."""

JITTER: Final = 0.2
"""Each wait is longer or shorter by up to this share, so that receivers that failed together return apart."""

MAX_RETRY_AFTER: Final = timedelta(hours=24)
"""A receiver that asks for more patience than this is asked again after this."""

LOG_LENGTH: Final = 50
"""Attempts kept in a delivery's record; reminders and redeliveries add to the ten of the schedule."""

Random = Callable[[], float]
"""A number from [0, 1), such as `random.random`."""


class Outcome(StrEnum):
    """What one try came to: the closed set that metrics, the delivery log and decisions share."""

    DELIVERED = "delivered"
    GONE = "gone"
    REDIRECT = "redirect"
    THROTTLED = "throttled"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    REFUSED_ADDRESS = "refused_address"
    MISCONFIGURED = "misconfigured"


class Reason(StrEnum):
    """Why a delivery is where it is: the closed set of `Delivery.reason`."""

    NEW = "new"
    DELIVERED = "delivered"
    RETRY = "retry"
    RETRY_AFTER = "retry_after"
    REPEAT = "repeat"
    REDELIVERY = "redelivery"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    GONE = "gone"
    SUPERSEDED = "superseded"
    FIRING_NOT_SENT = "firing_not_sent"


MAY_HAVE_ARRIVED: Final = frozenset({Outcome.DELIVERED, Outcome.TIMEOUT, Outcome.CONNECTION, Outcome.SERVER_ERROR})
"""After these the receiver may have acted on the message, whatever it answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one try. `status` is null when nothing did; `retry_after` what the receiver asked for."""

    outcome: Outcome
    duration: timedelta
    status: int | None = None
    retry_after: timedelta | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next with a delivery, and why. `next_at` is set while it is pending."""

    state: Literal["pending", "delivered", "failed", "skipped"]
    reason: Reason
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """A receiver's schedule of tries: the first is made at once, whatever its wait says."""

    schedule: tuple[timedelta, ...] = SCHEDULE
    jitter: float = JITTER

    @property
    def patience(self) -> timedelta:
        """After this time a delivery is given up even if its receiver was never free to be tried."""
        return sum(self.schedule, timedelta()) * (1 + self.jitter) + timedelta(minutes=1)


def delivery_id(alert: Alert, receiver: str) -> str:
    """The id of this state of the alert for `receiver`: the same after a crash, a replay, on another machine."""
    return name_id("delivery", alert.id, str(alert.revision), receiver)


def message_id(delivery: str, repeat: int) -> str:
    """The `webhook-id` of a delivery that travels alone; each reminder has its own."""
    return delivery if repeat == 0 else name_id("reminder", delivery, str(repeat))


def batch_id(ids: Sequence[str]) -> str:
    """The `webhook-id` of a message of several: it names exactly these deliveries, in any order."""
    return ids[0] if len(ids) == 1 else name_id("batch", *sorted(ids))


def classify(status: int, retry_after: timedelta | None) -> Outcome:
    """What an HTTP status says of the message (RFC 9110, section 15)."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    if status == 429 or (status == 503 and retry_after is not None):
        return Outcome.THROTTLED
    if 300 <= status < 400:
        return Outcome.REDIRECT
    return Outcome.CLIENT_ERROR if status < 500 else Outcome.SERVER_ERROR


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, at most `MAX_RETRY_AFTER`; None for none or nonsense."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    try:
        asked = parsedate_to_datetime(text)
    except ValueError:
        return None
    asked = asked.replace(tzinfo=UTC) if asked.tzinfo is None else asked
    return min(max(asked - now, timedelta()), MAX_RETRY_AFTER)


def decide(tries: int, answer: Answer, now: datetime, retry: Retry, random: Random) -> Decision:
    """What to do after try number `tries` (1 is the first) was answered with `answer`."""
    if answer.outcome is Outcome.DELIVERED:
        return Decision("delivered", Reason.DELIVERED)
    if answer.outcome is Outcome.GONE:
        return Decision("failed", Reason.GONE)
    if tries >= len(retry.schedule):
        return Decision("failed", Reason.EXHAUSTED)
    wait = retry.schedule[tries] * (1 + retry.jitter * (2 * random() - 1))
    if answer.retry_after is not None and answer.retry_after > wait:
        return Decision("pending", Reason.RETRY_AFTER, now + answer.retry_after)
    return Decision("pending", Reason.RETRY, now + wait)


def new_delivery(alert: Alert, receiver: str, alert_offset: int, now: datetime) -> Delivery:
    """The pending delivery of `alert`, which stood at `alert_offset` of its partition, due at once."""
    return Delivery(
        id=delivery_id(alert, receiver),
        receiver=receiver,
        alert=alert,
        state="pending",
        next_at=now,
        reason=Reason.NEW,
        created_at=now,
        alert_offset=alert_offset,
    )


def tries_made(delivery: Delivery) -> int:
    """Tries since it was last made pending: reminders and redeliveries start the schedule anew."""
    made = 0
    for attempt in reversed(delivery.attempts):
        if attempt.outcome in (Outcome.DELIVERED, Outcome.GONE, RESTART):
            break
        made += 1
    return made


RESTART: Final = "restart"
"""Outcome of the mark that a redelivery leaves in the attempts: what came before counts no more."""


def after(delivery: Delivery, decision: Decision, attempt: Attempt | None = None) -> Delivery:
    """The record after a decision, with the attempt that led to it, if one did."""
    attempts = [*delivery.attempts, attempt] if attempt else delivery.attempts
    return delivery.model_copy(
        update={
            "state": decision.state,
            "reason": str(decision.reason),
            "next_at": decision.next_at,
            "attempts": attempts[-LOG_LENGTH:],
        }
    )


def attempted(answer: Answer, at: datetime, message: str) -> Attempt:
    """The log's line for an answer to a try that began `at` and went out under the webhook-id `message`."""
    return Attempt(
        at=at,
        status=answer.status,
        outcome=str(answer.outcome),
        duration_ms=round(max(answer.duration.total_seconds(), 0.0) * 1000, 3),
        detail=answer.detail,
        message=message,
    )


def repeated(delivery: Delivery) -> Delivery:
    """The reminder that follows a delivered, still firing alert: the same record, pending again until `next_at`."""
    return delivery.model_copy(update={"repeat": delivery.repeat + 1, "created_at": delivery.next_at, "message": None})


def redelivered(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery as somebody asked to have it sent again: due now, under its first webhook-id."""
    mark = Attempt(at=now, outcome=RESTART, duration_ms=0, detail="redelivery asked for")
    return after(
        delivery.model_copy(update={"created_at": now, "message": None}),
        Decision("pending", Reason.REDELIVERY, now),
        mark,
    )


def arrived(delivery: Delivery) -> bool:
    """Whether the receiver has answered any try of this delivery with success."""
    return any(attempt.outcome == Outcome.DELIVERED for attempt in delivery.attempts)


def was_asked_for(delivery: Delivery) -> bool:
    """Whether somebody has asked to have it sent again."""
    return any(attempt.outcome == RESTART for attempt in delivery.attempts)


def may_have_arrived(delivery: Delivery) -> bool:
    """Whether the receiver may have acted on this delivery, whatever it answered."""
    return any(attempt.outcome in MAY_HAVE_ARRIVED for attempt in delivery.attempts)
