"""Sentence boundaries by rule, without a parse.

Only the sentences that an extractor needs are ever parsed, so boundaries cannot come from the parser. The rules are
those of edited news: datelines, titles and initials do not end a sentence, a line break between two blocks does.
Linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_SENTENCE: Final = 1_200
"""Characters after which a sentence is cut at white space: the parser's time and memory grow faster than linearly,
and no sentence of the development set is half as long. Bounds the time of an article without full stops."""

_ABBREVIATIONS: Final = frozenset(
    # titles and ranks, months, companies, addresses; "U.S." and initials are handled by shape
    "mr mrs ms dr prof sen rep gov gen lt col capt cpl sgt maj adm brig cmdr cmd pvt rev hon st ste jr sr ft mt no "
    "nos vs etc inc corp co ltd bros dept univ est approx jan feb mar apr jun jul aug sep sept oct nov dec ave blvd "
    "rd hwy e.g i.e a.m p.m messrs supt det insp pres atty al ph fig vol pp ed".split()
)
_ENDS_ANYWAY: Final = frozenset(
    ["a.m", "p.m", "u.s", "u.n", "u.k", "e.u", "inc", "corp", "co", "ltd", "jr", "sr", "etc"]
)
"""Abbreviations that often do end a sentence: they do when the next word starts a new one."""

_STARTERS: Final = frozenset(
    "the a an he she it they we i in on at but and this that these those his her its their there as after before when "
    "while however meanwhile according for to by from with if some many most government rebel rebels troops forces "
    "officials residents another both all no not".split()
)
_BOUNDARY: Final = re.compile(r"""[.!?…]+['"”’»)\]]*(?=\s|$)|\n[ \t]*\n\s*|\n""")
_LAST_WORD: Final = re.compile(r"([\w.&'’-]+)\.$")
_INITIAL: Final = re.compile(r"^(?:[A-Z]|[A-Z](?:\.[A-Z])+)$")
_OPENING: Final = "\"'“‘«([-–—•*"
_DATELINE: Final = re.compile(
    r"""\s*(?:
        \((?:AP|AFP|Reuters|CNN|UPI|DPA|EFE|Xinhua|VOA|[A-Z][\w .&-]{1,24})\)\s*(?:--|[-–—―])\s+       # (Reuters) -
      | (?:Reporting\ from\ )?[A-Z][\w.'’-]*(?:[ /][A-Z][\w.'’-]*){0,4}                                # KOTAL KHAIRKHANA
        (?:,\ ?[A-Z][\w.'’-]*\.?(?:\ [A-Z\d][\w.'’-]*){0,3}){0,3}                                       # , Afghanistan
        (?:\s?\((?:[A-Z][\w .&/-]{1,24})\))?\s*(?:--|\s[-–—―]|—|―)\s*(?=[^a-z\s—–―-]|al-|el-)                 # (CNN) --
      | [A-Z][a-z]+(?:\ [A-Z][a-z]+)?:\s+(?=[A-Z])                                                      # Colombo: Sri
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """One sentence: characters `start` to `end`; what is parsed begins at `body`, behind a dateline."""

    start: int
    end: int
    body: int
    paragraph: int


def split(text: str) -> list[Boundaries]:
    """The sentences of `text` in order, without surrounding white space.

    Offsets count characters. `paragraph` numbers the blocks between blank lines (or between lines, where a text has
    one line per block). A sentence longer than MAX_SENTENCE comes in pieces.
    """
    found: list[Boundaries] = []
    paragraph = start = 0
    for boundary in _BOUNDARY.finditer(text):
        is_break = boundary.group()[0] == "\n"
        if is_break:
            if _wrapped_line(text, boundary.start(), boundary.end(), boundary.group()):
                continue
        elif not _ends_sentence(text, boundary.start(), boundary.end()):
            continue
        _append(found, text, start, boundary.start() if is_break else boundary.end(), paragraph)
        start = boundary.end()
        paragraph += is_break
    _append(found, text, start, len(text), paragraph)
    return found


def _append(found: list[Boundaries], text: str, start: int, end: int, paragraph: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE:
        cut = text.rfind(" ", start + MAX_SENTENCE // 2, start + MAX_SENTENCE)
        cut = cut if cut > 0 else start + MAX_SENTENCE
        found.append(Boundaries(start, cut, start, paragraph))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        first_of_paragraph = not found or found[-1].paragraph != paragraph
        found.append(Boundaries(start, end, _body(text, start, end) if first_of_paragraph else start, paragraph))


def _body(text: str, start: int, end: int) -> int:
    dateline = _DATELINE.match(text, start, min(end, start + 120))
    return dateline.end() if dateline and dateline.end() < end else start


def _wrapped_line(text: str, start: int, end: int, run: str) -> bool:
    """A single line break inside a sentence, as hard-wrapped text has it."""
    if run.count("\n") > 1 or start == 0 or end >= len(text):
        return False
    return text[end].islower() or text[start - 1] in ",;-"


def _ends_sentence(text: str, start: int, end: int) -> bool:
    following = text[end : end + 40].lstrip()
    if not following:
        return True
    first = following[0]
    if first.islower() or first in ",;:)":
        return False
    if text[start] != "." or end - start > 1:
        # "What?" he asked  /  "...lost!" said: handled by the lower-case test above
        return True
    word = _LAST_WORD.search(text, max(0, start - 24), start + 1)
    if word is None:
        return True
    last = word.group(1)
    folded = last.casefold().rstrip(".")
    next_word = re.match(r"[\"'“‘«(\[]?([\w’']+)", following)
    starts_new = next_word is not None and next_word.group(1).casefold() in _STARTERS and first.isupper()
    if first in _OPENING and folded in _ENDS_ANYWAY:
        return True
    if folded in _ENDS_ANYWAY or (_INITIAL.match(last) and "." in last):
        return starts_new
    if _INITIAL.match(last):
        return False
    return folded not in _ABBREVIATIONS or (folded in ("no", "mar", "ed") and starts_new)
