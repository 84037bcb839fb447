"""Who says what: the reports of an article, direct and indirect, without a parse.

    reports(reading) -> [Report]                 # in order of the text; computed once for a reading
    source_at(reading, offset) -> Report | None  # the innermost report whose words cover a character

A `Report` has the cue, the phrase that names the speaker, and the spans of what was said. Whether the speaker is one whose
words are worth an event is the statement extractor's to say; here "officials said" is a report like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from . import quotations as quoting
from .complements import has_finite_verb
from .cues import lexicon
from .hosts import Host, hosts
from .morphology import words_in
from .phrase_edges import phrase_ending, phrase_from
from .report_content import Report, Voices, token_at
from .report_shapes import main_subject, report_at

if TYPE_CHECKING:
    from .quotations import Quotation
    from .reader import Reading
    from .speaker_phrases import Phrase


class ToldBy(NamedTuple):
    """Who says what in one article."""

    hosts: list[Host]
    reports: list[Report]
    voices: Voices


def reports(reading: Reading) -> list[Report]:
    """Every report of the running text, in order of what was said."""
    return _told_by(reading).reports


def hosts_and_reports(reading: Reading) -> tuple[list[Host], list[Report]]:
    """The hosts of the running text, and the reports in them."""
    told = _told_by(reading)
    return told.hosts, told.reports


def _told_by(reading: Reading) -> ToldBy:
    if reading.told_by is None:
        found = _read(reading)
        reading.told_by = ToldBy(*found, Voices(found[1]))
    return reading.told_by


def read_afresh(reading: Reading) -> tuple[list[Host], list[Report]]:
    """As `hosts_and_reports`, read once more and not remembered: for whoever traces how it is read."""
    return _read(reading)


def source_at(reading: Reading, offset: int) -> Report | None:
    """The innermost report whose words cover character `offset` of the text, or null for the outlet's own voice."""
    return _told_by(reading).voices.at(offset)


def _read(reading: Reading) -> tuple[list[Host], list[Report]]:
    quotations = quoting.find(reading.text)
    triggers = lexicon().triggers
    all_hosts = hosts(reading, quotations)
    by_host: dict[int, list[Report]] = {}
    for number, host in enumerate(all_hosts):
        if triggers.among(words_in(reading.text[host.start : host.end])):
            by_host[number] = read_host(host)
    taken = _Taken(len(reading.text))
    for own in by_host.values():
        for report in own:
            taken.update(report.spans)
    found: list[Report] = []
    for number, host in enumerate(all_hosts):
        own = by_host.get(number, [])
        if host.quotations:
            own = _with_loose_quotations(host, own, found, taken)
        found += own
    return all_hosts, found


def read_host(host: Host) -> list[Report]:
    """The reports that the words of one host tell, in order of their cues."""
    found: list[Report] = []
    covered_to = -1
    anchors = _anchors()
    for i, word in enumerate(host.lowers):
        report = report_at(host, i, found) if word in anchors else None
        if report is None:
            continue
        nested = i <= covered_to and report.start > host.tokens[i].start
        if nested:
            report = replace(report, nested=True)
        found.append(report)
        if not nested and report.start > host.tokens[i].start:
            covered_to = token_at(host, report.spans[-1][1])
    return _one_per_quotation(host, found)


