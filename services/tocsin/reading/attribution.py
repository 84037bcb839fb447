"""Who says what: the reports of an article, direct and indirect, without a parse.

    reports(reading) -> [Report]                 # in order of the text; computed once for a reading
    source_at(reading, offset) -> Report | None  # the innermost report whose words cover a character

A `Report` has the cue, the phrase that names the speaker, and the spans of what was said. Whether the speaker is one whose
words are worth an event is the statement extractor's to say; here "officials said" is a report like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal
from weakref import WeakKeyDictionary

from . import quotations as quoting
from .complements import Complement, addressee_end, clause_end, complement, has_finite_verb
from .cues import Cue, lexicon
from .hosts import Host, hosts
from .speaker_phrases import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    Phrase,
    is_adverb,
    parse_phrase,
    phrase_from,
    subject_before,
)
from .speaker_words import words

if TYPE_CHECKING:
    from .quotations import Quotation
    from .reader import Reading

Mode = Literal["direct", "indirect", "mixed"]

_BE: Final = frozenset("is are was were be been being".split())
_QUOTING: Final = frozenset("quoted cited quotes cites reported described quoting citing".split())


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Somebody's words as the text gives them.

    `spans`: characters of the text; a direct report has the words inside the quotation marks. `cue` is null where a
    quotation follows without any. `phrase` names the speaker (null: the one of the report before, or nobody).
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
    extra: tuple[tuple[int, int], ...] = field(default=())

    @property
    def start(self) -> int:
        """The first character of what was said."""
        return self.spans[0][0]

    def covers(self, offset: int) -> bool:
        """Whether character `offset` lies in what was said."""
        return any(start <= offset < end for start, end in self.spans)


_CACHE: WeakKeyDictionary[Reading, list[Report]] = WeakKeyDictionary()


def reports(reading: Reading) -> list[Report]:
    """Every report of the running text, in order of what was said."""
    if reading not in _CACHE:
        _CACHE[reading] = _read(reading)
    return _CACHE[reading]


def source_at(reading: Reading, offset: int) -> Report | None:
    """The innermost report whose words cover character `offset` of the text, or null for the outlet's own voice."""
    covering = [r for r in reports(reading) if r.covers(offset)]
    return min(covering, key=lambda r: sum(e - s for s, e in r.spans), default=None)


def _read(reading: Reading) -> list[Report]:
    found: list[Report] = []
    quotations = quoting.find(reading.text)
    triggers = lexicon().triggers
    for host in hosts(reading, quotations):
        own: list[Report] = []
        if host.quotations or triggers.search(reading.text, host.start, host.end):
            own = read_host(host)
        if host.quotations:
            own = _with_loose_quotations(host, own, found)
        found += own
    return found


# --- one host ------------------------------------------------------------------------------------------------------
def read_host(host: Host) -> list[Report]:
    """The reports that the words of one host tell, in order of their cues."""
    found: list[Report] = []
    covered_to = -1
    i = 0
    while i < len(host.tokens):
        report = _report_at(host, i, found)
        if report is not None:
            nested = i <= covered_to
            if nested:
                report = replace(report, nested=True)
            found.append(report)
            if not nested and report.start > host.tokens[i].start:
                covered_to = _token_at(host, report.spans[-1][1])
        i += 1
    return _one_per_quotation(host, found)


def _token_at(host: Host, offset: int) -> int:
    return max((k for k, t in enumerate(host.tokens) if t.start < offset), default=-1)


def _one_per_quotation(host: Host, found: list[Report]) -> list[Report]:
    """Where two cues claim one quotation, the nearer one has it; a nested report never takes a direct one."""
    kept: list[Report] = []
    for report in found:
        clash = next((k for k in kept if k.mode == "direct" == report.mode and set(k.spans) & set(report.spans)), None)
        if clash is None:
            kept.append(report)
        elif _distance(host, report) < _distance(host, clash):
            kept[kept.index(clash)] = report
    return kept


