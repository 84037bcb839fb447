"""An incident: all reports of one happening, and how surely it happened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .actor import Actor
from .base import Model, UtcDatetime
from .events import EventDate, EventType, Evidence, Modality, Quantity, Side
from .place import Place

IncidentStatus = Literal["claimed", "contested", "confirmed", "retracted"]


class Report(Model):
    """One event as the ledger weighs it."""

    event_id: str
    article_id: str
    article_url: str | None = None
    publisher: str
    family: str
    modality: Modality
    side: Side = "unknown"
    attributed_to: str | None = None
    retracted: bool = False
    published_at: UtcDatetime
    evidence: Evidence | None = None


class Transition(Model):
    """A change of status: when we knew, why, and the report that caused it."""

    at: UtcDatetime
    status: IncidentStatus
    reason: str
    event_id: str | None = None


class Incident(Model):
    """`id` names place, direction and first day, so any order of arrival gives the same one.

    `n_families` counts independent publisher families that report it in their own voice.
    `first_seen`/`last_seen` are publication times of its reports.
    """

    id: str
    revision: Annotated[int, Field(ge=1)]
    type: EventType
    status: IncidentStatus
    place: Place | None = None
    actors: list[Actor] = []
    kind: str | None = None
    extent: Literal["full", "partial"] = "full"
    date: EventDate
    count: Quantity | None = None
    reports: list[Report]
    n_reports: Annotated[int, Field(ge=0)]
    n_families: Annotated[int, Field(ge=0)]
    first_seen: UtcDatetime
    last_seen: UtcDatetime
    transitions: list[Transition] = []
    supersedes: str | None = None