class _Taken:
    """The characters of a text that some report holds."""

    def __init__(self, length: int) -> None:
        self._held = bytearray(length)

    def update(self, spans: Iterable[tuple[int, int]]) -> None:
        """Take the characters of `spans`."""
        for start, end in spans:
            self._held[start:end] = b"\1" * (end - start)

    def touches(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Whether a report holds a character of `spans`."""
        return any(self._held.find(1, start, end) >= 0 for start, end in spans)


@cache
def _anchors() -> frozenset[str]:
    """The words at which a report may hang."""
    return lexicon().printed | {"according", "words", "as"}


def _one_per_quotation(host: Host, found: list[Report]) -> list[Report]:
    """Where two cues claim one quotation, the nearer one has it, also one inside what somebody else says."""
    kept: list[Report] = []
    direct: dict[tuple[int, int], int] = {}
    for report in found:
        clash = next((direct[s] for s in report.spans if s in direct), None) if report.mode == "direct" else None
        if clash is None:
            kept.append(report)
        elif _distance(host, report) < _distance(host, kept[clash]):
            kept[clash] = report
        else:
            continue
        if report.mode == "direct":
            direct.update(dict.fromkeys(report.spans, len(kept) - 1 if clash is None else clash))
    return kept


def _distance(host: Host, report: Report) -> int:
    if report.cue_span is None:
        return 10_000
    return min(min(abs(report.cue_span[0] - e), abs(s - report.cue_span[1])) for s, e in report.spans)


def _with_loose_quotations(host: Host, own: list[Report], earlier: list[Report], taken: _Taken) -> list[Report]:
    """Tie the quotations that no cue took to the turn they run on from, or leave them as scare quotes.

    `taken`: spans that some cue took, here or where the quotation ends ("“A. / B,” he said" over two paragraphs).
    """
    text = host.sentences[0].reading.text
    only_quoted = not any(t.is_word for t in host.tokens)
    out = list(own)
    for k, token in enumerate(host.tokens):
        quotation = host.quotation_of(token) if token.is_quoted else None
        if quotation is None or taken.touches(quotation.spans):
            continue
        is_speech = quoting.kind(text, quotation) == "speech"
        credited = _credit(host, k) if is_speech else None
        if credited is not None:
            out.append(Report(host, "statement.quotation.credit", "direct", quotation.spans, None, None, credited))
            taken.update(quotation.spans)
            continue
        if only_quoted and (is_speech or _is_finished(text, quotation)):
            if not is_speech and not (out or (earlier and host.paragraph - earlier[-1].host.paragraph <= 1)):
                continue
            _add_to_turn(out, earlier, host, quotation)
            taken.update(quotation.spans)
        elif k > 0 and host.tokens[k - 1].text == ":" and is_speech:
            speaker = _before_colon(host, k - 1)
            out.append(Report(host, "statement.quotation.colon", "direct", quotation.spans, None, None, speaker))
            taken.update(quotation.spans)
    return out


def _is_finished(text: str, quotation: Quotation) -> bool:
    """A sentence of its own, however short ("“Nobody cared.”")."""
    return text[quotation.spans[-1][1] - 1] in ".!?…"


def _add_to_turn(own: list[Report], earlier: list[Report], host: Host, quotation: Quotation) -> None:
    """Give a quotation without attribution to the turn before: one more span of it in the same paragraph, a report that
    follows it in the next one; on its own where there is no such turn."""
    before = own if own else earlier
    index = next((k for k in range(len(before) - 1, -1, -1) if not before[k].nested), None)
    turn = before[index] if index is not None and _runs_on(before[index], host) else None
    if turn is not None and index is not None and turn.host.paragraph == host.paragraph:
        before[index] = replace(turn, spans=(*turn.spans, *quotation.spans))
        return
    rule = "statement.quotation.loose" if turn is None else "statement.quotation.continues"
    own.append(Report(host, rule, "direct", quotation.spans, None, None, None, follows=turn))


def _credit(host: Host, k: int) -> Phrase | None:
    """ "“...” — Ann Berg": the name behind a dash that ends the host."""
    tokens = host.tokens
    if not 0 < len(tokens) - k - 2 <= 8 or tokens[k + 1].text not in ("—", "–", "―", "-", "--"):
        return None
    phrase = phrase_from(host, k + 2)
    if phrase is None or phrase.kind not in ("person", "named", "role", "body"):
        return None
    return phrase if phrase.last >= len(tokens) - 2 or tokens[phrase.last + 1].text == "," else None


def _before_colon(host: Host, colon: int) -> Phrase | None:
    """Who is about to be quoted: "Leo Brenn: “...”", or the subject of the clause before the colon."""
    beside = phrase_ending(host, colon - 1)
    if beside is not None and beside.kind in ("person", "pronoun") and not _has_verb(host, beside.first):
        return beside
    subject = main_subject(host, colon)
    return (
        subject
        if subject is not None and subject.kind in ("person", "named", "pronoun", "role", "body", "group")
        else None
    )


def _has_verb(host: Host, last: int) -> bool:
    return has_finite_verb(host, -1, last - 1)


def _runs_on(previous: Report, host: Host) -> bool:
    """Is a quotation in `host` the same turn as the report before it: a direct one that ended just before?"""
    if previous.mode != "direct" or previous.rule.endswith("naming"):
        return False
    return host.paragraph - previous.host.paragraph <= 1
