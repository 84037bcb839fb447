"""Annotations, durations, place sets, the schema for editors."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from tocsin.alerting.annotations import MAX_RENDERED, VARIABLES, AnnotationError, compile_template
from tocsin.alerting.durations import format_duration, parse_duration
from tocsin.alerting.place_sets import builtin_place_sets, capital
from tocsin.alerting.place_sets_build import SOURCE, TARGET, build
from tocsin.alerting.rules import rule_files
from tocsin.alerting.rules_schema import rules_schema, rules_schema_text

DEPLOY = Path(__file__).parents[3] / "deploy" / "rules"
CONTEXT = {
    **dict.fromkeys(VARIABLES),
    "value": 4,
    "of": 34,
    "window": "7d",
    "items": ["Kunduz", "Zaranj"],
    "evidence": [{"label": "Kunduz", "sentence": "It fell."}],
    "labels": {"severity": "critical"},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ value }} of {{ of }} in {{ window }}", "4 of 34 in 7d"),
        ("{{ items|join(', ') }}", "Kunduz, Zaranj"),
        ("{% for proof in evidence %}{{ proof.label }}: {{ proof.sentence }}{% endfor %}", "Kunduz: It fell."),
        ("{{ 'all' if value == of else 'some' }}", "some"),
        ("{{ labels.severity|upper }}", "CRITICAL"),
        ("{{ labels.nothing }}", "(annotation failed: 'dict object' has no attribute 'nothing')"),
        ("{{ value / 0 }}", "(annotation failed: division by zero)"),
        ("{{ value.__class__ }}", "(annotation failed: access to attribute '__class__' of 'int' object is unsafe.)"),
    ],
)
def test_words_are_made_of_the_alerts_values(source: str, text: str) -> None:
    assert compile_template(source).render(CONTEXT) == text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{{ 'a' * 1000000000 }}", "a template may not use mul"),
        ("{{ 10 ** 10 }}", "a template may not use pow"),
        ("{{ range(9) }}", "a template may not use call"),
        ("{{ ''.join(items) }}", "a template may not use call"),
        ("{% set a = 1 %}", "a template may not use assign"),
        ("{% include 'x' %}", "a template may not use include"),
        ("{{ items|map('pprint') }}", "no filter is called 'map'"),
        ("{% for a in items %}{% for b in items %}{% endfor %}{% endfor %}", "a loop may not stand inside a loop"),
        ("x" * 2_001, "expected at most 2000 characters, not 2001"),
        ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "not a template"),
    ],
)
def test_words_that_could_run_long_are_refused(source: str, told: str) -> None:
    with pytest.raises(AnnotationError, match=told.replace("(", r"\(")):
        compile_template(source)


def test_the_dearest_template_is_cheap_and_its_text_is_cut() -> None:
    evidence = [{"label": "x" * 1_000, "sentence": "y" * 1_000}] * 100
    source = "{% for a in evidence %}" + "{{ evidence|join|length }}{{ a.label }}" * 40 + "{% endfor %}"
    template = compile_template(source)
    started = time.perf_counter()
    text = template.render({**CONTEXT, "evidence": evidence})
    assert time.perf_counter() - started < 1.0
    assert (len(text), text[-1]) == (MAX_RENDERED, "…")


@pytest.mark.parametrize(
    ("text", "duration"),
    [("7d", timedelta(days=7)), ("1w", timedelta(days=7)), ("1d12h", timedelta(hours=36)), ("0s", timedelta()),
     ("90m", timedelta(minutes=90))],
)  # fmt: skip
def test_durations_are_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("text", ["", "7", "d", "7 d", "-7d", "12h1d", "7D", None, 7, "1.5h", "9" * 40 + "d"])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


def test_afghanistan_has_34_provincial_capitals_and_had_32() -> None:
    sets = builtin_place_sets()
    capitals = sets.get("afghanistan-provincial-capitals")
    assert capitals is not None
    assert sets.capitals_of("AFG") is capitals
    assert [capitals.size(date(year, 1, 1)) for year in (2001, 2021)] == [32, 34]
    assert capitals.has("geonames:1135689", date(2021, 8, 8))
    assert not capitals.has("geonames:1131833", date(2001, 8, 8))
    assert capital("Kunduz", "AFG") is not None
    assert capital("Kunduz", "UKR") is None


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the gazetteer's data is not installed")
def test_the_built_in_sets_follow_the_gazetteers_table() -> None:
    assert TARGET.read_text(encoding="utf-8") == build()


def test_the_schema_for_editors_is_up_to_date() -> None:
    assert (DEPLOY / "rules.schema.json").read_text(encoding="utf-8") == rules_schema_text()


@pytest.mark.parametrize("file", rule_files(DEPLOY), ids=lambda file: file.name)
def test_the_shipped_rules_fit_the_schema(file: Path) -> None:
    validator = jsonschema.Draft202012Validator(rules_schema())
    value = json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))
    assert [error.message for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize(
    "rule",
    [
        "{alert: A, stream: control, match: {place.contry: AFG}, measure: count, when: {gte: 1}}",
        "{alert: A, stream: control, match: {status: confirmd}, measure: count, when: {gte: 1}}",
        "{alert: A, stream: controls, measure: count, when: {gte: 1}}",
        "{alert: A, stream: control, measure: {count_distinct: a, sum: b}, when: {gte: 1}}",
        "{alert: A, stream: control, measure: count, when: {gte: 1, lt: 3}}",
        "{alert: A, stream: control, measure: count, window: 7, when: {gte: 1}}",
        "{alert: A, window: 1d, when: {gte: 1}, measure: {sequence: [{stream: capture, match: {hodler: x}}, {}]}}",
    ],
)
def test_an_editor_would_mark_these(rule: str) -> None:
    validator = jsonschema.Draft202012Validator(rules_schema())
    assert list(validator.iter_errors({"rules": [yaml.safe_load(rule)]}))
