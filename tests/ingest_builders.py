"""Articles and a stand-in for the articles topic, for the tests of ingest."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from tocsin.ingest.articles import Taken
from tocsin.ingest.revisions import Known, decide, next_revision
from tocsin.streaming.errors import TransientError
from tocsin_schemas import Article, PreviousRevision, Publisher
from tocsin_schemas.ids import content_hash

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "Rebels took the town of Harun on Friday, and the army left for the hills in the north, residents said."


def an_article(article_id: str = "a", text: str = BODY, **changes: Any) -> Article:
    """An article of the fictitious Hill Herald."""
    title = changes.pop("title", "Harun falls")
    return Article.model_validate(
        {
            "id": article_id,
            "title": title,
            "text": text,
            "published_at": T0,
            "received_at": T0,
            "publisher": Publisher(id="herald", name="Hill Herald", family="hill"),
            "content_hash": content_hash(title, text),
        }
        | changes
    )


def a_record(**changes: Any) -> dict[str, Any]:
    """An article as a sender hands it in."""
    record = {
        "id": "a",
        "url": "https://herald.example/harun",
        "title": "Harun falls",
        "text": BODY,
        "published_at": "2026-02-27T18:00:00Z",
        "publisher": "Hill Herald",
    }
    return {name: value for name, value in (record | changes).items() if value is not None}


class FakeTopic:
    """The articles topic in memory. `up` False: Kafka is away, and writes wait; `broken`: it answers with errors."""

    def __init__(self) -> None:
        self.records: list[Article] = []
        self.index: dict[str, Known] = {}
        self.locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.up = asyncio.Event()
        self.up.set()
        self.broken = False
        self.failed = False
        self.stopped = False

    async def publish(self, candidate: Article, traceparent: str | None = None) -> Taken:
        async with self.locks[candidate.id]:
            before = self.index.get(candidate.id)
            step = decide(candidate, before)
            if not step.publishes:
                return Taken(step.outcome, candidate.id, step.revision)
            await self.up.wait()
            if self.broken:
                raise TransientError("Kafka said no")
            previous = None
            if before is not None:
                last = self.records[before.offset]
                previous = PreviousRevision(
                    revision=last.revision, title=last.title, text=last.text, published_at=last.published_at
                )
            record = next_revision(candidate, before, previous)
            self.index[record.id] = Known(
                record.revision, record.status, record.content_hash, record.earlier_hashes, 0, len(self.records)
            )
            self.records.append(record)
            return Taken(step.outcome, record.id, record.revision)

    def known(self) -> int:
        return len(self.index)

    async def answers(self) -> None:
        if not self.up.is_set() or self.broken:
            raise TransientError("Kafka is away")

    async def stop(self) -> None:
        self.stopped = True
