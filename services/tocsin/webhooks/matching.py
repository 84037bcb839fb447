"""Which alerts a receiver wants, and when it does not want to be disturbed. Pure.

Matchers are Alertmanager's: `severity="critical"`, `country!="AFG"`, `rule=~"Capital.*"`, `team!~"a|b"`; regular
expressions match the whole value, a label that is absent counts as empty (Alertmanager manual, "Matcher").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tocsin_schemas import Alert

_MATCHER: Final = re.compile(r'\s*([A-Za-z_][\w.:-]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*')

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label. `pattern` is set for =~ and !~."""

    label: str
    operator: str
    value: str
    pattern: re.Pattern[str] | None

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels meet the condition."""
        found = labels.get(self.label, "")
        equal = self.pattern.fullmatch(found) is not None if self.pattern else found == self.value
        return equal is (self.operator in ("=", "=~"))


def parse_matcher(text: str) -> Matcher:
    """The matcher that `text` spells. Raises ValueError, which says what was expected."""
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f'not a matcher: {text!r}; write label="value", or !=, =~, !~ in place of =')
    label, operator, quoted, bare = found.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None and "~" not in operator else quoted or bare or ""
    if operator not in ("=~", "!~"):
        return Matcher(label, operator, value, None)
    try:
        return Matcher(label, operator, value, re.compile(value))
    except re.error as error:
        raise ValueError(f"not a regular expression in {text!r}: {error}") from None


def labels_of(alert: Alert) -> dict[str, str]:
    """The labels that matchers and groups see: the alert's, and its rule as `alertname`."""
    return {"alertname": alert.rule, **alert.labels}


def group_of(labels: Mapping[str, str], group_by: Sequence[str]) -> dict[str, str]:
    """The labels that name an alert's group; without `group_by` every alert is a group of its own."""
    return {name: labels.get(name, "") for name in group_by} if group_by else dict(labels)


@dataclass(frozen=True, slots=True)
class MuteWindow:
    """A time of day, on some weekdays, in which a receiver is not disturbed. `end` before `start`: over midnight.

    `start` and `end` are minutes after local midnight, `end` at most 1440.
    """

    weekdays: frozenset[str]
    start: int
    end: int
    zone: str

    def until(self, now: datetime) -> datetime | None:
        """The end of the window that holds `now`, in UTC, or None."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        length = self.end - self.start if self.end > self.start else self.end - self.start + 1440
        for day in (today - timedelta(days=1), today):
            if WEEKDAYS[day.weekday()] not in self.weekdays:
                continue
            midnight = datetime.combine(day, time(), zone)
            opens = midnight + timedelta(minutes=self.start)
            closes = midnight + timedelta(minutes=self.start + length)
            if opens <= now < closes:
                return closes.astimezone(UTC)
        return None


def muted_until(windows: Sequence[MuteWindow], now: datetime) -> datetime | None:
    """The latest end of the windows that hold `now`, or None when none does."""
    return max((end for window in windows if (end := window.until(now)) is not None), default=None)
