"""Who says what: the reports of an article, direct and indirect, without a parse.

    reports(reading) -> [Report]                 # in order of the text; computed once for a reading
    source_at(reading, offset) -> Report | None  # the innermost report whose words cover a character

A `Report` has the cue, the phrase that names the speaker, and the spans of what was said. Whether the speaker is one whose
words are worth an event is the statement extractor's to say; here "officials said" is a report like any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from . import quotations as quoting
from .cues import lexicon
from .hosts import Host, hosts
from .report_content import Report, inner_spans, token_at
from .report_shapes import main_subject, report_at

if TYPE_CHECKING:
    from .quotations import Quotation
    from .reader import Reading

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


def read_host(host: Host) -> list[Report]:
    """The reports that the words of one host tell, in order of their cues."""
    found: list[Report] = []
    covered_to = -1
    i = 0
    while i < len(host.tokens):
        report = report_at(host, i, found)
        if report is not None:
            nested = i <= covered_to and report.start > host.tokens[i].start
            if nested:
                report = replace(report, nested=True)
            found.append(report)
            if not nested and report.start > host.tokens[i].start:
                covered_to = token_at(host, report.spans[-1][1])
        i += 1
    return _one_per_quotation(host, found)


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


def _with_loose_quotations(host: Host, own: list[Report], earlier: list[Report]) -> list[Report]:
    """Tie the quotations that no cue took to the turn they run on from, or leave them as scare quotes."""
    text = host.sentences[0].reading.text
    taken = [s for r in own for s in r.spans]
    only_quoted = not any(t.is_word for t in host.tokens)
    out = list(own)
    for k, token in enumerate(host.tokens):
        if not token.is_quoted:
            continue
        spans = inner_spans(host, k)
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
