"""Unit tests of rules, in files of the shape that promtool reads: inputs at times, expected alerts at times.

    for result in run_rule_tests(Path("deploy/rules/capitals.test.yaml")):
        print(result.name, "ok" if result.passed else result.failures)

Semantics and all keys: docs/rules.md, "Testing rules".
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin_schemas import Alert
from tocsin_schemas.alert import SignalStream
from tocsin_schemas.base import UtcDatetime

from .counter import Counter
from .documents import Document, DocumentError, Loc, Problem, did_you_mean, parse_document, read_document
from .fields import MODELS, Record
from .matching import signals
from .rules import RuleSet, load_rule_files, problems_of
from .scenarios import Scenario


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedAlert(_Part):
    """An alert that is expected. Only what is given is compared, but for labels: those are all but `alertname`."""

    exp_labels: dict[str, str] | None = None
    exp_annotations: dict[str, str] | None = None
    value: float | None = None
    of: int | None = None
    starts_at: UtcDatetime | None = None
    ends_at: UtcDatetime | None = None
    reason: str | None = None
    items: list[str] | None = Field(None, description="names of what is counted, in any order")
    sentences: list[str] | None = Field(None, description="the evidence, in any order")


class AlertTest(_Part):
    """What is expected at one time. `exp_resolved`, where given, are all that have rung out until then."""

    eval_time: UtcDatetime
    alertname: str
    exp_alerts: list[ExpectedAlert] = []
    exp_resolved: list[ExpectedAlert] | None = None


class RuleTest(_Part):
    """One story: what became known when, and what was to ring."""

    name: str
    input: list[dict[str, Any]]
    alert_rule_test: list[AlertTest] = Field(min_length=1)


class RuleTestFile(_Part):
    """A file of rule tests. `rule_files` are found from the file's own folder."""

    rule_files: list[str] = Field(min_length=1)
    tests: list[RuleTest] = Field(min_length=1)


@dataclass(slots=True)
class TestResult:
    """How one test went: `failures` say what was expected and what came instead, with file and line."""

    __test__ = False

    file: str
    line: int
    name: str
    failures: list[Problem] = field(default_factory=list[Problem])

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class _Input:
    at: datetime
    record: Record


def run_rule_tests(path: Path) -> list[TestResult]:
    """The results of all tests in the file at `path`. Raises DocumentError when it, or its rules, cannot be used."""
    document = read_document(path)
    parsed = _parsed(document)
    return _run(document, parsed, load_rule_files(path.parent / name for name in parsed.rule_files))


def run_rule_tests_in(text: str, rules: RuleSet, file: str = "rules.test.yaml") -> list[TestResult]:
    """The same for a file's text and rules that are loaded already; its `rule_files` are not read."""
    document = parse_document(text, file)
    return _run(document, _parsed(document), rules)


def _parsed(document: Document) -> RuleTestFile:
    try:
        return RuleTestFile.model_validate(document.value)
    except ValidationError as error:
        raise DocumentError(problems_of(document, error, ())) from None


def _run(document: Document, parsed: RuleTestFile, rules: RuleSet) -> list[TestResult]:
    problems: list[Problem] = []
    stories: list[tuple[int, RuleTest, list[_Input]]] = []
    for index, test in enumerate(parsed.tests):
        loc: Loc = ("tests", index)
        stories.append((index, test, _inputs(document, test, loc, problems)))
        for number, expected in enumerate(test.alert_rule_test):
            if expected.alertname not in rules.by_name:
                near = did_you_mean(expected.alertname, rules.by_name)
                where: Loc = (*loc, "alert_rule_test", number, "alertname")
                problems.append(document.problem(where, f"no rule is called {expected.alertname!r}{near}"))
    if problems:
        raise DocumentError(problems)
    return [_tell(document, ("tests", index), test, inputs, rules) for index, test, inputs in stories]


def _inputs(document: Document, test: RuleTest, loc: Loc, problems: list[Problem]) -> list[_Input]:
    scenario = Scenario()
    inputs: list[_Input] = []
    for index, given in enumerate(test.input):
        here: Loc = (*loc, "input", index)
        stream, at = _stream_and_time(given)
        if stream is None or at is None:
            problems.append(document.problem(here, _EXPECTED_INPUT))
            continue
        try:
            inputs.append(_Input(at, scenario.record(stream, given[stream], at)))
        except ValidationError as error:
            problems += problems_of(document, error, (*here, stream))
        except ValueError as error:
            problems.append(document.problem((*here, stream), str(error)))
    return inputs