def _distance(host: Host, report: Report) -> int:
    if report.cue_span is None:
        return 10_000
    return min(min(abs(report.cue_span[0] - e), abs(s - report.cue_span[1])) for s, e in report.spans)


def _report_at(host: Host, i: int, before: list[Report]) -> Report | None:
    token, word = host.tokens[i], host.lowers[i]
    if not token.is_word:
        return None
    if word == "according" and host.lowers[i + 1 : i + 2] == ["to"]:
        return _according_to(host, i)
    if (
        word == "as"
        and i + 1 < len(host.tokens)
        and host.lowers[i + 1] in ("saying", "telling", "writing", "stating", "adding")
    ):
        return _quoted_as_saying(host, i)
    for cue in lexicon().at(host.lowers, i):
        report = _by_cue(host, i, cue, before)
        if report is not None:
            return report
    return None


def _by_cue(host: Host, i: int, cue: Cue, before: list[Report]) -> Report | None:
    if i and host.lowers[i - 1] == "as" and cue.form == "participle":
        return None
    passive = _is_passive(host, i, cue)
    if passive:
        return _declared_by(host, i, cue) if cue.takes("naming") else None
    if cue.form == "participle" and not _is_progressive(host, i):
        return _participle(host, i, cue, before)
    inverted = _inverted(host, i, cue)
    if inverted is not None:
        return inverted
    phrase = subject_before(host, i)
    if phrase is None:
        phrase = _shared_subject(host, i, before)
    elif phrase.kind == "relative":
        phrase = _antecedent(host, phrase) or phrase
    if phrase is None or phrase.negated or (phrase.modal and not _may_be_modal(host, i, cue)):
        return None
    if cue.form == "base" and phrase.kind not in ("plural", "group", "body", "pronoun", "named", "person"):
        return None
    if cue.form == "base" and not _is_plural(host, phrase):
        return None
    return _with_subject(host, i, cue, phrase)


def _may_be_modal(host: Host, i: int, cue: Cue) -> bool:
    """ "“Not yet,” she would say": only a quotation beside it makes a modal an utterance."""
    return cue.takes("quote") and i > 1 and any(t.is_quoted for t in host.tokens[max(0, i - 4) : i])


def _is_plural(host: Host, phrase: Phrase) -> bool:
    word = host.lowers[phrase.head]
    if phrase.kind == "pronoun":
        return word in ("they", "we", "i", "you")
    return (
        phrase.kind in ("plural", "group") or word.endswith("s") or "and" in host.lowers[phrase.first : phrase.last + 1]
    )


def _is_passive(host: Host, i: int, cue: Cue) -> bool:
    if cue.form not in ("past",):
        return False
    k = i - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    return k >= 0 and host.lowers[k] in _BE


def _is_progressive(host: Host, i: int) -> bool:
    k = i - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    return k >= 0 and host.lowers[k] in _BE


def _with_subject(host: Host, i: int, cue: Cue, phrase: Phrase) -> Report | None:
    after = i + cue.length
    comp = complement(host, after, cue)
    before = phrase.first - 1
    content_before = _content_before(host, before, cue)
    tokens = host.tokens
    follows_quote = before >= 0 and tokens[before].is_quoted and _ends_open(host, before)
    if comp.shape == "quote":
        if follows_quote or (content_before is not None and before >= 0 and tokens[before].is_quoted):
            return _make(host, i, cue, phrase, comp, "around", *_around(host, before, comp.first))
        if cue.takes("naming") and not cue.takes("quote", "clause"):
            return _naming(host, i, cue, phrase, after)
        if not cue.takes("quote", "clause", "that", "noun", "urging", "infinitive", "naming"):
            return None
        return _said_after(host, i, cue, phrase, comp)
    if follows_quote and cue.takes("quote") and comp.shape not in ("that",):
        return _make(host, i, cue, phrase, comp, "before", *_before(host, before))
    if comp.shape == "end":
        if content_before is None or not cue.takes("quote", "clause", "that"):
            return _naming(host, i, cue, phrase, after) if cue.takes("naming") else None
        if not cue.takes("clause", "that") and not any(t.is_quoted for t in tokens[: before + 1]):
            return None
        return _make(host, i, cue, phrase, comp, "before", *_before(host, before))
    return _unquoted(host, i, cue, phrase, comp)


