"""Step one: what each rule sees in a record. Stateless: one record in, signals out.

    for signal in signals(rules, record):
        ...                                 # to tocsin.signals.v1, keyed by rule and group

A record of a mutable stream (control, incidents), a retracted event and an event of a corrected article give a signal
also where they do not match, so that an earlier match of the same item is taken back. Counting keeps of each item
the signal of the highest revision.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from tocsin_schemas import (
    AlertEvidence,
    Capture,
    Control,
    Diplomacy,
    Incident,
    Quantity,
    Report,
    Signal,
    Statement,
    Surrender,
    Tenure,
)
from tocsin_schemas.alert import SignalSpan, SignalStream
from tocsin_schemas.events import EventDate
from tocsin_schemas.topics import place_key

from .conditions import holds, may_hold
from .fields import Field, Record, stream_of
from .rules import CompiledRule, RuleSet, Source

AHEAD: Final = timedelta(days=1)
"""By so much a day of the text may lie ahead of its publication: the outlet's day has begun where UTC's has not."""
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The start of a holding of which nobody knows when it began."""
MAX_SENTENCE: Final = 1_000
"""Characters of a sentence that an alert shows; the offsets lead to the rest."""
ACTIVITY: Final = "activity"
"""Prefix of the items by which rules on absence and silence see that our sources speak."""
ACTIVITY_SLOTS: Final = 60
"""Into so many slots the time of an absence is cut: activity is told once a slot."""

Event = Capture | Surrender | Statement | Diplomacy


def signals(rules: RuleSet, record: Record) -> list[Signal]:
    """What the rules see in `record`, in the order of the rules."""
    stream = stream_of(record)
    found: list[Signal] = []
    for rule, source in rules.by_stream.get(stream, ()):
        if rule.quiet:
            found.append(_activity(rule, stream, record))
        if rule.measure != "silence":
            signal = _signal(rule, source, record)
            if signal is not None:
                found.append(signal)
    return found


def _signal(rule: CompiledRule, source: Source, record: Record) -> Signal | None:
    group = _group(source, record)
    if group is None:
        return None
    if isinstance(record, Control):
        return _control_signal(rule, source, record, group)
    retracted = record.status == "retracted" if isinstance(record, Incident) else record.retracted
    matched = not retracted and holds(source.condition, record)
    if not matched and not _may_have_matched(source, record, retracted):
        return None
    evidence = _evidence(record) if matched else []
    return Signal(
        rule=rule.name,
        rule_hash=rule.match_hash,
        group=group,
        stream=source.stream,
        item=_item(record, source),
        revision=record.revision if isinstance(record, Incident) else record.article.revision,
        matched=matched,
        value=_value(rule, source, record) if matched else None,
        at=known_at(record) if rule.quiet else event_time(record.date, _first_known(record)),
        known_at=known_at(record),
        evidence=evidence,
        cause=None if matched else _cause(record, retracted),
    )


def _may_have_matched(source: Source, record: Record, retracted: bool) -> bool:
    """Whether another revision of a record that does not match may have been counted."""
    if isinstance(record, Incident | Control):
        return may_hold(source.condition, record)
    return retracted or record.article.revision > 1


def _control_signal(rule: CompiledRule, source: Source, control: Control, group: dict[str, str]) -> Signal | None:
    """All stretches of time in which the place was held as the rule asks."""
    if not may_hold(source.condition, control):
        return None
    label = control.place.name
    item = _item(control, source)
    spans = [
        SignalSpan(start=start, end=end, evidence=[_report_evidence(item, label, held.reports, held.incident)])
        for held, start, end in _holdings(control)
        if held.status != "retracted" and holds(source.condition, held)
    ]
    return Signal(
        rule=rule.name,
        rule_hash=rule.match_hash,
        group=group,
        stream=source.stream,
        item=item,
        revision=control.revision,
        matched=bool(spans),
        value=_value(rule, source, control),
        at=control.as_of if rule.quiet or not spans else spans[-1].start,
        known_at=control.as_of,
        spans=spans,
        cause=None if spans else _cause(control, control.status == "retracted"),
    )


def _holdings(control: Control) -> list[tuple[Control, datetime, datetime | None]]:
    """Each tenure as the record it would have been, with when it began and ended (null: it lasts)."""
    found: list[tuple[Control, datetime, datetime | None]] = []
    before: str | None = None
    for tenure in _tenures(control):
        lasting = tenure.to is None
        reports = tenure.reports or (control.reports if lasting else [])
        held = control.model_copy(
            update={
                "holder": tenure.holder,
                "holder_name": control.holder_name if lasting else None,
                "previous_holder": control.previous_holder if lasting else before,
                "since": tenure.from_,
                "status": control.status if lasting else tenure.status,
                "extent": control.extent if lasting else "full",
                "incident": tenure.incident,
                "reports": reports,
            }
        )
        start = _began(tenure.from_, reports, control, lasting)
        end = None if tenure.to is None else _midnight(tenure.to)
        if end is None or end > start:
            found.append((held, start, end))
        before = tenure.holder
    return found


def _tenures(control: Control) -> Iterable[Tenure]:
    """The history, with the present as its last entry, which a ledger may leave out of it."""
    if any(tenure.to is None for tenure in control.history):
        return control.history
    present = Tenure(
        holder=control.holder, from_=control.since, incident=control.incident, status=control.status,
        reports=control.reports,
    )  # fmt: skip
    return [*control.history, present]


def _began(day: date | None, reports: list[Report], control: Control, lasting: bool) -> datetime:
    known = min((report.published_at for report in reports), default=control.as_of)
    if day is None:
        return known if lasting else ALWAYS
    return placed(day, known)


