"""When something was said: the day that the attribution names, or the one that the story has reached.

    Days(reading).of(report, party) -> EventDate      # asked in document order

"The fort fell on Friday, the army said on Monday": said on Monday. What was said has days of its own, which are not these.
A report without a day was made when the same speaker spoke before in the article, else in the days of the news: between the
day that the opening sentences name and publication. An article that names no recent day leaves it unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tocsin.reading.dates import DateMention
from tocsin.reading.dating import LEAD
from tocsin.reading.function_words import CONJUNCTIONS, PREPOSITIONS
from tocsin_schemas import EventDate

if TYPE_CHECKING:
    from tocsin.reading import Reading, Sentence
    from tocsin.reading.attribution import Report
    from tocsin.reading.people import Party

NEWS_DAYS: Final = 7
"""Days before publication that the opening of a news report may speak of as its news."""
_OWN_CLAUSE: Final = frozenset(
    ["who", "whose", "which", "where", "when", "after", "since", "before", "until", "because"]
)
"""Words between a cue and an expression of time that give the time to another verb ("said X, who left on Friday")."""
_EARLIER: Final = frozenset(["had", "previously", "once", "earlier", "repeatedly", "long", "initially", "originally"])


class Days:
    """The days of one article's statements."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.unknown = EventDate(start=None, end=reading.published, precision="unknown")
        self._said: dict[str, EventDate] = {}
        self._news: EventDate | None = None

    def of(self, report: Report, party: Party) -> EventDate:
        """When `party` said what `report` holds."""
        own = self._own(report)
        if own is not None:
            self._said[party.key] = own
            return own
        if _is_of_before(report):
            return self.unknown
        known = self._said.get(party.key)
        return known.model_copy(update={"text": None}) if known is not None else self._of_the_news()

    def _own(self, report: Report) -> EventDate | None:
        """The expression of time nearest to the cue among those that stand outside what was said."""
        if report.cue_span is None:
            return None
        start, end = report.cue_span
        sentence = report.host.sentence_at(start)
        if sentence.reading is not self.reading or not _names_a_time(report, sentence):
            return None  # a headline has no days of its own
        near: list[tuple[int, EventDate]] = []
        for mention in self.reading.dates_in(sentence):
            if not _tells_a_day(mention) or _is_attributive(report, mention):
                continue
            if _is_beside_the_speaker(report, mention):
                continue
            if any(s < mention.end and mention.start < e for s, e in report.spans):
                continue
            between = (end, mention.start) if mention.start >= end else (mention.end, start)
            if not _is_elsewhere(report, *between):
                near.append((between[1] - between[0], mention.date))
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def _of_the_news(self) -> EventDate:
        if self._news is None:
            sentences = self.reading.body_sentences
            days = self._recent(sentences[:LEAD]) or self._recent(sentences[LEAD:])
            published = self.reading.published
            self._news = EventDate(start=min(days), end=published, precision="day") if days else self.unknown
        return self._news

    def _recent(self, sentences: Sequence[Sentence]) -> list[date]:
        """The latest day of these days that each sentence names."""
        first = self.reading.published - timedelta(days=NEWS_DAYS)
        found: list[date] = []
        for sentence in sentences:
            if not _RECENT.search(sentence.text):
                continue
            mentions = [m.date for m in self.reading.dates_in(sentence) if _tells_a_day(m)]
            days = [d.start for d in mentions if d.precision == "day" and d.start is not None and d.start >= first]
            found += [max(days)] if days else []
        return found


def _names_a_time(report: Report, sentence: Sentence) -> bool:
    """Does the sentence name a time outside what was said? Cheap, where resolving every expression of time is not."""
    text, at = sentence.reading.text, sentence.start
    for start, end in sorted(report.spans):
        if start > at and _TIME.search(text, at, min(start, sentence.end)):
            return True
        at = max(at, end)
    return at < sentence.end and _TIME.search(text, at, sentence.end) is not None


_RECENT: Final = re.compile(
    r"\d|day\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b(?:overnight|tonight|last|this|ago|earlier)\b",
    re.I,
)
"""What an expression of time that can be resolved to a recent day has in it."""
_TIME: Final = re.compile(
    _RECENT.pattern + r"|\b(?:week|weekend|month|year|night|morning|evening|dawn|hours|spring|summer|autumn)", re.I
)


def _tells_a_day(mention: DateMention) -> bool:
    return not (mention.future or mention.since or mention.duration or mention.weak) and mention.date.start is not None


def _is_attributive(report: Report, mention: DateMention) -> bool:
    """ "of the March 3 accord", "Monday's attack", "the 2015 law": the day only describes something."""
    text = report.host.sentences[0].reading.text
    if text[mention.end : mention.end + 2] in ("'s", "’s"):
        return True
    led = text[max(0, mention.start - 5) : mention.start].lower().split()[-1:] in (["the"], ["a"], ["its"], ["their"])
    behind = next((t for t in report.host.tokens if t.start >= mention.end), None)
    return led and behind is not None and behind.is_word and behind.lower not in PREPOSITIONS | CONJUNCTIONS


def _is_elsewhere(report: Report, start: int, end: int) -> bool:
    """Is there a word between the two offsets that opens a clause of its own, or something that was said?"""
    if any(s < end and start < e for s, e in report.spans):
        return True
    between = report.host.between(start, end)
    return any(token.lower in _OWN_CLAUSE or token.is_quoted for token in between)


def _is_beside_the_speaker(report: Report, mention: DateMention) -> bool:
    """ "Olk, who resigned on Sunday, said": a clause about the speaker has its own day."""
    if report.phrase is None:
        return False
    start = report.phrase.bounds(report.host)[0]
    return start < mention.start and any(t.lower in _OWN_CLAUSE for t in report.host.between(start, mention.start))


def _is_of_before(report: Report) -> bool:
    """ "had said", "has repeatedly said": not on these days."""
    before = report.host.lowers[max(0, report.cue_index - 3) : report.cue_index]
    return report.cue is not None and any(word in _EARLIER for word in before)
