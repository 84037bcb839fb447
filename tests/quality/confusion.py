"""What is taken for what: types by sentence, and modality by event, as counts without showing a sentence.

    table = of_types(labels, events)            # {("capture", "surrender"): 3, ("capture", "nothing"): 7, ...}
    table = of_modality("capture", labels, events)

Labelled and told events belong together where they stand in the same sentence and their triggers overlap; for modality each label is
paired with at most one event of its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

NOTHING = "nothing"
Table = Counter[tuple[str, str]]
Labels = Mapping[str, Iterable[Mapping[str, Any]]]
"""The labelled events of each article, by its id."""


def of_types(labels: Labels, events: Iterable[Mapping[str, Any]]) -> Table:
    """How often a sentence labelled with one type was told as another, by (labelled, told); what is right is left out."""
    found: Table = Counter()
    told = _by_article(events)
    for article, gold in labels.items():
        mine = told.get(article, [])
        spans = {tuple(label["sentence_span"]) for label in gold}
        for span in spans:
            wanted = {
                label["type"] for label in gold if tuple(label["sentence_span"]) == span and not label["optional"]
            }
            given = {_type(event) for event in mine if _inside(event, span)}
            found.update((kind, other) for kind in wanted - given for other in (given - wanted or {NOTHING}))
            found.update((NOTHING, other) for other in given - wanted if not wanted - given)
    return found


def of_modality(kind: str, labels: Labels, events: Iterable[Mapping[str, Any]]) -> Table:
    """How often an event of a type with one modality was told with another, by (labelled, told), right ones included."""
    found: Table = Counter()
    told = _by_article(event for event in events if event["type"] == kind)
    for article, gold in labels.items():
        free = list(told.get(article, []))
        for label in gold:
            if label["type"] != kind or not label.get("modality"):
                continue
            pair = next((event for event in free if _overlaps(event["evidence"], label["trigger_span"])), None)
            if pair is not None:
                free.remove(pair)
                found[label["modality"], pair["modality"]] += 1
    return found


def printed(table: Table) -> str:
    """The table as text: a row for what was labelled, a column for what was told."""
    rows, columns = sorted({row for row, _ in table}), sorted({column for _, column in table})
    width = max([12, *map(len, rows + columns)]) + 1
    lines = ["".join(name.rjust(width) for name in ("labelled", *columns))]
    lines += [
        "".join([row.rjust(width), *(str(table[row, column] or ".").rjust(width) for column in columns)])
        for row in rows
    ]
    return "\n".join(lines)


def _by_article(events: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        if event["evidence"]["field"] == "text":
            found.setdefault(event["article"]["id"], []).append(event)
    return found


def _type(event: Mapping[str, Any]) -> str:
    return "capture_count" if event.get("kind") == "tally" and event["type"] == "capture" else str(event["type"])


def _inside(event: Mapping[str, Any], span: tuple[int, ...]) -> bool:
    return bool(span[0] <= event["evidence"]["start"] < span[1])


def _overlaps(evidence: Mapping[str, Any], span: list[int]) -> bool:
    return bool(evidence["start"] < span[1] and span[0] < evidence["end"])
