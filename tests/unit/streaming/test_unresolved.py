"""What of an event stayed without an id is counted, so that a war whose names we lack shows in Prometheus."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.streaming.extracting import unresolved
from tocsin_schemas import Actor, Capture, Diplomacy, Place, Statement
from tocsin_schemas.events import Speaker

KNOWN = Actor(text="Taliban", id="taliban")
UNKNOWN = Actor(text="the men from the hills")
KUNDUZ = Place(text="Kunduz", name="Kunduz", kind="city", precision="exact", id="geonames:1135690")


def event(model: type[Any], **fields: Any) -> Any:
    """Only the fields that are looked at."""
    return model.model_construct(type=model.model_fields["type"].default, **fields)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event(Capture, place=KUNDUZ, captor=KNOWN), []),
        (event(Capture, place=None, captor=None), []),
        (event(Capture, place=KUNDUZ.model_copy(update={"id": None}), captor=UNKNOWN), ["place", "captor"]),
        (event(Diplomacy, place=KUNDUZ, participants=[KNOWN, UNKNOWN, UNKNOWN]), ["participant"]),
        (event(Diplomacy, place=None, participants=[KNOWN]), []),
        (event(Statement, speaker=None), ["speaker"]),
        (event(Statement, speaker=Speaker(text="an elder")), ["speaker"]),
        (event(Statement, speaker=Speaker(text="Tal", id="person:tal")), []),
    ],
)
def test_what_has_no_id_is_named_once(told: Any, expected: list[str]) -> None:
    assert unresolved(told) == expected