def _unquoted(host: Host, i: int, cue: Cue, phrase: Phrase, comp: Complement) -> Report | None:
    after = i + cue.length
    if comp.shape == "that" and cue.takes("that", "clause"):
        return _said_after(host, i, cue, phrase, comp)
    if cue.takes("charge"):
        return _charge(host, i, cue, phrase, after)
    if cue.takes("urging") and comp.shape in ("noun", "clause", "infinitive"):
        found = _urging(host, i, cue, phrase, after)
        if found is not None:
            return found
    if comp.shape == "infinitive" and cue.takes("infinitive"):
        return _said_after(host, i, cue, phrase, comp)
    if comp.shape == "clause" and cue.takes("clause"):
        return _said_after(host, i, cue, phrase, comp)
    if comp.shape in ("noun", "clause") and cue.takes("noun"):
        if cue.kind.content and not any(w in cue.kind.content for w in host.lowers[comp.first : comp.first + 4]):
            return None
        return _said_after(host, i, cue, phrase, comp)
    if cue.takes("naming"):
        return _naming(host, i, cue, phrase, after)
    if comp.shape == "noun" and cue.kind.id == "say":
        end = clause_end(host, comp.first)
        if end - comp.first >= 2:
            return _said_after(host, i, cue, phrase, comp)
    return None


# --- content -------------------------------------------------------------------------------------------------------
def _content_before(host: Host, last: int, cue: Cue) -> int | None:
    """The last token of what was said before the speaker's phrase, where a comma or a quotation closes it."""
    tokens = host.tokens
    if last < 0:
        return None
    if tokens[last].is_quoted:
        return last
    if tokens[last].text in (",", "–", "—", "-") and last > 0:
        return last - 1
    if tokens[last].text in "?!…" and tokens[last].kind == "mark":
        return last
    return None


def _ends_open(host: Host, index: int) -> bool:
    """Does the quotation at token `index` look like one that an attribution follows (",” he said")?"""
    quotation = host.quotation_of(host.tokens[index])
    if quotation is None:
        return False
    inner = quotation.spans[-1]
    last = host.sentences[0].reading.text[inner[1] - 1]
    return last in ",?!…—–-" or index == 0 or all(t.is_quoted for t in host.tokens[:index])


def _before(host: Host, last: int) -> tuple[int, int]:
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


def _around(host: Host, before: int, quote: int) -> tuple[int, int]:
    first, _ = _before(host, before)
    return first, _quoted_run_end(host, quote)


def _quoted_run_end(host: Host, index: int) -> int:
    """The last of the quotations that begin at `index` and follow each other with nothing but marks between."""
    tokens = host.tokens
    last = index
    k = index + 1
    while k < len(tokens) and (tokens[k].is_quoted or tokens[k].kind == "mark"):
        if tokens[k].is_quoted:
            last = k
        k += 1
    return last


def _said_after(host: Host, i: int, cue: Cue, phrase: Phrase, comp: Complement) -> Report | None:
    if comp.first >= len(host.tokens):
        return None
    end = clause_end(host, comp.first, urging=cue.takes("urging"))
    return _make(host, i, cue, phrase, comp, "after", comp.first, end)


def _make(
    host: Host, i: int, cue: Cue, phrase: Phrase | None, comp: Complement | None, order: str, first: int, last: int
) -> Report | None:
    spans, mode = _content(
        host, first, last, skip=(phrase.first, i) if phrase is not None and order == "around" else None
    )
    if not spans:
        return None
    cue_span = (host.tokens[i].start, host.tokens[min(i + cue.length - 1, len(host.tokens) - 1)].end)
    return Report(
        host, f"statement.{cue.kind.id}.{order}", mode, spans, cue, cue_span, phrase, i,
        comp.addressee if comp is not None else None,
    )  # fmt: skip


