"""`tocsin backtest`: rules over an archive, without a broker: the events, incidents, control changes and alerts it gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tocsin_schemas import EVENT, Alert, Article, PreviousRevision

from .console import ERR, OUT, escape, fail
from .extractors import AnyEvent, extractors
from .reading_commands import load_reader, readable
from .tailing import line

if TYPE_CHECKING:
    from tocsin.alerting.rules import RuleSet
    from tocsin.ledger.core import Record
    from tocsin.reading import Reading


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
        Path | None,
        typer.Option(help="Events that `tocsin extract` printed, instead of articles: read once, tested often."),
    ] = None,
    from_topics: Annotated[
        bool, typer.Option("--from-topics", help="Read the retained event topics of a Kafka instead.")
    ] = False,
    shown: Annotated[
        Format, typer.Option("--format", help="json: one object a line with a `record` field; table: for people.")
    ] = Format.JSON,
    alerts_only: Annotated[
        bool, typer.Option("--alerts-only", help="Leave out events, incidents and control.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture of the alerts' timeline (SVG) here.")] = None,
) -> None:
    """Run rules over an archive and print every event, incident, control change and alert in the order they became known.

    Examples:

        tocsin backtest --rules deploy/rules archive.jsonl --format table

        tocsin extract archive.jsonl > events.jsonl; tocsin backtest --rules my.yaml --events events.jsonl
    """
    rule_set = _rules(rules)
    refused: list[str] = []
    given = [articles is not None, events is not None, from_topics]
    if sum(given) != 1:
        fail("give articles, --events FILE or --from-topics, one of them", hint="see `tocsin backtest --help`")
    if articles is not None:
        told = _read(articles, refused)
    elif events is not None:
        told = list(read_events(events))
    else:
        told = _from_topics()
    table = Table("when", "record", "what", show_lines=False) if shown is Format.TABLE else None
    alerts: list[Alert] = []

    def show(kind: str, at: datetime, record: Any) -> None:
        if alerts_only and kind != "alert":
            return
        if table is None:
            sys.stdout.write(
                orjson.dumps({"record": kind, **record.model_dump(mode="json", by_alias=True)}).decode() + "\n"
            )
        else:
            name = {"incident": "incidents", "control": "control", "alert": "alerts"}.get(kind) or record.type
            table.add_row(
                f"{at:%Y-%m-%d %H:%M}", kind, escape(line(name, record.model_dump(mode="json", by_alias=True)))
            )

    with _progress() as progress:
        task = progress.add_task("folding", total=len(told))
        for alert in run(rule_set, told, show, lambda done: progress.update(task, completed=done)):
            alerts.append(alert)
            show("alert", alert.updated_at, alert)
    if table is not None:
        OUT.print(table, width=None if OUT.is_terminal else 160)
    sys.stdout.flush()
    if plot is not None:
        from .timeline_plot import draw

        plot.write_text(draw(alerts), encoding="utf-8")
        ERR.print(f"timeline written to {escape(str(plot))}")
    if refused:
        raise typer.Exit(1)


def run(
    rules: RuleSet,
    events: list[AnyEvent],
    show: Callable[[str, datetime, Any], None],
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Alert]:
    """Fold `events` in the order in which they became known; `show` gets every event, incident and control change in turn.

    Yields the alerts as the rules give them. Alerts whose window passes after the last event stay as they are.
    """
    from tocsin.alerting.backtest import backtest as over

    def records() -> Iterator[AnyEvent | Record]:
        from tocsin.ledger.core import LedgerCore

        ledger = LedgerCore()
        for done, event in enumerate(sorted(events, key=_order), 1):
            show("event", event.article.published_at, event)
            yield event
            for record in ledger.apply(event):
                at = event.article.published_at
                show("control" if hasattr(record, "holder") else "incident", at, record)
                yield record
            if done % 64 == 0:
                progress(done)
        progress(len(events))

    yield from over(rules, records())


def _order(event: AnyEvent) -> tuple[datetime, int, bool, str]:
    return event.article.published_at, event.article.revision, event.retracted, event.id


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


def _read(source: str, refused: list[str]) -> list[AnyEvent]:
    """The events of an archive, its revisions in order: what a later revision no longer says is taken back."""
    from tocsin.reading.revisions import read_revision

    reader = load_reader()
    chosen = extractors()
    found: list[AnyEvent] = []

    def everything(reading: Reading) -> list[AnyEvent]:
        return [event for extractor in chosen for event in extractor.extract(reading)]

    with _progress() as progress:
        articles = list(revised(readable(source, refused)))
        task = progress.add_task("reading", total=len(articles))
        for article in articles:
            found += read_revision(reader, article, [extractor.wants for extractor in chosen], everything).events
            progress.advance(task)
    return found


def revised(articles: Iterable[Article]) -> Iterator[Article]:
    """The articles in order of publication; one whose id came before is its next revision, or nothing when it says the same."""
    last: dict[str, Article] = {}
    for article in sorted(articles, key=lambda a: (a.published_at, a.revision)):
        before = last.get(article.id)
        if before is not None and article.revision <= before.revision:
            if article.content_hash == before.content_hash and article.status == before.status:
                continue
            previous = PreviousRevision(
                revision=before.revision, title=before.title, text=before.text, published_at=before.published_at
            )
            following = article.model_copy(update={"revision": before.revision + 1, "previous": previous})
        else:
            following = article
        last[article.id] = following
        yield following


def read_events(path: Path) -> Iterator[AnyEvent]:
    """The events of a file, one a line, as `tocsin extract` prints them. Ends with the first line that is none."""
    if not path.is_file():
        fail(f"{path}: no such file", hint="`tocsin extract articles.jsonl > events.jsonl` makes one")
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                yield EVENT.validate_json(text)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                fail(f"{path}:{number}: no event: {where}: {first['msg']}", hint="give what `tocsin extract` prints")


def _from_topics() -> list[AnyEvent]:
    import asyncio

    from tocsin.streaming.errors import SettingsError
    from tocsin.streaming.settings import load_settings

    from .retained import retained_events

    try:
        return asyncio.run(retained_events(load_settings()))
    except SettingsError as error:
        fail(str(error))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=ERR, transient=True, disable=not ERR.is_terminal,
    )  # fmt: skip
