"""`tocsin dlq`: records that could not be processed, and putting them back."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.table import Table

from .console import ERR, OUT, escape, fail

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be processed, and putting it back.")
TopicName = Annotated[
    str | None, typer.Option(help="Only of this source topic (articles, capture ... or the full name).")
]
ServiceName = Annotated[str | None, typer.Option(help="Only what this service put aside.")]
ErrorName = Annotated[str | None, typer.Option(help="Only with this error class.")]


@app.command("list")
def list_letters(
    topic: TopicName = None,
    service: ServiceName = None,
    error: ErrorName = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with the raw record as text.")
    ] = False,
) -> None:
    """List dead letters: where they came from, which service failed on them, and why.

    Examples:

        tocsin dlq list

        tocsin dlq list --service capture --error PoisonError --json
    """
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.letters import Letter, read_letters
    from tocsin.streaming.settings import load_settings

    async def collect() -> list[Letter]:
        found = read_letters(load_settings(), topic=topic, service=service, error=error, limit=limit)
        return [letter async for letter in found]

    try:
        letters = asyncio.run(collect())
    except (SettingsError, StreamingError) as problem:
        fail(str(problem), hint="set TOCSIN_KAFKA__BOOTSTRAP, or start a broker with `tocsin up`", code=1)
    if as_json:
        for letter in letters:
            told = {
                "id": letter.id, "service": letter.service, "error": letter.error, "message": letter.message,
                "failed_at": letter.failed_at.isoformat() if letter.failed_at else None, "replays": letter.replays,
                "source": letter.source, "key": (letter.key or b"").decode("utf-8", "replace"),
                "value": (letter.value or b"").decode("utf-8", "replace"),
            }  # fmt: skip
            sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    table = Table("id", "service", "error", "message", "when", "replays")
    for letter in letters:
        when = f"{letter.failed_at:%Y-%m-%d %H:%M:%S}" if letter.failed_at else ""
        table.add_row(letter.id, letter.service, letter.error, escape(letter.message[:200]), when, str(letter.replays))
    OUT.print(table, width=None if OUT.is_terminal else 200)
    ERR.print(f"{len(letters)} dead letters")


@app.command("replay")
def replay_letters(
    ids: Annotated[
        list[str] | None, typer.Argument(help="Ids as `list` shows them; default: all that the filters leave.")
    ] = None,
    topic: TopicName = None,
    service: ServiceName = None,
    error: ErrorName = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Really all dead letters, without ids or filters.")] = False,
) -> None:
    """Put dead letters back to the topics they came from, once what was wrong is cured.

    Examples:

        tocsin dlq replay tocsin.articles.v1.capture.dlq/0/17

        tocsin dlq replay --service capture --error PoisonError
    """
    if not (ids or topic or service or error or every):
        fail("this would put back every dead letter", hint="name ids or filters, or say --all")
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.letters import replay
    from tocsin.streaming.settings import load_settings

    try:
        wanted = set(ids) if ids else None
        count = asyncio.run(replay(load_settings(), topic=topic, service=service, error=error, ids=wanted, limit=limit))
    except (SettingsError, StreamingError) as problem:
        fail(str(problem), hint="set TOCSIN_KAFKA__BOOTSTRAP, or start a broker with `tocsin up`", code=1)
    ERR.print(f"{count} dead letters put back")
    if ids and count < len(ids):
        fail(f"{len(ids) - count} of the ids are no dead letters", hint="`tocsin dlq list` shows them", code=1)
