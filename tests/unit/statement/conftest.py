"""One reader for the statements' tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tocsin.reading import Reader, Reading
from tocsin_schemas import Article, Publisher
from tocsin_schemas.ids import content_hash


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The project's reader."""
    return Reader.load()


@pytest.fixture(scope="session")
def read(reader: Reader) -> Callable[..., Reading]:
    """Reads a text published on Wednesday, 15 May 2019."""
    published = datetime(2019, 5, 15, 9, tzinfo=UTC)

    def read_text(text: str, title: str = "") -> Reading:
        article = Article(
            id="test", title=title, text=text, published_at=published, received_at=published,
            publisher=Publisher(id="test", name="Test", family="test"), content_hash=content_hash(title, text),
        )  # fmt: skip
        return reader.read(article)

    return read_text
