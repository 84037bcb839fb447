"""Events of one revision of an article, and of the revision before that it no longer supports.

An article that was corrected carries what it said before (`previous`); a withdrawn one supports nothing. Whatever is no longer
told is emitted once more with `retracted: true`. Ids name words, not offsets, so an untouched sentence keeps its ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tocsin_schemas import Article, Capture, Diplomacy, Statement, Surrender
from tocsin_schemas.ids import content_hash

if TYPE_CHECKING:
    from .reader import Reader, Reading
    from .wants import Wants

E = TypeVar("E", bound=Capture | Surrender | Statement | Diplomacy)


@dataclass(frozen=True, slots=True)
class Told(Generic[E]):
    """What reading an article gave, and how it went.

    Sentences read, those of them parsed, frames refused by reason, and the characters at the end of an overlong text or title
    that were not read, by part.
    """

    events: list[E]
    sentences: int
    parsed: int
    refused: Mapping[str, int]
    unread: Mapping[str, int]


def read_revision(
    reader: Reader, article: Article, wants: Sequence[Wants], extract: Callable[[Reading], Sequence[E]]
) -> Told[E]:
    """The events that `article` tells, then those of its earlier text that it takes back, both in the order of `extract`.

    A withdrawn article takes back what its own text and its previous revision told.
    """
    return next(read_revisions(reader, [article], wants, extract))


def read_revisions(
    reader: Reader, articles: Iterable[Article], wants: Sequence[Wants], extract: Callable[[Reading], Sequence[E]]
) -> Iterator[Told[E]]:
    """What `read_revision` tells of each of the articles, whose sentences go through the parser together."""
    read = [
        (
            article,
            reader.read(article) if article.status != "withdrawn" else None,
            [*map(reader.read, _before(article))],
        )
        for article in articles
    ]
    reader.parse([reading for _, after, before in read for reading in _readings(after, before)], wants)
    for article, after, before in read:
        told = list(extract(after)) if after is not None else []
        kept = {event.id for event in told}
        taken_back: dict[str, E] = {}
        for earlier in before:
            for event in extract(earlier):
                if event.id not in kept:
                    taken_back.setdefault(event.id, _retracted(event, article))
        readings = _readings(after, before)
        sentences = [sentence for reading in readings for sentence in reading.sentences]
        yield Told(
            [*told, *taken_back.values()],
            len(sentences),
            sum(sentence.is_parsed for sentence in sentences),
            sum((reading.refused for reading in readings), Counter()),
            _unread(readings),
        )


def _unread(readings: Sequence[Reading]) -> Counter[str]:
    counts = Counter[str]()
    for reading in readings:
        for part, characters in reading.unread.items():
            counts[part] += characters
    return counts


def _readings(after: Reading | None, before: Sequence[Reading]) -> list[Reading]:
    return [*before] if after is None else [after, *before]


def _before(article: Article) -> list[Article]:
    """What the article said before this revision, as articles to read."""
    found: list[Article] = []
    if article.previous is not None:
        earlier = article.previous
        found.append(
            article.model_copy(
                update={
                    "revision": earlier.revision,
                    "status": "published",
                    "title": earlier.title,
                    "text": earlier.text,
                    "published_at": earlier.published_at,
                    "content_hash": content_hash(earlier.title, earlier.text),
                    "previous": None,
                }
            )
        )
    if article.status == "withdrawn" and article.text.strip():
        found.append(article)
    return found


def _retracted(event: E, article: Article) -> E:
    """The event taken back, dated by the revision that does it."""
    reference = event.article.model_copy(update={"revision": article.revision, "published_at": article.published_at})
    return event.model_copy(update={"retracted": True, "article": reference})
