"""Writes `kafka.lock`: run it when KAFKA_VERSION changes (python -m tocsin.embedded.lock)."""

from __future__ import annotations

from typing import Final

from .jars import KAFKA_VERSION, LOCK, sha256_of

BROKER: Final = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
LOGGING: Final = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
"""Kafka logs through slf4j 1, and log4j 2 prints. Resolved apart from Kafka and without its dependencies: resolved
together, its dependency management takes kafka-clients back to 3.9, and the broker ends with NoSuchMethodError."""


def write_lock() -> None:
    """Resolve the jars with jgo, fetch them into the local Maven repository, and write down their hashes."""
    import jgo

    found = [*jgo.resolve(BROKER), jgo.resolve(LOGGING)[0]]
    lines = sorted({f"{a.groupId}:{a.artifactId}:{a.version} {sha256_of(a.resolve())}" for a in found})
    LOCK.write_text("# Written by `python -m tocsin.embedded.lock`.\n" + "\n".join(lines) + "\n", "ascii")


if __name__ == "__main__":
    write_lock()
