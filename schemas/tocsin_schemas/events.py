"""The four events that the extractors emit: capture, surrender, statement, diplomacy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, TypeAdapter, model_validator

from .actor import Actor, Speaker
from .base import Day, Mention, Model, Offset, Span, UtcDatetime
from .place import Place

EventType = Literal["capture", "surrender", "statement", "diplomacy"]
Modality = Literal["asserted", "claimed", "denied"]
Side = Literal["gaining", "losing", "third", "unknown"]
DatePrecision = Literal["day", "week", "month", "year", "unknown"]
Share = Annotated[float, Field(ge=0, le=1)]


class ArticleRef(Model):
    """The article an event was read in, with what the ledger needs to weigh it."""

    id: str
    revision: Annotated[int, Field(ge=1)] = 1
    url: str | None = None
    publisher: str
    family: str
    credit: str | None = None
    published_at: UtcDatetime


class Evidence(Span):
    """The trigger's span and its sentence's, in characters of the article's `text` or `title`."""

    field: Literal["text", "title"] = "text"
    sentence_start: Offset
    sentence_end: Offset
    trigger: str
    sentence: str = ""

    @model_validator(mode="after")
    def _inside_sentence(self) -> Evidence:
        if not self.sentence_start <= self.start <= self.end <= self.sentence_end:
            raise ValueError(
                f"the trigger {self.start}-{self.end} lies outside its sentence "
                f"{self.sentence_start}-{self.sentence_end}"
            )
        return self


class Attribution(Actor):
    """Who says so. `side` is that party's stake in what is said to have happened."""

    side: Side = "unknown"
    cue: str | None = None


class EventDate(Model):
    """When it happened, as days in the outlet's time zone, both ends included.

    The text gives no date: `start` null, `end` the publication day, `precision` unknown.
    """

    start: Day | None = None
    end: Day
    precision: DatePrecision
    text: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> EventDate:
        if self.start is not None and self.end < self.start:
            raise ValueError(f"a date range cannot end ({self.end}) before it starts ({self.start})")
        if self.start is None and self.precision != "unknown":
            raise ValueError("a date without start has precision unknown")
        return self


class Quantity(Mention):
    """How many. "hundreds": 200-999; "more than a quarter": fraction 0.25 as a minimum."""

    value: Annotated[float, Field(ge=0)] | None = None
    minimum: Annotated[float, Field(ge=0)] | None = None
    maximum: Annotated[float, Field(ge=0)] | None = None
    fraction: Share | None = None


class Codes(Model):
    """The event in the field's ontologies: PLOVER event type and mode, ACLED sub-event type, CAMEO code."""

    plover: str | None = None
    plover_mode: str | None = None
    acled: str | None = None
    cameo: str | None = None


class _Event(Model):
    id: str
    retracted: bool = False
    article: ArticleRef
    evidence: Evidence
    rule: str
    modality: Modality
    attribution: Attribution | None = None
    date: EventDate
    background: bool = False
    codes: Codes = Codes()


class Capture(_Event):
    """A place said to have changed hands, or a tally of such places."""

    type: Literal["capture"] = "capture"
    kind: Literal["place", "tally"]
    place: Place | None = None
    captor: Actor | None = None
    previous_holder: Actor | None = None
    extent: Literal["full", "partial"] = "full"
    mention: Literal["verbal", "state", "nominal"] = "verbal"
    recapture: bool = False
    ordinal: Annotated[int, Field(ge=1)] | None = None
    count: Quantity | None = None
    of: str | None = None
    since: EventDate | None = None

    @model_validator(mode="after")
    def _place_or_tally(self) -> Capture:
        if (self.kind == "place") != (self.place is not None):
            raise ValueError("a capture of kind place has a place, a tally has none")
        return self


class Surrender(_Event):
    """People, a unit or a place giving themselves up to an opponent."""

    type: Literal["surrender"] = "surrender"
    surrendering: Actor | None = None
    recipient: Actor | None = None
    count: Quantity | None = None
    place: Place | None = None
    what: Literal["people", "unit", "place"] = "people"
    defection: bool = False


class Statement(_Event):
    """What somebody said: one turn, also when its quotation is split by the attribution."""

    type: Literal["statement"] = "statement"
    speaker: Speaker | None = None
    mode: Literal["direct", "indirect", "mixed"]
    cue: str | None = None
    content: str
    spans: Annotated[list[Span], Field(min_length=1)]
    addressee: Actor | None = None
    continues: str | None = None


DiplomacyKind = Literal[
    "talks",
    "meeting",
    "visit",
    "call",
    "ceasefire",
    "agreement",
    "proposal",
    "mediation",
    "mission_evacuation",
    "other",
]


class Diplomacy(_Event):
    """Something that states, armed groups, international bodies or their envoys did with each other."""

    type: Literal["diplomacy"] = "diplomacy"
    kind: DiplomacyKind
    participants: list[Actor] = []
    mediator: Actor | None = None
    place: Place | None = None
    status: Literal["held", "under_way", "announced", "agreed", "proposed"] = "held"
    domestic: bool = False


Event = Annotated[Capture | Surrender | Statement | Diplomacy, Discriminator("type")]
EVENT: TypeAdapter[Capture | Surrender | Statement | Diplomacy] = TypeAdapter(Event)
"""Parses any of the four events by its `type`."""


def check_spans(event: Capture | Surrender | Statement | Diplomacy, title: str, text: str) -> None:
    """Refuse an event whose offsets do not lie in the article it was read in.

    Raises ValueError naming the part, its span and the length of the text.
    """
    evidence = event.evidence
    source = title if evidence.field == "title" else text
    parts: list[tuple[str, int, int]] = [
        ("evidence", evidence.start, evidence.end),
        ("sentence", evidence.sentence_start, evidence.sentence_end),
    ]
    parts += [("spans", span.start, span.end) for span in (event.spans if isinstance(event, Statement) else [])]
    for name, start, end in parts:
        if end > len(source):
            raise ValueError(f"{name} {start}-{end} lies outside the {evidence.field} of {len(source)} characters")
    longest = max(len(title), len(text))
    for name, mention in _mentions(event):
        if mention.end is not None and mention.end > longest:
            raise ValueError(f"{name} {mention.start}-{mention.end} lies outside a text of {longest} characters")


def _mentions(event: Capture | Surrender | Statement | Diplomacy) -> list[tuple[str, Mention]]:
    found: list[tuple[str, Mention]] = []
    for name in type(event).model_fields:
        value: object = getattr(event, name)
        if isinstance(value, Mention):
            found.append((name, value))
        elif name == "participants" and isinstance(event, Diplomacy):
            found += [(name, actor) for actor in event.participants]
    return found
