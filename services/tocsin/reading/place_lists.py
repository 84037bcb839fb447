"""Places that share the fate of another without a verb of their own, read from the words between the names.

    for place, date in sharing(sentence, anchor, at): ...      # date: None where the list gives it none of its own

"A was taken on Monday, B on Tuesday and C a day later"; "A fell, followed by B"; "A was taken, as were B and C"; "took A
from the rebels and B from the militia". A small parser hangs such names on all sorts of words; their order is reliable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spacy.tokens import Token

    from tocsin_schemas import Place

    from .article_places import ArticlePlaces
    from .dates import DateMention
    from .reader import Sentence

_SETTLED: Final = r"(?:the |a |both |all |neighbou?ring |nearby |finally |later |also |even )*(?:(?:cit|town|village|district|province)\w* of )?"
_OPENS: Final = re.compile(rf"\s*(?:[,;]|[,;]?\s*(?:and|then|and then|but also|later))\s+{_SETTLED}", re.IGNORECASE)
_BINDS: Final = re.compile(
    r"[,;–—-]?\s*\b(?:(?:(?:and |was |were )?(?:followed|joined) (?:soon |shortly |quickly |later |then )?by|as well as|along with|"
    r"together with|and (?:then|later|finally|also)|then)|(?:and so|so|as|just as) (?:did|was|were|has|have|had|is|are))\s+"
    + _SETTLED,
    re.IGNORECASE,
)
"""Words that bind the next name to the event whatever stands between."""
_LISTS: Final = re.compile(rf"\s*(?:,|,?\s*(?:and|then|and then)|&)\s+{_SETTLED}", re.IGNORECASE)
_CLOSES: Final = re.compile(
    r"\s*(?:[,.;:)–—-]|(?:and|in|near|from|to|after|before|where|when|over|during|within|by|with)\b|$)", re.IGNORECASE
)
"""What follows a name that has no verb of its own."""
_DATES: Final = re.compile(r",?\s+(?:on|in|at|by|early|late)?\s*", re.IGNORECASE)
_AWAY_FROM: Final = re.compile(r"\s+(?:back )?from\s+[^,;.]{2,50}?,?\s+and\s+", re.IGNORECASE)
_PRECEDED: Final = re.compile(r"\b(?:following|after)\s+(?=[^a-z])")
""" "following B on Friday and C on Saturday": earlier falls, each with its day."""
_NOTHING: Final = re.compile("")
_FROM: Final = re.compile(r"\s+(?:back )?from\s", re.IGNORECASE)


def sharing(sentence: Sentence, anchor: Token, taken_until: int) -> list[tuple[Place, DateMention | None]]:
    """The places behind `anchor` that share its verb, in order; `taken_until` is where the last place read so far ends."""
    dates = [d for d in sentence.reading.dates_in(sentence) if not d.future]
    places = sentence.reading.places_for(sentence)
    after = sentence.offset(anchor) + len(anchor.text)
    line = _Line(sentence, dates, places)
    end_of_date = next((d.end for d in dates if d.start > sentence.offset(anchor)), None)
    found = line.away(taken_until) if taken_until > after else []
    if not found and end_of_date is not None:
        found = line.following(end_of_date, _OPENS)
    if not found:
        bound = line.bound(max(after, taken_until), _next_verb(sentence, anchor, taken_until))
        found = bound or line.preceded()
    return found


def _next_verb(sentence: Sentence, anchor: Token, taken_until: int) -> int:
    """Where the next clause has its verb: what is bound behind it shares its fate, not the anchor's."""
    for token in sentence.doc[anchor.i + 1 :]:
        is_verb = token.pos_ == "VERB" and token.lower_ not in ("followed", "joined", "including")
        if is_verb and sentence.offset(token) >= taken_until and token.dep_ not in ("amod", "aux", "auxpass"):
            return sentence.offset(token)
    return sentence.end


class _Line:
    """The names and dates of one sentence, in order."""

    def __init__(self, sentence: Sentence, dates: list[DateMention], places: ArticlePlaces) -> None:
        reading = sentence.reading
        self.text = reading.text if sentence.field == "text" else reading.title
        self.start, self.end = sentence.start, sentence.end
        self.dates = dates
        self.places = places

    def following(self, at: int, opens: re.Pattern[str]) -> list[tuple[Place, DateMention | None]]:
        """Names from `at` on, each group with a date of its own; a last name may lack it where "and" closes the list."""
        found: list[tuple[Place, DateMention | None]] = []
        group: list[Place] = []
        gap = ""
        for place in self.places.named(at, self.end):
            start, end = place.start or 0, place.end or 0
            joint = (_LISTS if group else opens).fullmatch(self.text, at, start)
            if joint is None:
                break
            gap = joint.group().casefold() if not group else gap
            group.append(place)
            at = end
            date = next((d for d in self.dates if d.start >= end and _DATES.fullmatch(self.text, end, d.start)), None)
            if date is not None:
                if not _CLOSES.match(self.text, date.end, self.end):
                    return found
                found += [(member, date) for member in group]
                group, at, opens = [], date.end, _OPENS
        if len(group) == 1 and ("and" in gap or "then" in gap) and self._ends(at):
            found.append((group[0], None))
        return found

    def bound(self, at: int, until: int) -> list[tuple[Place, DateMention | None]]:
        """The names behind words that bind them to the event ("followed by", "as did"), before character `until`."""
        for joint in _BINDS.finditer(self.text, at, self.end):
            if joint.start() > until:
                break
            group: list[Place] = []
            end = joint.end()
            for place in self.places.named(joint.end(), self.end):
                gap = _LISTS.fullmatch(self.text, end, place.start or 0) if group else (place.start == joint.end())
                if not gap:
                    break
                group.append(place)
                end = place.end or 0
            date = next((d for d in self.dates if d.start >= end and _DATES.fullmatch(self.text, end, d.start)), None)
            end = date.end if date is not None else end
            if group and _CLOSES.match(self.text, end, self.end):
                return [(place, date) for place in group]
        return []

    def preceded(self) -> list[tuple[Place, DateMention | None]]:
        """ "fell on Sunday, following B on Friday and C on Saturday": B and C, if each has its day."""
        for opening in _PRECEDED.finditer(self.text, self.start, self.end):
            found = self.following(opening.end(), _NOTHING)
            if found and all(date is not None for _, date in found):
                return found
        return []

    def away(self, at: int) -> list[tuple[Place, DateMention | None]]:
        """ "took A from the rebels and B from the militia": B, where the last place read ends at `at`."""
        joint = _AWAY_FROM.match(self.text, at, self.end)
        if joint is None:
            return []
        place = next((p for p in self.places.named(joint.end(), self.end) if p.start == joint.end()), None)
        return [(place, None)] if place is not None and _FROM.match(self.text, place.end or 0, self.end) else []

    def _ends(self, at: int) -> bool:
        closing = _CLOSES.match(self.text, at, self.end)
        return closing is not None and closing.group().strip().casefold() not in ("and", ",")
