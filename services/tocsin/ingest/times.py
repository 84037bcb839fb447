"""Publication times as feeds, mails and pages print them, with their zone.

RFC 3339 and RFC 5322 carry an offset. Some feeds print none, or a name ("AFT", "IST") that several zones share: such
a time is local time in the zone that the source is configured with, and UTC when there is none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_tz
from typing import Final

_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}([T ]\d{2}:?\d{2}.*)?")
_OFFSET = re.compile(r"[+-]\d{4}(?: \([^)]*\))?$")
_NAMED: Final = {
    # RFC 5322, section 4.3, and the names that mean one thing wherever they stand in news feeds
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "est": -5 * 3600,
    "edt": -4 * 3600,
    "cdt": -5 * 3600,
    "mdt": -6 * 3600,
    "pst": -8 * 3600,
    "pdt": -7 * 3600,
    "cet": 1 * 3600,
    "cest": 2 * 3600,
    "eet": 2 * 3600,
    "eest": 3 * 3600,
    "msk": 3 * 3600,
    "trt": 3 * 3600,
    "wat": 1 * 3600,
    "cat": 2 * 3600,
    "sast": 2 * 3600,
    "eat": 3 * 3600,
    "pkt": 5 * 3600,
    "aft": 4 * 3600 + 1800,
    "irst": 3 * 3600 + 1800,
    "jst": 9 * 3600,
    "kst": 9 * 3600,
}


def point_in_time(printed: str, zone: tzinfo = UTC) -> datetime | None:
    """The time in UTC that `printed` names, or None when it names none. A day alone is its noon in `zone`.

    `zone` is that of times without an offset, and of offsets whose name several zones share.
    """
    text = " ".join(printed.split())
    if not text:
        return None
    try:
        return _iso(text, zone) if _ISO.fullmatch(text) else _rfc_5322(text, zone)
    except (ValueError, OverflowError):
        return None


def _iso(text: str, zone: tzinfo) -> datetime:
    when = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))
    if len(text) <= len("2021-08-11"):
        when = when.replace(hour=12)
    return (when if when.tzinfo is not None else when.replace(tzinfo=zone)).astimezone(UTC)


def _rfc_5322(text: str, zone: tzinfo) -> datetime | None:
    parsed = parsedate_tz(text)
    if parsed is None:
        return None
    local = datetime(*parsed[:6])
    name = text.rsplit(" ", 1)[-1].strip("()").lower()
    offset = _NAMED.get(name)
    if offset is None and _OFFSET.search(text) and not text.endswith("-0000"):  # "-0000": a time of no known zone
        offset = parsed[9]
    if offset is None:
        return local.replace(tzinfo=zone).astimezone(UTC)
    return datetime.fromtimestamp(local.replace(tzinfo=UTC).timestamp() - offset, UTC)
