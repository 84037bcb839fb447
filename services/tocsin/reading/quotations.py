"""Quotations: where quoted words begin and end, without a parse.

    find(text) -> [Quotation(start, end, spans, depth, closed, style)]

Covers “ ” " " ‘ ’ ' ' « » „ “ and dashed dialogue; quotations that run over paragraphs, each reopening; quotations inside
quotations; a closing mark that was lost; apostrophes, plural possessives and inch marks, which are no quotation marks.
Linear in the length of the text, whatever it holds.

Conventions of English newspapers: Associated Press Stylebook, "Quotation marks"; Guardian style guide, "Quotation marks".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Style = Literal["double", "single", "guillemet", "dash"]
Kind = Literal["speech", "fragment", "title"]

_MARK: Final = re.compile(r"""''|``|’’|‘‘|[“”„‟"«»‘’‚‛'`]|\n[ \t]*\n\s*|\n""")
_OPENING_CONTEXT: Final = frozenset("([{-–—:/=>…*•“\"«„‘'")
_LETTERED: Final = frozenset("“\"‘'«„[(…")
_DIALOGUE: Final = re.compile(
    r"""(?:\A|(?<=\n))[ \t]*(?P<dash>[—―–])[ \t]*(?P<said>[A-ZÀ-Ý][^\n“”"«»]{2,600}?)(?P<mark>[,!?…])[ \t]+
        (?=(?:said|says|asked|replied|answered|added)\ |(?:[A-Z][\w’'-]*\ ){1,3}(?:said|says|asked|replied|answered|added)\b)""",
    re.VERBOSE,
)
_WORD: Final = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
_MINOR: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "de",
        "for",
        "from",
        "in",
        "la",
        "le",
        "no",
        "of",
        "on",
        "or",
        "the",
        "to",
        "up",
        "vs",
        "with",
    ]
)
MAX_OPEN: Final = 6_000
"""Characters after which a quotation that nothing closes is cut at the paragraph: longer is no quotation but a lost mark."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quoted words. `start`/`end` include the marks; `spans` are the words alone, one span for each paragraph.

    `depth` 0 is the outermost. `closed` false: no closing mark was found and the end is the sentence's or paragraph's.
    """

    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    depth: int = 0
    closed: bool = True
    style: Style = "double"

    def words(self, text: str) -> str:
        """The quoted words, paragraphs joined by a space."""
        return " ".join(text[start:end] for start, end in self.spans)


@dataclass(slots=True)
class _Open:
    style: Style
    mark: str
    start: int
    inner: int
    spans: list[tuple[int, int]]


def find(text: str) -> list[Quotation]:
    """Every quotation of `text`, in order of its start; an inner one follows the one around it."""
    return _Scan(text).run()


