"""Records for rule tests, from the little that a test has to say; the rest is filled in.

- at: 2021-08-08T10:00:00Z
  control: {place: "Kunduz, AFG", holder: taliban, since: 2021-08-08, sentence: Fighters hold Kunduz.}
- at: 2021-08-09T10:00:00Z
  capture: {place: {name: Ab, country: AFG}, captor: taliban, date: 2021-08-08}
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from tocsin_schemas.alert import SignalStream
from tocsin_schemas.ids import name_id
from tocsin_schemas.topics import place_key

from .fields import MODELS, Record
from .place_sets import capital

_ACTORS: Final = ("captor", "previous_holder", "surrendering", "recipient", "speaker", "addressee", "mediator")
_ACTOR_LISTS: Final = ("participants", "actors")


class Scenario:
    """Makes records one after the other, as a ledger would: later ones of a place or an id are its next revision."""

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}
        self._tenures: dict[str, list[dict[str, Any]]] = {}

    def record(self, stream: SignalStream, given: Mapping[str, Any], at: datetime) -> Record:
        """The record of `stream` that `given` says, known at `at`. Raises pydantic's ValidationError, or ValueError."""
        fields = _spelled_out(given)
        sentence = fields.pop("sentence", "") or ""
        make: Callable[[dict[str, Any], str, datetime], dict[str, Any]] = {
            "control": self._control,
            "incidents": self._incident,
        }.get(stream, self._event)
        made = MODELS[stream].model_validate(make({**fields, "stream": stream}, sentence, at))
        return cast("Record", made)

    def _control(self, fields: dict[str, Any], sentence: str, at: datetime) -> dict[str, Any]:
        place: dict[str, Any] = fields.get("place") or {}
        key = place_key(place.get("id"), place.get("name", ""))
        reports = [_report(sentence, at, fields)] if sentence else []
        control = {
            "status": "confirmed",
            "holder": None,
            "since": at.date(),
            "revision": self._revision(key),
            "as_of": at,
            "reports": reports,
            **fields,
        }
        control.setdefault("history", self._history(key, control))
        return control

    def _history(self, key: str, control: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The tenures of a place, the present as the last: a new holder ends the one before."""
        tenures = self._tenures.setdefault(key, [])
        if tenures and tenures[-1]["holder"] == control["holder"]:
            present = tenures.pop()
            present = {**present, "status": control["status"], "reports": present["reports"] or control["reports"]}
        else:
            if tenures:
                tenures[-1] = {**tenures[-1], "to": control["since"]}
            present = {
                "holder": control["holder"],
                "from": control["since"],
                "to": None,
                "status": control["status"],
                "reports": control["reports"],
            }
        tenures.append(present)
        return [] if control["status"] == "retracted" and len(tenures) == 1 else [dict(tenure) for tenure in tenures]

    def _incident(self, fields: dict[str, Any], sentence: str, at: datetime) -> dict[str, Any]:
        identity = fields.get("id") or name_id("test", fields.get("type", ""), str(fields.get("place")), str(at))
        return {
            "id": identity,
            "status": "confirmed",
            "revision": self._revision(identity),
            "date": {"end": at.date(), "precision": "unknown"},
            "reports": [_report(sentence, at, fields)] if sentence else [],
            "n_reports": 1,
            "n_families": 1,
            "first_seen": at,
            "last_seen": at,
            **fields,
        }

    def _event(self, fields: dict[str, Any], sentence: str, at: datetime) -> dict[str, Any]:
        identity = fields.get("id") or name_id("test", str(sorted(fields.items(), key=repr)), sentence, str(at))
        words = sentence or "It happened."
        stream = fields.pop("stream")
        publisher = fields.pop("publisher", "wire")
        article = {
            "id": f"article-{identity}",
            "revision": self._revision(identity),
            "publisher": publisher,
            "family": fields.pop("family", publisher),
            "published_at": at,
            **fields.pop("article", {}),
        }
        event = {
            "id": identity,
            "article": article,
            "evidence": _evidence(words),
            "rule": "test",
            "modality": "asserted",
            "date": {"end": at.date(), "precision": "unknown"},
            **fields,
        }
        defaults: dict[str, dict[str, Any]] = {
            "capture": {"kind": "place"},
            "statement": {"mode": "direct", "content": words, "spans": [{"start": 0, "end": len(words)}]},
        }
        return {**defaults.get(stream, {}), **event}

    def _revision(self, key: str) -> int:
        self._revisions[key] = self._revisions.get(key, 0) + 1
        return self._revisions[key]


def _spelled_out(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without their shorthands for places, actors, quantities and days."""
    fields = dict(given)
    for name, value in given.items():
        if name == "place":
            fields[name] = _place(value)
        elif name in _ACTORS:
            fields[name] = _actor(value)
        elif name in _ACTOR_LISTS and isinstance(value, list):
            fields[name] = [_actor(actor) for actor in cast("list[Any]", value)]
        elif name == "date" and isinstance(value, date):
            fields[name] = {"start": value, "end": value, "precision": "day"}
        elif name == "count" and isinstance(value, int):
            fields[name] = {"text": str(value), "value": value}
    return fields


def _place(value: Any) -> Any:
    if isinstance(value, str):
        name, _, country = value.rpartition(",")
        row = capital(name.strip(), country.strip())
        if row is None:
            raise ValueError(f'expected a capital such as "Kunduz, AFG", or the fields of a place, not {value!r}')
        return {
            "text": row["name"],
            "name": row["name"],
            "id": row["place"] or None,
            "kind": "city",
            "country": row["country"],
            "admin1": row["admin1"],
            "is_admin1_capital": True,
            "is_national_capital": row["national"] == "1",
            "precision": "exact",
        }
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {"text": fields.get("name", ""), "kind": "city", "precision": "exact", **fields}
    return value


def _actor(value: Any) -> Any:
    if isinstance(value, str):
        return {"text": value, "id": value, "name": value}
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {"text": fields.get("name") or fields.get("id", ""), **fields}
    return value


def _report(sentence: str, at: datetime, fields: Mapping[str, Any]) -> dict[str, Any]:
    publisher = str(fields.get("publisher", "wire"))
    return {
        "event_id": name_id("test", sentence, str(at)),
        "article_id": name_id("test", publisher, str(at)),
        "publisher": publisher,
        "family": str(fields.get("family", publisher)),
        "modality": "asserted",
        "published_at": at,
        "evidence": _evidence(sentence),
    }


def _evidence(sentence: str) -> dict[str, Any]:
    return {
        "start": 0,
        "end": len(sentence),
        "sentence_start": 0,
        "sentence_end": len(sentence),
        "trigger": sentence.split(maxsplit=1)[0],
        "sentence": sentence,
    }
