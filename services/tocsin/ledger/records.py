"""The contract's records, drawn from the folds: incidents with their evidence, control with its history.

A draft is a record without its revision: two drafts with one digest say the same, and need not be sent twice.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

import orjson

from tocsin_schemas import Control, Incident

from .accounts import NOBODY, Account, Party, moment
from .bounds import order
from .fold import Happening, Held, PlaceFold, When

PROOFS: Final = 5
"""Standing reports that a stretch of holding names as its proof."""
PROVEN: Final = 20
"""The latest stretches of holding that name their proofs; earlier ones name their incident."""
REPORTS: Final = 32
"""Reports that an incident carries with their sentences; `n_reports` counts all."""


@dataclass(frozen=True)
class Draft:
    """An incident or a control record without its revision."""

    fields: dict[str, Any]

    @cached_property
    def digest(self) -> str:
        """Equal for drafts that say the same."""
        return blake2b(orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def incident_draft(happening: Happening, place: Mapping[str, Any] | None, left_out: int = 0) -> Draft:
    """The incident of a happening. `left_out` is the number of reports that the ledger counted but did not keep."""
    accounts = happening.accounts
    withdrawn = sum(a.withdrawn is not None for a in accounts)
    return Draft(
        {
            "id": happening.id,
            "type": happening.type,
            "status": happening.life.status,
            "place": place,
            "actors": [_actor(party) for party in happening.parties if party != NOBODY],
            "kind": happening.kind,
            "extent": "partial" if happening.partial else "full",
            "date": _date(happening.when),
            "count": _count(accounts),
            "reports": [_report(a) for a in _telling(happening)],
            "n_reports": len(accounts) - withdrawn + left_out,
            "n_families": happening.life.families,
            "first_seen": moment(accounts[0].published),
            "last_seen": moment(max(a.published for a in accounts)),
            "transitions": [
                {"at": moment(step.at), "status": step.status, "reason": step.reason, "event_id": step.cause}
                for step in happening.life.steps
            ],
            "supersedes": happening.supersedes,
        }
    )


def retired_draft(last: Draft, heir: str | None) -> Draft:
    """The last word of an incident whose reports turned out to belong to others. `last` is what it said before."""
    reason = f"its reports belong to incident {heir}" if heir else "its reports belong to other incidents"
    at = last.fields["last_seen"]
    return Draft(
        {
            **last.fields,
            "status": "retracted",
            "reports": [],
            "n_reports": 0,
            "n_families": 0,
            "transitions": [{"at": at, "status": "retracted", "reason": reason, "event_id": None}],
        }
    )


def is_retired(incident: Incident) -> bool:
    """Whether this is the last word of an incident that no report belongs to any more: a tombstone should follow it."""
    return incident.status == "retracted" and not incident.reports


def incident(draft: Draft, revision: int) -> Incident:
    """The record of a draft."""
    return Incident.model_validate({**draft.fields, "revision": revision})


def control_draft(fold: PlaceFold, place: Mapping[str, Any], on: int | None = None, at: int | None = None) -> Draft:
    """Who holds a place, from its fold. `on`: on that day rather than now. `at`: the knowledge time asked for."""
    held = fold.held_on(on)
    proven = {held.incident for held in (*fold.tenures[-PROVEN:], *([held] if held else []))}
    proofs = {h.id: _proofs(h, at) for h in fold.happenings if h.id in proven}
    known_at = at if at is not None else fold.known_at
    return Draft(
        {
            "place": place,
            "holder": held.holder if held else None,
            "holder_name": held.holder_name if held else None,
            "previous_holder": fold.holder_before(held),
            "since": _day(held.begin) if held else None,
            "status": held.status if held else "retracted",
            "extent": "partial" if held and held.partial else "full",
            "incident": held.incident if held else None,
            "history": [_tenure(h, []) for h in fold.tenures[:-PROVEN]]
            + [_tenure(h, proofs[h.incident]) for h in fold.tenures[-PROVEN:]],
            "reports": proofs[held.incident] if held else [],
            "as_of": moment(known_at or 0),
        }
    )


def control(draft: Draft, revision: int) -> Control:
    """The record of a draft."""
    return Control.model_validate({**draft.fields, "revision": revision})


def _telling(happening: Happening) -> list[Account]:
    """The reports worth carrying: what changed the status, then each family's first, then the earliest."""
    accounts = happening.accounts
    if len(accounts) <= REPORTS:
        return list(accounts)
    causes = {step.cause for step in happening.life.steps}
    firsts = {a.id for a in {a.family: a for a in reversed(accounts)}.values()}
    ranked = sorted(accounts, key=lambda a: (a.id not in causes, a.id not in firsts, order(a)))
    return sorted(ranked[:REPORTS], key=order)


def _report(account: Account) -> dict[str, Any]:
    return {
        "event_id": account.id,
        "article_id": account.article,
        "article_url": account.url,
        "publisher": account.publisher,
        "family": account.family,
        "modality": account.modality,
        "side": account.side,
        "attributed_to": account.said_by,
        "retracted": account.withdrawn is not None,
        "published_at": moment(account.published),
        "evidence": account.trace._asdict(),
    }


def _actor(party: Party) -> dict[str, Any]:
    return {"text": party.name or party.id or "", **party._asdict()}


def _date(when: When) -> dict[str, Any]:
    first = None if when.first is None else _day(when.first)
    return {"start": first, "end": _day(when.last), "precision": when.precision if first else "unknown"}


def _day(ordinal: int) -> date:
    return date.fromordinal(ordinal)


def _count(accounts: Sequence[Account]) -> dict[str, Any] | None:
    """The largest number that a standing report gives: reports of one happening overlap, they do not add up."""
    counted = [a for a in accounts if a.count is not None and a.withdrawn is None]
    if not counted:
        return None

    def size(account: Account) -> tuple[float, int, str]:
        value, minimum, maximum, fraction = account.count or (None, None, None, None)
        told = next((n for n in (value, minimum, maximum, fraction) if n is not None), 0.0)
        return (-told, *order(account))

    value, minimum, maximum, fraction = min(counted, key=size).count or (None, None, None, None)
    words = f"{value if value is not None else minimum or maximum or fraction or 0:g}"
    return {"text": words, "value": value, "minimum": minimum, "maximum": maximum, "fraction": fraction}


def _proofs(happening: Happening, known_at: int | None) -> list[dict[str, Any]]:
    """Its standing reports, earliest publication first; of one article those that say most plainly who took it."""
    standing = [a for a in happening.accounts if a.voice != "denial" and a.stands_at(known_at)]

    def plainness(a: Account) -> tuple[Any, ...]:
        return a.published, a.toward is None, a.mention == "nominal", a.voice == "claim", a.trace.sentence_start, a.id

    ranked = sorted(standing, key=plainness)
    return [_report(a) for a in ranked[:PROOFS]]


def _tenure(held: Held, proofs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "holder": held.holder,
        "from": _day(held.begin),
        "to": None if held.end is None else _day(held.end),
        "incident": held.incident,
        "status": held.status,
        "reports": proofs,
    }
