"""Files to the articles topic, for `tocsin ingest FILE|DIR|-`.

    report = await ingest_files([Path("reports/")], settings, progress=show)
    report.counts["new"], report.refused

Interrupted, it is simply run again: what has been taken is known, and is counted as unchanged. Articles go straight
to Kafka, or with `url` to a running ingest service.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Protocol

import aiohttp
import orjson

from tocsin.streaming.errors import TransientError
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics

from .articles import ArticleTopic
from .formats import STDIN, Found, count_files, find_files, read_raw
from .normalize import Intake, Normalizer
from .publishers import Publishers, default_publishers
from .refusal import Refusal, Refused

CHUNK: Final = 100
"""Articles that are under way at once: enough to fill Kafka's batches."""
HTTP_TIMEOUT: Final = 60.0
PATIENCE: Final = 300.0
"""Seconds for which a service that is away, or busy, is asked again."""


@dataclass(slots=True)
class Report:
    """What became of the files. `counts` has the outcomes: new, revised, withdrawn, unchanged, superseded, spooled."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Articles that are safe, whether new or known."""
        return self.counts.total()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: files begun of all (0 for standard input), records done, and the file in hand."""

    files: int
    of_files: int
    records: int
    where: str


class Target(Protocol):
    """Where articles go."""

    async def put(self, found: Sequence[Found]) -> list[str | Refused]:
        """An outcome, or why it was refused, for each; returns when what is taken is safe. Raises TransientError."""
        ...


async def ingest_files(
    sources: Sequence[Path | str],
    settings: Settings,
    *,
    url: str | None = None,
    key: str | None = None,
    rules: Intake | None = None,
    progress: Callable[[Progress], None] | None = None,
    stdin: IO[bytes] | None = None,
) -> Report:
    """Takes in files, folders and "-" (JSONL on standard input), in the order given.

    With `url` (of a running service, "http://host:8080") and `key` they are posted there, else written to Kafka.
    Raises TransientError when Kafka or the service cannot be reached; what was taken until then stays taken.
    """
    target = http_target(url, key) if url is not None else kafka_target(settings, rules)
    report = Report(passed_over=[path for source in sources for path in _passed_over(source)])
    of_files = count_files(Path(source) for source in sources if str(source) != STDIN)
    async with target as open_target:
        records = (found for source in sources for found in read_raw(source, stdin=stdin))
        begun: dict[str, None] = {}
        done = 0
        while chunk := await asyncio.to_thread(lambda: list(islice(records, CHUNK))):
            await _put(open_target, chunk, report)
            begun.update(dict.fromkeys(found.where for found in chunk))
            done += len(chunk)
            if progress is not None:
                progress(Progress(min(len(begun), of_files), of_files, done, chunk[-1].where))
    return report


async def _put(target: Target, chunk: list[Found | Refused], report: Report) -> None:
    report.refused += [one for one in chunk if isinstance(one, Refused)]
    found = [one for one in chunk if isinstance(one, Found)]
    for answer in await target.put(found) if found else []:
        if isinstance(answer, Refused):
            report.refused.append(answer)
        else:
            report.counts[answer] += 1


def _passed_over(source: Path | str) -> tuple[Path, ...]:
    path = Path(source)
    return find_files(path).passed_over if path.is_dir() else ()


class KafkaTarget:
    """Straight to the articles topic."""

    def __init__(self, topic: ArticleTopic, normalizer: Normalizer) -> None:
        self._topic = topic
        self._normalizer = normalizer

    async def put(self, found: Sequence[Found]) -> list[str | Refused]:
        """See Target."""
        return await asyncio.gather(*(self._put_one(one) for one in found))

    async def _put_one(self, found: Found) -> str | Refused:
        try:
            article = self._normalizer.intake(found.raw, datetime.now(UTC))
            return (await self._topic.publish(article)).outcome
        except Refusal as refusal:
            return Refused.of(refusal, found.where, found.line)


def kafka_target(
    settings: Settings, rules: Intake | None = None, publishers: Publishers | None = None
) -> AbstractAsyncContextManager[Target]:
    """The articles topic of `settings`, made if need be. Entering raises TransientError when Kafka is not there."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Target]:
        await create_topics(settings)
        with _index(settings.state_dir / "ingest-files") as index:
            topic = ArticleTopic(settings, index, source="tocsin/ingest-files")
            await topic.start()
            try:
                yield KafkaTarget(topic, Normalizer(publishers or default_publishers(), rules))
            finally:
                await topic.stop()

    return opened()


@contextmanager
def _index(folder: Path) -> Iterator[Path | None]:
    """The file of the index; None, for one in memory, while another run has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield folder / "seen.sqlite"


class HttpTarget:
    """To a running ingest service."""

    def __init__(self, session: aiohttp.ClientSession, url: str, patience: float | None = None) -> None:
        self._session = session
        self._url = url
        self._patience = PATIENCE if patience is None else patience

    async def put(self, found: Sequence[Found]) -> list[str | Refused]:
        """See Target. A service that is away or busy is asked again, for some minutes."""
        body = b"\n".join(orjson.dumps(one.raw.model_dump(mode="json", exclude_none=True)) for one in found)
        answers = await self._post(body)
        return [_outcome(one, answer) for one, answer in zip(found, answers, strict=True)]

    async def _post(self, body: bytes) -> list[dict[str, Any]]:
        waited, pause = 0.0, 1.0
        while True:
            try:
                async with self._session.post(self._url, data=body) as reply:
                    if reply.status not in {429, 503} and reply.status < 500:
                        return await self._answers(reply)
                    problem = f"it answered {reply.status}"
                    pause = float(reply.headers.get("Retry-After") or pause)
            except (aiohttp.ClientError, TimeoutError) as failed:
                problem = str(failed) or type(failed).__name__
            if waited >= self._patience:
                raise TransientError(f"{self._url} takes no articles: {problem}")
            await asyncio.sleep(pause)
            waited += pause
            pause = min(pause * 2, 30.0)

    async def _answers(self, reply: aiohttp.ClientResponse) -> list[dict[str, Any]]:
        told = orjson.loads(await reply.read())
        if "results" not in told:
            raise TransientError(f"{self._url} answered {reply.status}: {told.get('detail', 'without a reason')}")
        return told["results"]


def _outcome(found: Found, answer: dict[str, Any]) -> str | Refused:
    if answer["outcome"] != "refused":
        return answer["outcome"]
    kind = {404: "unknown_article", 413: "too_large", 400: "malformed"}.get(answer["status"], "invalid")
    return Refused(found.where, found.line, kind, answer["detail"], answer.get("field"))  # type: ignore[arg-type]


def http_target(url: str, key: str | None) -> AbstractAsyncContextManager[Target]:
    """A running ingest service at `url`, with a bearer key."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Target]:
        headers = {"Content-Type": "application/x-ndjson"} | ({"Authorization": f"Bearer {key}"} if key else {})
        timeout = aiohttp.ClientTimeout(total=HTTP_TIMEOUT)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            yield HttpTarget(session, url.rstrip("/") + "/articles")

    return opened()
