"""Is it new? One article against what the topic already holds of it.

    decide(candidate, known)  ->  Step(outcome, revision)
    next_revision(candidate, known, previous)  ->  the Article to publish

Pure. An outcome that `publishes` gives a new record; the others are why there is none. The same sequence of
articles handed in again ends in the same state, whatever part of it had been taken before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin_schemas import Article, PreviousRevision
from tocsin_schemas.article import MAX_EARLIER, ArticleStatus
from tocsin_schemas.ids import content_hash

from .refusal import Refusal

Outcome = Literal["new", "revised", "withdrawn", "unchanged", "superseded"]
"""new, revised, withdrawn: published. unchanged: known word for word. superseded: the words of an earlier revision."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the topic holds of an article: its newest revision, the hashes before it, and where the record lies."""

    revision: int
    status: ArticleStatus
    content_hash: str
    earlier_hashes: tuple[str, ...]
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with a candidate, and the number of the revision that holds its words."""

    outcome: Outcome
    revision: int

    @property
    def publishes(self) -> bool:
        """Whether a record is to be written."""
        return self.outcome in {"new", "revised", "withdrawn"}


def decide(candidate: Article, known: Known | None) -> Step:
    """What `candidate` is beside what is `known` of its id.

    The words of an earlier revision are an old copy that arrives late (a retry, a file read twice) and change
    nothing, unless the candidate says of itself that it is `corrected`: then they count as new ones.
    Raises Refusal for the withdrawal of an article that is not known.
    """
    if known is None:
        if candidate.status == "withdrawn":
            raise Refusal("unknown_article", f'"{candidate.id}" is not known: there is nothing to withdraw', "id")
        return Step("new", 1)
    digest = digest_of(candidate)
    gone = candidate.status == "withdrawn"
    if digest == known.content_hash or (gone and known.status == "withdrawn"):
        return Step("unchanged", known.revision)
    if digest in known.earlier_hashes and candidate.status != "corrected":
        return Step("superseded", known.revision)
    return Step("withdrawn" if gone else "revised", known.revision + 1)


def digest_of(candidate: Article) -> str:
    """What tells one revision from another: title and text; of a withdrawal, which has none, its time."""
    if candidate.status == "withdrawn":
        return content_hash("withdrawn", candidate.published_at.isoformat())
    return candidate.content_hash


def next_revision(candidate: Article, known: Known | None, previous: PreviousRevision | None) -> Article:
    """`candidate` as the record to publish: numbered, with the revision before it and the hashes of all before.

    `previous` is None when the record before is gone from the topic (retention).
    """
    step = decide(candidate, known)
    if known is None:
        return candidate.model_copy(update={"revision": 1, "content_hash": digest_of(candidate)})
    earlier = (*known.earlier_hashes, known.content_hash)[-MAX_EARLIER:]
    return candidate.model_copy(
        update={
            "revision": step.revision,
            "status": "withdrawn" if candidate.status == "withdrawn" else "corrected",
            "title": candidate.title or (previous.title if previous and candidate.status == "withdrawn" else ""),
            "content_hash": digest_of(candidate),
            "earlier_hashes": earlier,
            "previous": previous,
        }
    )