_EXPECTED_INPUT: Final = f"expected 'at' with a time and its zone, and a record under one of {', '.join(MODELS)}"


def _stream_and_time(given: dict[str, Any]) -> tuple[SignalStream | None, datetime | None]:
    """The stream and the time of an input; None for what is missing or not as it should be."""
    at = given.get("at")
    timed = at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo is not None else None
    found: SignalStream | None = None
    for stream in MODELS:
        if isinstance(given.get(stream), dict):
            found = stream
    return (found if len(given) == 2 else None), timed


def _tell(document: Document, loc: Loc, test: RuleTest, inputs: Sequence[_Input], rules: RuleSet) -> TestResult:
    """Plays the inputs in the order in which they were known, and looks at the alerts at each expected time."""
    result = TestResult(document.file, document.line_of(loc), test.name)
    counter = Counter(rules)
    waiting = sorted(inputs, key=lambda given: given.at)
    known: dict[str, Alert] = {}
    order = sorted(range(len(test.alert_rule_test)), key=lambda number: test.alert_rule_test[number].eval_time)
    for number in order:
        expected = test.alert_rule_test[number]
        while waiting and waiting[0].at <= expected.eval_time:
            given = waiting.pop(0)
            written = counter.tick(given.at)
            for signal in signals(rules, given.record):
                written += counter.apply(signal, given.at)
            known.update((alert.id, alert) for alert in written)
        known.update((alert.id, alert) for alert in counter.tick(expected.eval_time))
        here: Loc = (*loc, "alert_rule_test", number)
        result.failures += [document.problem(here, message) for message in _differences(expected, known.values())]
    return result


def _differences(expected: AlertTest, known: Any) -> list[str]:
    alerts: list[Alert] = [alert for alert in known if alert.rule == expected.alertname]
    firing = [alert for alert in alerts if alert.state == "firing"]
    when = f"{expected.alertname} at {expected.eval_time:%Y-%m-%d %H:%M:%S}"
    found = [f"{when}: {message}" for message in _compared("firing", expected.exp_alerts, firing)]
    if expected.exp_resolved is not None:
        resolved = [alert for alert in alerts if alert.state == "resolved"]
        found += [f"{when}: {message}" for message in _compared("resolved", expected.exp_resolved, resolved)]
    return found


def _compared(state: str, expected: Sequence[ExpectedAlert], alerts: Sequence[Alert]) -> list[str]:
    if len(expected) != len(alerts):
        came = "; ".join(_told(alert) for alert in alerts) or "none"
        return [f"expected {len(expected)} {state}, got {len(alerts)}: {came}"]
    left = list(alerts)
    messages: list[str] = []
    for wanted in expected:
        differences = [(_against(wanted, alert), alert) for alert in left]
        best, alert = min(differences, key=lambda pair: len(pair[0]))
        left.remove(alert)
        messages += [f"{state}: {message}" for message in best]
    return messages


def _against(wanted: ExpectedAlert, alert: Alert) -> list[str]:
    """How `alert` differs from what was wanted."""
    labels = {name: value for name, value in alert.labels.items() if name != "alertname"}
    names = sorted(proof.label or proof.item for proof in alert.evidence)
    sentences = sorted(proof.sentence or "" for proof in alert.evidence)
    pairs: list[tuple[str, Any, Any]] = [
        ("exp_labels", wanted.exp_labels, labels),
        ("exp_annotations", wanted.exp_annotations, alert.annotations),
        ("value", wanted.value, alert.value),
        ("of", wanted.of, alert.of),
        ("starts_at", wanted.starts_at, alert.starts_at),
        ("ends_at", wanted.ends_at, alert.ends_at),
        ("reason", wanted.reason, alert.reason),
        ("items", sorted(wanted.items) if wanted.items is not None else None, names),
        ("sentences", sorted(wanted.sentences) if wanted.sentences is not None else None, sentences),
    ]
    return [
        f"expected {name} {_shown(expected)}, got {_shown(got)}"
        for name, expected, got in pairs
        if expected is not None and expected != got
    ]


def _shown(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else repr(value)


def _told(alert: Alert) -> str:
    names = ", ".join(proof.label or proof.item for proof in alert.evidence)
    return f"value {alert.value:g} since {_shown(alert.starts_at)} ({names})"
