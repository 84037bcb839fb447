"""Errors, by what can be done about them.

    StreamingError
    ├── SettingsError     the operator: correct the setting that the message names
    ├── TransientError    time: the same again, in place, until it works
    ├── PoisonError       nobody here: this record goes to its dead-letter topic, the next one is taken
    └── FatalError        the supervisor: this process cannot go on; it ends unacknowledged and is started again

A handler may raise any of them. `remedy_for` says what becomes of every other exception: what the machine or the
broker did is never the record's fault, so it ends the process; the rest the record did, so it is a dead letter.
"""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from enum import Enum, auto
from typing import Final

from aiokafka.errors import KafkaError

EXIT_FATAL: Final = 70
"""Exit status of a process that could not go on (EX_SOFTWARE of sysexits.h): start it again."""

EXIT_SETTINGS: Final = 78
"""Exit status of a process with wrong settings (EX_CONFIG of sysexits.h): starting it again does not help."""


class StreamingError(Exception):
    """What a service on Kafka can raise on purpose."""


class SettingsError(StreamingError):
    """A setting is missing or wrong; the message names it and says what is expected."""


class TransientError(StreamingError):
    """It may work in a moment."""


class PoisonError(StreamingError):
    """This record will never work, however often it is tried."""


class FatalError(StreamingError):
    """The process is in a state in which it must not go on."""


class Remedy(Enum):
    """What to do about an exception from a handler."""

    RETRY = auto()
    DEAD_LETTER = auto()
    EXIT = auto()


def remedy_for(error: BaseException) -> Remedy:
    """What to do about `error`, raised while a record was handled."""
    if isinstance(error, TransientError):
        return Remedy.RETRY
    if isinstance(error, PoisonError):
        return Remedy.DEAD_LETTER
    if isinstance(error, StreamingError | KafkaError | OSError | MemoryError | BrokenExecutor):
        return Remedy.EXIT
    return Remedy.DEAD_LETTER if isinstance(error, Exception) else Remedy.EXIT
