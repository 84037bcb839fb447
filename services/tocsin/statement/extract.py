"""From a reading to statements: reports found by attribution, their speakers by the article's cast.

    extract(reading) -> [Statement]

Nothing is parsed. Indirect speech counts when a named person, a single office holder or
spokesperson, or a body said it; officials, sources, residents, analysts, reports and media in the plural do not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tocsin.reading import attribution, events
from tocsin.reading import quotations as quoting
from tocsin.reading.headlines import headline
from tocsin.reading.people import Cast, Party
from tocsin.reading.wants import Wants
from tocsin_schemas import Actor, Attribution, Codes, EventDate, Span, Speaker, Statement

from .when import Days

if TYPE_CHECKING:
    from tocsin.reading import Reading, Sentence
    from tocsin.reading.attribution import Report
    from tocsin.reading.hosts import Host


WANTS: Final = Wants()
"""Statements are read from words alone: no sentence needs a parse for them."""

_SPEAKS: Final = frozenset(["person", "named", "role", "body", "group", "pronoun"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report: its statement, or why it is none. `how`: how the speaker was found."""

    report: Report
    party: Party | None
    how: str
    statement: Statement | None = None
    refused: str = ""


def extract(reading: Reading) -> list[Statement]:
    """Every statement of `reading`, in document order, then those of its title."""
    hosts, reports = attribution.hosts_and_reports(reading)
    found = [outcome.statement for outcome in outcomes(reading, hosts, reports) if outcome.statement is not None]
    return list({statement.id: statement for statement in found}.values())


def outcomes(reading: Reading, hosts: list[Host], reports: list[Report]) -> list[Outcome]:
    """What becomes of each of the reports of a reading's text, then of those of its title."""
    title, headlines = headline(reading) if reading.title else (reading, [])
    if not reports and not headlines:
        return []
    cast, days = Cast(hosts), Days(reading)
    spoken: list[tuple[Report, Party]] = []
    heard: list[Outcome] = []
    for report in reports:
        party = cast.resolve(report, spoken)
        refused = "nobody whom it could be from" if party is None else "inside what somebody else says" * report.nested
        if party is not None and not refused:
            spoken.append((report, party))
            refused = why_no_statement(report, party, reading.text)
        heard.append(Outcome(report, party, cast.how, None, refused))
    kept = _one_for_a_sentence([(o.report, o.party) for o in heard if o.party is not None and not o.refused])
    chosen = {id(report) for report, _ in kept}
    told: dict[int, str] = {}
    done: list[Outcome] = []
    for outcome in heard:
        report, party = outcome.report, outcome.party
        if outcome.refused or party is None:
            done.append(outcome)
        elif id(report) not in chosen:
            done.append(replace(outcome, refused="the sentence has another statement of this speaker"))
        else:
            statement = _statement(reading, report, party, days.of(report, party), told.get(id(report.follows)))
            told[id(report)] = statement.id
            done.append(replace(outcome, statement=statement))
    for report in headlines:
        party = cast.resolve_in_title(report)
        refused = "nobody whom it could be from" if party is None else why_no_statement(report, party, title.text)
        statement = None
        if party is not None and not refused:
            statement = _in_title(reading, _statement(reading, report, party, days.of(report, party), None))
        done.append(Outcome(report, party, cast.how, statement, refused))
    return done


def _in_title(reading: Reading, statement: Statement) -> Statement:
    """The statement of a title that was read as a text, in the words that the title prints."""
    title = reading.title
    evidence, speaker = statement.evidence, statement.speaker
    printed = {"text": title[speaker.start : speaker.end]} if speaker is not None else {}
    return statement.model_copy(
        update={
            "evidence": evidence.model_copy(
                update={
                    "field": "title",
                    "trigger": title[evidence.start : evidence.end],
                    "sentence": title[evidence.sentence_start : evidence.sentence_end],
                }
            ),
            "content": " … ".join(title[span.start : span.end] for span in statement.spans),
            "speaker": speaker.model_copy(update=printed) if speaker is not None else None,
        }
    )


def why_no_statement(report: Report, party: Party, text: str) -> str:
    """Why the conventions do not count these words of this speaker; empty when they do."""
    if report.rule == "statement.headline.colon" and party.kind == "named":
        return "a name before a headline's colon may be what it is about"
    if report.mode == "direct":
        if party.kind == "outlet" and report.cue is not None:
            return "the speaker is an outlet"
        if party.kind in ("other", "document") and not _is_speech(report, text):
            return f"quoted words of no speaker ({party.kind}) that are no sentence"
        return ""
    return "" if party.kind in _SPEAKS else f"indirect speech of nobody who is named or alone ({party.kind})"


