"""The jars of Apache Kafka: which ones, their hashes, and where they lie on this machine.

`kafka.lock` lists them, one `group:artifact:version sha256` a line; `python -m tocsin.embedded.lock` writes it
anew. Jars are kept in the local Maven repository (M2_REPO, or ~/.m2/repository), so that any tool that speaks
Maven can put them there for a machine without network. Every jar is checked against its hash at every start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import INSTEAD, EmbeddedKafkaError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION: Final = "4.3.1"
LOCK: Final = Path(__file__).with_name("kafka.lock")
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar by its Maven coordinates, with the SHA-256 that its bytes must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it lies in a Maven repository, relative to its root."""
        return Path(*self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar")

    def is_at(self, repository: Path) -> bool:
        """Whether the very bytes lie in `repository`."""
        found = repository / self.path
        return found.is_file() and sha256_of(found) == self.sha256

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def locked_jars(lock: Path = LOCK) -> list[Jar]:
    """The jars of `kafka.lock`, in class path order."""
    jars: list[Jar] = []
    for line in lock.read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def local_repository() -> Path:
    """The local Maven repository of this user."""
    return Path(os.environ.get("M2_REPO") or Path.home() / ".m2" / "repository")


def classpath(
    jars: Sequence[Jar] | None = None,
    repository: Path | None = None,
    remotes: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Paths of `jars` (those of the lock), after fetching the ones that are missing or damaged.

    `remotes` are Maven repositories by name (jgo's configuration and Maven Central). `report` gets a line
    before anything is fetched. Raises EmbeddedKafkaError when a jar cannot be had or has other bytes than the lock
    says.
    """
    jars = locked_jars() if jars is None else jars
    repository = local_repository() if repository is None else repository
    missing = [jar for jar in jars if not jar.is_at(repository)]
    if missing:
        report(f"Fetching Apache Kafka {KAFKA_VERSION} ({len(missing)} jars, once)")
        _fetch(missing, repository, remotes)
    return [repository / jar.path for jar in jars]


def _fetch(jars: Sequence[Jar], repository: Path, remotes: Mapping[str, str] | None) -> None:
    """Download to a folder beside and move in whole, so that an interrupted run leaves no half jar behind."""
    try:
        repository.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".tocsin-", dir=repository))
    except OSError as error:
        raise EmbeddedKafkaError(
            f"Cannot write to the local Maven repository {repository} ({error.strerror}): "
            f"make it writable or set M2_REPO to another folder, {INSTEAD}."
        ) from None
    try:
        context = _context(staging, remotes)
        with ThreadPoolExecutor(8, thread_name_prefix="jars") as pool:
            for jar in pool.map(lambda wanted: _fetch_one(wanted, context), jars):
                target = repository / jar.path
                target.parent.mkdir(parents=True, exist_ok=True)
                (staging / jar.path).replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _context(staging: Path, remotes: Mapping[str, str] | None) -> MavenContext:
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
        from jgo.maven import MavenContext
    except ImportError:
        raise EmbeddedKafkaError(
            f"The jars of Kafka are fetched with the package jgo, which is not installed: "
            f"pip install 'tocsin[embedded]', {INSTEAD}."
        ) from None
    if remotes is None:
        remotes = {**GlobalSettings.load().repositories, "central": MAVEN_CENTRAL_URL}
    return MavenContext(repo_cache=staging, remote_repos=dict(remotes), timeout=30)


def _fetch_one(jar: Jar, context: MavenContext) -> Jar:
    import requests

    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    path = context.repo_cache / jar.path
    reason = ""
    for _ in range(TRIES):
        try:
            artifact.resolve()
        except (requests.RequestException, RuntimeError) as error:
            reason = " ".join(str(error).split())[:300]
            path.unlink(missing_ok=True)
        else:
            break
    else:
        raise EmbeddedKafkaError(
            f"Cannot fetch {jar}, a part of Apache Kafka: {reason}. Run once with a connection to Maven Central "
            f"(a mirror goes under [repositories] in ~/.config/jgo.conf), or copy the jars of {LOCK.name} "
            f"to {local_repository()}, {INSTEAD}."
        )
    if sha256_of(path) != jar.sha256:
        raise EmbeddedKafkaError(
            f"{jar} arrived with other bytes than {LOCK.name} says (SHA-256 {sha256_of(path)}, not {jar.sha256}). "
            "It was not kept. Check the Maven repository or mirror that it came from."
        )
    return jar


def sha256_of(path: Path) -> str:
    """SHA-256 of the file at `path`, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
