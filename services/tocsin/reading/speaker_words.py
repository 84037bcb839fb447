"""The word lists by which text speaks of people and bodies (data/speakers.yaml), and the names of states."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from . import yaml_file

_DATA: Final = Path(__file__).with_name("data")


@cache
def words(name: str) -> frozenset[str]:
    """One list of data/speakers.yaml. Raises KeyError for a list that is not there."""
    return _lists()[name]


@cache
def given_names() -> frozenset[str]:
    """Lower-case given names (data/given_names.txt)."""
    return frozenset((_DATA / "given_names.txt").read_text(encoding="utf-8").lower().split())


@cache
def _lists() -> dict[str, frozenset[str]]:
    raw: dict[str, str] = yaml_file.read(_DATA / "speakers.yaml")
    return {name: frozenset(text.split()) for name, text in raw.items()}


@cache
def states() -> dict[str, str]:
    """Lower-case names of states and of their seats of government, to ISO 3166-1 alpha-3."""
    found: dict[str, str] = {}
    for row in _state_rows():
        for name in [*row["names"].split("|"), *row["government"].split("|")]:
            if name:
                found.setdefault(name.lower(), row["iso3"])
    return found


@cache
def demonyms() -> dict[str, str]:
    """Lower-case adjectives and names of peoples ("malian"), to ISO 3166-1 alpha-3."""
    found: dict[str, str] = {}
    for row in _state_rows():
        for name in row["demonyms"].split("|"):
            if name:
                found.setdefault(name.lower(), row["iso3"])
    return found


@cache
def _state_rows() -> tuple[dict[str, str], ...]:
    with (_DATA / "states.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines, delimiter="\t"))
