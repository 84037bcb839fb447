"""Which expression of time belongs to an event: the one that hangs on its clause, not on "said".

date_of(anchor, sentence) -> EventDate
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tocsin_schemas import EventDate

from . import dates
from .quantities import number_value
from .realis import REPORT

if TYPE_CHECKING:
    from spacy.tokens import Token

    from .dates import DateMention
    from .reader import Reading, Sentence

BACKGROUND_DAYS: Final = 30
"""Days before publication after which an event is background (CONTRACT.md)."""
LEAD: Final = 4
"""Sentences at the start of a report that tell its news: what they tell without a date is of these days."""
_UNIT_DAYS: Final = {"day": 1, "week": 7, "month": 30, "year": 365}
_HAVE: Final = frozenset(["has", "have", "had", "'ve", "’ve", "'s", "’s", "having"])
_EARLIER: Final = frozenset(["earlier", "previously", "once", "formerly", "originally", "first", "long"])
_NOW: Final = frozenset(["is", "are", "'s", "’s", "'re", "’re"])
_EARLIER_THAT_DAY: Final = re.compile(r"\bearlier (?:in the|that|on the same|the same) day\b", re.IGNORECASE)
RECENT_DAYS: Final = 3
"""A present perfect or present state without a date speaks of the news: the last days up to publication."""


def date_of(anchor: Token, sentence: Sentence) -> EventDate:
    """When the event at `anchor` happened, as far as its sentence and its tense tell.

    Without any hint: `start` null, `end` the publication day, precision unknown.
    """
    counted = _days_before(anchor, sentence)
    if counted is not None:
        return counted
    mentions = [
        m
        for m in sentence.reading.dates_in(sentence)
        if not m.future and not (m.weak and m.date.text and m.date.text.lower() in ("already", "currently"))
    ]
    best = _before_when(anchor, sentence, mentions) or _attached(anchor, sentence, [m for m in mentions if not m.since])
    if best is not None:
        return best.date
    return _by_tense(anchor, sentence)


def since(anchor: Token, sentence: Sentence) -> EventDate | None:
    """The day or month since when a state at `anchor` lasts ("in rebel hands since May"); None where it is not said."""
    found = _attached(anchor, sentence, [m for m in sentence.reading.dates_in(sentence) if m.since])
    return found.date if found is not None else None


def _before_when(anchor: Token, sentence: Sentence, mentions: list[DateMention]) -> DateMention | None:
    """ "It began on Sunday, when X met Y": the date that the clause of the anchor tells of."""
    when = next((c for c in anchor.children if c.lower_ == "when" and c.i < anchor.i), None)
    if when is None or when.i == 0:
        return None
    last = anchor.doc[when.i - 2] if anchor.doc[when.i - 1].text == "," and when.i > 1 else anchor.doc[when.i - 1]
    end = sentence.offset(last) + len(last.text)
    return next((mention for mention in mentions if mention.end == end), None)


def _days_before(anchor: Token, sentence: Sentence) -> EventDate | None:
    """ "retook X on Friday, three days after it fell": counted from the day of the clause that it hangs on."""
    mark = next((c for c in anchor.children if c.dep_ in ("mark", "prep") and c.lower_ in ("after", "since")), None)
    if mark is None or mark.i < 2 or anchor.head == anchor:
        return None
    unit = anchor.doc[mark.i - 1].lower_.rstrip("s")
    number = number_value(anchor.doc[mark.i - 2].lower_)
    if unit not in _UNIT_DAYS or number is None:
        return None
    base = date_of(anchor.head, sentence) if anchor.head.pos_ in ("VERB", "AUX") else None
    day = base.end if base is not None else sentence.reading.published
    middle = day - timedelta(days=round(number * _UNIT_DAYS[unit]))
    slack = timedelta(days={"day": 0, "week": 3, "month": 15, "year": 180}[unit])
    precision = "day" if unit == "day" else unit
    words = f"{anchor.doc[mark.i - 2].text} {anchor.doc[mark.i - 1].text} {mark.text}"
    return EventDate.model_validate(
        {"start": middle - slack, "end": min(middle + slack, day), "precision": precision, "text": words}
    )


def is_background(when: EventDate, published: date) -> bool:
    """Whether the event lies more than BACKGROUND_DAYS before publication."""
    return when.start is not None and when.end < published - timedelta(days=BACKGROUND_DAYS)


def _attached(anchor: Token, sentence: Sentence, mentions: list[DateMention]) -> DateMention | None:
    scored: list[tuple[float, int, DateMention]] = []
    for number, mention in enumerate(mentions):
        token = _token_at(sentence, mention.start, mention.end)
        distance = _distance(token, anchor) if token is not None else None
        if distance is not None:
            scored.append((distance + (2.0 if mention.weak else 0.0), number, mention))
    return min(scored)[2] if scored else None


def _token_at(sentence: Sentence, start: int, end: int) -> Token | None:
    """The head token of the expression: the one whose head lies outside it."""
    inside = [t for t in sentence.doc if start <= sentence.offset(t) < end]
    return next((t for t in inside if t.head not in inside or t.head == t), inside[0] if inside else None)


def _distance(token: Token, anchor: Token) -> float | None:
    """How far the expression hangs from the anchor; None where it belongs to another verb."""
    token_chain = [token, *token.ancestors]
    anchor_chain = [anchor, *anchor.ancestors]
    if token.lower_ == "now" and token.head not in (anchor, anchor.head):
        return None
    if anchor in token_chain:
        steps = token_chain[: token_chain.index(anchor)]
        blocked = sum(t.pos_ == "VERB" and t != token for t in steps)
        return len(steps) * 0.3 + blocked * 4 if blocked < 1 or abs(token.i - anchor.i) < 6 else None
    meeting = next((t for t in anchor_chain if t in token_chain), None)
    if meeting is None:
        return None
    above = anchor_chain[1 : anchor_chain.index(meeting) + 1]
    crossed = [t for t in above if t.lemma_ in REPORT and t.pos_ == "VERB"]
    path = token_chain[: token_chain.index(meeting)]
    other_verbs = [t for t in path[1:] if t.pos_ == "VERB"]
    if other_verbs:
        return None
    if crossed:
        # "The army said on Monday that X had fallen": the day of saying, a weak hint at best
        speech = crossed[0]
        if token.i > speech.i and abs(token.i - speech.i) <= 4:
            return None
        return 8.0 + abs(token.i - anchor.i) * 0.1 if abs(token.i - anchor.i) < abs(token.i - speech.i) else None
    conjoined = any(t.dep_ == "conj" for t in anchor_chain[: anchor_chain.index(meeting)])
    relative = any(t.dep_ == "relcl" for t in anchor_chain[: anchor_chain.index(meeting)])
    if relative:
        return None if token.i < anchor.i or abs(token.i - anchor.i) > 8 else 5.0
    return 3.0 + (0.0 if conjoined else 1.0) + abs(token.i - anchor.i) * 0.05


def _by_tense(anchor: Token, sentence: Sentence) -> EventDate:
    """A present or a perfect speaks of these days; a past carries on the day that the story has reached."""
    reading = sentence.reading
    published = reading.published
    unknown = EventDate(start=None, end=published, precision="unknown")
    if anchor.pos_ == "NOUN" and anchor.dep_ in ("dobj", "nsubj", "nsubjpass") and anchor.head.pos_ == "VERB":
        anchor = anchor.head  # "is mediating talks": in the tense of its verb
    auxiliaries = {c.lower_ for c in anchor.children if c.dep_ in ("aux", "auxpass")}
    if _EARLIER_THAT_DAY.search(anchor.sent.text):
        return reading.story_day or EventDate(start=published - timedelta(days=1), end=published, precision="day")
    pluperfect = "had" in auxiliaries
    if any(c.lower_ in _EARLIER and (pluperfect or c.lower_ != "earlier") for c in anchor.children):
        return unknown
    speech = next((a for a in anchor.ancestors if a.lemma_ in REPORT), None)
    speech = speech or next((c for c in anchor.children if c.dep_ == "parataxis" and c.lemma_ in REPORT), None)
    reported = speech is not None and anchor.dep_ in ("ccomp", "conj", "parataxis", "ROOT")
    lead = sentence.index < LEAD
    if pluperfect and not reported and not lead:
        return unknown
    progressive = anchor.tag_ == "VBG" and bool(auxiliaries & _NOW)
    if (anchor.dep_ == "pcomp" or (anchor.tag_ == "VBG" and not progressive)) and not lead:
        return unknown  # "after capturing X": any day before
    if reading.story_day is not None:
        return reading.story_day.model_copy(update={"text": None})
    perfect = bool(auxiliaries & _HAVE) and anchor.tag_ in ("VBN", "VBD")
    present = anchor.tag_ in ("VBZ", "VBP") or bool(auxiliaries & _NOW)
    if perfect or present or reported or lead:
        said = _attached(speech, sentence, _past(sentence)) if speech is not None else None
        last = said.date.end if said is not None and said.date.end <= published else published
        return EventDate(start=last - timedelta(days=RECENT_DAYS), end=last, precision="day")
    return unknown


def _past(sentence: Sentence) -> list[DateMention]:
    return [m for m in sentence.reading.dates_in(sentence) if not (m.future or m.since or m.weak)]


def sentence_dates(reading: Reading, sentence: Sentence) -> list[DateMention]:
    """The expressions of time of one sentence, "a day earlier" counted from the last day named before."""
    story = reading.published
    for earlier in (
        reading.body_sentences[max(0, sentence.index - 3) : sentence.index] if sentence.field == "text" else []
    ):
        for mention in reading.named_dates(earlier):
            when = mention.date
            if when.precision == "day" and when.start is not None and not mention.future and not mention.relative:
                story = when.start
    if story == reading.published:
        return reading.named_dates(sentence)
    return dates.find(sentence.text, reading.published, offset=sentence.start, story_day=story)
