"""Opens the whole line on the run's broker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path

import pytest

from tocsin.streaming.settings import Settings
from whole_line import Line, open_line

Open = Callable[[], AbstractAsyncContextManager[Line]]


@pytest.fixture
def line(settings: Settings, tmp_path: Path) -> Open:
    """Opens the whole line, each time under topics of its own."""
    numbers = count()

    def opened() -> AbstractAsyncContextManager[Line]:
        number = next(numbers)
        kafka = settings.kafka.model_copy(update={"topic_prefix": f"{settings.kafka.topic_prefix}{number}."})
        return open_line(settings.model_copy(update={"kafka": kafka}), tmp_path / f"line-{number}")

    return opened