def outermost(quotations: list[Quotation]) -> list[Quotation]:
    """Those that lie in no other."""
    return [q for q in quotations if q.depth == 0]


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = [(m.start(), m.end(), m.group()) for m in _MARK.finditer(text)]
        self.single_line = "\n\n" not in text and not re.search(r"\n[ \t]+\n", text)
        self.stack: list[_Open] = []
        self.found: list[Quotation] = []
        self.next_single = self._single_closers()

    def run(self) -> list[Quotation]:
        for index, (start, end, mark) in enumerate(self.marks):
            if mark[0] == "\n":
                self._line_break(index, start, end, mark)
            elif mark in ("'", "’", "‘", "‚", "‛", "`"):
                self._single(index, start, mark)
            else:
                self._double(index, start, end, mark)
        while self.stack:
            self._lose(len(self.text))
        self.found += self._dialogue()
        self.found.sort(key=lambda q: (q.start, -q.end))
        return _with_depth(self.found)

    # --- marks -------------------------------------------------------------------------------------------------
    def _double(self, index: int, start: int, end: int, mark: str) -> None:
        if mark in ("«", "»"):
            opened = self._open_style("guillemet")
            before, after = self._around(start, end)
            swapped = opened is None and _begins(before) and bool(after) and not after.isspace()
            opens = swapped if mark == "»" else not (opened is not None and opened.mark == "»")
            self._turn(start, end, mark, "guillemet", opens)
            return
        current = self._open_style("double")
        before, after = self._around(start, end)
        if mark in ('"', "''", "``", "’’", "‘‘"):
            if mark == '"' and before.isdigit() and self._is_inch_mark(index, end, current is not None):
                return
            opens = self._straight_opens(before, after, current is not None)
        elif mark == "„":
            opens = True
        elif mark == "“":
            opens = not (current is not None and current.mark == "„") and not (
                current is not None and (not after or after.isspace() or after in ",.;:!?")
            )
        else:
            opens = current is None and _begins(before) and bool(after) and not after.isspace()
        self._turn(start, end, mark, "double", opens)

    def _turn(self, start: int, end: int, mark: str, style: Style, opens: bool) -> None:
        current = self._open_style(style)
        if opens:
            if current is not None:
                if self._continues(current, start):
                    current.inner = end
                    return
                self._lose(start, style)
            self.stack.append(_Open(style, mark, start, end, []))
        elif current is not None:
            self._close(style, start, end)

    def _straight_opens(self, before: str, after: str, is_open: bool) -> bool:
        can_open = _begins(before) and bool(after) and not after.isspace() and after not in ",.;:!?"
        can_close = not before.isspace() and bool(before)
        if can_open and can_close:
            return not is_open
        if can_open:
            # a second opening mark in a row means that the closing one was lost, or that a paragraph reopens
            return True
        return False if is_open else can_open

    def _is_inch_mark(self, index: int, end: int, is_open: bool) -> bool:
        if not is_open:
            return True
        following = next((m for m in self.marks[index + 1 : index + 2] if m[2] == '"'), None)
        return (
            following is not None
            and not self._straight_opens(*self._around(following[0], following[1]), True)
            and self.text[end : end + 1] == " "
            and self.text[end + 1 : end + 2].islower()
        )

    def _single(self, index: int, start: int, mark: str) -> None:
        before, after = self._around(start, start + 1)
        current = self._open_style("single")
        if current is not None and self.next_single.get(index) == "close":
            self._close("single", start, start + 1)
        elif self.next_single.get(index) == "open" and current is None:
            self.stack.append(_Open("single", mark, start, start + 1, []))
        elif current is not None and not after.isalnum() and before.isalnum() and self._is_last_chance(index):
            self._close("single", start, start + 1)

    def _is_last_chance(self, index: int) -> bool:
        """No later mark of the paragraph can close the single quotation that is open."""
        following = self.marks[index + 1][2][0] if index + 1 < len(self.marks) else "\n"
        return following == "\n"

    def _single_closers(self) -> dict[int, str]:
        """Which single marks open and which close, found from right to left so that an opener has a closer."""
        roles: dict[int, str] = {}
        closer_ahead: int | None = None
        for index in range(len(self.marks) - 1, -1, -1):
            start, end, mark = self.marks[index]
            if mark[0] == "\n":
                if not (self.single_line and mark.count("\n") == 1):
                    closer_ahead = None
                continue
            if mark not in ("'", "’", "‘", "‚", "‛", "`"):
                continue
            before, after = self._around(start, end)
            if self._single_opens(mark, before, after, start):
                if closer_ahead is not None:
                    roles[index] = "open"
                    closer_ahead = None
            elif mark in ("'", "’") and not after.isalnum() and before and not before.isspace():
                if self._is_possessive(start, before, after) and closer_ahead is not None:
                    continue
                roles[index] = "close"
                closer_ahead = index
        return roles

    def _single_opens(self, mark: str, before: str, after: str, start: int) -> bool:
        if mark == "’" or not after or after.isspace():
            return False
        if re.match(r"\d0s\b|n['’]|tis\b|em\b|cause\b|til\b", self.text[start + 1 : start + 6]):
            return False
        return _begins(before) and (after.isalnum() or after in _LETTERED)

    def _is_possessive(self, start: int, before: str, after: str) -> bool:
        return before in ("s", "z", "x") and after == " " and self.text[start + 2 : start + 3].islower()

    # --- structure ---------------------------------------------------------------------------------------------
    def _line_break(self, index: int, start: int, end: int, run: str) -> None:
        if not self.stack:
            return
        is_paragraph = run.count("\n") > 1 or self.single_line
        if not is_paragraph:
            return
        self._drop_singles()
        if not self.stack:
            return
        current = self.stack[0]
        following = self.marks[index + 1] if index + 1 < len(self.marks) else None
        reopens = following is not None and following[0] == end and following[2][0] in '“"«„'
        closes_later = following is not None and self._would_close(following, current)
        close_enough = end - current.start < MAX_OPEN
        if close_enough and (reopens or closes_later):
            del self.stack[1:]
            current.spans.append((current.inner, start))
            current.inner = end
            return
        while self.stack:
            self._lose(start)

    def _would_close(self, mark: tuple[int, int, str], current: _Open) -> bool:
        start, end, char = mark
        before, after = self._around(start, end)
        if current.style == "guillemet":
            return char == "»"
        if char == "”":
            return bool(before) and not before.isspace()
        return char in ('"', "''", "’’") and not before.isspace() and not after.isalnum()

    def _continues(self, current: _Open, start: int) -> bool:
        """A mark at the very start of the paragraph into which an open quotation was carried."""
        return bool(current.spans) and current.inner == start

    def _drop_singles(self) -> None:
        self.stack = [o for o in self.stack if o.style != "single"]

    def _open_style(self, style: Style) -> _Open | None:
        return next((o for o in reversed(self.stack) if o.style == style), None)

    def _close(self, style: Style, start: int, end: int) -> None:
        while self.stack:
            current = self.stack.pop()
            if current.style == style:
                self._emit(current, start, end, closed=True)
                return

    def _lose(self, limit: int, style: Style | None = None) -> None:
        """End a quotation that nothing closed, before `limit`."""
        while self.stack:
            current = self.stack.pop()
            if current.style != "single":
                self._emit(current, limit, limit, closed=False)
            if style is None or current.style == style:
                return

    def _emit(self, current: _Open, start: int, end: int, *, closed: bool) -> None:
        spans = [*current.spans, (current.inner, start)]
        trimmed = tuple(s for s in (_trim(self.text, *span) for span in spans) if s[1] > s[0])
        if trimmed:
            last = end if closed else trimmed[-1][1]
            self.found.append(Quotation(current.start, last, trimmed, 0, closed, current.style))

    def _around(self, start: int, end: int) -> tuple[str, str]:
        return self.text[start - 1 : start] if start else "", self.text[end : end + 1]

    def _dialogue(self) -> list[Quotation]:
        if "—" not in self.text and "―" not in self.text and "–" not in self.text:
            return []
        return [
            Quotation(m.start("dash"), m.end("mark"), (m.span("said"),), 0, True, "dash")
            for m in _DIALOGUE.finditer(self.text)
        ]


