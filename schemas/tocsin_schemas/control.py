"""Control: who holds a place, since when, how surely, and what was believed before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from .base import Day, Model, UtcDatetime
from .incident import Report
from .place import Place

ControlStatus = Literal["claimed", "contested", "confirmed", "retracted"]


class Tenure(Model):
    """One stretch of holding: valid from `from` up to `to` (null: until now), by the incident that began it.

    `reports` are the standing reports that it rests on, earliest publication first, a handful at most: an alert shows
    the first one's sentence as its proof.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    holder: str | None
    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    incident: str | None = None
    status: ControlStatus = "confirmed"
    reports: list[Report] = []


class Control(Model):
    """The state of one place, as known at `as_of`.

    `holder` is an actor id ("taliban", "state:AFG"), or null when nobody is known to hold it; `contested` says that
    holder's claim is denied or only part of the place is held. `status` retracted: nothing is known any more.
    `reports` are those that the present holding rests on, as in `Tenure`.
    """

    place: Place
    holder: str | None
    holder_name: str | None = None
    previous_holder: str | None = None
    since: Day | None = None
    status: ControlStatus
    extent: Literal["full", "partial"] = "full"
    incident: str | None = None
    revision: Annotated[int, Field(ge=1)]
    history: list[Tenure] = []
    reports: list[Report] = []
    as_of: UtcDatetime
