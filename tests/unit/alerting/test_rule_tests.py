"""Rule tests find what is wrong, in the rules and in themselves; the shipped rules pass theirs; backtests agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.alerting.backtest import backtest
from tocsin.alerting.documents import DocumentError, parse_document
from tocsin.alerting.rule_tests import run_rule_document, run_rule_tests
from tocsin.alerting.rules import load_rules, parse_rules, rule_files
from tocsin.alerting.scenarios import Scenario

DEPLOY = Path(__file__).parents[3] / "deploy" / "rules"
RULES = """\
rules:
  - alert: Held
    stream: control
    match: {holder: taliban}
    measure: count
    when: {gte: 1}
    annotations: {summary: "{{ items|join(', ') }}"}
"""
GOOD = """\
rule_files: [held.yaml]
tests:
  - name: one place is held
    input:
      - {at: 2021-08-08T12:00:00Z, control: {place: "Kunduz, AFG", holder: taliban, sentence: It fell.}}
    alert_rule_test:
      - eval_time: 2021-08-08T13:00:00Z
        alertname: Held
        exp_alerts:
          - exp_labels: {}
            exp_annotations: {summary: Kunduz}
            value: 1
            sentences: [It fell.]
        exp_resolved: []
"""


def failures(text: str) -> list[str]:
    results = run_rule_document(parse_document(text, "t.yaml"), lambda _: parse_rules(RULES))
    return [str(failure) for result in results for failure in result.failures]


def test_a_test_passes() -> None:
    assert failures(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value: 1", "value: 2", "firing: expected value 2.0, got 1.0"),
        ("summary: Kunduz", "summary: Zaranj",
         "firing: expected exp_annotations {'summary': 'Zaranj'}, got {'summary': 'Kunduz'}"),
        ("exp_labels: {}", "exp_labels: {severity: x}", "firing: expected exp_labels {'severity': 'x'}, got {}"),
        ("[It fell.]", "[]", "firing: expected sentences [], got ['It fell.']"),
        ("T13:00", "T11:00", "expected 1 firing, got 0: none"),
        ("holder: taliban", "holder: others", "expected 1 firing, got 0: none"),
        ("exp_resolved: []", "exp_resolved: [{reason: retracted}]", "expected 1 resolved, got 0: none"),
    ],
)  # fmt: skip
def test_what_is_not_as_expected_is_told_with_file_and_line(old: str, new: str, told: str) -> None:
    (failure,) = failures(GOOD.replace(old, new))
    assert failure.startswith("t.yaml:7: Held at 2021-08-08 1")
    assert failure.endswith(told)


def test_too_many_alerts_are_told_by_name() -> None:
    text = GOOD[: GOOD.index("        exp_alerts")]
    assert failures(text) == [
        "t.yaml:7: Held at 2021-08-08 13:00:00: expected 0 firing, got 1: value 1 since 2021-08-08 00:00:00 (Kunduz)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("alertname: Held", "alertname: Helt", "t.yaml:8: no rule is called 'Helt'; did you mean \"Held\"?"),
        ("12:00:00Z", "12:00:00", "t.yaml:5: expected 'at' with a time and its zone, and one of: a record under"),
        ("control:", "controls:", "t.yaml:5: expected 'at' with a time and its zone, and one of: a record under"),
        ("Kunduz, AFG", "Kunduz", "t.yaml:5: expected a capital such as \"Kunduz, AFG\", or the fields of a place"),
        ("holder: taliban", "holder: 5", "t.yaml:5: expected a valid string, not 5"),
        ("holder: taliban", "status: sure", "t.yaml:5: expected 'claimed', 'contested', 'confirmed' or 'retracted'"),
        ("exp_labels", "exp_label", "t.yaml:10: no such key: 'exp_label'"),
        ("    input:", "    inputs:", "t.yaml:3: expected 'input'"),
    ],
)  # fmt: skip
def test_a_test_that_makes_no_sense_is_told_with_file_and_line(old: str, new: str, told: str) -> None:
    with pytest.raises(DocumentError) as caught:
        failures(GOOD.replace(old, new))
    assert str(caught.value.problems[0]).startswith(told)


def test_a_rule_file_is_no_file_of_tests() -> None:
    with pytest.raises(DocumentError) as caught:
        failures(RULES)
    told = [str(problem) for problem in caught.value.problems]
    assert told == [
        "t.yaml:1: expected 'rule_files'",
        "t.yaml:1: expected 'tests'",
        "t.yaml:1: no such key: 'rules'; did you mean \"rule_files\"?",
    ]


def test_a_file_of_tests_that_names_rules_which_are_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "held.test.yaml").write_text(GOOD)
    with pytest.raises(DocumentError, match=r"held\.yaml:1: cannot be read"):
        run_rule_tests(tmp_path / "held.test.yaml")


SHIPPED = sorted(DEPLOY.glob("*.test.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_the_shipped_rules_pass_their_tests(file: Path) -> None:
    results = run_rule_tests(file)
    assert results
    assert [str(failure) for result in results for failure in result.failures] == []


def test_every_shipped_rule_has_a_description_and_a_test() -> None:
    tested = "\n".join(file.read_text(encoding="utf-8") for file in SHIPPED)
    for rule in load_rules(DEPLOY).by_name.values():
        assert rule.spec.description
        assert f"alertname: {rule.name}" in tested, rule.name
    assert len(rule_files(DEPLOY)) == len(SHIPPED)


def test_a_backtest_tells_each_state_when_it_was_known() -> None:
    scenario, start = Scenario(), datetime(2021, 8, 8, 12, tzinfo=UTC)
    rules = parse_rules(RULES.replace("when: {gte: 1}", "window: 2d\n    when: {gte: 2}\n    for: 3h"))
    records = [
        scenario.record("control", {"place": f"{name}, AFG", "holder": "taliban", "since": start.date()}, start + later)
        for name, later in (("Kunduz", timedelta()), ("Zaranj", timedelta(hours=1)), ("Farah", timedelta(days=5)))
    ]
    until = start + timedelta(days=30)
    told = [(at, alert.state, alert.starts_at.hour, alert.reason) for at, alert in backtest(rules, records, until)]
    assert told == [
        (start + timedelta(hours=1), "firing", 3, None),
        (datetime(2021, 8, 10, tzinfo=UTC), "resolved", 3, "window passed"),
    ]
    assert [alert.state for _, alert in backtest(rules, records[:2])] == ["firing"]