def _is_speech(report: Report, text: str) -> bool:
    return any(
        quoting.kind(text, q) == "speech" for q in report.host.quotations if any(s in q.spans for s in report.spans)
    )


def _one_for_a_sentence(kept: list[tuple[Report, Party]]) -> list[tuple[Report, Party]]:
    """At most one indirect statement for a host and speaker, and none where that speaker is quoted there."""
    by_speaker: dict[tuple[int, str], list[Report]] = defaultdict(list)
    for report, party in kept:
        by_speaker[id(report.host), party.key].append(report)
    dropped: set[int] = set()
    for same in by_speaker.values():
        told = [r for r in same if r.cue is None or not r.cue.kind.id.endswith("_what")] or same
        best = next((r for r in told if r.mode == "mixed"), told[0])
        is_quoted = any(r.mode == "direct" for r in same)
        dropped |= {
            id(r) for r in same if r.mode != "direct" and (r is not best or (r.mode == "indirect" and is_quoted))
        }
    return [(report, party) for report, party in kept if id(report) not in dropped]


def _statement(reading: Reading, report: Report, party: Party, said: EventDate, continues: str | None) -> Statement:
    text = report.host.sentences[0].reading.text
    start, end = report.cue_span or report.spans[0]
    sentence = _sentence_at(report, start)
    start = min(max(start, sentence.start), sentence.end)  # it may begin in the white space before
    end = min(max(end, start), sentence.end)
    speaker = _speaker(reading, report, party)
    content = " … ".join(text[s:e] for s, e in report.spans)
    denies = report.cue is not None and report.cue.kind.denies
    codes = report.cue.kind.codes if report.cue is not None else None
    return Statement(
        id=events.event_id(reading.article, "statement", sentence.text, speaker.id or party.key, content),
        article=events.article_ref(reading.article),
        evidence=events.evidence(sentence, start, end),
        rule=report.rule,
        modality="denied" if denies else "asserted",
        attribution=Attribution(**speaker.model_dump(exclude={"resolved_from"}), cue=text[start:end])
        if report.cue
        else None,
        date=said,
        codes=Codes(plover=codes.plover if codes else None, cameo=codes.cameo if codes else "010"),
        speaker=speaker,
        mode=report.mode,
        cue=text[start:end] if report.cue_span else None,
        content=content,
        spans=[Span(start=s, end=e) for s, e in report.spans],
        addressee=_addressee(report),
        continues=continues,
    )


def _sentence_at(report: Report, start: int) -> Sentence:
    """The sentence of character `start`; before the host's where a quotation runs on from there, behind white space the next."""
    sentence = report.host.sentence_at(start)
    if sentence.start <= start < sentence.end:
        return sentence
    return sentence.reading.sentence_from(start) or sentence


def _speaker(reading: Reading, report: Report, party: Party) -> Speaker:
    """The party as the contract has it: a person's id, or that of the state, group or body that the words mean."""
    person = party.person
    if person is not None or party.kind in ("person", "role"):
        return Speaker(
            text=party.text,
            start=party.start,
            end=party.end,
            id=person.id if person is not None else None,
            name=party.name,
            kind="person",
            country=person.country if person is not None else None,
            resolved_from=party.resolved_from or None,
        )
    words = party.name or party.text
    printed = party.resolved_from is None
    actors = reading.actors_for_name(_sentence_of(reading, report), party.text if printed else words)
    found = actors.resolve(party.text if printed else words, party.start if printed else report.host.start)
    if found is None or (found.id is None and found.kind in ("unknown", "person")):
        kind = "organisation" if party.kind == "body" else "unknown"
        found = Actor(text=party.text, name=words, kind=kind)
    # "the insurgents" are called by the group's name; "Mali's army" keeps its own, with the state's id
    name = words if found.name is None or any(c.isupper() for c in words) or found.kind == "state" else found.name
    return Speaker(
        text=party.text,
        start=party.start,
        end=party.end,
        id=found.id,
        name=name,
        kind=found.kind,
        country=found.country,
        plover=found.plover,
        resolved_from=party.resolved_from or (party.text if name != words else None),
    )


def _sentence_of(reading: Reading, report: Report) -> Sentence:
    """The sentence of `reading` that the report is in: a headline's is that of the title."""
    sentence = report.host.sentences[0]
    return sentence if sentence.reading is reading else next(s for s in reading.sentences if s.field == "title")


def _addressee(report: Report) -> Actor | None:
    if report.addressee is None:
        return None
    first, last = report.addressee
    tokens = report.host.tokens
    start, end = tokens[first].start, tokens[last].end
    return Actor(text=report.host.sentences[0].reading.text[start:end], start=start, end=end)
