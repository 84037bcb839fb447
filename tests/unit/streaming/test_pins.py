"""The lines of Faust that `streaming/hardening.py` rests on: when one changes, read it again before the pin moves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import pytest
from faust.app.base import App
from faust.tables.recovery import Recovery
from faust.transport import consumer
from faust.transport.drivers import aiokafka as driver

PINNED: list[tuple[Callable[..., Any], str]] = [
    (consumer.Consumer._new_offset, "1d2c7ea89a7ad4f1"),
    (driver.Consumer.perform_seek, "0e8c130ff4b0afd8"),
    (driver.Consumer.verify_all_partitions_active, "4e0e46f5c297305d"),
    (driver.Producer._settings_extra, "a4c7bc41b6382223"),
    (driver.Producer.on_start, "219c9a7a785d77b2"),
    (Recovery.on_recovery_completed, "6ef567acf072e46d"),
    (App.on_rebalance_start, "5c1e23de30674082"),
    (App.on_rebalance_end, "b7ff69e1e3772f30"),
    (App._create_directories, "a9f571c3b04abec3"),
]


def test_faust_is_the_version_that_was_read() -> None:
    assert version("faust-streaming") == "0.15.3"


@pytest.mark.parametrize(("function", "pin"), PINNED, ids=lambda value: getattr(value, "__qualname__", ""))
def test_the_lines_under_the_hardening_have_not_changed(function: Callable[..., Any], pin: str) -> None:
    assert sha256(inspect.getsource(function).encode()).hexdigest()[:16] == pin
