"""The article: what ingest publishes and what the extractors read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Model, UtcDatetime

ArticleStatus = Literal["published", "corrected", "withdrawn"]

MAX_TEXT = 1_000_000
"""Characters of running text in one article. Longer is no news article; ingest refuses it (HTTP 413)."""

MAX_LINE = 10_000
"""Characters of a headline, an address or a name: with MAX_TEXT, what bounds the size of a record."""

MAX_EARLIER = 50
"""Earlier revisions whose hashes an article carries; a page that changed more often forgets the first ones."""

Line = Annotated[str, Field(max_length=MAX_LINE)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]
ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Publisher(Model):
    """Who published it. `family` groups outlets of one house (an agency and its sites): one family, one voice."""

    id: Name
    name: Line
    family: Name


class PreviousRevision(Model):
    """What the revision before said, so that extractors can take back what is no longer supported."""

    revision: Annotated[int, Field(ge=1)]
    title: Line
    text: Annotated[str, Field(max_length=MAX_TEXT)]
    published_at: UtcDatetime


class Article(Model):
    """One revision of one news article.

    `text` is the running text with blank lines between paragraphs; all offsets of events count its characters.
    `published_at` and `received_at` are UTC. `credit` is the wire service named in the text ("AFP").
    `earlier_hashes` are the `content_hash` of the revisions before this one, the latest last: by them a copy of
    old words that arrives again is told from a change, also after compaction has removed those revisions.
    """

    id: Name
    revision: Annotated[int, Field(ge=1)] = 1
    status: ArticleStatus = "published"
    url: Line | None = None
    title: Line = ""
    text: Annotated[str, Field(max_length=MAX_TEXT)]
    language: Line = "en"
    published_at: UtcDatetime
    received_at: UtcDatetime
    publisher: Publisher
    credit: Line | None = None
    content_hash: ContentHash
    earlier_hashes: Annotated[tuple[ContentHash, ...], Field(max_length=MAX_EARLIER)] = ()
    previous: PreviousRevision | None = None

    @model_validator(mode="after")
    def _revision_follows(self) -> Article:
        if self.previous is not None and self.previous.revision >= self.revision:
            raise ValueError(f"revision {self.revision} cannot follow revision {self.previous.revision}")
        if self.status != "withdrawn" and not self.text.strip():
            raise ValueError("an article that is not withdrawn needs text")
        return self
