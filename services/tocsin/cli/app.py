"""The command `tocsin` and its subcommands."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version as distribution_version

import typer

from . import (
    backtesting,
    deadletters,
    demonstration,
    ingesting,
    ledger_commands,
    reading_commands,
    rules_commands,
    serving,
    sources_commands,
    tailing,
    webhooks_commands,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="News in, typed and evidenced conflict events on Kafka out; the bell rings when the map changes.",
    epilog="Start with `tocsin demo`, or read an article without a broker: `tocsin extract articles.jsonl`.",
)
app.command("extract")(reading_commands.extract)
app.command("explain")(reading_commands.explain)
app.command("backtest")(backtesting.backtest)
app.command("ingest")(ingesting.ingest)
app.command("up")(serving.up)
app.command("serve")(serving.serve)
app.command("demo")(demonstration.demo)
app.command("tail")(tailing.tail)
app.command("control")(ledger_commands.control)
app.command("history")(ledger_commands.history)
app.command("incident")(ledger_commands.incident)
app.command("healthy")(serving.healthy)
app.add_typer(serving.topics_app, name="topics")
app.add_typer(rules_commands.app, name="rules")
app.add_typer(deadletters.app, name="dlq")
app.add_typer(webhooks_commands.app, name="webhooks")
app.add_typer(ingesting.keys_app, name="keys")
app.add_typer(sources_commands.app, name="sources")


@app.command("version")
def version() -> None:
    """Print the version of Tocsin and of the contract.

    Example: `tocsin version`
    """
    typer.echo(f"tocsin {distribution_version('tocsin')} (contract {distribution_version('tocsin-schemas')})")


def main() -> None:
    """Run the command line; a user's mistake ends in one line and exit code 2, a closed pipe in silence."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what fails is told in our words
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None


__all__ = ["app", "main"]
