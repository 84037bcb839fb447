"""Hypothesis strategies for the records of the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import BaseModel

from tocsin_schemas import (
    Actor,
    Alert,
    AlertEvidence,
    Article,
    ArticleRef,
    Attempt,
    Attribution,
    Capture,
    Codes,
    Control,
    Delivery,
    Diplomacy,
    EventDate,
    Evidence,
    Incident,
    Place,
    PreviousRevision,
    Publisher,
    Quantity,
    Replay,
    Report,
    Signal,
    SignalSpan,
    Span,
    Speaker,
    Statement,
    Surrender,
    Tenure,
    Transition,
)
from tocsin_schemas.actor import ActorKind
from tocsin_schemas.alert import AlertChange, SignalStream
from tocsin_schemas.article import ArticleStatus
from tocsin_schemas.control import ControlStatus
from tocsin_schemas.events import DiplomacyKind, EventType, Modality, Side
from tocsin_schemas.place import PlaceKind, PlacePrecision

words = st.text(max_size=20)
names = st.text(min_size=1, max_size=20)
maybe = st.none() | words
offsets = st.integers(0, 1_000_000)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=zones | st.just(UTC))
amounts = st.none() | st.floats(0, 1e12, allow_nan=False)
countries = st.none() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)


def one_of(literal: Any) -> st.SearchStrategy[str]:
    """One of the values of a Literal."""
    return st.sampled_from(get_args(literal))


def few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """A short list."""
    return st.lists(of, max_size=2)


@st.composite
def runs(draw: st.DrawFn, low: int = 0) -> tuple[int, int]:
    """A start and an end after it."""
    start = draw(st.integers(low, 1_000_000))
    return start, draw(st.integers(start + 1, 1_100_000))


@st.composite
def mentions(draw: st.DrawFn, model: type[BaseModel], **fields: st.SearchStrategy[Any]) -> Any:
    """A model with `text` and both offsets, or neither."""
    start, end = draw(runs() | st.just((None, None)))
    return model(text=draw(words), start=start, end=end, **{name: draw(value) for name, value in fields.items()})


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """A trigger inside its sentence."""
    first, start, end, last = sorted(draw(st.lists(offsets, min_size=4, max_size=4, unique=True)))
    return Evidence(
        field=draw(st.sampled_from(["text", "title"])),
        start=start,
        end=end,
        sentence_start=first,
        sentence_end=last,
        trigger=draw(words),
        sentence=draw(words),
    )


@st.composite
def dates(draw: st.DrawFn) -> EventDate:
    """A range of days, or the publication day alone."""
    start, end = sorted([draw(days), draw(days)])
    if draw(st.booleans()):
        return EventDate(start=None, end=end, precision="unknown", text=draw(maybe))
    return EventDate(start=start, end=end, precision=draw(st.sampled_from(["day", "week", "month", "year", "unknown"])))


party: dict[str, st.SearchStrategy[Any]] = {
    "id": maybe,
    "name": maybe,
    "kind": one_of(ActorKind),
    "country": countries,
    "plover": maybe,
}
actors = mentions(Actor, **party)
speakers = mentions(Speaker, **party, resolved_from=maybe)
attributions = mentions(Attribution, **party, side=one_of(Side), cue=maybe)
places = mentions(
    Place,
    id=maybe,
    name=words,
    kind=one_of(PlaceKind),
    country=countries,
    admin1=st.none() | st.from_regex(r"\A[A-Z]{2}-[A-Z0-9]{1,4}\Z"),
    is_admin1_capital=st.booleans(),
    lat=st.none() | st.floats(-90, 90),
    lon=st.none() | st.floats(-180, 180),
    precision=one_of(PlacePrecision),
)
quantities = mentions(Quantity, value=amounts, minimum=amounts, maximum=amounts, fraction=st.none() | st.floats(0, 1))
codes = st.builds(Codes, plover=maybe, plover_mode=maybe, acled=maybe, cameo=maybe)
spans = runs().map(lambda run: Span(start=run[0], end=run[1]))

references = st.builds(
    ArticleRef,
    id=names,
    revision=st.integers(1, 99),
    url=maybe,
    publisher=words,
    family=words,
    credit=maybe,
    published_at=times,
)
event: dict[str, st.SearchStrategy[Any]] = {
    "id": names,
    "retracted": st.booleans(),
    "article": references,
    "evidence": evidences(),
    "rule": words,
    "modality": one_of(Modality),
    "attribution": st.none() | attributions,
    "date": dates(),
    "background": st.booleans(),
    "codes": codes,
}
captures = st.builds(
    Capture,
    **event,
    kind=st.just("place"),
    place=places,
    captor=st.none() | actors,
    previous_holder=st.none() | actors,
    extent=st.sampled_from(["full", "partial"]),
    mention=st.sampled_from(["verbal", "state", "nominal"]),
    recapture=st.booleans(),
)
tallies = st.builds(
    Capture,
    **event,
    kind=st.just("tally"),
    captor=st.none() | actors,
    ordinal=st.none() | st.integers(1, 99),
    count=st.none() | quantities,
    of=maybe,
    since=st.none() | dates(),
)
surrenders = st.builds(
    Surrender,
    **event,
    surrendering=st.none() | actors,
    recipient=st.none() | actors,
    count=st.none() | quantities,
    place=st.none() | places,
    what=st.sampled_from(["people", "unit", "place"]),
    defection=st.booleans(),
)
statements = st.builds(
    Statement,
    **event,
    speaker=st.none() | speakers,
    mode=st.sampled_from(["direct", "indirect", "mixed"]),
    cue=maybe,
    content=words,
    spans=st.lists(spans, min_size=1, max_size=3),
    addressee=st.none() | actors,
    continues=maybe,
)
diplomacies = st.builds(
    Diplomacy,
    **event,
    kind=one_of(DiplomacyKind),
    participants=few(actors),
    mediator=st.none() | actors,
    place=st.none() | places,
    status=st.sampled_from(["held", "under_way", "announced", "agreed", "proposed"]),
    domestic=st.booleans(),
)
articles = st.builds(
    Article,
    id=names,
    revision=st.integers(2, 99),
    status=one_of(ArticleStatus),
    url=maybe,
    title=words,
    text=names.filter(str.strip),
    language=words,
    published_at=times,
    received_at=times,
    publisher=st.builds(Publisher, id=names, name=words, family=names),
    credit=maybe,
    content_hash=hashes,
    earlier_hashes=st.lists(hashes, max_size=2).map(tuple),
    previous=st.none() | st.builds(PreviousRevision, revision=st.just(1), title=words, text=words, published_at=times),
)
reports = st.builds(
    Report,
    event_id=names,
    article_id=names,
    article_url=maybe,
    publisher=words,
    family=words,
    modality=one_of(Modality),
    side=one_of(Side),
    attributed_to=maybe,
    retracted=st.booleans(),
    published_at=times,
    evidence=st.none() | evidences(),
)
incidents = st.builds(
    Incident,
    id=names,
    revision=st.integers(1, 99),
    type=one_of(EventType),
    status=one_of(ControlStatus),
    place=st.none() | places,
    actors=few(actors),
    kind=maybe,
    date=dates(),
    count=st.none() | quantities,
    reports=few(reports),
    n_reports=st.integers(0, 9),
    n_families=st.integers(0, 9),
    first_seen=times,
    last_seen=times,
    transitions=few(st.builds(Transition, at=times, status=one_of(ControlStatus), reason=words, event_id=maybe)),
    supersedes=maybe,
)
tenures = st.builds(
    Tenure,
    holder=maybe,
    from_=st.none() | days,
    to=st.none() | days,
    incident=maybe,
    status=one_of(ControlStatus),
    reports=few(reports),
)
controls = st.builds(
    Control,
    place=places,
    holder=maybe,
    holder_name=maybe,
    previous_holder=maybe,
    since=st.none() | days,
    status=one_of(ControlStatus),
    incident=maybe,
    revision=st.integers(1, 99),
    history=few(tenures),
    reports=few(reports),
    as_of=times,
)
proofs = st.builds(
    AlertEvidence,
    item=words,
    label=maybe,
    event_id=maybe,
    incident_id=maybe,
    article_url=maybe,
    publisher=maybe,
    sentence=maybe,
    start=st.none() | offsets,
    end=st.none() | offsets,
    at=st.none() | times,
)
groups = st.dictionaries(words, words, max_size=2)
signals = st.builds(
    Signal,
    rule=names,
    rule_hash=words,
    group=groups,
    stream=one_of(SignalStream),
    item=words,
    revision=st.integers(0, 99),
    matched=st.booleans(),
    value=st.none() | st.integers(-(2**60), 2**60) | words | st.floats(-1e9, 1e9),
    at=times,
    known_at=times,
    evidence=few(proofs),
    spans=few(st.builds(SignalSpan, start=times, end=st.none() | times, evidence=few(proofs))),
    cause=maybe,
)
alerts = st.builds(
    Alert,
    id=names,
    fingerprint=names,
    revision=st.integers(1, 99),
    rule=names,
    state=st.sampled_from(["firing", "resolved"]),
    starts_at=times,
    ends_at=st.none() | times,
    updated_at=times,
    value=st.floats(-1e12, 1e12),
    threshold=words,
    of=st.none() | st.integers(0, 99),
    labels=groups,
    annotations=groups,
    evidence=few(proofs),
    reason=maybe,
    change=st.none() | one_of(AlertChange),
    replay=st.builds(Replay, rule=names, rule_hash=words, group=groups, start=st.none() | times, end=times),
)
deliveries = st.builds(
    Delivery,
    id=names,
    receiver=words,
    alert=alerts,
    state=st.sampled_from(["pending", "delivered", "failed", "skipped"]),
    attempts=few(
        st.builds(
            Attempt,
            at=times,
            status=st.none() | st.integers(100, 599),
            outcome=words,
            duration_ms=st.floats(0, 1e6),
            detail=maybe,
        )
    ),
    next_at=st.none() | times,
    reason=maybe,
)

RECORDS: dict[str, st.SearchStrategy[Any]] = {
    "article": articles,
    "capture": captures | tallies,
    "surrender": surrenders,
    "statement": statements,
    "diplomacy": diplomacies,
    "incident": incidents,
    "control": controls,
    "signal": signals,
    "alert": alerts,
    "delivery": deliveries,
}
"""Any record of each topic, by the name of its model in lower case."""
