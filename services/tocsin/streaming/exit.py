"""The way out for a process that must not go on: at once, with a reason, without acknowledging anything."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

from .errors import EXIT_FATAL
from .logs import get_logger

log = get_logger()


def die(reason: str, status: int = EXIT_FATAL) -> NoReturn:
    """Log `reason` and end the process, whatever else runs in it. What is not committed is read again.

    Not an exception: Faust and asyncio catch those, and would go on with a record lost.
    """
    log.critical("the process ends to be started again", reason=reason, status=status)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def or_die(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`, which is not meant to end: what it raises ends the process."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        log.exception("unforeseen")
        die(f"{type(error).__name__}: {error}")
