"""Unit tests of rules, in files of the shape that promtool reads: inputs at times, expected alerts at times.

    for result in run_rule_tests(Path("deploy/rules/capitals.test.yaml")):
        print(result.name, "ok" if result.passed else result.failures)

Semantics and all keys: docs/rules.md, "Testing rules".
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin_schemas import Alert
from tocsin_schemas.base import UtcDatetime

from .counter import Counter
from .documents import Document, DocumentError, Loc, Problem, did_you_mean, read_document
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


Load = Callable[[Sequence[str]], RuleSet]
"""The rules of the files of these names."""


@dataclass(frozen=True, slots=True)
class _Input:
    """What happens at a time: a record comes, the counting service restarts, or other rules are loaded."""

    at: datetime
    record: Record | None = None
    rules: RuleSet | None = None


def run_rule_tests(path: Path) -> list[TestResult]:
    """The results of all tests in the file at `path`. Raises DocumentError when it, or its rules, cannot be used."""
    return run_rule_document(read_document(path), lambda names: load_rule_files(path.parent / name for name in names))


def run_rule_document(document: Document, load: Load) -> list[TestResult]:
    """The same for a document that is read already; `load` gives the rules of the files that it names."""
    parsed = _parsed(document)
    rules = load(parsed.rule_files)
    reader = _Reader(document, load)
    stories = [
        (reader.inputs(test, ("tests", index)), ("tests", index), test) for index, test in enumerate(parsed.tests)
    ]
    for _, loc, test in stories:
        for number, expected in enumerate(test.alert_rule_test):
            if expected.alertname not in rules.by_name:
                near = did_you_mean(expected.alertname, rules.by_name)
                reader.complain((*loc, "alert_rule_test", number, "alertname"),
                                f"no rule is called {expected.alertname!r}{near}")  # fmt: skip
    if reader.problems:
        raise DocumentError(reader.problems)
    return [_tell(document, loc, test, inputs, rules) for inputs, loc, test in stories]


def _parsed(document: Document) -> RuleTestFile:
    try:
        return RuleTestFile.model_validate(document.value)
    except ValidationError as error:
        raise DocumentError(problems_of(document, error, (), RuleTestFile)) from None


class _Reader:
    """Makes inputs of what a test file says, and notes what is wrong with it."""

    def __init__(self, document: Document, load: Load) -> None:
        self._document = document
        self._load = load
        self.problems: list[Problem] = []

    def complain(self, loc: Loc, message: str) -> None:
        self.problems.append(self._document.problem(loc, message))

    def inputs(self, test: RuleTest, loc: Loc) -> list[_Input]:
        scenario = Scenario()
        inputs: list[_Input] = []
        for index, given in enumerate(test.input):
            here: Loc = (*loc, "input", index)
            at = given.get("at")
            others = [key for key in given if key != "at"]
            if len(others) != 1 or not isinstance(at, datetime) or at.tzinfo is None:
                self.complain(here, _EXPECTED_INPUT)
                continue
            try:
                inputs.append(self._input(scenario, at.astimezone(UTC), others[0], given[others[0]]))
            except ValidationError as error:
                self.problems += problems_of(self._document, error, (*here, others[0]))
            except DocumentError as error:
                self.problems += error.problems
            except ValueError as error:
                self.complain((*here, others[0]), str(error))
        return sorted(inputs, key=lambda given: given.at)

    def _input(self, scenario: Scenario, at: datetime, key: str, value: Any) -> _Input:
        if key == "restart" and value is True:
            return _Input(at)
        if key == "rule_files" and isinstance(value, list):
            return _Input(at, rules=self._load(cast("list[str]", value)))
        for stream in MODELS:
            if key == stream and isinstance(value, dict):
                return _Input(at, scenario.record(stream, cast("dict[str, Any]", value), at))
        raise ValueError(_EXPECTED_INPUT)


_EXPECTED_INPUT: Final = (
    "expected 'at' with a time and its zone, and one of: a record under "
    f"{', '.join(MODELS)}; 'restart: true'; 'rule_files' with a list of names"
)


class _Play:
    """A counter that lives through a test's inputs."""

    def __init__(self, rules: RuleSet) -> None:
        self._counter = Counter(rules, settle=0)
        self._known: dict[str, Alert] = {}

    def take(self, given: _Input) -> None:
        """Takes `given`; what it brings about, `wait` tells. Inputs of one moment are judged together."""
        self.wait(given.at - timedelta(microseconds=1))
        counter = self._counter
        if given.rules is not None:
            self._keep(counter.adopt(given.rules, given.at))
        elif given.record is None:
            self._counter = Counter(counter.rules, counter.store, settle=0)
            self._keep(self._counter.load(given.at))
        else:
            for signal in signals(counter.rules, given.record):
                counter.apply(signal, given.at)

    def wait(self, until: datetime) -> None:
        """What the inputs taken, and the time up to and including `until`, have brought about."""
        self._keep(self._counter.tick(until))

    def alerts(self, rule: str) -> list[Alert]:
        """The last state of each alert of a rule."""
        return [alert for alert in self._known.values() if alert.rule == rule]

    def _keep(self, written: Iterable[Alert]) -> None:
        self._known.update((alert.id, alert) for alert in written)


def _tell(document: Document, loc: Loc, test: RuleTest, inputs: Sequence[_Input], rules: RuleSet) -> TestResult:
    """Plays the inputs in the order in which they were known, and looks at the alerts at each expected time."""
    result = TestResult(document.file, document.line_of(loc), test.name)
    play, waiting = _Play(rules), list(inputs)
    looks = sorted(enumerate(test.alert_rule_test), key=lambda pair: pair[1].eval_time)
    for number, expected in looks:
        while waiting and waiting[0].at <= expected.eval_time:
            play.take(waiting.pop(0))
        play.wait(expected.eval_time)
        here: Loc = (*loc, "alert_rule_test", number)
        differences = _differences(expected, play.alerts(expected.alertname))
        result.failures += [document.problem(here, message) for message in differences]
    return result


def _differences(expected: AlertTest, alerts: Sequence[Alert]) -> list[str]:
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
