"""`tocsin backtest`: rules over an archive, without a broker: the events, incidents, control changes and alerts it gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tocsin_schemas import Alert, Control, Incident

from .archive import archived_events, read_events, topic_events
from .console import ERR, OUT, escape, fail
from .extractors import AnyEvent
from .reading_commands import readable
from .revised import in_order, revised
from .tailing import line

if TYPE_CHECKING:
    from tocsin.alerting.rules import RuleSet

Shown = AnyEvent | Incident | Control | Alert
Show = Callable[[str, datetime, Shown], None]


class Format(StrEnum):
    """How the records are shown."""

    JSON = "json"
    TABLE = "table"


def backtest(
    articles: Annotated[
        str | None, typer.Argument(help="A JSONL, text or HTML file, a folder of these, or - for standard input.")
    ] = None,
    rules: Annotated[Path, typer.Option(help="A rule file, or a folder of them.")] = Path("deploy/rules"),
    events: Annotated[
        Path | None, typer.Option(help="Events that `tocsin extract` printed, instead of articles.")
    ] = None,
    from_topics: Annotated[
        bool, typer.Option("--from-topics", help="Read the retained event topics of a Kafka instead.")
    ] = False,
    until: Annotated[
        datetime | None, typer.Option(help="Let the time run on to here (UTC); default: to the last event.")
    ] = None,
    shown: Annotated[
        Format, typer.Option("--format", help="json: one object a line with a `record` field; table: for people.")
    ] = Format.JSON,
    alerts_only: Annotated[
        bool, typer.Option("--alerts-only", help="Leave out events, incidents and control; several times as fast.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture of the alerts over time (SVG) here.")] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Keep the events of articles, so that the next run is quick.")
    ] = True,
) -> None:
    """Run rules over an archive and print every event, incident, control change and alert in the order they became known.

    Articles are read once: their events are kept under TOCSIN_STATE_DIR until an article or an extractor changes.
    An alert's `known_at` says when it would have been sent.

    Examples:

        tocsin backtest --rules deploy/rules archive.jsonl --format table

        tocsin backtest --rules my.yaml archive.jsonl --alerts-only --plot alerts.svg

        tocsin backtest --rules my.yaml --from-topics --until 2026-03-31
    """
    rule_set = _rules(rules)
    refused: list[str] = []
    if sum([articles is not None, events is not None, from_topics]) != 1:
        fail("give articles, --events FILE or --from-topics, one of them", hint="see `tocsin backtest --help`")
    if plot is not None and not plot.resolve().parent.is_dir():
        fail(f"{plot}: no such folder to write the picture to")
    if articles is not None:
        told = _read(articles, refused, keep=cache)
    elif events is not None:
        told = list(read_events(events))
    else:
        told = topic_events()
    printed = _TablePrinter() if shown is Format.TABLE else _JsonPrinter()
    alerts: list[tuple[datetime, Alert]] = []

    def show(kind: str, at: datetime, record: Shown) -> None:
        if not alerts_only:
            printed.show(kind, at, record)

    with _progress() as progress:
        task = progress.add_task("folding", total=len(told))
        some = _folded(rule_set) if alerts_only else None
        to = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
        for at, alert in run(rule_set, told, show, lambda done: progress.update(task, completed=done), to, some):
            alerts.append((at, alert))
            printed.show("alert", at, alert)
    printed.close()
    if plot is not None:
        from .timeline_plot import draw

        plot.write_text(draw(alerts), encoding="utf-8")
        ERR.print(f"timeline written to {escape(str(plot))}")
    if refused:
        raise typer.Exit(1)


def run(
    rules: RuleSet,
    events: Sequence[AnyEvent],
    show: Show,
    progress: Callable[[int], None] = lambda _: None,
    until: datetime | None = None,
    folded: frozenset[str] | None = None,
) -> Iterator[tuple[datetime, Alert]]:
    """Fold `events` in the order in which they became known; `show` gets every event, incident and control change in turn.

    Yields the alerts as the rules give them, each with the time at which it is known. Alerts whose window passes
    after the last event stay as they are, unless the time runs on `until` later. `folded`: the types of events that
    the ledger is given; all by default.
    """
    from tocsin.alerting.backtest import backtest as over
    from tocsin.alerting.fields import Record

    def records() -> Iterator[Record]:
        from tocsin.ledger.core import LedgerCore

        ledger = LedgerCore()
        for done, event in enumerate(sorted(events, key=_order), 1):
            at = event.article.published_at
            yield event  # shown once it is asked for the next one: after the alerts of what was known before
            show("event", at, event)
            for record in ledger.apply(event) if folded is None or event.type in folded else ():
                yield record
                show("control" if isinstance(record, Control) else "incident", at, record)
            if done % 64 == 0:
                progress(done)
        progress(len(events))

    yield from over(rules, records(), until)


def _order(event: AnyEvent) -> tuple[datetime, int, bool, str]:
    return event.article.published_at, event.article.revision, event.retracted, event.id


def _folded(rules: RuleSet) -> frozenset[str]:
    from tocsin.alerting.backtest import events_for_the_ledger

    return events_for_the_ledger(rules)


class _JsonPrinter:
    """One object a line."""

    def show(self, kind: str, at: datetime, record: Shown) -> None:
        more = {"known_at": at} if kind == "alert" else {}
        told = (
            orjson.dumps({"record": kind, **more}, option=orjson.OPT_UTC_Z)[:-1]
            + b","
            + record.model_dump_json(by_alias=True).encode()[1:]
        )
        sys.stdout.write(told.decode() + "\n")

    def close(self) -> None:
        sys.stdout.flush()


class _TablePrinter:
    """A table for people, once all is known."""

    def __init__(self) -> None:
        self._table = Table("when", "record", "what", show_lines=False)

    def show(self, kind: str, at: datetime, record: Shown) -> None:
        told = record.model_dump(mode="json", by_alias=True)
        name = {"event": told.get("type", ""), "incident": "incidents", "alert": "alerts"}.get(kind, kind)
        self._table.add_row(f"{at:%Y-%m-%d %H:%M}", kind, escape(line(name, told)))

    def close(self) -> None:
        OUT.print(self._table)


def _rules(path: Path) -> RuleSet:
    from tocsin.alerting.documents import DocumentError
    from tocsin.alerting.rules import load_rules

    if not path.exists():
        fail(f"{path}: no such rule file or folder", hint="rules that come with Tocsin are in deploy/rules")
    try:
        return load_rules(path)
    except DocumentError as error:
        for problem in error.problems:
            ERR.print(f"[red]{escape(str(problem))}[/]")
        fail(f"the rules in {path} cannot be used")


def _read(source: str, refused: list[str], *, keep: bool) -> list[AnyEvent]:
    """The events of an archive, its revisions in order: what a later revision no longer says is taken back."""
    from tocsin.streaming.errors import SettingsError
    from tocsin.streaming.settings import load_settings

    try:
        folder = load_settings().state_dir / "events" if keep else None
    except SettingsError as error:
        fail(str(error))
    found: list[AnyEvent] = []
    with _progress() as progress:
        archive = list(revised(in_order(readable(source, refused))))
        task = progress.add_task("reading", total=len(archive))
        for events in archived_events(archive, folder):
            found += events
            progress.advance(task)
    return found


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=ERR, transient=True, disable=not ERR.is_terminal,
    )  # fmt: skip
