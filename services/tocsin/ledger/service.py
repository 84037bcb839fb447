"""The ledger on Kafka: events in, incidents and control out, questions answered over HTTP.

python -m tocsin.ledger.service
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NoReturn

from tocsin.streaming import metrics
from tocsin.streaming.records import Output, Record
from tocsin.streaming.runtime import Service, start
from tocsin.streaming.settings import Settings
from tocsin_schemas import Control, Incident
from tocsin_schemas.topics import CAPTURE, CONTROL, DIPLOMACY, INCIDENTS, STATEMENT, SURRENDER

from .core import LedgerCore
from .http import Desk
from .records import is_retired

TICK_SECONDS: Final = 30.0
EXPIRY: Final = timedelta(hours=6)
"""How often rows of past periods are looked for."""


def build(settings: Settings) -> Service:
    """The ledger service: four streams of events, one table, two topics out."""
    service = Service("ledger", settings)
    table = service.table("reports", dump=bytes, load=bytes)
    core = LedgerCore(table, today=_today)
    desk = Desk(table, core.places, service.ready)
    tallied: set[str] = set()

    async def fold(record: Record[Any]) -> list[Output]:
        event = record.value
        if event is None:
            return []
        left_out = core.left_out
        records = core.apply(event)
        outcome = "counted" if core.left_out > left_out else "news" if records else "known"
        metrics.LEDGER_EVENTS.labels(event.type, outcome).inc()
        metrics.LEDGER_ROW_BYTES.observe(core.row_bytes)
        if event.type == "capture" and (event.kind == "tally" or event.ordinal is not None):
            tallied.update(actor.country for actor in (event.captor, event.place) if actor and actor.country)
        return [output for told in records for output in outputs(told)]

    async def tick(now: datetime) -> list[Output]:
        await desk.index()
        for country in tallied:
            gaps = [gap.gap for gap in desk.ledger.tallies(country) if gap.gap is not None]
            metrics.LEDGER_TALLY_GAP.labels(country).set(max(gaps, default=0.0))
        tallied.clear()
        return []

    async def expire(now: datetime) -> list[Output]:
        metrics.LEDGER_EXPIRED.inc(core.expire(now.date()))
        return []

    for topic in (CAPTURE, SURRENDER, STATEMENT, DIPLOMACY):
        service.stream(topic, fold)
    service.writes(INCIDENTS, CONTROL)
    service.timer(TICK_SECONDS, tick)
    service.timer(EXPIRY.total_seconds(), expire)
    service.routes(*desk.routes())
    return service


def outputs(record: Incident | Control) -> list[Output]:
    """A changed record as it goes out; a retired incident is followed by its tombstone."""
    if isinstance(record, Control):
        metrics.LEDGER_RECORDS.labels("control", record.status).inc()
        return [Output(CONTROL, record)]
    metrics.LEDGER_RECORDS.labels(record.type, record.status).inc()
    told = [Output(INCIDENTS, record)]
    return [*told, Output(INCIDENTS, None, key=record.id)] if is_retired(record) else told


def _today() -> date:
    return datetime.now(UTC).date()


def main() -> NoReturn:
    """Runs the service until it is told to stop."""
    start(build)


if __name__ == "__main__":
    main()
