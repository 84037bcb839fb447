"""The war over twenty capitals, from `samples/twenty_capitals.yaml`: the events that were read, and the written truth.

for event in events():              # as the extractors would write them, in order of publication
shuffled(seed)                      # in any order, some of them twice
HELD[4]                             # capitals held at the end of the fifth day
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from ledger_theatre import (
    FRONT,
    E,
    counted,
    dated,
    denied,
    gave_up,
    met,
    place,
    retaken,
    said,
    said_by,
    taken,
    taken_back,
    undated,
)
from ledger_theatre import at as _at
from tocsin.alerting.rules import RuleSet, parse_rules
from tocsin.ledger.accounts import LedgerEvent
from tocsin_schemas import Alert, Quantity

_TOLD: Final[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("samples").joinpath("twenty_capitals.yaml").read_text("utf-8")
)
CAPITALS: Final[list[str]] = _TOLD["capitals"]
DAYS: Final = 10
HELD: Final[list[int]] = _TOLD["held"]
KNOWN: Final[list[int]] = _TOLD["known"]
INCIDENTS: Final[dict[str, int]] = _TOLD["incidents"]
TALLY: Final[dict[str, float]] = _TOLD["tally"]
LATER: Final = _at(40, 0)
"""A month after: whatever could resolve by itself has."""


def moment(told: str) -> datetime:
    """ "3 18:30": the time on the third day."""
    day, clock = told.split()
    hours, minutes = clock.split(":")
    return _at(int(day), int(hours) + int(minutes) / 60)


def rules_text() -> str:
    """The rules as a file of alerting."""
    members = [{"id": _id(name), "name": name} for name in CAPITALS]
    return yaml.safe_dump({"place_sets": {"capitals": members}, "rules": _TOLD["rules"]}, sort_keys=False)


def rules() -> RuleSet:
    """The rules, ready for use."""
    return parse_rules(rules_text())


def events() -> list[LedgerEvent]:
    """Everything that was published, in its order."""
    found: list[LedgerEvent] = []
    named: dict[str, LedgerEvent] = {}
    for number, told in enumerate(sorted(_TOLD["reports"], key=lambda report: moment(report["at"])), start=1):
        if told["says"] == "taken_back":
            found.append(_back(named[told["id"]], told["at"]))
        else:
            event = _event(number, told)
            found.append(event)
            named[told.get("id", event.id)] = event
    return found


def shuffled(seed: int, repeated: int = 20) -> list[LedgerEvent]:
    """The events in another order, some of them twice."""
    chance = random.Random(seed)
    told = events()
    told += chance.choices(told, k=repeated)
    chance.shuffle(told)
    return told


def written_alerts() -> list[tuple[Any, ...]]:
    """The alerts of the ten days, as they were written down: rule, state, start, end, value."""
    return sorted(
        (a["rule"], a["state"], moment(a["starts"]), moment(a["ends"]) if "ends" in a else None, float(a["value"]))
        for a in _TOLD["alerts"]
    )


def written_details() -> list[tuple[str, datetime, dict[str, Any]]]:
    """Rule, start and what else was written down of an alert: `reason`, and `updated_at` as a time."""
    return [
        (
            a["rule"], moment(a["starts"]),
            {n: v for n, v in (("reason", a.get("reason")), ("updated_at", a.get("updated") and moment(a["updated"]))) if v},
        )
        for a in _TOLD["alerts"]
    ]  # fmt: skip


def standing(alerts: Iterable[Alert]) -> list[Alert]:
    """The last state of each alert, without those that were taken back; revisions count what was written on the way."""
    last = {alert.id: alert for alert in alerts}
    left = [
        alert.model_copy(update={"revision": 1, "change": "firing"})
        for alert in last.values()
        if alert.change != "taken back"
    ]
    return sorted(left, key=lambda alert: (alert.rule, alert.starts_at))


def rang(alerts: Iterable[Alert]) -> list[tuple[Any, ...]]:
    """What `written_alerts` says of alerts."""
    return sorted((a.rule, a.state, a.starts_at, a.ends_at, float(a.value)) for a in alerts)


def _id(name: str) -> str:
    return f"geonames:99{CAPITALS.index(name):04d}"


def _back(event: E, at: str) -> E:
    published = moment(at)
    return taken_back(event, published.day, published.hour + published.minute / 60)


def _event(number: int, told: dict[str, Any]) -> LedgerEvent:
    published = moment(told["at"])
    day, hour = published.day, published.hour + published.minute / 60
    where = place(told["place"], id=_id(told["place"])) if "place" in told else place()
    name = where.name
    ref = {"outlet": told["outlet"], "hour": hour}
    when = {"when": dated(told["day"])} if "day" in told else {}
    words = {"sentence": told["words"]} if "words" in told else {}
    match told["says"]:
        case "taken":
            event = taken(where, day, **ref, **when, **words)
        case "retaken":
            event = retaken(where, day, **ref, **when)
        case "claimed":
            spokesman = said_by("gaining", "the front's spokesman")
            event = taken(where, day, modality="claimed", attribution=spokesman, **ref, **when)
        case "denied":
            event = denied(where, day, **ref)
        case "conceded":
            event = taken(where, day, attribution=said_by("losing", "the provincial governor"), **ref, **when)
        case "lost":
            event = taken(where, day, by=None, previous_holder=FRONT, **ref, **when)
        case "part":
            event = taken(where, day, extent="partial", **ref, **when)
        case "province":
            event = taken(where.model_copy(update={"kind": "province", "precision": "admin1"}), day, **ref, **when)
        case "counted":
            event = counted(told["count"], day, **ref)
        case "said":
            event = said(told["words"], day, **ref)
        case "met":
            event = met(day, **ref)
        case "gave_up" | "surrendered":
            kind = (
                {"what": "place"} if told["says"] == "gave_up" else {"what": "people", "count": _number(told["count"])}
            )
            event = gave_up(
                day, place=where, date=dated(told["day"]) if "day" in told else undated(day),
                sentence=f"At {name} soldiers laid down their arms, report {number}.", **kind, **ref,
            )  # fmt: skip
        case other:
            raise ValueError(f"report {number} says {other!r}, which is nothing that a report can say")
    credit = told.get("credit")
    return (
        event.model_copy(update={"article": event.article.model_copy(update={"credit": credit})}) if credit else event
    )


def _number(count: int) -> Quantity:
    return Quantity(text=str(count), value=float(count))
