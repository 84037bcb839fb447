"""Alerting as two services, which the signals between them let scale by partitions.

    python -m tocsin.alerting.service matching      control, incidents, events -> signals
    python -m tocsin.alerting.service counting      signals -> alerts

Two, because counting keeps tables and so must not read compacted topics (`tocsin.streaming`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tocsin.streaming import metrics
from tocsin.streaming.errors import EXIT_SETTINGS
from tocsin.streaming.records import Output, Record
from tocsin.streaming.runtime import Service, start
from tocsin.streaming.settings import Settings, load
from tocsin_schemas import Alert, Signal
from tocsin_schemas.topics import ALERTS, CAPTURE, CONTROL, DIPLOMACY, INCIDENTS, SIGNALS, STATEMENT, SURRENDER

from . import fields
from .backfill import Backfill
from .live_rules import AlertingSettings, LiveRules
from .matching import signals
from .partitions import Partitions

SOURCES: Final = (CONTROL, INCIDENTS, CAPTURE, SURRENDER, STATEMENT, DIPLOMACY)
TICK_SECONDS: Final = 1.0
"""How often it is looked whether time alone has brought something about."""


def matching(settings: Settings) -> Service:
    """The service that writes what the rules see. Raises SettingsError when the rules cannot be used."""
    rules = LiveRules.read(load(AlertingSettings))
    service = Service("alerting-matching", settings)
    service.writes(SIGNALS)
    service.use(rules.on_hangup())
    service.use(Backfill(rules, settings).running())

    async def match(record: Record[fields.Record]) -> Sequence[Output]:
        if record.value is None:  # a tombstone: what it ends was taken back by the last revision
            return []
        found = signals(rules.current, record.value)
        for signal in found:
            metrics.SIGNALS.labels(stream=signal.stream, matched=str(signal.matched).lower()).inc()
        return [Output(SIGNALS, signal) for signal in found]

    for topic in SOURCES:
        service.stream(topic, match)
    return service


def counting(settings: Settings) -> Service:
    """The service that counts and rings. Raises SettingsError when the rules cannot be used."""
    own = load(AlertingSettings)
    rules = LiveRules.read(own)
    service = Service("alerting-counting", settings)
    service.writes(ALERTS)
    service.use(rules.on_hangup())
    table = service.table("groups", dump=bytes, load=bytes)
    partitions = Partitions(table, rules, own.lateness, own.settle)

    async def count(record: Record[Signal]) -> Sequence[Output]:
        if record.value is None:
            return []
        now = datetime.now(UTC)
        with partitions.in_hand(now) as hand:
            alerts = [*hand.alerts, *hand.counter.tick(now), *hand.counter.apply(record.value, now)]
        return _rung(alerts)

    async def tick(now: datetime) -> Sequence[Output]:
        with partitions.in_hand(now) as hand:
            alerts = [*hand.alerts, *hand.counter.tick(now)]
        return _rung(alerts)

    service.stream(SIGNALS, count)
    service.timer(TICK_SECONDS, tick)
    return service


def _rung(alerts: Sequence[Alert]) -> list[Output]:
    for alert in alerts:
        metrics.ALERT_STATES.labels(state=alert.state, change=(alert.change or "").replace(" ", "_")).inc()
    return [Output(ALERTS, alert) for alert in alerts]


SERVICES: Final = {"matching": matching, "counting": counting}


def main() -> None:
    """Run the service that the first argument names."""
    build = SERVICES.get(sys.argv[1]) if len(sys.argv) == 2 else None
    if build is None:
        sys.stderr.write(f"expected one of {', '.join(SERVICES)} as the only argument\n")
        sys.exit(EXIT_SETTINGS)
    start(build)


if __name__ == "__main__":
    main()
