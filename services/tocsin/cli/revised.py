"""Articles of a file that come again: which is a revision of which."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from tocsin_schemas import Article, PreviousRevision


def in_order(articles: Iterable[Article]) -> list[Article]:
    """The articles in order of publication, as an archive became known."""
    return sorted(articles, key=lambda article: (article.published_at, article.revision))


def revised(articles: Iterable[Article]) -> Iterator[Article]:
    """The articles, one whose id came before as its next revision, or not at all when it says the same.

    Of each article its latest words are kept, packed.
    """
    last: dict[str, bytes] = {}
    for article in articles:
        following = article
        if (packed := last.get(article.id)) is not None:
            before = Article.model_validate_json(zlib.decompress(packed))
            if article.revision <= before.revision:
                if article.content_hash == before.content_hash and article.status == before.status:
                    continue
                previous = PreviousRevision(
                    revision=before.revision, title=before.title, text=before.text, published_at=before.published_at
                )
                following = article.model_copy(update={"revision": before.revision + 1, "previous": previous})
        last[article.id] = zlib.compress(following.model_dump_json(exclude={"previous"}).encode(), 1)
        yield following
