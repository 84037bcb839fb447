"""A picture of alerts over time, as SVG: one bar from firing to resolved, one row for each alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Final

from tocsin_schemas import Alert

WIDTH: Final = 960
LEFT: Final = 300
ROW: Final = 28


def draw(alerts: Sequence[Alert]) -> str:
    """The SVG document. The last state of each episode counts; one that is still firing runs to the right edge."""
    last = {alert.id: alert for alert in alerts}
    rows = sorted(last.values(), key=lambda a: (a.starts_at, a.fingerprint))
    height = ROW * (len(rows) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    if not rows:
        parts.append(f'<text x="20" y="{ROW}">no alert fired</text>')
    else:
        start = min(alert.starts_at for alert in rows)
        end = max(alert.ends_at or alert.updated_at for alert in rows)
        length = max((end - start).total_seconds(), 3600.0)

        def x(at: float) -> float:
            return LEFT + (WIDTH - LEFT - 20) * min(1.0, max(0.0, at / length))

        for day in range(int(length // 86_400) + 1):
            at = x(day * 86_400.0)
            label = (start + timedelta(days=day)).strftime("%d %b")
            parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="24" y2="{height}" stroke="#ddd"/>')
            if length < 40 * 86_400:
                parts.append(f'<text x="{at:.1f}" y="18" fill="#666">{label}</text>')
        for number, alert in enumerate(rows, 1):
            y = ROW * number + 6
            first = x((alert.starts_at - start).total_seconds())
            stop = x(((alert.ends_at or end) - start).total_seconds())
            color = "#c0392b" if alert.state == "firing" else "#e59866"
            of = f" of {alert.of}" if alert.of else ""
            title = escape(f"{alert.rule}: {alert.value:g}{of}")
            parts.append(f'<text x="10" y="{y + 14}">{title}</text>')
            parts.append(
                f'<rect x="{first:.1f}" y="{y}" width="{max(3.0, stop - first):.1f}" height="18" rx="3" fill="{color}"/>'
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