def event_time(when: EventDate, published: datetime) -> datetime:
    """Where an event stands on the time line: its publication when it is undated or of that very day, else its day.

    Of several days the last counts: "overnight" is the day on which it ended.
    """
    if when.start is None or when.end == published.date():
        return published
    return placed(when.end, published)


def placed(day: date, published: datetime) -> datetime:
    """The start of `day` in UTC; the publication, where that is earlier by no more than AHEAD.

    A day further ahead than a time zone explains is left where it is: it does not count before its time.
    """
    start = _midnight(day)
    return published if published < start <= published + AHEAD else start


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _activity(rule: CompiledRule, stream: SignalStream, record: Record) -> Signal:
    """That our sources spoke, told once a slot of the rule's time."""
    slot = max(rule.quiet // ACTIVITY_SLOTS, 1)
    known = known_at(record)
    micros = (known - ALWAYS) // timedelta(microseconds=1)
    at = ALWAYS + timedelta(microseconds=micros - micros % slot)
    return Signal(
        rule=rule.name,
        rule_hash=rule.match_hash,
        group={},
        stream=stream,
        item=f"{ACTIVITY}:{at.isoformat()}",
        matched=False,
        at=at,
        known_at=at,
    )


def _item(record: Record, source: Source) -> str:
    """What is counted once: the same for all revisions. A step of a sequence has items of its own."""
    identity = place_key(record.place.id, record.place.name) if isinstance(record, Control) else record.id
    return item_name(identity, source.step)


def item_name(identity: str, step: int) -> str:
    """The item that a record is at a step of a sequence; at the first, as where there is none, it is itself."""
    return f"{step}:{identity}" if step else identity


def _group(source: Source, record: Record) -> dict[str, str] | None:
    """The record's group, or None where a field that the rule groups by has no value."""
    group: dict[str, str] = {}
    for field in source.group:
        value = field.value(record)
        if value is None or value == "":
            return None
        group[field.path] = _word(value)
    return group


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(rule: CompiledRule, source: Source, record: Record) -> Any:
    if rule.measure == "sequence":
        return source.step
    return None if source.value is None else _read(rule, source.value, record)


def _read(rule: CompiledRule, field: Field, record: Record) -> Any:
    value = field.value(record)
    if isinstance(value, Quantity):
        value = value.value if value.value is not None else value.minimum
    if value is None or rule.measure == "sum":
        return value
    return _word(value)


def known_at(record: Record) -> datetime:
    """When this revision was known."""
    match record:
        case Control():
            return record.as_of
        case Incident():
            return record.last_seen
        case _:
            return record.article.published_at


def _first_known(record: Incident | Event) -> datetime:
    return record.first_seen if isinstance(record, Incident) else record.article.published_at


def _cause(record: Record, retracted: bool) -> str:
    """Why an item does not match: "retracted", "contested", "recaptured" or "corrected"."""
    if retracted:
        return "retracted"
    if isinstance(record, Control | Incident):
        if record.status == "contested":
            return "contested"
        return "recaptured" if isinstance(record, Control) else "corrected"
    return "corrected"


def _evidence(record: Incident | Event) -> list[AlertEvidence]:
    if isinstance(record, Incident):
        return [_report_evidence(record.id, _label(record), record.reports, record.id)]
    return [
        AlertEvidence(
            item=record.id,
            label=_label(record),
            event_id=record.id,
            article_url=record.article.url,
            publisher=record.article.publisher,
            sentence=_shortened(record.evidence.sentence),
            start=record.evidence.start,
            end=record.evidence.end,
            at=record.article.published_at,
        )
    ]


def _report_evidence(item: str, label: str | None, reports: list[Report], incident: str | None) -> AlertEvidence:
    """The report that proves an item: the earliest that stands, of one article in the outlet's own voice if any."""
    standing = [report for report in reports if not report.retracted and report.modality != "denied"]
    if not standing:
        return AlertEvidence(item=item, label=label, incident_id=incident)
    first = min(standing, key=_first_told)
    sentence = first.evidence
    return AlertEvidence(
        item=item,
        label=label,
        event_id=first.event_id,
        incident_id=incident,
        article_url=first.article_url,
        publisher=first.publisher,
        sentence=_shortened(sentence.sentence) if sentence is not None else None,
        start=sentence.start if sentence is not None else None,
        end=sentence.end if sentence is not None else None,
        at=first.published_at,
    )


def _shortened(sentence: str) -> str | None:
    return (sentence or None) if len(sentence) <= MAX_SENTENCE else sentence[: MAX_SENTENCE - 1] + "…"


_VOICES: Final[Mapping[str, int]] = {"asserted": 0, "claimed": 1, "denied": 2}


def _first_told(report: Report) -> tuple[datetime, int, str, int, str]:
    start = report.evidence.start if report.evidence is not None else 0
    return report.published_at, _VOICES[report.modality], report.article_id, start, report.event_id


def _label(record: Incident | Event) -> str | None:
    """What people call the item: its place, or who did it."""
    match record:
        case Capture():
            place, actors = record.place, [record.captor]
        case Surrender():
            place, actors = record.place, [record.surrendering]
        case Statement():
            place, actors = None, [record.speaker]
        case Diplomacy():
            place, actors = record.place, record.participants
        case Incident():
            place, actors = record.place, record.actors
    if place is not None:
        return place.name
    names = [actor.name or actor.text for actor in actors if actor is not None]
    return ", ".join(dict.fromkeys(names)) or None
