"""Which Kafka a command works on: the one that the settings name, or an embedded one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .broker import EmbeddedKafka, port_is_free

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings

USUAL_PORT: Final = 9092
"""Kafka's own, and the default of `kafka.bootstrap`: other commands find the embedded broker without being told."""


@contextmanager
def cluster(settings: Settings, report: Callable[[str], None] = lambda line: None) -> Iterator[Settings]:
    """Settings with a cluster that serves for as long as the context lasts.

    `kafka.bootstrap` set by anyone (TOCSIN_KAFKA__BOOTSTRAP): that cluster, untouched. Otherwise an embedded Kafka
    with its data under `state_dir`, on port 9092 or, when that is taken, on a free one.
    Raises EmbeddedKafkaError when it cannot start.
    """
    if "bootstrap" in settings.kafka.model_fields_set:
        yield settings
        return
    port = USUAL_PORT if port_is_free(USUAL_PORT) else None
    with EmbeddedKafka(settings.state_dir / "kafka", port, report) as kafka:
        own = settings.kafka.model_copy(update={"bootstrap": kafka.bootstrap})
        yield settings.model_copy(update={"kafka": own})
