"""The first dashboard, as code: run `python deploy/grafana/make_dashboard.py` after changing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "dashboards" / "tocsin.json"
PANELS: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    # title, kind, unit, [(query, legend)]
    ("Services ready", "stat", "none", [("sum(tocsin_ready)", "ready")]),
    ("Articles taken in, per minute", "timeseries", "none", [("sum by (outcome) (rate(tocsin_ingest_articles_total[5m])) * 60", "{{outcome}}")]),
    ("Events, per minute", "timeseries", "none", [("sum by (type) (rate(tocsin_events_total[5m])) * 60", "{{type}}")]),
    ("Events by modality, per minute", "timeseries", "none", [("sum by (modality) (rate(tocsin_events_total[5m])) * 60", "{{modality}}")]),
    ("Records behind", "timeseries", "none", [("sum by (service) (tocsin_consumer_lag_records)", "{{service}}")]),
    ("Age of records when handled, 99th percentile", "timeseries", "s", [("histogram_quantile(0.99, sum by (le, service) (rate(tocsin_record_age_seconds_bucket[5m])))", "{{service}}")]),
    ("Dead letters, per hour", "timeseries", "none", [("sum by (service) (rate(tocsin_dead_letters_total[1h])) * 3600", "{{service}}")]),
    ("Seconds to read an article, median and 99th percentile", "timeseries", "s", [
        ("histogram_quantile(0.5, sum by (le) (rate(tocsin_read_seconds_bucket[5m])))", "median"),
        ("histogram_quantile(0.99, sum by (le) (rate(tocsin_read_seconds_bucket[5m])))", "p99")]),
    ("Frames refused by reason, share", "timeseries", "percentunit", [("sum by (reason) (rate(tocsin_frames_refused_total[1h])) / scalar(sum(rate(tocsin_frames_refused_total[1h])))", "{{reason}}")]),
    ("Events with something without an id, share", "timeseries", "percentunit", [("sum by (type, what) (rate(tocsin_events_unresolved_total[1h])) / on (type) group_left sum by (type) (rate(tocsin_events_total[1h]))", "{{type}}: {{what}}")]),
    ("Events per article", "timeseries", "none", [("sum by (type) (rate(tocsin_events_total[1h])) / scalar(max(sum by (service) (rate(tocsin_articles_read_total[1h]))))", "{{type}}")]),
    ("Sentences worth a parse, share", "timeseries", "percentunit", [("sum by (service) (rate(tocsin_sentences_read_total{parsed=\"true\"}[1h])) / sum by (service) (rate(tocsin_sentences_read_total[1h]))", "{{service}}")]),
    ("Sources that are polled", "timeseries", "none", [
        ("sum(tocsin_ingest_source_silent) or vector(0)", "silent"),
        ("sum(tocsin_ingest_source_failures > bool 0) or vector(0)", "failing"),
        ("sum(rate(tocsin_ingest_polls_total[5m])) * 60 or vector(0)", "polls per minute")]),
    ("Articles of which only the beginning is read, per hour", "timeseries", "none", [("sum by (part) (rate(tocsin_articles_cut_total[1h])) * 3600", "{{part}}")]),
    ("Outlets count more than the ledger by", "timeseries", "none", [("tocsin_ledger_tally_gap", "{{country}}")]),
    ("States of alerts written, per minute", "timeseries", "none", [("sum by (change) (rate(tocsin_alert_states_total[5m])) * 60", "{{change}}")]),
    ("Groups of rules counted", "timeseries", "none", [("sum(tocsin_alert_groups)", "groups"), ("sum(tocsin_alert_groups_unsettled)", "not judged yet")]),
    ("Signals, per minute", "timeseries", "none", [("sum by (stream) (rate(tocsin_signals_total[5m])) * 60", "{{stream}}")]),
    ("Seconds from assignment to ready, the last time", "timeseries", "s", [("tocsin_recovery_seconds", "{{service}}")]),
    ("From an alert to its delivery, 99th percentile", "timeseries", "s", [("histogram_quantile(0.99, sum by (le, receiver) (rate(tocsin_webhook_delay_seconds_bucket[1h])))", "{{receiver}}")]),
    ("Deliveries ended, per hour", "timeseries", "none", [("sum by (state) (rate(tocsin_webhook_deliveries_total[1h])) * 3600", "{{state}}")]),
    ("Webhook deliveries pending", "timeseries", "none", [("sum by (receiver) (tocsin_webhook_pending)", "{{receiver}}")]),
]  # fmt: skip


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana's JSON model."""
    panels: list[dict[str, Any]] = []
    for number, (title, kind, unit, queries) in enumerate(PANELS):
        panels.append(
            {
                "id": number + 1,
                "title": title,
                "type": kind,
                "datasource": {"type": "prometheus", "uid": "prometheus"},
                "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
                "targets": [
                    {"refId": chr(65 + at), "expr": query, "legendFormat": legend}
                    for at, (query, legend) in enumerate(queries)
                ],
            }
        )
    return {
        "uid": "tocsin", "title": "Tocsin", "tags": ["tocsin"], "timezone": "utc", "schemaVersion": 41, "refresh": "15s",
        "time": {"from": "now-6h", "to": "now"}, "panels": panels,
    }  # fmt: skip


if __name__ == "__main__":
    OUT.write_text(json.dumps(dashboard(), indent=2) + "\n", encoding="utf-8")
