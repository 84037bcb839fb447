"""Rules, loaded: read from YAML, validated against the contract, compiled for matching and counting.

    rules = load_rules(Path("deploy/rules"))        # DocumentError lists every problem as file:line: what was expected
    rules.by_name["ProvincialCapitalsFalling"].threshold

The vocabulary is that of Prometheus' alerting rules and of Sigma's correlation rules (docs/rules.md).
"""

# pyright: strict
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from tocsin_schemas.alert import SignalStream
from tocsin_schemas.ids import name_id

from .annotations import Annotation
from .conditions import Complaint, Condition, compile_match
from .documents import Document, DocumentError, Loc, Problem, did_you_mean, parse_document, read_document
from .durations import format_duration
from .fields import MODELS, Field
from .place_sets import Member, PlaceSet, PlaceSets, builtin_place_sets
from .rule_checks import Checked, check_rule, compile_annotations
from .rule_models import (
    GEONAMES,
    LABEL,
    Measure,
    MeasureName,
    PlaceSetMember,
    Rate,
    RawFile,
    Rule,
    Step,
    Threshold,
)

TEST_SUFFIXES: Final = (".test.yaml", ".test.yml")
"""Files of rule tests, which may lie beside the rules."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a rule takes from one stream. `step` is the place in a sequence, else 0."""

    stream: SignalStream
    condition: Condition
    value: Field | None
    group: tuple[Field, ...]
    step: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule, ready to use. Times are microseconds.

    `match_hash` changes with what decides which records are counted, `rule_hash` with anything that decides when it
    rings. `of` is the place set of the denominator.
    """

    spec: Rule
    measure: MeasureName
    sources: tuple[Source, ...]
    of: PlaceSet | None
    annotations: Mapping[str, Annotation]
    match_hash: str
    rule_hash: str
    window: int | None
    for_: int
    keep: int
    quiet: int
    baseline: int
    threshold: Threshold | None
    steps: tuple[float, ...]

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.spec.alert

    @property
    def window_text(self) -> str:
        """The window as a rule file writes it; empty without one."""
        return format_duration(self.spec.window) if self.spec.window is not None else ""

    @property
    def threshold_text(self) -> str:
        """The threshold in words: ">= 5", or "nothing for 6h"."""
        return (
            str(self.threshold) if self.threshold is not None else f"nothing for {format_duration(_micros(self.quiet))}"
        )

    def labels(self, group: Mapping[str, str]) -> dict[str, str]:
        """The labels of its alerts in `group`: the name, what it groups by, and its own."""
        grouped = {label_of(path): value for path, value in sorted(group.items())}
        return {"alertname": self.name, **grouped, **dict(sorted(self.spec.labels.items()))}

    def fingerprint(self, group: Mapping[str, str]) -> str:
        """Names rule, group and labels."""
        return name_id("alert", *(part for pair in sorted(self.labels(group).items()) for part in pair))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a directory or a file."""

    by_name: Mapping[str, CompiledRule]
    by_stream: Mapping[SignalStream, tuple[tuple[CompiledRule, Source], ...]]

    @property
    def streams(self) -> list[SignalStream]:
        """The streams that some rule looks at."""
        return list(self.by_stream)


def label_of(path: str) -> str:
    """The label that stands for a field in an alert: "place_country" for place.country."""
    return path.replace(".", "_")


def rule_files(path: Path) -> list[Path]:
    """The rule files at `path`: the file itself, or the *.yaml and *.yml in a directory but for rule tests.

    Raises DocumentError when there is none.
    """
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and not is_test_file(file))
        if not found:
            raise DocumentError([Problem(str(path), 1, "expected rule files (*.yaml) in this directory")])
        return found
    return [path]


def is_test_file(path: Path) -> bool:
    """Whether `path` is a file of rule tests by its name."""
    return path.name.endswith(TEST_SUFFIXES)


def check_rules(path: Path) -> list[Problem]:
    """Everything that is wrong with the rules at `path`; nothing when they can be used."""
    try:
        load_rules(path)
    except DocumentError as error:
        return list(error.problems)
    return []


def load_rules(path: Path) -> RuleSet:
    """The rules of the file or directory at `path`. Raises DocumentError with all problems of all files."""
    return load_rule_files(rule_files(path))


