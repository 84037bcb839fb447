"""Packages of npm that tests run programs with: exact versions, installed once into a cache outside of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest


def npm_packages(*packages: str) -> Path:
    """The folder in which `node` finds these packages ("kafkajs@2.2.4"). Skips the test, and says so, without node or npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin-tests"
    folder = cache / sha256(" ".join(packages).encode()).hexdigest()[:16]
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run = subprocess.run(
            ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--silent", *packages],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if run.returncode != 0:
            pytest.skip(f"npm cannot install {' '.join(packages)}: {run.stderr[-300:]}")
        (folder / "done").touch()
    return folder
