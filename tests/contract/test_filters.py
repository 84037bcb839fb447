"""What a subscriber's filters mean, stream by stream."""

from __future__ import annotations

import pytest
from golden import EXAMPLES

from tocsin_schemas.filters import Wanted, countries_of
from tocsin_schemas.topics import short_name


def state(revision: int, status: str) -> dict[str, object]:
    return {"revision": revision, "status": status, "holder": "front"}


@pytest.mark.parametrize("below", ["claimed", "contested", "retracted"])
def test_a_state_that_falls_below_is_told_once(below: str) -> None:
    wanted = Wanted(min_status="confirmed")
    statuses = ["claimed", "confirmed", below, below, "confirmed"]
    told = [wanted.takes(state(revision, status), "korvat") for revision, status in enumerate(statuses, 1)]
    assert told == [False, True, True, False, True]
    assert not wanted.takes(state(1, below), "isker")


def test_what_was_told_before_a_restart_is_not_known_and_so_told() -> None:
    wanted = Wanted(min_status="confirmed")
    assert wanted.takes(state(7, "contested"), "korvat")
    assert not wanted.takes(state(8, "contested"), "korvat")


def test_an_event_is_as_sure_as_its_modality_and_its_retraction_always_told() -> None:
    wanted = Wanted(min_status="confirmed")
    assert [wanted.takes({"modality": m}, "k") for m in ("asserted", "claimed", "denied")] == [True, False, False]
    assert wanted.takes({"modality": "claimed", "retracted": True}, "k")


def test_an_alert_names_its_country_in_a_label() -> None:
    (alert, *_) = [path.read_text("utf-8") for topic, path in EXAMPLES if short_name(topic.name) == "alerts"]
    assert '"place.country": "XVR"' in alert
    assert countries_of({"labels": {"place.country": "XVR", "severity": "page"}}) == {"XVR"}
    assert Wanted(country="XVR").takes({"labels": {"place_country": "XVR"}}, "k")
    assert not Wanted(country="AFG").takes({"labels": {"place_country": "XVR"}}, "k")
