"""Why labelled events were missed and what gave the false ones: counts by class, without showing a sentence.

    classes = error_classes(errors, articles, reader)      # {"capture": Counter({"missed: no place": 3, ...}), ...}

A miss is followed through the steps that every event takes, and named after the first that failed. So the checked half can be
looked at without being read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tocsin.cli.extractors import Extractor, extractors
from tocsin.reading import Reader, Reading, Sentence, attribution
from tocsin.reading.morphology import words_in
from tocsin.reading.refusals import class_of
from tocsin_schemas import Article

Errors = Mapping[str, Mapping[str, list[dict[str, Any]]]]


def error_classes(errors: Errors, articles: Mapping[str, Article], reader: Reader) -> dict[str, Counter[str]]:
    """For each type of the scorer's `errors`, how many misses and false alarms there are of each class."""
    readings = {identity: reader.read(article) for identity, article in articles.items()}
    found: dict[str, Counter[str]] = {}
    for kind, cases in errors.items():
        extractor = next(e for e in extractors() if e.type == kind.partition("_")[0])
        counts = found[kind] = Counter()
        for case in cases.get("missed", ()):
            counts[f"missed: {_why_missed(extractor, readings[case['article']], case)}"] += 1
        for case in cases.get("false", ()):
            counts[f"false: {case.get('rule') or 'no rule'}"] += 1
    return found


def _why_missed(extractor: Extractor, reading: Reading, case: dict[str, Any]) -> str:
    sentence = _sentence(reading, case)
    if sentence is None:
        return "sentence split otherwise"
    events = [e for e in extractor.extract(reading) if sentence.start <= e.evidence.start < sentence.end]
    if extractor.frames is None:
        return _why_unsaid(reading, sentence, told=bool(events))
    if events:
        return f"another event told there{_of_another_place(sentence, case)}"
    if not extractor.frames.could_match(sentence.words):
        return "no frame has its words"
    if sentence not in extractor.wants.sentences(reading):
        return "article not taken for one of war"
    matches = list(extractor.frames.matches(sentence.doc))
    if not matches:
        return "no frame fits the parse"
    assert extractor.read_match is not None
    reasons: list[str] = []
    for match in matches:
        extractor.read_match(match, sentence, reasons)
    return "refused, " + "/".join(sorted({class_of(reason) for reason in reasons})) if reasons else "told, then dropped"


def _of_another_place(sentence: Sentence, case: dict[str, Any]) -> str:
    """Whether the labelled place stands in the sentence, or is what "the city" means there."""
    place = (case.get("gold") or {}).get("place")
    if not place:
        return ""
    words = words_in(place) & sentence.words
    return ", the place is named" if words else ", the place is named elsewhere"


def _why_unsaid(reading: Reading, sentence: Sentence, *, told: bool) -> str:
    reports = [
        r for r in attribution.reports(reading) if any(s < sentence.end and e > sentence.start for s, e in r.spans)
    ]
    if told:
        return "another span or speaker told there"
    return "report found, no statement told" if reports else "no report found"


def _sentence(reading: Reading, case: dict[str, Any]) -> Sentence | None:
    start = reading.text.find(case["sentence"])
    if start < 0:
        return None
    within = case["sentence"].find(case.get("trigger") or "")
    return reading.sentence_at(start + max(within, 0))
