"""Every example of docs/rules.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.alerting.documents import parse_document
from tocsin.alerting.rule_models import Rule, RuleFile
from tocsin.alerting.rule_tests import TestResult, run_rule_document
from tocsin.alerting.rules import RuleSet, parse_rules

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = [(found.start(), found[1]) for found in re.finditer(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]
RULES = {found[1]: text for _, text in BLOCKS if (found := re.match(r"# rules: (\S+)\n", text))}
TESTS = [(PAGE[:start].count("\n") + 2, text) for start, text in BLOCKS if text.startswith("# test\n")]


def load(names: list[str]) -> RuleSet:
    (name,) = names
    return parse_rules(RULES[name], name)


def run(line: int, text: str) -> list[TestResult]:
    return run_rule_document(parse_document("\n" * (line - 1) + text, "docs/rules.md"), load)


def test_all_blocks_are_rules_or_tests() -> None:
    assert len(RULES) + len(TESTS) == len(BLOCKS)
    assert len(TESTS) >= 11


@pytest.mark.parametrize("name", RULES)
def test_the_rules_of_the_page_load(name: str) -> None:
    assert load([name]).by_name


@pytest.mark.parametrize(("line", "text"), TESTS, ids=[f"line {line}" for line, _ in TESTS])
def test_the_examples_of_the_page_hold(line: int, text: str) -> None:
    assert [str(failure) for result in run(line, text) for failure in result.failures] == []


def test_the_examples_can_fail() -> None:
    line, text = TESTS[0]
    (result,) = run(line, text.replace("value: 3", "value: 4", 1))
    assert [str(failure).split(": ", 2)[2] for failure in result.failures] == ["firing: expected value 4.0, got 3.0"]


def test_every_key_of_a_rule_is_told() -> None:
    keys = [field.alias or name for name, field in Rule.model_fields.items()]
    assert [key for key in [*keys, *RuleFile.model_fields] if f"`{key}`" not in PAGE and f"{key}:" not in PAGE] == []
