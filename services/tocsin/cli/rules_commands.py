"""`tocsin rules`: check rule files, and run their tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .console import ERR, OUT, escape, fail

app = typer.Typer(no_args_is_help=True, help="Alert rules: check them and run their tests.")


@app.command("check")
def check(paths: Annotated[list[Path], typer.Argument(help="Rule files, or folders of them.")]) -> None:
    """Check rule files: every mistake with file, line and what was expected. Exit code 1 when there is one.

    Example: `tocsin rules check deploy/rules`
    """
    from tocsin.alerting.rules import check_rules

    problems = [problem for path in _existing(paths) for problem in check_rules(path)]
    for problem in problems:
        OUT.print(f"[red]{escape(str(problem))}[/]")
    if problems:
        raise typer.Exit(1)
    OUT.print("[green]all rules can be used[/]")


@app.command("test")
def test(paths: Annotated[list[Path], typer.Argument(help="Test files (*.test.yaml), or folders of them.")]) -> None:
    """Run rule tests: what became known when, and what was to ring. Exit code 1 when one fails.

    Example: `tocsin rules test deploy/rules`
    """
    from tocsin.alerting.documents import DocumentError
    from tocsin.alerting.rule_tests import run_rule_tests
    from tocsin.alerting.rules import is_test_file

    files = [
        file
        for path in _existing(paths)
        for file in (sorted(f for f in path.rglob("*") if is_test_file(f)) if path.is_dir() else [path])
    ]
    if not files:
        fail("there are no rule tests here", hint="a test file is named NAME.test.yaml; docs/rules.md shows one")
    failed = ran = 0
    for file in files:
        try:
            results = run_rule_tests(file)
        except DocumentError as error:
            failed += 1
            for problem in error.problems:
                OUT.print(f"[red]{escape(str(problem))}[/]")
            continue
        for result in results:
            ran += 1
            failed += not result.passed
            mark = "[green]passed[/]" if result.passed else "[red]FAILED[/]"
            OUT.print(f"{mark} {escape(result.file)}:{result.line} {escape(result.name)}")
            for failure in result.failures:
                OUT.print(f"       {escape(str(failure))}")
    ERR.print(f"{ran} tests, {failed} failed")
    if failed:
        raise typer.Exit(1)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of rule files, with which editors complete and check them while they are written.

    Example: `tocsin rules schema > rules.schema.json`, and on the first line of a rule file
    `# yaml-language-server: $schema=rules.schema.json`
    """
    from tocsin.alerting.rules_schema import rules_schema_text

    sys.stdout.write(rules_schema_text())


def _existing(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            fail(f"{path}: no such file or folder")
    return paths