def _content(
    host: Host, first: int, last: int, skip: tuple[int, int] | None = None
) -> tuple[tuple[tuple[int, int], ...], Mode]:
    """Spans and mode of tokens `first` to `last`: quotation marks left out when nothing else was said."""
    tokens = host.tokens
    inside = [k for k in range(first, last + 1) if skip is None or not skip[0] <= k <= skip[1]]
    quoted = [k for k in inside if tokens[k].is_quoted]
    plain = [k for k in inside if tokens[k].is_word]
    if skip is not None:
        plain = [k for k in plain if k < skip[0]]
    if quoted and len(plain) <= (2 if all(host.lowers[k] in ("that", "it", "was", "is") for k in plain) else 0):
        return tuple(s for k in quoted for s in _inner(host, k)), "direct"
    if skip is not None:
        spans = tuple(s for k in quoted for s in _inner(host, k))
        return spans, "direct"
    if not inside:
        return (), "indirect"
    start, end = tokens[first].start, tokens[last].end
    if start >= end:
        return (), "indirect"
    return ((start, end),), "mixed" if quoted else "indirect"


def _inner(host: Host, index: int) -> tuple[tuple[int, int], ...]:
    """The words of the quotation at token `index`, as far as they lie in that token."""
    token = host.tokens[index]
    quotation = host.quotation_of(token)
    if quotation is None:
        return ()
    return tuple(s for s in quotation.spans if s[0] >= token.start - 1 and s[1] <= token.end + 1) or quotation.spans


# --- shapes of their own -------------------------------------------------------------------------------------------
def _inverted(host: Host, i: int, cue: Cue) -> Report | None:
    """ "“...,” said X." and "The road was open, said X." """
    if cue.form not in ("past", "present") or not cue.takes("quote") or i + 1 >= len(host.tokens):
        return None
    before = i - 1
    while before >= 0 and is_adverb(host.tokens[before]):
        before -= 1
    if _content_before(host, before, cue) is None:
        return None
    follows_quote = host.tokens[before].is_quoted
    phrase = phrase_from(host, i + 1)
    if phrase is None or phrase.kind in ("relative",):
        return None
    if phrase.kind in ("other", "document") and not follows_quote:
        return None
    end = phrase.last + 1
    if not follows_quote:
        # ", said X" ends the clause behind X; "X, a spokesman, said Y had left" does not
        if end < len(host.tokens) and host.tokens[end].is_word and host.lowers[end] not in _AFTER_INVERTED:
            return None
        if cue.form == "present" and cue.kind.id not in ("say",):
            return None
        if end < len(host.tokens) and host.tokens[end].text == "," and _verb_follows(host, end):
            return None
    if follows_quote and end < len(host.tokens) and host.tokens[end].is_word and host.lowers[end] in AUXILIARIES:
        return None
    if not cue.takes("clause", "that") and not follows_quote:
        return None
    first, last = _before(host, before)
    following = _second_quotation(host, end)
    if follows_quote and following is not None:
        return _make(host, i, cue, replace(phrase, first=i), None, "around", first, following)
    return _make(host, i, cue, phrase, None, "before", first, last)


_AFTER_INVERTED: Final = PREPOSITIONS | frozenset(
    "who which as while when after before where whose and but monday tuesday wednesday thursday friday saturday sunday "
    "yesterday today late early last this earlier later speaking adding citing".split()
)


def _verb_follows(host: Host, comma: int) -> bool:
    """Behind ", said X," a finite verb means that X was the subject of a clause, not the speaker."""
    return False


def _second_quotation(host: Host, start: int) -> int | None:
    """The quotation that goes on behind "said X," in the same sentence, or null."""
    tokens = host.tokens
    k = start
    while k < len(tokens) and not tokens[k].is_quoted:
        if tokens[k].text in ".;" or k - start > 25:
            return None
        k += 1
    if k >= len(tokens) or tokens[k - 1].text not in ",:—–-":
        return None
    return _quoted_run_end(host, k)


