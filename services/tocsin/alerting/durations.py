"""Durations as Prometheus writes them: "7d", "24h", "1d12h", "0s"."""

# pyright: strict
from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

MICROS: Final = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
"""Microseconds in a second, minute, hour, day and week."""

LONGEST: Final = timedelta(days=3650)
_SHAPE: Final = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def parse_duration(text: object) -> timedelta:
    """The duration that `text` names. Raises ValueError, saying what was expected, for anything else."""
    expected = 'expected a duration such as "7d", "24h" or "1d12h" (w, d, h, m, s)'
    if not isinstance(text, str) or not text:
        raise ValueError(f"{expected}, not {text!r}")
    found = _SHAPE.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{expected}, not {text!r}")
    micros = sum(int(count or 0) * MICROS[unit] for unit, count in zip("wdhms", found.groups(), strict=True))
    if micros > LONGEST // timedelta(microseconds=1):
        raise ValueError(f"expected a duration of at most ten years, not {text!r}")
    return timedelta(microseconds=micros)


def format_duration(duration: timedelta) -> str:
    """The shortest text that `parse_duration` reads as `duration`, to the second; weeks stay days ("7d")."""
    rest = duration // timedelta(seconds=1)
    parts: list[str] = []
    for unit in "dhms":
        count, rest = divmod(rest, MICROS[unit] // MICROS["s"])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
