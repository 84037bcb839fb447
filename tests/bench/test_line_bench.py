"""How long an article takes from its topic to the webhook, at five articles a second: every part real, on one machine."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import topic_name
from tocsin_schemas import Article, Publisher
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.ids import content_hash
from tocsin_schemas.topics import ARTICLES
from whole_line import open_line

COUNT = 100
PER_SECOND = 5.0
RULE = """rules:
  - alert: PlaceCaptured
    stream: capture
    match: {kind: place}
    measure: {count: true}
    window: 1d
    group_by: [article.id]
    when: {gte: 1}
    labels: {severity: none}
    annotations: {summary: "{{ value }} captures"}
"""


def article(number: int) -> Article:
    at = datetime.now(UTC) - timedelta(minutes=5)
    text = f"Report {number}. Taliban fighters captured Ghazni overnight after soldiers fled, the governor said."
    return Article(
        id=f"a{number}", text=text, published_at=at, received_at=at, content_hash=content_hash("", text),
        publisher=Publisher(id=f"p{number}", name="Bench", family=f"p{number}"),
    )  # fmt: skip


async def test_latency_from_article_to_webhook(settings: Settings, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULE, "utf-8")
    sent: dict[str, float] = {}
    producer = new_producer(settings)
    async with open_line(settings, tmp_path / "line", rules) as running:
        await producer.start()
        began = time.perf_counter()
        for number in range(COUNT):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            told = article(number)
            sent[told.id] = time.perf_counter()
            await producer.send_and_wait(
                topic_name(ARTICLES, settings),
                encode(told),
                key=told.id.encode(),
                headers=headers(told, "tocsin/bench"),
            )
        await running.settled()
        await producer.stop()
        took = {
            alert["labels"]["article_id"]: at - sent[alert["labels"]["article_id"]]
            for message, at in zip(running.received, running.arrived, strict=True)
            for alert in message.payload["alerts"]
        }
    assert len(took) == COUNT
    cuts = quantiles(took.values(), n=100)
    print(
        f"\narticle to webhook at {PER_SECOND:g}/s: p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms, n={COUNT}"
    )