def _according_to(host: Host, i: int) -> Report | None:
    phrase = phrase_from(host, i + 2)
    if phrase is None:
        return None
    phrase = _owner(host, phrase)
    tokens = host.tokens
    cue = Cue(_ACCORDING, "according", "participle", 2)
    if i == 0 or (tokens[i - 1].kind == "mark" and tokens[i - 1].text in ".;") or host.lowers[i - 1] in CONJUNCTIONS:
        k = phrase.last + 1
        while k < len(tokens) and tokens[k].text != ",":
            k += 1
        if k < len(tokens) and phrase.apposition is not None and phrase.apposition[0] == k + 1:
            after = phrase.apposition[1] + 1
            if after < len(tokens) and tokens[after].text == ",":
                k = after
        if k + 1 >= len(tokens):
            return None
        return _make(host, i, cue, phrase, None, "after", k + 1, clause_end(host, k + 1))
    last = i - 1
    if tokens[last].text != "," and not tokens[last].is_quoted and not tokens[last].is_word:
        return None
    first, end = _before(host, last)
    if end - first < 2 and not any(t.is_quoted for t in tokens[first : end + 1]):
        return None
    return _make(host, i, cue, phrase, None, "before", first, end)


def _according_kind() -> Cue:
    return Cue(_ACCORDING, "according", "participle", 2)


def _owner(host: Host, phrase: Phrase) -> Phrase:
    """ "a statement from his office": whose statement it is."""
    if phrase.kind != "document":
        return phrase
    for k in range(phrase.head + 1, min(phrase.last + 1, phrase.head + 8)):
        if host.lowers[k] in ("from", "by", "of"):
            owner = parse_phrase(host, k + 1, phrase.last)
            if owner is not None and owner.kind != "other":
                return owner
    return phrase


def _quoted_as_saying(host: Host, i: int) -> Report | None:
    """ "X was quoted (by Y) as saying", "Y quoted X as saying"."""
    lowers = host.lowers
    verb = next((k for k in range(i - 1, max(-1, i - 30), -1) if lowers[k] in _QUOTING), None)
    if verb is None:
        return None
    k = verb - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    passive = k >= 0 and lowers[k] in _BE
    phrase = subject_before(host, verb) if passive else phrase_from(host, verb + 1)
    if phrase is None:
        return None
    cue = Cue(_SAYING, "say", "participle", 2)
    comp = complement(host, i + 2, cue)
    outer = phrase if passive else subject_before(host, verb)
    before = (outer.first if outer is not None else verb) - 1
    if comp.shape == "end":
        if _content_before(host, before, cue) is None:
            return None
        return _make(host, i, cue, phrase, comp, "before", *_before(host, before))
    if comp.first >= len(host.tokens):
        return None
    return _make(host, i, cue, phrase, comp, "after", comp.first, clause_end(host, comp.first))


