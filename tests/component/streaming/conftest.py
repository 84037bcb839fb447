"""The lab's fixture: its topics on the run's broker, and no service running yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from lab_process import Lab
from streaming_lab import ECHO

from tocsin.streaming.topics import all_topics, create, on_broker

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings


@pytest.fixture
async def lab(settings: Settings, service_environment: dict[str, str]) -> AsyncIterator[Lab]:
    """A lab with its topics, and no service running yet."""
    await create([*all_topics(settings), on_broker(ECHO, settings)], settings)
    made = Lab(settings, service_environment)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()
