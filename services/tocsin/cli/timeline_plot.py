"""A picture of alerts over time, as SVG: a row for each rule and group, a bar from firing to resolved.

A bar stands in event time; the mark on it says when it was rung, which is later by what the news took. Numbers are
the values, at the threshold and at each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final

from tocsin_schemas import Alert

WIDTH: Final = 1100
LEFT: Final = 330
RIGHT: Final = 30
TOP: Final = 58
ROW: Final = 34
BAR: Final = 16
TICKS: Final = 9
"""Labels of the time axis, at most."""
STEPS: Final = tuple(
    [timedelta(minutes=m) for m in (1, 5, 15, 30)]
    + [timedelta(hours=h) for h in (1, 3, 6, 12)]
    + [timedelta(days=d) for d in (1, 2, 7, 14, 30, 91, 182, 365, 730, 1826, 3652)]
)
"""What may lie between two of them."""
COLORS: Final = {"firing": "#c0392b", "resolved": "#e59866", "taken back": "#b3b6b7"}
LABEL: Final = 46
"""Characters of a row's name."""


@dataclass
class _Bar:
    """An episode: its last state, when it was rung, and when each value was told."""

    last: Alert
    rung: datetime
    told: list[tuple[datetime, Alert]] = field(default_factory=list[tuple[datetime, Alert]])


def draw(alerts: Sequence[tuple[datetime, Alert]]) -> str:
    """The SVG document of the states of alerts, each with the time at which it was known."""
    rows = _rows(alerts)
    height = TOP + ROW * max(len(rows), 1) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    if not rows:
        parts.append(_text(20, TOP, "no alert fired"))
    else:
        axis = _Axis.over(bar for _, bars in rows for bar in bars)
        parts += _legend()
        parts += axis.drawn(height)
        for number, (name, bars) in enumerate(rows):
            y = TOP + ROW * number + 8
            parts.append(f'<line x1="0" x2="{WIDTH}" y1="{y - 8}" y2="{y - 8}" stroke="#eee"/>')
            parts.append(f"<g><title>{escape(name)}</title>{_text(10, y + 12, _shortened(name))}</g>")
            for bar in bars:
                parts += _bar(bar, axis, y)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _rows(alerts: Iterable[tuple[datetime, Alert]]) -> list[tuple[str, list[_Bar]]]:
    """The bars of each fingerprint, named by its rule and group, in the order in which they first rang."""
    rows: dict[str, dict[str, _Bar]] = {}
    names: dict[str, str] = {}
    for at, alert in alerts:
        names.setdefault(alert.fingerprint, " ".join([alert.rule, *alert.replay.group.values()]))
        bar = rows.setdefault(alert.fingerprint, {}).setdefault(alert.id, _Bar(alert, at))
        bar.last = alert
        if alert.state == "firing" and alert.value and (not bar.told or bar.told[-1][1].value != alert.value):
            bar.told.append((at, alert))
    return [(names[fingerprint], list(bars.values())) for fingerprint, bars in rows.items()]


@dataclass(frozen=True)
class _Axis:
    """Time from left to right."""

    start: datetime
    end: datetime

    @classmethod
    def over(cls, bars: Iterable[_Bar]) -> _Axis:
        """From the first start to the last that is known, with a little room on both sides."""
        times = [at for bar in bars for at in (bar.last.starts_at, bar.last.ends_at or bar.rung, bar.rung)]
        room = max((max(times) - min(times)) / 30, timedelta(minutes=30))
        return cls(min(times) - room, max(times) + room)

    def x(self, at: datetime) -> float:
        """Where a time stands, in pixels."""
        return LEFT + (WIDTH - LEFT - RIGHT) * ((at - self.start) / (self.end - self.start))

    def drawn(self, height: int) -> list[str]:
        """Lines and their labels, in UTC."""
        step = next((step for step in STEPS if (self.end - self.start) / step <= TICKS), STEPS[-1])
        days = step / timedelta(days=1)
        shown = "%b %Y" if days >= 30 else "%d %b %Y" if days >= 1 else "%d %b %H:%M"
        zero = datetime(1970, 1, 1, tzinfo=UTC)
        parts: list[str] = []
        at = zero + step * -(-(self.start - zero) // step)
        while at <= self.end:
            x = self.x(at)
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height}" stroke="#ddd"/>')
            parts.append(_text(x, TOP - 12, at.strftime(shown), anchor="middle", color="#666"))
            at += step
        return parts


def _bar(bar: _Bar, axis: _Axis, y: int) -> list[str]:
    last = bar.last
    kind = "taken back" if last.change == "taken back" else last.state
    ends = last.ends_at or axis.end
    first, stop = axis.x(last.starts_at), axis.x(max(ends, last.starts_at))
    width = max(3.0, stop - first)
    parts = [
        f"<g><title>{escape(_told(bar))}</title>",
        f'<rect x="{first:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3" fill="{COLORS[kind]}"/>',
    ]
    rung = axis.x(bar.rung)
    parts.append(f'<path d="M{rung:.1f} {y + BAR} l-4 7 h8 z" fill="#333"/>')
    free = first + 3
    for at, alert in bar.told:
        of = f" of {alert.of}" if alert.of and alert is bar.told[-1][1] else ""
        value = f"{round(alert.value, 2):g}{of}"
        x = max(free, axis.x(at) if alert is not bar.told[0][1] else 0.0)
        if x + 7 * len(value) <= max(stop, first + width):
            parts.append(_text(x, y + 12, value, color="white" if kind == "firing" else "#222"))
            free = x + 7 * len(value) + 6
    return [*parts, "</g>"]


def _told(bar: _Bar) -> str:
    """All about a bar, for who points at it."""
    last = bar.last
    of = f" of {last.of}" if last.of else ""
    ends = f", resolved {last.ends_at:%Y-%m-%d %H:%M} ({last.reason})" if last.ends_at is not None else ""
    summary = last.annotations.get("summary", "")
    return (
        f"{last.rule}: {last.value:g}{of}, since {last.starts_at:%Y-%m-%d %H:%M}, "
        f"known {bar.rung:%Y-%m-%d %H:%M}{ends}. {summary}"
    )


def _legend() -> list[str]:
    parts: list[str] = []
    x = 10.0
    for kind, color in COLORS.items():
        parts.append(f'<rect x="{x}" y="12" width="14" height="12" rx="3" fill="{color}"/>')
        parts.append(_text(x + 20, 22, kind, color="#333"))
        x += 96
    parts.append(f'<path d="M{x + 4} 14 l-4 7 h8 z" fill="#333"/>')
    parts.append(_text(x + 14, 22, "when it became known; bars and times in event time, UTC", color="#333"))
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", color: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{escape(text)}</text>'


def _shortened(name: str) -> str:
    return name if len(name) <= LABEL else name[: LABEL - 1] + "…"
