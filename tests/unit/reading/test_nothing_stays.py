"""A reading goes when nobody needs it any more: an extractor runs for months."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

from tocsin.cli.extractors import extractors
from tocsin.reading import Reading


def test_a_reading_that_was_read_is_let_go(read: Callable[..., Reading]) -> None:
    text = "Rebels captured Kunduz and soldiers surrendered. “We hold it,” said Omar Tal. Envoys met in Doha, he added."
    reading = read(text + " The army fought them with artillery along the front line.", "Kunduz falls")
    assert {event.type for extractor in extractors() for event in extractor.extract(reading)} >= {
        "capture",
        "statement",
    }
    kept = weakref.ref(reading)
    del reading
    gc.collect()
    assert kept() is None