def _begins(before: str) -> bool:
    return not before or before.isspace() or before in _OPENING_CONTEXT


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _with_depth(found: list[Quotation]) -> list[Quotation]:
    out: list[Quotation] = []
    around: list[int] = []
    for q in found:
        while around and around[-1] <= q.start:
            around.pop()
        out.append(Quotation(q.start, q.end, q.spans, len(around), q.closed, q.style))
        around.append(q.end)
    return out


def kind(text: str, quotation: Quotation) -> Kind:
    """What the quoted words look like by themselves: a sentence, a fragment, or the title of a work or a name.

    `speech`: they end in their own punctuation, or are long enough for a clause. `title`: every longer word has a
    capital ('The Intimate Enemy', "Highly Commended"). `fragment`: a few words, speech only if somebody is named who
    said them ("the rebels' last fortress").
    """
    words = _WORD.findall(quotation.words(text))
    if not words:
        return "fragment"
    body = quotation.words(text)
    sentence_like = body[-1] in ",.!?…" or len(words) >= 9
    longer = [w for w in words if w.casefold() not in _MINOR]
    titled = len(longer) >= 1 and all(w[0].isupper() or w[0].isdigit() for w in longer)
    if titled and len(words) <= 9 and body[-1] not in "!?" and not (len(words) == 1 and body[-1] in ".,"):
        inside_punctuation = body[-1] in ",."
        if len(longer) >= 2 or not inside_punctuation:
            return "title"
    if sentence_like and (len(words) >= 3 or body[-1] in "!?"):
        return "speech"
    return "fragment"
