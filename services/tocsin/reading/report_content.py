"""What was said: spans and mode of the words that a cue introduces, and the report that holds them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import quotations as quoting
from .complements import Complement, clause_end, has_finite_verb
from .function_words import CONJUNCTIONS, is_adverb

if TYPE_CHECKING:
    from .cues import Cue
    from .hosts import Host
    from .speaker_phrases import Phrase

Mode = Literal["direct", "indirect", "mixed"]


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Somebody's words as the text gives them.

    `spans`: characters of the text; a direct report has the words inside the quotation marks. `cue` is null where a
    quotation follows without any. `phrase` names the speaker (null: the one of the report before, or nobody). `follows` is
    the report of an earlier paragraph that this quotation runs on from.
    """

    host: Host
    rule: str
    mode: Mode
    spans: tuple[tuple[int, int], ...]
    cue: Cue | None
    cue_span: tuple[int, int] | None
    phrase: Phrase | None
    cue_index: int = -1
    addressee: tuple[int, int] | None = None
    nested: bool = False
    follows: Report | None = None

    @property
    def start(self) -> int:
        """The first character of what was said."""
        return self.spans[0][0]

    def covers(self, offset: int) -> bool:
        """Whether character `offset` lies in what was said."""
        return any(start <= offset < end for start, end in self.spans)


class Voices:
    """Whose words each character of a text is: the innermost of the reports that cover it."""

    def __init__(self, reports: Sequence[Report]) -> None:
        edges = sorted(
            (at, step, number)
            for number, report in enumerate(reports)
            for span in report.spans
            for at, step in zip(span, (1, -1), strict=True)
        )
        length = [sum(end - start for start, end in report.spans) for report in reports]
        self._starts: list[int] = []
        self._inner: list[Report | None] = []
        inside: Counter[int] = Counter()
        for at, step, number in edges:
            inside[number] += step
            if not inside[number]:
                del inside[number]
            inner = min(inside, key=lambda n: (length[n], n), default=None)
            self._starts.append(at)
            self._inner.append(None if inner is None else reports[inner])

    def at(self, offset: int) -> Report | None:
        """The innermost report whose words cover character `offset`; none: it is the outlet's own voice."""
        last = bisect_right(self._starts, offset) - 1
        return self._inner[last] if last >= 0 else None


def token_at(host: Host, offset: int) -> int:
    return bisect_left(host.tokens, offset, key=lambda token: token.start) - 1


def content_before(host: Host, last: int) -> int | None:
    """The last token of what was said before the speaker's phrase, where a comma or a quotation closes it."""
    tokens = host.tokens
    if last < 0:
        return None
    if tokens[last].is_quoted:
        return last
    if tokens[last].text in ("–", "—", "-"):
        opening = next((k for k in range(last - 1, max(0, last - 9), -1) if tokens[k].text == tokens[last].text), None)
        if opening is not None and tokens[opening - 1].is_quoted:
            return opening - 1
    if tokens[last].text in (",", "–", "—", "-") and last > 0:
        return last - 1
    if tokens[last].text in "?!…" and tokens[last].kind == "mark":
        return last
    return None


def ends_open(host: Host, index: int) -> bool:
    """Does the quotation at token `index` look like one that an attribution follows (",” he said")?"""
    quotation = host.quotation_of(host.tokens[index])
    if quotation is None:
        return False
    inner = quotation.spans[-1]
    text = host.sentences[0].reading.text
    last = text[inner[1] - 1]
    if any(t.is_word for t in host.tokens[:index]) and quoting.kind(text, quotation) == "title":
        return False
    return last in ",?!…—–-" or index == 0 or all(t.is_quoted for t in host.tokens[:index])


def before_cue(host: Host, last: int) -> tuple[int, int]:
    tokens = host.tokens
    end = last
    while end > 0 and tokens[end].kind == "mark" and tokens[end].text in ",–—-":
        end -= 1
    first = 0
    for k in range(end - 1, 0, -1):
        if tokens[k].text in ".!?;" and tokens[k].kind == "mark" and tokens[k + 1].kind != "mark":
            first = k + 1
            break
    while first < end and (host.lowers[first] in CONJUNCTIONS or tokens[first].text == ","):
        first += 1
    if end - 2 > first and is_adverb(tokens[end]) and tokens[end - 1].text == ",":
        end -= 2
    return first, end


def around_cue(host: Host, before: int, quote: int) -> tuple[int, int]:
    first, _ = before_cue(host, before)
    return first, quoted_run_end(host, quote)


def quoted_run_end(host: Host, index: int) -> int:
    """The last of the quotations that begin at `index` and follow each other with nothing but marks between."""
    tokens = host.tokens
    last = index
    k = index + 1
    while k < len(tokens) and (tokens[k].is_quoted or tokens[k].kind == "mark"):
        if tokens[k].is_quoted:
            last = k
        k += 1
    return last


