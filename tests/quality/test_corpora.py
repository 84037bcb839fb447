"""Real news, read from end to end: nothing breaks, offsets are true, and the share of what is found stays as it was.

The corpora are no part of the project: these tests skip, and say so, where they are absent. Nothing of them is labelled for
us but the meetings and calls of one; so most of this is a smoke check, with bounds that only a broken reading would leave.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from floors import FLOORS

from conftest import SHARED
from tocsin.cli.extractors import AnyEvent, events_of, extractors
from tocsin.ingest.formats import read_articles
from tocsin.reading import Reader
from tocsin_schemas import Article

CORPORA = ("voa", "re3d")


@dataclass
class Read:
    articles: list[Article] = field(default_factory=list)
    events: list[tuple[Article, AnyEvent]] = field(default_factory=list)


@pytest.fixture(scope="module")
def corpora() -> dict[str, Read]:
    """Each corpus with its events."""
    folder = SHARED / "corpora"
    if not folder.is_dir():
        pytest.skip(f"no corpora beside the repository ({folder.name}/ is absent)")
    reader = Reader.load()
    found: dict[str, Read] = {}
    for name in CORPORA:
        read = found[name] = Read()
        for article, events in events_of(reader, _articles(folder / name / "articles.jsonl"), extractors()):
            read.articles.append(article)
            read.events += [(article, event) for event in events]
    return found


def _articles(path: Path) -> Iterator[Article]:
    return (found for found in read_articles(str(path)) if isinstance(found, Article))


@pytest.mark.parametrize("name", CORPORA)
def test_evidence_is_what_stands_in_the_article(name: str, corpora: dict[str, Read]) -> None:
    assert corpora[name].events
    for article, event in corpora[name].events:
        evidence = event.evidence
        source = article.title if evidence.field == "title" else article.text
        assert source[evidence.sentence_start : evidence.sentence_end] == evidence.sentence
        assert source[evidence.start : evidence.end] == evidence.trigger


@pytest.mark.parametrize("name", CORPORA)
def test_events_are_about_as_many_as_such_news_tells(name: str, corpora: dict[str, Read]) -> None:
    read = corpora[name]
    counts = Counter(event.type for _, event in read.events)
    print(f"\n{name}: {len(read.articles)} articles")
    for kind, (least, most) in FLOORS["events_per_100_articles"][name].items():
        per_100 = 100 * counts[kind] / len(read.articles)
        print(f"  {kind}: {per_100:.0f} for 100 articles (bounds {least} to {most})")
        assert least <= per_100 <= most, kind


@pytest.mark.parametrize("name", CORPORA)
def test_most_places_and_speakers_are_known(name: str, corpora: dict[str, Read]) -> None:
    events = [event for _, event in corpora[name].events]
    places = [e.place for e in events if e.type in ("capture", "surrender", "diplomacy") and e.place is not None]
    exact = [place for place in places if place.precision == "exact"]
    known = 100 * sum(place.id is not None for place in exact) / max(len(exact), 1)
    speakers = [e.speaker for e in events if e.type == "statement"]
    named = 100 * sum(s is not None and s.id is not None for s in speakers) / max(len(speakers), 1)
    print(f"\n{name}: {known:.0f} % of {len(exact)} exact places have an id, {named:.0f} % of {len(speakers)} speakers")
    assert known >= FLOORS["known"]["place"]
    assert named >= FLOORS["known"]["speaker"]


def test_meetings_and_calls_that_were_labelled_are_found(corpora: dict[str, Read]) -> None:
    """The labels are broad (rallies and news conferences count as meetings): the share is a floor, not an aim."""
    lines = (SHARED / "corpora" / "voa" / "meet_triggers.jsonl").read_text("utf-8").splitlines()
    labelled = {(label["doc"], label["sentence"]) for label in map(json.loads, lines)}
    told: dict[str, list[str]] = {}
    for article, event in corpora["voa"].events:
        if event.type == "diplomacy":
            told.setdefault(article.id, []).append(event.evidence.sentence)
    found = sum(any(_same(sentence, other) for other in told.get(doc, ())) for doc, sentence in labelled)
    share = 100 * found / len(labelled)
    print(
        f"\nvoa: diplomacy told in {found} of {len(labelled)} sentences with a labelled meeting or call ({share:.0f} %)"
    )
    assert share >= FLOORS["labelled_meetings"]


def _same(one: str, other: str) -> bool:
    """Sentences are cut and cleaned differently: the same when they share their first or last 40 letters."""
    a, b = ("".join(c for c in text.casefold() if c.isalnum()) for text in (one, other))
    return a[:40] in b or b[:40] in a or a[-40:] in b or b[-40:] in a
