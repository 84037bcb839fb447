"""New, changed, withdrawn, or nothing: decided from what is known of an article."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.refusal import Refusal
from tocsin.ingest.revisions import Known, Step, decide, next_revision
from tocsin_schemas import Article, PreviousRevision, Publisher
from tocsin_schemas.article import MAX_EARLIER
from tocsin_schemas.ids import content_hash

T0 = datetime(2026, 3, 1, tzinfo=UTC)


def article(text: str = "Rebels took Harun.", status: str = "published", hours: int = 0) -> Article:
    return Article.model_validate(
        {
            "id": "a",
            "status": status,
            "title": "Harun" if text else "",
            "text": text,
            "published_at": T0 + timedelta(hours=hours),
            "received_at": T0,
            "publisher": Publisher(id="h", name="Herald", family="h"),
            "content_hash": content_hash("Harun" if text else "", text),
        }
    )


def withdrawal(hours: int = 5) -> Article:
    return article("", "withdrawn", hours)


class Topic:
    """The topic as the rules see it: the newest record of the one article."""

    def __init__(self) -> None:
        self.records: list[Article] = []

    @property
    def known(self) -> Known | None:
        if not self.records:
            return None
        last = self.records[-1]
        return Known(last.revision, last.status, last.content_hash, last.earlier_hashes, 0, len(self.records) - 1)

    def hand_in(self, candidate: Article) -> str:
        step = decide(candidate, self.known)
        if step.publishes:
            last = self.records[-1] if self.records else None
            previous = last and PreviousRevision(
                revision=last.revision, title=last.title, text=last.text, published_at=last.published_at
            )
            self.records.append(next_revision(candidate, self.known, previous))
        return step.outcome


def test_an_unknown_article_is_new() -> None:
    assert decide(article(), None) == Step("new", 1)


def test_the_same_words_are_nothing_new_however_they_are_wrapped() -> None:
    topic = Topic()
    topic.hand_in(article())
    assert topic.hand_in(article()) == "unchanged"
    assert topic.hand_in(article("Rebels  took\nHarun.", hours=2)) == "unchanged"
    assert len(topic.records) == 1


def test_other_words_are_the_next_revision_and_carry_the_one_before() -> None:
    topic = Topic()
    topic.hand_in(article())
    assert topic.hand_in(article("Rebels entered Harun.", hours=1)) == "revised"
    second = topic.records[-1]
    assert (second.revision, second.status) == (2, "corrected")
    assert second.previous is not None
    assert (second.previous.revision, second.previous.text) == (1, "Rebels took Harun.")
    assert second.previous.published_at == T0


def test_a_withdrawal_carries_what_it_takes_back() -> None:
    topic = Topic()
    topic.hand_in(article())
    assert topic.hand_in(withdrawal()) == "withdrawn"
    last = topic.records[-1]
    assert (last.revision, last.status, last.text, last.title) == (2, "withdrawn", "", "Harun")
    assert last.previous is not None
    assert last.previous.text == "Rebels took Harun."
    assert topic.hand_in(withdrawal()) == "unchanged"
    assert topic.hand_in(withdrawal(hours=6)) == "unchanged"


def test_what_is_not_known_cannot_be_withdrawn() -> None:
    with pytest.raises(Refusal, match="nothing to withdraw") as refused:
        decide(withdrawal(), None)
    assert refused.value.kind == "unknown_article"


def test_an_old_copy_that_arrives_late_changes_nothing() -> None:
    topic = Topic()
    for text in ("One.", "Two.", "Three."):
        topic.hand_in(article(text))
    assert topic.hand_in(article("One.")) == "superseded"
    assert topic.hand_in(article("Two.")) == "superseded"
    topic.hand_in(withdrawal())
    assert topic.hand_in(article("Three.")) == "superseded"
    assert topic.records[-1].status == "withdrawn"


def test_a_correction_may_go_back_to_earlier_words() -> None:
    topic = Topic()
    for text in ("One.", "Two."):
        topic.hand_in(article(text))
    assert topic.hand_in(article("One.", "corrected")) == "revised"
    assert topic.records[-1].revision == 3
    assert topic.hand_in(article("One.", "corrected")) == "unchanged"


def test_a_withdrawn_article_can_be_published_with_new_words() -> None:
    topic = Topic()
    topic.hand_in(article("One."))
    topic.hand_in(withdrawal())
    assert topic.hand_in(article("One, corrected.")) == "revised"
    assert topic.records[-1].revision == 3


def test_a_page_that_changes_without_end_keeps_a_bounded_memory() -> None:
    topic = Topic()
    for number in range(MAX_EARLIER + 10):
        topic.hand_in(article(f"Count {number}."))
    last = topic.records[-1]
    assert len(last.earlier_hashes) == MAX_EARLIER
    assert last.earlier_hashes[-1] == topic.records[-2].content_hash
    Article.model_validate_json(last.model_dump_json())


histories = st.lists(st.sampled_from(["One.", "Two.", "Three.", "Four."]), min_size=1, max_size=8, unique=True)


@given(histories, st.data())
def test_a_sequence_handed_in_again_after_any_interruption_ends_the_same(texts: list[str], data: st.DataObject) -> None:
    sequence = [article(text, hours=hour) for hour, text in enumerate(texts)]
    withdrawn_after = data.draw(st.integers(0, len(sequence)))
    if withdrawn_after:
        sequence.insert(withdrawn_after, withdrawal(hours=withdrawn_after))
    undisturbed = Topic()
    for candidate in sequence:
        undisturbed.hand_in(candidate)
    disturbed = Topic()
    stop = data.draw(st.integers(0, len(sequence)))
    for candidate in [*sequence[:stop], *sequence, *sequence]:
        disturbed.hand_in(candidate)
    assert [r.model_dump() for r in disturbed.records] == [r.model_dump() for r in undisturbed.records]
