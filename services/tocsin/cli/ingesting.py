"""`tocsin ingest` and `tocsin keys`: files to the articles topic, and bearer keys for the HTTP service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from .console import ERR, OUT, escape, fail

keys_app = typer.Typer(no_args_is_help=True, help="Bearer keys for posting articles.")


def ingest(
    sources: Annotated[
        list[str], typer.Argument(help="JSONL, text or HTML files, folders of these, or - for JSONL on standard input.")
    ],
    url: Annotated[
        str | None, typer.Option(help="Post to a running ingest service instead of writing to Kafka.")
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="TOCSIN_KEY", help="Bearer key for --url.")] = None,
) -> None:
    """Publish articles. What is known already counts as unchanged, so an interrupted run is simply run again.

    A text or HTML file may have a JSON file of the same name beside it: `published_at, publisher, credit, title, url`.
    Articles that are refused are named on standard error with the reason, and the exit code is then 1.

    Examples:

        tocsin ingest reports.jsonl

        tocsin ingest archive/ --url http://127.0.0.1:8080 --key $KEY

        zcat dump.jsonl.gz | tocsin ingest -
    """
    missing = [source for source in sources if source != "-" and not Path(source).exists()]
    if missing:
        fail(f"{missing[0]}: no such file or folder", hint="give .jsonl, .txt or .html files, folders of these, or -")
    from tocsin.ingest.files import Progress as Made
    from tocsin.ingest.files import Report, ingest_files
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.settings import load_settings

    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[records]} articles"), TimeElapsedColumn(),
        console=ERR, transient=True, disable=not ERR.is_terminal,
    )  # fmt: skip

    async def run() -> Report:
        with bars:
            task = bars.add_task("reading", total=None, records=0)

            def show(made: Made) -> None:
                bars.update(
                    task,
                    description=escape(Path(made.where).name),
                    completed=made.files,
                    total=made.of_files or None,
                    records=made.records,
                )

            return await ingest_files(sources, load_settings(), url=url, key=key, progress=show)

    try:
        report = asyncio.run(run())
    except (SettingsError, StreamingError) as error:
        fail(str(error), hint="what was taken is safe; run the same command again", code=1)
    except KeyboardInterrupt:
        fail("interrupted; what was taken is safe, run the same command again to go on", code=130)
    for refusal in report.refused:
        ERR.print(f"[yellow]refused[/] {escape(str(refusal))}")
    for path in report.passed_over:
        ERR.print(f"[dim]passed over {escape(str(path))}: no .jsonl, .json, .txt or .html file[/]")
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.counts.items())) or "no articles"
    OUT.print(f"{told}, {len(report.refused)} refused")
    if report.refused:
        raise typer.Exit(1)


@keys_app.command("new")
def new(name: Annotated[str, typer.Argument(help="Who gets the key.")]) -> None:
    """Make a bearer key. The key is shown once; the lines below it go into the keys file, which holds only its hash.

    Example: `tocsin keys new newsroom`
    """
    from tocsin.ingest.keys import hash_key, new_key

    key = new_key()
    OUT.print(f"key (give it to {escape(name)}, it is not kept): [bold]{escape(key)}[/]")
    OUT.print("for the file that TOCSIN_INGEST__KEYS names, under `keys:`")
    OUT.print(f"  - name: {escape(name)}\n    hash: {escape(hash_key(key))}")
