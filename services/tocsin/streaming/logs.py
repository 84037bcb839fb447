"""JSON logs on stderr, one object a line, for our own lines and for those of the libraries.

aiokafka has no back-off in its logging: with the broker away it writes thousands of lines a second. The filter here
lets the first few of a kind through in each minute and says how many it held back.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import orjson
import structlog

LINES_A_MINUTE: Final = 5
"""Lines of one kind (logger and message template) that a library may write in a minute."""

EventDict = MutableMapping[str, Any]

OWN: Final = "tocsin"
LIBRARIES: Final = ("aiokafka", "faust", "mode", "tocsin.streaming.")
"""Loggers of libraries; Faust's services log under the module of our subclass."""


class RateLimit(logging.Filter):
    """Passes the first `lines` of a kind in each minute; the first one of a later minute tells what was held back."""

    def __init__(self, lines: int = LINES_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._lines = lines
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written. Our own lines always are."""
        if record.name.partition(".")[0] == OWN and not record.name.startswith(LIBRARIES):
            return True
        kind, now = (record.name, str(record.msg)), self._clock()
        since, count = self._seen.get(kind, (now, 0))
        if now - since >= 60:
            record.held_back = max(0, count - self._lines)
            since, count = now, 0
        self._seen[kind] = (since, count + 1)
        return count < self._lines


def configure(service: str, level: str = "info") -> None:
    """Send all logs of this process to stderr as JSON. `service` stands in every line; `level` is a LogLevel."""
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RateLimit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(service), _held_back],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _json],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in LIBRARIES:  # at "info" they tell each step of theirs
        logging.getLogger(name.rstrip(".")).setLevel(max(number, logging.WARNING) if number > logging.DEBUG else number)
    # Faust builds debug records for every message, whoever reads them: a tenth of its throughput (STREAMING.md).
    logging.disable(number - 1 if number > logging.DEBUG else logging.NOTSET)
    structlog.configure(
        processors=[*_shared(service), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get_logger(name: str = OWN) -> Any:
    """A structlog logger: `log.info("what happened", topic=..., offset=...)`."""
    return structlog.stdlib.get_logger(name)


def _shared(service: str) -> list[Any]:
    def with_service(_: Any, __: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        with_service,
    ]


def _held_back(_: Any, __: str, event: EventDict) -> EventDict:
    held = getattr(event.get("_record"), "held_back", 0)
    return {**event, "held_back": held} if held else event


def _json(_: Any, __: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
