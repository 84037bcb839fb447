"""Articles whose sender had been answered, and which then could not be taken: kept for the operator."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from aiokafka.errors import KafkaError

from tocsin.streaming import metrics
from tocsin.streaming.dead_letters import Source, dead_letter_headers
from tocsin.streaming.errors import TransientError
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import dlq_name, topic_name
from tocsin_schemas import Article
from tocsin_schemas.cloudevents import encode, headers
from tocsin_schemas.topics import ARTICLES

from .refusal import Refusal

SERVICE = "ingest"


class DeadLetterBox:
    """The dead-letter topic of ingest. It is seldom needed, so that each letter has a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def put(self, entry: bytes, refusal: Refusal) -> None:
        """Writes an entry of the spool, as the record that it would have been. Raises TransientError."""
        article = Article.model_validate(orjson.loads(entry)["article"])
        source = Source(topic_name(ARTICLES, self._settings), -1, -1, datetime.now(UTC))
        told = dead_letter_headers(headers(article, f"tocsin/{SERVICE}"), source, SERVICE, refusal)
        producer = new_producer(self._settings)
        try:
            await producer.start()
            letters = dlq_name(ARTICLES, SERVICE, self._settings)
            await producer.send_and_wait(letters, encode(article), key=article.id.encode(), headers=told)
        except KafkaError as problem:
            raise TransientError(f"the dead letter of {article.id} cannot be written: {problem}") from problem
        finally:
            await producer.stop()
        metrics.DEAD_LETTERS.labels(ARTICLES.name, type(refusal).__name__).inc()