def _charge(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    lowers = host.lowers
    end = clause_end(host, after, urging=True) if after < len(lowers) else after
    if "of" not in lowers[after : end + 1] or after >= len(lowers) or lowers[after] in ("of", "in", "by"):
        return None
    return _make(host, i, cue, phrase, None, "after", after, end)


def _urging(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    lowers, tokens = host.lowers, host.tokens
    if after >= len(lowers) or not tokens[after].is_word:
        return None
    end = clause_end(host, after, urging=True)
    window = range(after, min(end + 1, after + 18))
    to = next((k for k in window if lowers[k] == "to" and k > after and k + 1 <= end), None)
    quoted = any(tokens[k].is_quoted for k in window)
    wish = next((k for k in window if lowers[k] == "for" and cue.lemma == "appeal"), None)
    if to is None and not quoted and wish is None:
        return None
    if lowers[after] in ("that", "if", "whether", "about", "for", "in", "by", "what", "why", "how", "when"):
        return None
    if to is not None and any(lowers[k] in AUXILIARIES and lowers[k] not in ("not", "never") for k in range(after, to)):
        return None
    return _make(host, i, cue, phrase, None, "after", after, end)


def _naming(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    """ "called the vote “a farce”": the quoted name is what was said."""
    tokens, lowers = host.tokens, host.lowers
    k = after
    while k < min(len(tokens), after + 22):
        if tokens[k].is_quoted:
            break
        if tokens[k].kind == "mark" and tokens[k].text in ".;:":
            return None
        if k > after and lowers[k] in ("who", "which", "where", "while", "but", "after", "when"):
            return None
        k += 1
    if k >= min(len(tokens), after + 22):
        return None
    quotation = host.quotation_of(tokens[k])
    if quotation is None or quoting.kind(host.sentences[0].reading.text, quotation) == "title":
        return None
    spans = list(_inner(host, k))
    m = k + 1
    while m < len(tokens) and tokens[m].text not in ".;" and m - k < 8:
        if tokens[m].is_quoted:
            spans += _inner(host, m)
            k = m
        m += 1
    cue_span = (tokens[i].start, tokens[min(i + cue.length - 1, len(tokens) - 1)].end)
    return Report(host, f"statement.{cue.kind.id}.naming", "direct", tuple(spans), cue, cue_span, phrase, i)


def _declared_by(host: Host, i: int, cue: Cue) -> Report | None:
    """ "was declared “open” by the mayor"."""
    lowers = host.lowers
    by = next((k for k in range(i + 1, min(i + 14, len(lowers))) if lowers[k] == "by"), None)
    if by is None or not any(t.is_quoted for t in host.tokens[i + 1 : by]):
        return None
    phrase = phrase_from(host, by + 1)
    return _naming(host, i, cue, phrase, i + 1) if phrase is not None else None


def _participle(host: Host, i: int, cue: Cue, before: list[Report]) -> Report | None:
    """ ", adding that ...", "before adding that ...": the speaker is the subject of the clause before."""
    tokens, lowers = host.tokens, host.lowers
    k = i - 1
    while k >= 0 and is_adverb(tokens[k]):
        k -= 1
    if k < 0 or not (
        tokens[k].text in (",", "—", "–")
        or tokens[k].is_quoted
        or lowers[k] in ("before", "and", "after", "while", "instead")
    ):
        return None
    phrase = next((r.phrase for r in reversed(before) if r.phrase is not None and not r.nested), None) or main_subject(
        host, i
    )
    if phrase is None:
        return None
    after = i + cue.length
    comp = complement(host, after, cue)
    if comp.shape == "quote" and cue.takes("quote", "clause", "urging"):
        return _said_after(host, i, cue, phrase, comp)
    if comp.shape == "end":
        return None
    return _unquoted(host, i, cue, phrase, comp)


def _shared_subject(host: Host, i: int, before: list[Report]) -> Phrase | None:
    """The subject of "waved flags and chanted": that of the clause before the "and"."""
    k = i - 1
    while k >= 0 and (is_adverb(host.tokens[k]) or host.lowers[k] in ("has", "have", "had")):
        k -= 1
    if k < 0 or host.lowers[k] not in ("and", "but", "then", ","):
        return None
    if host.lowers[k] == "," and (k == 0 or host.tokens[k - 1].is_quoted):
        return None
    earlier = next((r.phrase for r in reversed(before) if r.phrase is not None and not r.nested), None)
    return earlier or main_subject(host, i)


def _antecedent(host: Host, phrase: Phrase) -> Phrase | None:
    """ "the ministry in Ardal, which said": what the relative pronoun stands for."""
    from .speaker_phrases import phrase_ending

    k = phrase.first - 1
    if k >= 0 and host.tokens[k].text == ",":
        k -= 1
    if k < 0:
        return None
    found = phrase_ending(host, k)
    if found is not None and found.kind in ("other", "named") and host.lowers[found.first - 1 : found.first] == ["in"]:
        inner = phrase_ending(host, found.first - 2)
        return inner or found
    return found


def main_subject(host: Host, limit: int) -> Phrase | None:
    """The first noun phrase of the host that can speak, before token `limit`; behind an opening circumstance."""
    tokens, lowers = host.tokens, host.lowers
    i = 0
    if (
        tokens
        and tokens[0].is_word
        and (lowers[0] in PREPOSITIONS or is_adverb(tokens[0]) or lowers[0] in SUBORDINATORS)
    ):
        comma = next((k for k in range(min(limit, 16)) if tokens[k].text == ","), None)
        if comma is not None:
            i = comma + 1
    while i < limit and (
        lowers[i] in CONJUNCTIONS or is_adverb(tokens[i]) or tokens[i].is_quoted or tokens[i].kind == "mark"
    ):
        i += 1
    if i >= limit:
        return None
    if lowers[i] in PRONOUNS:
        return Phrase(i, i, i, "pronoun")
    return _leading_phrase(host, i, limit)


def _leading_phrase(host: Host, first: int, limit: int) -> Phrase | None:
    from .speaker_phrases import noun_class

    tokens, lowers = host.tokens, host.lowers
    k = first
    last: int | None = None
    while k < limit and k - first < 12:
        token, word = tokens[k], lowers[k]
        if not token.is_word or word in AUXILIARIES or word in SUBORDINATORS or is_adverb(token):
            break
        if word in PREPOSITIONS and word not in ("of",):
            break
        if token.is_capital and word not in DETERMINERS or noun_class(word) is not None:
            last = k
        elif last is not None and word not in DETERMINERS and word != "of":
            break
        k += 1
    return parse_phrase(host, first, last) if last is not None else None


# --- quotations without a cue --------------------------------------------------------------------------------------
def _with_loose_quotations(host: Host, own: list[Report], earlier: list[Report]) -> list[Report]:
    """Tie the quotations that no cue took to the turn they run on from, or leave them as scare quotes."""
    text = host.sentences[0].reading.text
    taken = [s for r in own for s in r.spans]
    only_quoted = not any(t.is_word for t in host.tokens)
    out = list(own)
    for k, token in enumerate(host.tokens):
        if not token.is_quoted:
            continue
        spans = _inner(host, k)
        if any(a < e and s < b for s, e in spans for a, b in taken):
            continue
        quotation = host.quotation_of(token)
        if quotation is None:
            continue
        if only_quoted:
            if quoting.kind(text, quotation) != "speech":
                continue
            previous = out[-1] if out else earlier[-1] if earlier else None
            if previous is not None and _runs_on(previous, host, quotation):
                joined = replace(previous, spans=(*previous.spans, *(s for s in spans if s not in previous.spans)))
                if out:
                    out[-1] = joined
                else:
                    earlier[-1] = joined
                continue
            out.append(Report(host, "statement.quotation.loose", "direct", spans, None, None, None))
            continue
        if k > 0 and host.tokens[k - 1].text == ":" and quoting.kind(text, quotation) == "speech":
            out.append(Report(host, "statement.quotation.colon", "direct", spans, None, None, main_subject(host, k)))
    return out


def _runs_on(previous: Report, host: Host, quotation: Quotation) -> bool:
    """Is the quotation the same turn as the report before it: a direct one that ended just before?"""
    if previous.mode != "direct" or previous.rule.endswith("naming"):
        return False
    if any(s in quotation.spans for s in previous.spans):
        return True
    return host.paragraph - previous.host.paragraph <= 1


def _kinds() -> tuple[object, object]:
    from .cues import CueKind

    according = CueKind(id="according_to", verbs=["according"], takes=["clause"])
    saying = CueKind(id="as_saying", verbs=["say"], takes=["quote", "clause", "that"])
    return according, saying


_ACCORDING, _SAYING = _kinds()
