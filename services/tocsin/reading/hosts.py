"""Hosts: what speech attribution works on. One or more sentences that a quotation ties together, with the quoted words
hidden, as tokens.

    hosts(reading) -> [Host]

"“We held the ridge. Nobody came,” said Ana Brenn." is two sentences and one host: Q said Ana Brenn . where Q stands for
the quotation. Offsets are those of the article's text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from .function_words import MONTHS
from .quotations import Quotation, find

if TYPE_CHECKING:
    from .reader import Reading, Sentence

HIDDEN: Final = "\ue000"
"""Stands for a character of quoted text (private use area, so that no article holds it)."""

_TOKEN: Final = re.compile(
    rf"""(?P<quoted>{HIDDEN}+)
    | (?P<word>
        (?:[^\W\d_]\.){{2,}}(?:['’]s\b)?                                                # U.S.  U.N.'s
      | (?=[A-Z][a-z]{{1,4}}\.\s)
          (?:Gen|Lt|Col|Sen|Rep|Dr|Mr|Mrs|Ms|Brig|Maj|Capt|Sgt|Prof|Gov|Adm|Rev|Supt|St|Jr|Sr|No|Cmdr|Cpl|Pte|Hon|
           Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.(?=\s)
      | [^\W\d_]\.(?=\ [A-Z])                                                           # initials
      | \d{{1,3}}(?:,\d{{3}})+(?![\d,]*\d)(?:\.\d+)?                                       # 20,000
      | [^\W_]+(?:[’'‘`.\-‑/&@][^\W_]+)*(?:['’](?=\s|\Z))?                                # al-Shabab  rebels'  state's
      )
    | (?P<mark>--+|[^\w\s])
    """,
    re.VERBOSE,
)

_SAID: Final = (["said"], ["says"], ["told"], ["added"], ["insisted"], ["warned"])
_ALSO_NAMES: Final = frozenset(["jan", "mar", "april", "may", "june", "august"])
_BEFORE_MONTHS: Final = frozenset("in since last this next early late mid until till during through".split())
_ARTICLED: Final = re.compile(r"(?:al|el|ad|an|ar|as|ash|at|az|bin|ibn|d|de|u)[-‑’'][A-ZÀ-Ý]")

TokenKind = Literal["quoted", "word", "mark"]


class Tok:
    """A word, a mark of punctuation, or a hidden quotation; offsets of the article's text.

    `is_word`: a word or a number. `is_quoted`: it stands for a quotation. `is_capital`: a word that begins with a capital
    letter, also behind an article ("al-Khatib").
    """

    __slots__ = ("end", "is_capital", "is_quoted", "is_word", "kind", "lower", "start", "text")

    def __init__(self, text: str, lower: str, start: int, end: int, kind: TokenKind, is_capital: bool = False) -> None:
        self.text = text
        self.lower = lower
        self.start = start
        self.end = end
        self.kind = kind
        self.is_word = kind == "word"
        self.is_quoted = kind == "quoted"
        self.is_capital = is_capital


@dataclass(slots=True, eq=False)
class Host:
    """Sentences tied together by quotations; `tokens` skip a dateline and hold each quotation as one token."""

    sentences: list[Sentence]
    start: int
    end: int
    paragraph: int
    tokens: list[Tok]
    quotations: list[Quotation]
    lowers: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lowers = [t.lower for t in self.tokens]
        for i, token in enumerate(self.tokens):
            if token.lower in ("may", "will") and token.is_capital and (i > 0 or self.lowers[1:2] in _SAID):
                self.lowers[i] = token.text  # Ana May, Will Olk: no verb

    def sentence_at(self, offset: int) -> Sentence:
        """The sentence that holds character `offset`."""
        at = bisect_right(self.sentences, offset, key=lambda sentence: sentence.start) - 1
        return self.sentences[at] if at >= 0 and offset < self.sentences[at].end else self.sentences[-1]

    def is_month(self, i: int) -> bool:
        """Is token `i` the name of a month, rather than a person called Jan, April, May or June?"""
        word = self.tokens[i].lower
        if word not in MONTHS or not self.tokens[i].is_capital:
            return False
        if word.rstrip(".") not in _ALSO_NAMES or self.tokens[i].text.endswith("."):
            return True
        following = self.lowers[i + 1] if i + 1 < len(self.lowers) else ""
        return following[:1].isdigit() or (i > 0 and self.lowers[i - 1] in _BEFORE_MONTHS)

    def between(self, start: int, end: int) -> list[Tok]:
        """The tokens that lie between two characters."""
        first = bisect_left(self.tokens, start, key=lambda token: token.start)
        last = bisect_right(self.tokens, end, key=lambda token: token.end)
        return self.tokens[first:last]

    def quotation_of(self, token: Tok) -> Quotation | None:
        """The quotation that a hidden token stands for."""
        at = bisect_right(self.quotations, token.start, key=lambda quotation: quotation.end)
        found = self.quotations[at] if at < len(self.quotations) else None
        return found if found is not None and found.start < token.end else None


def mask(text: str, quotations: list[Quotation]) -> str:
    """`text` with the characters of outermost quotations, marks included, hidden; the length stays the same."""
    parts: list[str] = []
    at = 0
    for quotation in quotations:
        if quotation.depth:
            continue
        for index, (start, end) in enumerate(quotation.spans):
            first = quotation.start if index == 0 else start - 1
            last = quotation.end if index == len(quotation.spans) - 1 else end
            first = max(first, at)
            parts.append(text[at:first])
            parts.append(HIDDEN * (last - first))
            at = last
    parts.append(text[at:])
    return "".join(parts)


def hosts(reading: Reading, quotations: list[Quotation] | None = None) -> list[Host]:
    """The hosts of the running text, in order."""
    text = reading.text
    found = find(text) if quotations is None else quotations
    outer = [q for q in found if q.depth == 0]
    hidden = mask(text, outer)
    groups: list[list[Sentence]] = []
    for sentence in reading.body_sentences:
        if groups and _belongs(groups[-1][-1], sentence, hidden):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    ends = [q.end for q in outer]
    return [_host(group, hidden, outer, ends) for group in groups]


def _host(group: list[Sentence], hidden: str, outer: list[Quotation], ends: list[int]) -> Host:
    start, end = group[0].start, group[-1].end
    body = max(group[0].body, start)
    inside: list[Quotation] = []
    for i in range(bisect_left(ends, start + 1), len(outer)):
        if outer[i].start >= end:
            break
        inside.append(outer[i])
    return Host(group, start, end, group[0].paragraph, list(tokenize(hidden, body, end)), inside)


def tokenize(hidden: str, start: int, end: int) -> Iterator[Tok]:
    """The tokens of a masked text between two offsets."""
    for match in _TOKEN.finditer(hidden, start, end):
        kind = match.lastgroup
        words = match.group()
        first, last = match.span()
        if kind == "word":
            is_capital = words[0].isupper() or (not words.isalnum() and _ARTICLED.match(words) is not None)
            lower = words.lower()
            yield Tok(words, lower.replace("’", "'") if "’" in lower else lower, first, last, "word", is_capital)
        elif kind == "quoted":
            yield Tok("“”", "“”", first, last, "quoted")
        else:
            mark = "—" if words.startswith("--") else words
            yield Tok(mark, mark, first, last, "mark")


_SAID_NEXT: Final = re.compile(
    r"(?:[A-Z][\w’'-]+ ){1,4}(?:said|says|asked|told|replied|shouted|added|wrote|exclaimed|cried|answered)\b"
)


_CREDIT: Final = re.compile(r"(?:--|[—–―-])\s*[A-Z][^.;:]{2,60}\.?\Z")
"""A sentence that only names whose the quotation before it is ("— Ann Berg")."""


def _belongs(before: Sentence, sentence: Sentence, hidden: str) -> bool:
    """Is the boundary between two sentences inside a quotation, or between a quotation and its "X said"?"""
    if before.paragraph != sentence.paragraph:
        return False
    ends_quoted = hidden[before.end - 1] == HIDDEN
    starts_quoted = hidden[sentence.start] == HIDDEN
    gap = hidden[before.end : sentence.start]
    if ends_quoted and _CREDIT.match(hidden, sentence.start, sentence.end):
        return True
    if ends_quoted and starts_quoted and HIDDEN in gap:
        return True
    return ends_quoted and before.text[-2:-1] in "!?…" and bool(_SAID_NEXT.match(hidden, sentence.start))
