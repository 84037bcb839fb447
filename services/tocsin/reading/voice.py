"""In whose voice an event is told: modality and attribution, from realis, quotations and the speaker's side.

Asserted is the outlet's own voice, or the losing side, a local official or a resident conceding it; claimed is the
gaining side, an unnamed or interested source, "reportedly"; denied is a party's denial (CONTRACT.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tocsin_schemas import Actor, Attribution, Modality

from .attribution import reports
from .realis import Realis

if TYPE_CHECKING:
    from .attribution import Report
    from .reader import Reading, Sentence

Side = Literal["gaining", "losing", "third", "unknown"]

_WITNESSES: Final = re.compile(
    r"\b(?:resident|residents|lawmaker|lawmakers|mayor|deputy mayor|councill?or|council member|legislator|"
    r"provincial council|army chief|chief of (?:the )?(?:general )?staff|defen[cs]e minister|interior minister|minister|police officer|"
    r"army officer|colonel|general|senator|governor|local official|local officials|district (?:chief|governor)|witness|witnesses|police chief)\b",
    re.IGNORECASE,
)
"""Those whose word that a place is lost counts as a concession when they do not belong to the gaining side."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The modality of an event and who says so."""

    modality: Modality
    attribution: Attribution | None


def voice_of(realis: Realis, sentence: Sentence, anchor_at: int, gaining: Actor | None, losing: Actor | None) -> Voice:
    """The voice of an event whose trigger is at character `anchor_at`.

    `gaining` and `losing` are the parties with a stake in it.
    """
    reading = sentence.reading
    source: Actor | None = None
    words = ""
    cue = realis.cue.text if realis.cue is not None else None
    report = reading.report_at(sentence, anchor_at)
    if realis.source is not None:
        source = reading.party(realis.source, sentence)
        words = _printed(realis, sentence)
    elif report is not None:
        source = reading.reporter(report)
        words = _around(report, reading)
        cue = cue or (reading.text[slice(*report.cue_span)] if report.cue_span else None)
    if source is not None and source.kind == "person":
        person = reading.person_named(source.name or source.text)
        roles = person.roles if person is not None else set[str]()
        words += " " + (" ".join(sorted(roles)) if roles or report is None else _introduced(report, reading))
    if source is None:
        if realis.denied:
            return Voice("denied", None)
        attributed = realis.hedged or realis.cue is not None or report is not None
        return Voice("claimed" if attributed else "asserted", None)
    side = side_of(source, words, gaining, losing)
    attribution = Attribution(**source.model_dump(), side=side, cue=cue)
    if realis.denied:
        return Voice("denied", attribution)
    return Voice("asserted" if side == "losing" and not realis.hedged else "claimed", attribution)


def side_of(source: Actor, words: str, gaining: Actor | None, losing: Actor | None) -> Side:
    """The stake of `source`: gaining, losing, third or unknown. `words` is the whole description of the source."""
    if gaining is not None and _same(source, gaining):
        return "gaining"
    if losing is not None and _same(source, losing):
        return "losing"
    insurgents_gain = (gaining is not None and gaining.kind == "armed_group") or (
        gaining is None and losing is not None and losing.kind == "state"
    )
    if (
        insurgents_gain
        and (source.kind == "state" or _WITNESSES.search(words))
        and (losing is None or source.country is None or source.country == losing.country)
    ):
        return "losing"
    if gaining is not None and gaining.kind == "state" and source.kind == "armed_group":
        return "losing" if losing is None or losing.kind != "state" else "third"
    if source.kind == "unknown":
        return "unknown"
    if (
        gaining is not None
        and gaining.country is not None
        and gaining.country == source.country
        and source.kind == gaining.kind
    ):
        return "gaining"
    return "third"


def _same(one: Actor, other: Actor) -> bool:
    if one.id is not None and one.id == other.id:
        return True
    return one.kind == other.kind == "state" and one.country is not None and one.country == other.country


def _introduced(report: Report, reading: Reading) -> str:
    """The indefinite role that introduced a speaker who is named only afterwards.

    "A local lawmaker told the agency that ... . 'The town is lost,' said Ann Lee." names the lawmaker second.
    """
    earlier = [r for r in reports(reading) if r.start < report.start and r.phrase is not None]
    if not earlier or earlier[-1].phrase is None or report.start - earlier[-1].start > 400:
        return ""
    start, end = earlier[-1].phrase.bounds(earlier[-1].host)
    words = reading.text[start:end]
    return words if re.match(r"(?i)(?:an?|one|another)\s", words) else ""


def _around(report: Report, reading: Reading) -> str:
    if report.phrase is None:
        return ""
    start, end = report.phrase.bounds(report.host)
    return reading.text[start : min(len(reading.text), end + 60)]


def _printed(realis: Realis, sentence: Sentence) -> str:
    if realis.source is None:
        return ""
    first, last = realis.source.left_edge, realis.source.right_edge
    start, end = sentence.span(first, last)
    return sentence.text[start - sentence.start : end - sentence.start]
