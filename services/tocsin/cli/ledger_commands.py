"""`tocsin control`, `tocsin history` and `tocsin incident`: what the ledger holds, for people or as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from .console import ERR, OUT, escape, fail
from .ledger_source import Answer, Question, Source

Country = Annotated[str | None, typer.Option(help="Only places of this country (ISO 3166-1 alpha-3).")]
KnownAt = Annotated[
    str | None,
    typer.Option(help="As it was known at this time of publication, with its zone (2021-08-12T09:00:00Z)."),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--ledger", envvar="TOCSIN_LEDGER_URL", help="Address of a running ledger; default: this machine's, if any."
    ),
]
Events = Annotated[
    Path | None, typer.Option(help="Fold the events that `tocsin extract` printed, without any service.")
]
FromTopics = Annotated[
    bool, typer.Option("--from-topics", help="Fold what the event topics keep instead of asking a running ledger.")
]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON, as the ledger's HTTP API gives it.")]
_COLORS = {"confirmed": "green", "claimed": "yellow", "contested": "magenta", "retracted": "dim"}


def control(
    country: Country = None,
    as_of: Annotated[
        str | None, typer.Option(help="Who held it on this day (2021-08-11), or on the day of a time; default: now.")
    ] = None,
    known_at: KnownAt = None,
    ledger: Url = None,
    events: Events = None,
    from_topics: FromTopics = False,
    as_json: AsJson = False,
) -> None:
    """Print who holds which place, since when, how surely and why: now or on a day, as known now or at a time.

    `--as-of` is a day of the world, `--known-at` an instant of publication. Without a running ledger what the event
    topics keep is folded.

    Examples:

        tocsin control --country AFG

        tocsin control --country AFG --as-of 2021-08-11 --known-at 2021-08-12T09:00:00Z

        tocsin extract archive.jsonl > events.jsonl; tocsin control --events events.jsonl --json
    """
    question = Question("control", country=country, as_of=as_of, known_at=known_at)
    told = Source(ledger, events, from_topics).answer(question) or {}
    if as_json:
        return _print(told)
    table = Table("place", "holder", "since", "status", "confidence", "families")
    for one in told["control"]:
        table.add_row(
            escape(_place(one["place"])), _holder(one), one["since"] or "", _status(one), escape(one["reason"] or ""),
            str(one["n_families"]),
        )  # fmt: skip
    OUT.print(table)
    for gap in told["tallies"]:
        OUT.print(escape(tally_line(gap)))
    ERR.print(f"{len(told['control'])} places")
    return None


def history(
    place: Annotated[str, typer.Argument(help="A place's id or name: geonames:1135690, or Kunduz.")],
    country: Country = None,
    known_at: KnownAt = None,
    ledger: Url = None,
    events: Events = None,
    from_topics: FromTopics = False,
    as_json: AsJson = False,
) -> None:
    """Print a place's history in both times: who held it when, and what was known of that when, and why.

    Examples:

        tocsin history Kunduz --country AFG

        tocsin history geonames:1135690 --known-at 2021-08-12T09:00:00Z --json
    """
    told = Source(ledger, events, from_topics).answer(Question("history", place, country, known_at=known_at))
    if told is None:
        fail(
            f"nothing is known of who holds {place!r}", hint="`tocsin control` lists the places of which it is", code=1
        )
    if as_json:
        return _print(told)
    for one in told["history"]:
        OUT.print(f"[bold]{escape(_place(one['place']))}[/] {escape(one['place']['id'] or '')}")
        held = Table("holder", "from", "to", "status", title="who held it when", title_justify="left")
        held.add_column("incident", overflow="fold")
        for tenure in one["history"]:
            to = tenure["to"] or "now"
            held.add_row(_holder(tenure), tenure["from"] or "", to, _status(tenure), tenure["incident"] or "")
        known = Table(
            "known at", "holder", "since", "status", "why", "families",
            title="what was known of it when", title_justify="left",
        )  # fmt: skip
        for belief in one["beliefs"]:
            known.add_row(
                _minute(belief["at"]), _holder(belief), belief["since"] or "", _status(belief),
                escape(belief["reason"] or ""), str(belief["n_families"]),
            )  # fmt: skip
        for table in (held, known):
            OUT.print(table)
    return None


def incident(
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="An incident's id, as control, history and alerts name it.")
    ],
    ledger: Url = None,
    events: Events = None,
    from_topics: FromTopics = False,
    as_json: AsJson = False,
) -> None:
    """Print an incident with its evidence: each change of status with its cause, each report with its sentence.

    Offsets are characters of the article's text or title: the sentence's, then the trigger's in it.

    Examples:

        tocsin incident 2f6c1c1e-6a0a-5c8e-8f62-0a1f3a7c9d10

        tocsin incident 2f6c1c1e-6a0a-5c8e-8f62-0a1f3a7c9d10 --json | jq '.incident.reports[].evidence'
    """
    told = Source(ledger, events, from_topics).answer(Question("incident", identity))
    if told is None:
        fail(f"there is no incident {identity}", hint="`tocsin history PLACE` names a place's incidents", code=1)
    if as_json:
        return _print(told)
    found = told["incident"]
    where = _place(found["place"]) if found["place"] else ""
    parties = " · ".join(actor["name"] or actor["text"] for actor in found["actors"])
    heading = " · ".join(part for part in (found["type"], found["kind"], where, parties) if part)
    OUT.print(f"[bold]{escape(heading)}[/] {_status(found)}")
    OUT.print(
        f"{_dates(found['date'])}; {found['n_reports']} reports, {found['n_families']} independent families "
        "in their own voice"
    )
    for step in found["transitions"]:
        OUT.print(f"{_minute(step['at'])}  {_status(step)}: {escape(step['reason'])} [dim]({step['event_id']})[/]")
    for report in found["reports"]:
        _report(report)
    return None


def tally_line(gap: Answer) -> str:
    """What outlets count, against the ledger, in one line."""
    since = f" since {gap['since']}" if gap["since"] else ""
    counted = f"{gap['outlets']:g}" if gap["outlets"] is not None else f"a share of {gap['share']:.0%}"
    line = f"{gap['country']}: outlets count {counted} {gap['sort']} for {gap['captor']}{since}, the ledger has {gap['ledger']}"
    return line + (f" ({gap['gap']:+g})" if gap["gap"] else "")


def _report(report: Answer) -> None:
    said = f", says {report['attributed_to']} ({report['side']})" if report["attributed_to"] else ""
    gone = " [bold red]taken back[/]" if report["retracted"] else ""
    family = f" ({report['family']})" if report["family"] != report["publisher"] else ""
    OUT.print(
        f"\n{_minute(report['published_at'])}  {escape(report['publisher'] + family)}: {report['modality']}{escape(said)}{gone}"
    )
    OUT.print(f"  {escape(report['article_url'] or report['article_id'])}  [dim]event {report['event_id']}[/]")
    evidence = report["evidence"]
    if evidence is not None:
        where = f"{evidence['field']} {evidence['sentence_start']}-{evidence['sentence_end']}"
        trigger = f"{evidence['trigger']!r} {evidence['start']}-{evidence['end']}"
        OUT.print(f"  “{escape(evidence['sentence'])}”\n  [dim]{escape(f'{where}, {trigger}')}[/]")


def _print(told: Answer) -> None:
    sys.stdout.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE).decode())


def _place(place: dict[str, Any]) -> str:
    return f"{place['name']}, {place['country']}" if place["country"] else place["name"]


def _holder(told: dict[str, Any]) -> str:
    partly = " (a part)" if told.get("extent") == "partial" else ""
    return escape((told.get("holder_name") or told["holder"] or "nobody known") + partly)


def _status(told: dict[str, Any]) -> str:
    return f"[{_COLORS[told['status']]}]{told['status']}[/]"


def _minute(time: str) -> str:
    return time[:16].replace("T", " ") + "Z"


def _dates(when: dict[str, Any]) -> str:
    if when["start"] is None:
        return f"on no day that a text gives, reported by {when['end']}"
    return when["start"] if when["start"] == when["end"] else f"{when['start']} to {when['end']}"
