"""The ledger's answers as JSON, the same over HTTP and from the command line, and how questions are put in words.

A control record carries beside the contract's fields `reason` (why the holding has its status) and `n_families`
(independent publisher families that tell it in their own voice); a history also `beliefs`, what was known when.
"""

# pyright: strict
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from .accounts import moment
from .beliefs import Belief
from .queries import Ledger, Standing

_COUNTRY: Final = re.compile(r"[A-Z]{3}")


class QuestionError(ValueError):
    """A question that cannot be answered as it is put; the message says what is expected."""


def control_answer(
    ledger: Ledger, countries: Sequence[str], country: str | None, on: date | None, known_at: datetime | None
) -> dict[str, Any]:
    """Who holds the places of a country, or of all, and what outlets count there (in `countries` without a country)."""
    return {
        "control": [_standing(standing) for standing in ledger.standings(country, on, known_at)],
        "tallies": [asdict(gap) for code in ([country] if country else countries) for gap in ledger.tallies(code)],
    }


def history_answer(ledger: Ledger, place: str, country: str | None, known_at: datetime | None) -> dict[str, Any] | None:
    """What is known of the places of an id or a name, in both times; null when there is none."""
    found = ledger.history(place, country, known_at)
    told = [{**_standing(s), "beliefs": [_belief(belief) for belief in s.beliefs]} for s in found]
    return {"history": told} if told else None


def incident_answer(ledger: Ledger, identity: str) -> dict[str, Any] | None:
    """An incident with its reports down to their offsets; null when there is none of that id."""
    found = ledger.incident(identity)
    return {"incident": found.model_dump(mode="json")} if found is not None else None


def encoded(answer: dict[str, Any]) -> bytes:
    """An answer as JSON; times in UTC with a Z."""
    return orjson.dumps(answer, option=orjson.OPT_UTC_Z)


def country_of(given: str | None) -> str | None:
    """An ISO 3166-1 alpha-3 code. Raises QuestionError for other words."""
    if given is not None and not _COUNTRY.fullmatch(given):
        raise QuestionError(f"country is an ISO 3166-1 code of three capitals, such as AFG, not {given!r}")
    return given


def day_of(given: str | None) -> date | None:
    """A day, given as such or by a time in it (in UTC). Raises QuestionError saying what is expected."""
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        told = _time(given)
    if told is None:
        raise QuestionError(
            f"as_of is a day, or a time with its zone: 2021-08-11 or 2021-08-11T09:00:00Z, not {given!r}"
        )
    return told.date()


def instant_of(given: str | None) -> datetime | None:
    """A time with a zone, in UTC. Raises QuestionError saying what is expected."""
    if given is None:
        return None
    told = _time(given)
    if told is None:
        raise QuestionError(f"known_at is a time with its zone, such as 2021-08-11T09:00:00Z, not {given!r}")
    return told


def _time(given: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(given.replace(" ", "+"))  # a plus sign that was not escaped in an address
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo is not None else None


def _standing(standing: Standing) -> dict[str, Any]:
    told = standing.control.model_dump(mode="json")
    return {**told, "reason": standing.reason, "n_families": standing.families}


def _belief(belief: Belief) -> dict[str, Any]:
    held = belief.held
    return {
        "at": moment(belief.at),
        "holder": held.holder if held else None,
        "holder_name": held.holder_name if held else None,
        "since": date.fromordinal(held.begin) if held else None,
        "status": held.status if held else "retracted",
        "reason": held.reason if held else None,
        "n_families": held.families if held else 0,
        "incident": held.incident if held else None,
        "event_id": belief.cause,
    }
