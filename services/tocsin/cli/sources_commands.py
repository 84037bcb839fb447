"""`tocsin sources`: check a file of feeds, poll them once without Kafka, see how a running service's sources fare."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer
from rich.table import Table

from .console import ERR, OUT, escape, fail

if TYPE_CHECKING:
    from tocsin.ingest.sources import Source
    from tocsin_schemas import Article

app = typer.Typer(no_args_is_help=True, help="Feeds that are polled, and how they fare.")
File = Annotated[Path, typer.Argument(help="A sources file (deploy/sources.sample.yaml shows one).")]


def _sources(path: Path) -> tuple[Source, ...]:
    from tocsin.ingest.sources import read_sources

    try:
        return read_sources(path)
    except ValueError as error:
        fail(str(error))


@app.command("check")
def check(file: File) -> None:
    """Check a sources file: the first mistake with its source and field. Exit code 2 when there is one.

    Example: `tocsin sources check sources.yaml`
    """
    found = _sources(file)
    OUT.print(f"{len(found)} sources can be polled")


@app.command("poll")
def poll(
    file: File,
    only: Annotated[
        list[str] | None, typer.Option("--source", "-s", help="Only this source's id; may be repeated.")
    ] = None,
) -> None:
    """Poll each source once and print its articles, one JSON object a line. Needs no Kafka and remembers nothing.

    How each source fared is told on standard error; the exit code is 1 when one could not be had.

    Examples:

        tocsin sources poll sources.yaml > articles.jsonl

        tocsin sources poll sources.yaml --source hill-herald | tocsin extract -
    """
    chosen = _sources(file)
    unknown = sorted({*(only or ())} - {source.id for source in chosen})
    if unknown:
        fail(f"there is no source {unknown[0]!r}", hint="sources: " + ", ".join(source.id for source in chosen))
    if only:
        chosen = tuple(source for source in chosen if source.id in only)
    with _logs_aside():
        records = asyncio.run(_polled(chosen))
    for record in records:
        problem = f": {record['problem']}" if record["problem"] else ""
        ERR.print(
            escape(
                f"{record['id']} {record['state']}: {record['articles']} articles, {record['refused']} refused{problem}"
            )
        )
    if any(record["failures"] for record in records):
        raise typer.Exit(1)


@contextmanager
def _logs_aside() -> Iterator[None]:
    """What polling logs, such as why an item is refused, goes to standard error: standard output is for articles."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


async def _polled(sources: Sequence[Source]) -> list[dict[str, Any]]:
    from tocsin.ingest.articles import Taken
    from tocsin.ingest.desk import Answer
    from tocsin.ingest.normalize import Normalizer
    from tocsin.ingest.polling import open_poller
    from tocsin.ingest.publishers import default_publishers
    from tocsin.ingest.settings import IngestSettings
    from tocsin.streaming.errors import SettingsError
    from tocsin.streaming.settings import load

    async def take(articles: Sequence[Article], traceparent: str | None = None) -> list[Answer]:
        for article in articles:
            sys.stdout.write(article.model_dump_json() + "\n")
        return [Taken("new", article.id, article.revision) for article in articles]

    try:
        own = load(IngestSettings)
    except SettingsError as error:
        fail(str(error))
    poller = open_poller(sources, own, None, take, Normalizer(default_publishers(), own.rules))
    try:
        for number, source in enumerate(sources, 1):
            if ERR.is_terminal:
                ERR.print(f"[dim]{number} of {len(sources)}: {escape(source.id)}[/]")
            await poller.poll(source)
        sys.stdout.flush()
        return poller.health()
    finally:
        await poller.close()


@app.command("status")
def status(
    url: Annotated[
        str, typer.Option(envvar="TOCSIN_INGEST_URL", help="Address of the ingest service.")
    ] = "http://127.0.0.1:8080",
    as_json: Annotated[bool, typer.Option("--json", help="As the service gives it.")] = False,
) -> None:
    """Print how the sources of a running ingest service fare: last success, items an hour, silence, what is wrong.

    Example: `tocsin sources status --url http://127.0.0.1:8080`
    """
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/sources", timeout=10) as answer:  # noqa: S310 - the user's own address
            records = json.load(answer)["sources"]
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        fail(f"no ingest service answers at {url}: {error}", hint="tocsin serve ingest, or give --url", code=1)
    if as_json:
        sys.stdout.write(json.dumps(records) + "\n")
        return
    table = Table(
        "source", "state", "last success", "last new", "items/hour", "silent for", "articles", "refused", "problem"
    )
    for record in records:
        silent = record["silent_for_hours"]
        table.add_row(
            record["id"], record["state"], record["last_success"] or "never", record["last_new"] or "never",
            str(record["items_per_hour"]), "" if silent is None else f"{silent} h", str(record["articles"]),
            str(record["refused"]), escape(record["problem"] or ""),
        )  # fmt: skip
    OUT.print(table)
