"""What `tocsin explain` shows of statements: each cue and quotation that was looked at, and what became of it.

trials(reading) -> [(sentence start, Trial)]      # in order of the words; the extractor's own functions run here
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.reading import attribution
from tocsin.reading.explain import Trial
from tocsin.reading.report_trace import Refusal, tracing

from .extract import Outcome, outcomes

if TYPE_CHECKING:
    from tocsin.reading import Reading


def trials(reading: Reading) -> list[tuple[int, Trial]]:
    """Every cue and quotation that was tried in the text, with the start of its sentence."""
    with tracing() as refusals:
        hosts, reports = attribution.read_afresh(reading)
    told = [o for o in outcomes(reading, hosts, reports) if o.report.host.sentences[0].reading is reading]
    used = {(id(o.report.host), o.report.cue_index) for o in told}
    found = [_told(o) for o in told]
    found += [_refused(r) for r in refusals if (id(r.host), r.index) not in used]
    return sorted(found, key=lambda pair: pair[1].at)


def _told(outcome: Outcome) -> tuple[int, Trial]:
    report, party = outcome.report, outcome.party
    text = report.host.sentences[0].reading.text
    start, end = report.cue_span or report.spans[0]
    roles = {"said": " … ".join(text[s:e] for s, e in report.spans)}
    if party is not None:
        who = party.name or party.text
        roles["speaker"] = party.text if who == party.text else f"{party.text} → {who}"
        roles["found"] = outcome.how
    if outcome.statement is not None and outcome.statement.date.start is not None:
        roles["day"] = f"{outcome.statement.date.start}–{outcome.statement.date.end}"
    events = [outcome.statement] if outcome.statement is not None else []
    trial = Trial(report.rule, text[start:end], start, outcome.refused, roles, events)
    return report.host.sentence_at(start).start, trial


def _refused(refusal: Refusal) -> tuple[int, Trial]:
    token = refusal.host.tokens[refusal.index]
    return refusal.host.sentence_at(token.start).start, Trial(
        f"statement.{refusal.cue}", token.text, token.start, refusal.reason
    )
