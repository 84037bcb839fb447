"""What the commands share: consoles, and a clear end for a user's mistake."""

from __future__ import annotations

import sys
from typing import Final, NoReturn

import typer
from rich.console import Console

PIPED_WIDTH: Final = 200
"""Characters of a table's line where the output is no terminal."""
OUT: Final = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
ERR: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str, *, hint: str | None = None, code: int = 2) -> NoReturn:
    """End with `message` (and what to do) on standard error. Exit code 2: the call was wrong; 1: the work failed."""
    ERR.print(f"[bold red]tocsin:[/] {escape(message)}")
    if hint:
        ERR.print(f"  {escape(hint)}", style="dim")
    raise typer.Exit(code)


def escape(text: str) -> str:
    """Text that rich prints as it stands."""
    return text.replace("[", r"\[")
