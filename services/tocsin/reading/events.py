"""What every event has in common: article reference, evidence, id. Pure assembly, no reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin_schemas import Actor, Article, ArticleRef, Evidence, Place
from tocsin_schemas.ids import folded, name_id

if TYPE_CHECKING:
    from .reader import Sentence


def article_ref(article: Article) -> ArticleRef:
    """The reference that an event carries of the article it was read in."""
    return ArticleRef(
        id=article.id,
        revision=article.revision,
        url=article.url,
        publisher=article.publisher.id,
        family=article.publisher.family,
        credit=article.credit,
        published_at=article.published_at,
    )


def evidence(sentence: Sentence, start: int, end: int) -> Evidence:
    """Evidence for a trigger at characters `start` to `end` of the article."""
    base = sentence.start
    return Evidence(
        field=sentence.field,
        start=start,
        end=end,
        sentence_start=sentence.start,
        sentence_end=sentence.end,
        trigger=sentence.text[start - base : end - base],
        sentence=sentence.text,
    )


def place_name(place: Place | None) -> str | None:
    """What identifies a place in an event's id."""
    return None if place is None else place.id or folded(place.name)


def actor_name(actor: Actor | None) -> str | None:
    """What identifies an actor in an event's id."""
    return None if actor is None else actor.id or folded(actor.name or actor.text)


def event_id(article: Article, kind: str, sentence: str, *what: str | None) -> str:
    """The id of an event: article, type, what is said to have happened, and the sentence's words (CONTRACT.md)."""
    return name_id(f"event/{kind}", article.id, *what, folded(sentence))