def load_rule_files(paths: Iterable[Path]) -> RuleSet:
    """The rules of several files. Raises DocumentError with all problems of all files."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            documents.append(read_document(path))
        except DocumentError as error:
            problems += error.problems
    return _compile(documents, problems)


def parse_rules(text: str, file: str = "rules.yaml") -> RuleSet:
    """The rules in `text`; `file` names it in errors. Raises DocumentError."""
    return _compile([parse_document(text, file)], [])


def _compile(documents: Sequence[Document], problems: list[Problem]) -> RuleSet:
    parsed: list[tuple[Document, RawFile]] = []
    for document in documents:
        try:
            parsed.append((document, RawFile.model_validate(document.value)))
        except ValidationError as error:
            problems += problems_of(document, error, ())
    sets = builtin_place_sets().with_sets(made for _, file in parsed for made in _place_sets(file))
    rules: dict[str, CompiledRule] = {}
    for document, file in parsed:
        for index, raw in enumerate(file.rules):
            rule = _compiled_rule(document, raw, ("rules", index), sets, problems)
            if rule is not None and rule.name in rules:
                loc: Loc = ("rules", index, "alert")
                problems.append(document.problem(loc, f"another rule is called {rule.name!r} already"))
            elif rule is not None:
                rules[rule.name] = rule
    if problems:
        raise DocumentError(problems)
    by_stream: dict[SignalStream, list[tuple[CompiledRule, Source]]] = {}
    for rule in rules.values():
        for source in rule.sources:
            by_stream.setdefault(source.stream, []).append((rule, source))
    return RuleSet(rules, {stream: tuple(found) for stream, found in by_stream.items()})


def _compiled_rule(
    document: Document, raw: Any, loc: Loc, sets: PlaceSets, problems: list[Problem]
) -> CompiledRule | None:
    try:
        rule = Rule.model_validate(raw)
    except ValidationError as error:
        problems += problems_of(document, error, loc)
        problems += [document.problem(where, message) for where, message in _more_complaints(raw, loc)]
        return None
    checked = check_rule(rule, loc, sets)
    problems += [document.problem(where, message) for where, message in checked.complaints]
    return _compiled(rule, checked, sets) if not checked.complaints else None


def _more_complaints(raw: Any, loc: Loc) -> list[Complaint]:
    """What is wrong with the match and the words of a rule that is wrong elsewhere too, so that all is told at once."""
    streams_by_name: dict[str, SignalStream] = {name: name for name in MODELS}
    given = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
    stream = streams_by_name.get(str(given.get("stream")))
    complaints: list[Complaint] = []
    if stream is not None and isinstance(given.get("match"), dict):
        complaints += compile_match(stream, given["match"], (*loc, "match"))[1]
    if isinstance(given.get("annotations"), dict):
        complaints += compile_annotations(given["annotations"], (*loc, "annotations"))[1]
    return complaints


def _place_sets(file: RawFile) -> list[PlaceSet]:
    return [
        PlaceSet(name, tuple(Member(m.id, m.name or m.id, m.since, m.until) for m in members))
        for name, members in file.place_sets.items()
    ]


def _compiled(rule: Rule, checked: Checked, sets: PlaceSets) -> CompiledRule:
    measure = rule.measure
    quiet = measure.absence or measure.silence
    of = sets.get(checked.of) if checked.of is not None else None
    matching = rule.model_dump(
        mode="json", include={"stream", "match", "measure", "min_status", "min_families", "group_by"}
    )
    counting = rule.model_dump(mode="json", include={"window", "when", "for_", "keep_firing_for", "steps"})
    return CompiledRule(
        spec=rule,
        measure=measure.name,
        sources=tuple(
            Source(source.stream, source.condition, source.value, source.group, step)
            for step, source in enumerate(checked.sources)
        ),
        of=of,
        annotations=checked.annotations,
        match_hash=_hash(matching),
        rule_hash=_hash({"match": matching, "count": counting, "of": checked.of}),
        window=_as_micros(rule.window),
        for_=_as_micros(rule.for_) or 0,
        keep=_as_micros(rule.keep_firing_for) or 0,
        quiet=_as_micros(quiet) or 0,
        baseline=_as_micros(measure.rate.baseline if measure.rate else None) or 0,
        threshold=rule.when,
        steps=tuple(rule.steps),
    )


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _as_micros(duration: timedelta | None) -> int | None:
    return None if duration is None else duration // timedelta(microseconds=1)


def _micros(count: int) -> timedelta:
    return timedelta(microseconds=count)


def problems_of(
    document: Document, error: ValidationError, around: Loc, root: type[BaseModel] = RawFile
) -> list[Problem]:
    """What pydantic found wrong with the part of `document` at `around`, in words. `root`: the model of the whole."""
    problems: list[Problem] = []
    for found in error.errors():
        loc = (*around, *found["loc"])
        kind, given = found["type"], found["input"]
        if kind == "missing":
            message = f"expected {loc[-1]!r}"
        elif kind == "extra_forbidden":
            message = f"no such key: {loc[-1]!r}{did_you_mean(loc[-1], _known_keys(loc, root))}"
        elif kind in ("model_type", "model_attributes_type", "dict_type"):
            message = "expected keys and values" if loc else "expected 'rules:' and a list of rules"
        elif kind == "value_error":
            message = found["msg"].removeprefix("Value error, ")
        elif kind == "string_pattern_mismatch":
            message = f"expected {_SHAPES.get(found.get('ctx', {}).get('pattern', ''), 'another text')}, not {given!r}"
        else:
            message = f"{found['msg'].replace('Input should be', 'expected')}, not {given!r}"
            message = message[:1].lower() + message[1:]
        problems.append(document.problem(loc, message))
    return problems


_SHAPES: Final = {
    LABEL: "a name of letters, digits and _",
    GEONAMES: 'an id such as "geonames:1142170"',
}


def _known_keys(loc: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    """The keys that may stand where `loc` points to."""
    around = next((part for part in reversed(loc[:-1]) if isinstance(part, str)), None)
    model = _PARTS.get(around) if around is not None else root
    return [field.alias or name for name, field in model.model_fields.items()] if model is not None else []


_PARTS: Final[Mapping[str, type[BaseModel]]] = {
    "rules": Rule,
    "place_sets": PlaceSetMember,
    "measure": Measure,
    "when": Threshold,
    "rate": Rate,
    "sequence": Step,
}
"""The model of what stands under a key."""
