"""Publication times with their zone, and without one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.times import point_in_time

KABUL = ZoneInfo("Asia/Kabul")


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("2021-08-11T09:00:00Z", "2021-08-11T09:00"),
        ("2021-08-11T13:30:00+04:30", "2021-08-11T09:00"),
        ("2021-08-11 09:00:00 UTC", "2021-08-11T09:00"),
        ("2021-08-11 12:00:00 +0300", "2021-08-11T09:00"),
        ("20210811T090000Z", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 09:00:00 GMT", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00 +0430", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 05:00:00 EDT", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 04:00:00 EST", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00 AFT", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00 +0430 (AFT)", "2021-08-11T09:00"),
        ("11 Aug 2021 09:00 UT", "2021-08-11T09:00"),
        ("Wed, 11 Aug 21 09:00:00 GMT", "2021-08-11T09:00"),
        # no zone, or a name that several zones share: the source's own (Kabul, +04:30)
        ("2021-08-11T13:30:00", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00 -0000", "2021-08-11T09:00"),
        ("Wed, 11 Aug 2021 13:30:00 IST", "2021-08-11T09:00"),
        ("2021-08-11", "2021-08-11T07:30"),
    ],
)
def test_a_printed_time_is_a_point_in_time(printed: str, utc: str) -> None:
    found = point_in_time(printed, KABUL)
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("printed", ["", "  ", "yesterday", "2021-13-45", "Wed, 99 Foo 2021", "0000-00-00T00:00:00Z"])
def test_what_is_no_time_is_none(printed: str) -> None:
    assert point_in_time(printed) is None


def test_without_a_configured_zone_a_bare_time_is_utc() -> None:
    assert point_in_time("2021-08-11T09:00:00") == datetime(2021, 8, 11, 9, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.timezones(), allow_imaginary=False))
def test_what_is_printed_in_iso_comes_back(when: datetime) -> None:
    assert point_in_time(when.isoformat()) == when.astimezone(UTC)


@given(st.text(max_size=80))
def test_nothing_that_is_printed_makes_it_stumble(printed: str) -> None:
    found = point_in_time(printed)
    assert found is None or found.tzinfo is UTC