def said_after(host: Host, i: int, cue: Cue, phrase: Phrase, comp: Complement) -> Report | None:
    if comp.first >= len(host.tokens):
        return None
    if comp.shape == "quote":
        run = quoted_run_end(host, comp.first)
        if _stands_alone(host, run):
            return make_report(host, i, cue, phrase, comp, "after", comp.first, run)
    end = clause_end(host, comp.first, urging=cue.takes("urging"), enclosed=_is_enclosed(host, phrase))
    says_nothing = host.lowers[comp.first] in _NOTHING and not has_finite_verb(host, comp.first, end, strict=True)
    if says_nothing or _only_points(host, comp.first, end):
        return None
    return make_report(host, i, cue, phrase, comp, "after", comp.first, end)


def _is_enclosed(host: Host, phrase: Phrase) -> bool:
    """Does the cue stand in a relative clause, or in one that a conjunction opens before the main clause?"""
    if phrase.relative:
        return True
    k = phrase.first - 1
    return 0 <= k <= 3 and host.lowers[k] in _OPENERS and all(t.is_word for t in host.tokens[: k + 1])


_OPENERS = frozenset("when while as after although though because since if once whereas".split())


def _only_points(host: Host, first: int, last: int) -> bool:
    """ "denied it", "said as much": nothing that was said is told."""
    if host.lowers[first] == "the":
        return last == first
    behind = host.tokens[first + 1] if first < last else None
    if host.lowers[first] == "it" and behind is not None and behind.is_word and not behind.is_capital:
        return is_adverb(behind)  # "said it won" tells something, "denied it again" does not
    return last - first < 2 and host.lowers[first] in _POINTERS


_NOTHING = frozenset(["nothing", "little"])
_POINTERS = frozenset(["this", "it", "so", "that", "them", "as", "what", "nothing", "something", "more"])


def _stands_alone(host: Host, run: int) -> bool:
    """Is the quotation that ends at token `run` all that was said, with no more than circumstances behind it?"""
    tokens, lowers = host.tokens, host.lowers
    if run + 1 >= len(tokens) or tokens[run + 1].kind == "mark":
        return True
    quotation = host.quotation_of(tokens[run])
    if quotation is not None and quoting.kind(host.sentences[0].reading.text, quotation) == "speech":
        return True
    return lowers[run + 1] in _CIRCUMSTANCES


_CIRCUMSTANCES = frozenset("in on at during after before when while as to but and from by for".split())


def make_report(
    host: Host, i: int, cue: Cue, phrase: Phrase | None, comp: Complement | None, order: str, first: int, last: int
) -> Report | None:
    gap = (min(phrase.first, i), max(phrase.last, i)) if phrase is not None and order == "around" else None
    spans, mode = content_of(host, first, last, skip=gap)
    if not spans:
        return None
    cue_span = (host.tokens[i].start, host.tokens[min(i + cue.length - 1, len(host.tokens) - 1)].end)
    return Report(
        host, f"statement.{cue.kind.id}.{order}", mode, spans, cue, cue_span, phrase, i,
        comp.addressee if comp is not None else None,
    )  # fmt: skip


def content_of(
    host: Host, first: int, last: int, skip: tuple[int, int] | None = None
) -> tuple[tuple[tuple[int, int], ...], Mode]:
    """Spans and mode of tokens `first` to `last`: quotation marks left out when nothing else was said."""
    tokens = host.tokens
    inside = [k for k in range(first, last + 1) if skip is None or not skip[0] <= k <= skip[1]]
    quoted = [k for k in inside if tokens[k].is_quoted]
    plain = [k for k in inside if tokens[k].is_word]
    if skip is not None:
        plain = [k for k in plain if k < skip[0]]
    if quoted and len(plain) <= 2 and all(host.lowers[k] in _FILLERS for k in plain):
        return tuple(s for k in quoted for s in inner_spans(host, k)), "direct"
    if skip is not None:
        spans = tuple(s for k in quoted for s in inner_spans(host, k))
        return spans, "direct"
    if not inside:
        return (), "indirect"
    start, end = tokens[first].start, tokens[last].end
    if start >= end:
        return (), "indirect"
    return ((start, end),), "mixed" if quoted else "indirect"


_FILLERS = frozenset("that it was is and but or".split())


def inner_spans(host: Host, index: int) -> tuple[tuple[int, int], ...]:
    """The words of the quotation at token `index`, those of its other paragraphs included."""
    quotation = host.quotation_of(host.tokens[index])
    return () if quotation is None else quotation.spans
