"""A circuit per receiver: one that fails is left alone for a while, then asked with a single message. Pure.

After M. Nygard, "Release It!" (2018), "Circuit Breaker". The circuit delays tries, it never uses them up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from .delivery import Answer, Outcome

THRESHOLD: Final = 5
"""Failures in a row that open the circuit."""

COOLDOWN: Final = timedelta(seconds=30)
MAX_COOLDOWN: Final = timedelta(minutes=10)
"""An open circuit lets one message through after 30 s, then twice as long after each failure, up to 10 minutes."""

Hold = Literal["free", "open", "probing", "asked_to_wait"]


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a message may go now, and if not until when (None: until the probe under way is answered)."""

    hold: Hold
    until: datetime | None = None

    @property
    def free(self) -> bool:
        return self.hold == "free"


@dataclass(slots=True)
class Circuit:
    """The state of one receiver. It lives in memory only: after a restart every receiver is tried afresh."""

    failures: int = 0
    cooldown: timedelta = COOLDOWN
    open_until: datetime | None = None
    wait_until: datetime | None = None
    probing: bool = False

    @property
    def is_open(self) -> bool:
        return self.open_until is not None

    def admit(self, now: datetime) -> Admission:
        """Whether a message may start now."""
        if self.wait_until is not None and now < self.wait_until:
            return Admission("asked_to_wait", self.wait_until)
        if self.open_until is None:
            return Admission("free")
        if now < self.open_until:
            return Admission("open", self.open_until)
        return Admission("probing") if self.probing else Admission("free")

    def started(self) -> None:
        """A message has been let through."""
        self.probing = self.is_open

    def abandoned(self) -> None:
        """A message that was let through will bring no answer (its partition moved away)."""
        self.probing = False

    def answered(self, answer: Answer, now: datetime) -> bool:
        """Take an answer in. True when it closed an open circuit: the receiver is back."""
        was_probe, self.probing = self.probing, False
        if answer.outcome is Outcome.DELIVERED:
            was_open = self.is_open
            self.failures, self.cooldown, self.open_until = 0, COOLDOWN, None
            return was_open
        if answer.retry_after is not None:
            self.wait_until = max(self.wait_until or now, now + answer.retry_after)
            if answer.outcome is Outcome.THROTTLED:
                return False  # it lives, and says when it will listen again
        self.failures += 1
        if was_probe:
            self.cooldown = min(self.cooldown * 2, MAX_COOLDOWN)
            self.open_until = now + self.cooldown
        elif not self.is_open and self.failures >= THRESHOLD:
            self.open_until = now + self.cooldown
        return False
