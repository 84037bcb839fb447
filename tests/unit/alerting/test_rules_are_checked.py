"""Every mistake in a rule file is told, with its file, its line and what was expected; all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.alerting.documents import DocumentError
from tocsin.alerting.rules import check_rules, load_rules, parse_rules

GOOD = """\
rules:
  - alert: Capitals
    stream: control
    match: {place.country: AFG, place.is_admin1_capital: true, holder: taliban}
    measure: {count_distinct: place.id}
    window: 7d
    when: {gte: 5}
    for: 0s
    keep_firing_for: 24h
    steps: [10, 20]
    group_by: place.country
    labels: {severity: critical}
    annotations: {summary: "{{ value }} of {{ of }} in {{ window }}"}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_rules(text, "r.yaml")
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str) -> list[str]:
    assert old in GOOD
    return problems(GOOD.replace(old, new))


def test_a_good_file_loads() -> None:
    rule = parse_rules(GOOD).by_name["Capitals"]
    assert rule.of is not None
    assert rule.of.name == "afghanistan-provincial-capitals"
    assert (rule.threshold_text, rule.window_text) == (">= 5", "7d")
    assert rule.labels({"place.country": "AFG"}) == {
        "alertname": "Capitals",
        "place_country": "AFG",
        "severity": "critical",
    }


MISTAKES = [
    ("place.country: AFG", "place.contry: AFG",
     '4: records of stream control have no field "place.contry"; did you mean "place.country"?'),
    ("place.country: AFG", "place.country: Afghanistan",
     "4: expected an ISO 3166-1 alpha-3 code such as AFG for \"place.country\", not 'Afghanistan'"),
    ("is_admin1_capital: true", "is_admin1_capital: 'yes'",
     "4: expected true or false for \"place.is_admin1_capital\", not 'yes'"),
    ("holder: taliban", "status: confirmd",
     "4: expected one of claimed, contested, confirmed, retracted for \"status\", not 'confirmd'; "
     'did you mean "confirmed"?'),
    ("holder: taliban", "place: Kunduz",
     '4: "place" is no single value: name one of its fields, or compare with null'),
    ("holder: taliban", "holder: {gte: a}", '4: "holder" has no order: compare it with a value or a list'),
    ("holder: taliban", "since: {gte: yesterday}",
     "4: expected a day such as 2021-08-06 for \"since\", not 'yesterday'"),
    ("holder: taliban", "as_of: {gte: 2021-08-06 10:00:00}",
     "4: expected a time with a zone such as 2021-08-06T10:00:00Z for \"as_of\", "
     "not datetime.datetime(2021, 8, 6, 10, 0)"),
    ("holder: taliban", "holder: {like: tali}", "4: expected one of gt, gte, lt, lte, not, contains, not 'like'"),
    ("holder: taliban", "holder: []", "4: expected at least one value in the list"),
    ("holder: taliban", "any: taliban", "4: expected a list of blocks under 'any'"),
    ("holder: taliban", "not: taliban", "4: expected fields and what they must be, not 'taliban'"),
    ("holder: taliban", "place.kind: {contains: city}", '4: "place.kind" is no running text'),
    ("count_distinct: place.id", "count_distinct: place.ids",
     '5: records of stream control have no field "place.ids"; did you mean "place.id"?'),
    ("count_distinct: place.id", "count_distinct: history.holder",
     '5: "history.holder" has many values in one record: name a field that has one'),
    ("count_distinct: place.id", "sum: holder",
     '5: "holder" is no number: expected a number or a quantity, such as count.minimum'),
    ("{count_distinct: place.id}", "{count_distinct: place.id, sum: place.lat}",
     "5: expected exactly one of count, count_distinct, sum, share_of, rate, absence, silence, sequence"),
    ("measure: {count_distinct: place.id}", "mesure: count", "5: no such key: 'mesure'; did you mean \"measure\"?"),
    ("count_distinct: place.id", "count_distint: place.id",
     "5: no such key: 'count_distint'; did you mean \"count_distinct\"?"),
    ("window: 7d", "window: 7", '6: expected a duration such as "7d", "24h" or "1d12h" (w, d, h, m, s), not 7'),
    ("window: 7d", "window: 0s", "6: expected a window longer than 0s"),
    ("window: 7d", "window: 20000d", "6: expected a duration of at most ten years, not '20000d'"),
    ("{gte: 5}", "{gte: 5, lt: 9}", "7: expected exactly one of gte, gt, lte, lt"),
    ("{gte: 5}", "{gte: five}", "7: expected a number, not 'five'"),
    ("{gte: 5}", "{gte: 0}", "7: this holds for nothing at all: expected a threshold above 0"),
    ("{gte: 5}", "{gte: .inf}", "7: expected a finite number, not inf"),
    ("[10, 20]", "[20, 10]", "10: expected steps that rise from the threshold, not 10"),
    ("[10, 20]", "[3]", "10: expected steps that rise from the threshold, not 3"),
    ("group_by: place.country", "group_by: holder",
     '11: "holder" changes with the revisions of a record of control: group by a field of its place'),
    ("group_by: place.country", "group_by: [history]", '11: "history" has no single value to group by'),
    ("severity: critical", "place_country: X", "12: the alert has a label 'place_country' already"),
    ("severity: critical", "alertname: X", "12: the alert has a label 'alertname' already"),
    ("severity: critical", "severity: 5", "12: expected a valid string, not 5"),
    ("severity: critical", "se-verity: x", "12: expected a name of letters, digits and _, not 'se-verity'"),
    ("{{ value }}", "{{ valu }}", "13: no value is called 'valu'; did you mean \"value\"?; known are"),
    ("{{ value }}", "{{ value", "13: not a template:"),
    ("{{ value }}", "{{ value|pprint }}", "13: no filter is called 'pprint'"),
    ("alert: Capitals", "alert: Capitals falling",
     "2: expected a name of letters, digits and _, not 'Capitals falling'"),
    ("stream: control", "stream: controls",
     "3: expected 'control', 'incidents', 'capture', 'surrender', 'statement' or 'diplomacy', not 'controls'"),
    ("    stream: control\n", "", "2: expected 'stream'"),
    ("    when: {gte: 5}\n", "", "2: expected 'when', such as {gte: 5}"),
    ("for: 0s", "min_families: 2", "8: only incidents count the families that report them"),
    ("holder: taliban}", "status: claimed}\n    min_status: claimed",
     '5: the match names "status" already: say it once'),
    ("for: 0s", "of: ukraine-oblast-capital",
     "8: no place set is called 'ukraine-oblast-capital'; did you mean \"ukraine-oblast-capitals\"?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_line(old: str, new: str, told: str) -> None:
    found = changed(old, new)
    assert any(problem.startswith(f"r.yaml:{told}") for problem in found), found


WHOLE_RULES = [
    ("{alert: A, stream: capture, measure: count, when: {gte: 1}}",
     "expected 'window': only counts on control, where things hold until they end, need none"),
    ("{alert: A, stream: statement, measure: {absence: 6h}, window: 6h}",
     "the time of absence stands in the measure: leave the window out"),
    ("{alert: A, stream: statement, measure: {silence: 6h}, when: {gte: 1}}",
     "silence has no threshold: leave 'when' out"),
    ("{alert: A, stream: statement, measure: {silence: 0s}}", "expected a time longer than 0s"),
    ("{alert: A, stream: statement, measure: {silence: 6h}, group_by: article.publisher}",
     "silence is told of one thing: write a rule for each, with a match"),
    ("{alert: A, stream: control, measure: {share_of: no-such-set}, when: {gte: 0.5}}",
     "no place set is called 'no-such-set'"),
    ("{alert: A, stream: control, measure: {share_of: ukraine-oblast-capitals}, when: {gte: 25}}",
     "a share lies between 0 and 1: 25 % is 0.25, not 25"),
    ("{alert: A, stream: statement, window: 1d, measure: {share_of: ukraine-oblast-capitals}, when: {gte: 0.5}}",
     'records of stream statement have no field "place.id"'),
    ("{alert: A, stream: capture, window: 7d, measure: {rate: {baseline: 8d}}, when: {gte: 2}}",
     "expected a baseline at least twice as long as the window"),
    ("{alert: A, window: 7d, measure: {sequence: [{match: {}}, {stream: capture}]}, when: {gte: 1}}",
     "expected 'stream' in this step, or in the rule"),
    ("{alert: A, stream: capture, window: 7d, measure: {sequence: [{}]}, when: {gte: 1}}",
     "list should have at least 2 items"),
    ("{alert: A, stream: capture, match: {kind: place}, window: 7d, measure: {sequence: [{}, {}]}, when: {gte: 1}}",
     "a sequence has its matches in its steps, none beside them"),
    ("{alert: A, stream: control, measure: count, when: {lt: 3}, steps: [5]}",
     "steps go up: they need a threshold with gte or gt"),
    ("{alert: A, stream: control, measure: count, when: {gte: 3}, of: ukraine-oblast-capitals}",
     "a place set is the denominator of `count_distinct: place.id` alone"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "told"), WHOLE_RULES)
def test_parts_that_do_not_go_together_are_told(rule: str, told: str) -> None:
    assert any(told in problem for problem in problems(f"rules: [{rule}]"))


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("place.country: AFG", "place.contry: AFG").replace("7d", "7"))
    (tmp_path / "b.yaml").write_text(GOOD.replace("Capitals", "Other").replace("{{ of }}", "{{ off }}"))
    (tmp_path / "c.yaml").write_text("rules: [")
    (tmp_path / "d.test.yaml").write_text("this is no rule file")
    found = [str(problem) for problem in check_rules(tmp_path)]
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in found] == [
        "a.yaml:4", "a.yaml:6", "b.yaml:13", "c.yaml:1",
    ]  # fmt: skip


def test_a_rule_that_is_wrong_in_one_part_has_its_words_and_its_match_looked_at_too() -> None:
    found = problems(GOOD.replace("7d", "7").replace("holder", "hodler").replace("{{ of }}", "{{ off }}"))
    assert [line.split(": ")[0] for line in found] == ["r.yaml:4", "r.yaml:6", "r.yaml:13"]


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    assert [str(p) for p in check_rules(tmp_path)] == [
        f"{tmp_path}/b.yaml:2: another rule is called 'Capitals' already"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "r.yaml:1: expected 'rules:' and a list of rules"),
        ("- a", "r.yaml:1: expected 'rules:' and a list of rules"),
        ("rules:\n  - x: [", "r.yaml:2: not valid YAML"),
        ("rules: []\nrules: []", "r.yaml:2: 'rules' stands here twice"),
        ("rules: []\n1: x", "r.yaml:2: expected a name as key, not 1"),
        ("a: &a [*a]", "r.yaml:1: an alias cannot contain itself"),
        ("rules: !!python/object:os.system {}", "r.yaml:1:"),
        ("rules: []\nplace_sets: {x: [{id: 5}]}", "r.yaml:2: expected a valid string"),
        ("rules: []\nplace_sets: {x: [{id: kunduz}]}", "r.yaml:2: expected an id such as \"geonames:1142170\""),
    ],
)  # fmt: skip
def test_what_is_no_rule_file_is_told_in_one_line(text: str, told: str) -> None:
    assert problems(text)[0].startswith(told)


def test_aliases_that_multiply_are_stopped() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 8))
    assert "expected at most 200,000 values" in problems(f"l0: &l0 [a, b]\n{levels}")[0]


def test_a_missing_file_an_empty_folder_and_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "latin1.yaml").write_bytes("rules: # é".encode("latin-1"))
    (tmp_path / "folder").mkdir()
    told = [str(check_rules(tmp_path / name)[0]) for name in ("none.yaml", "folder", "latin1.yaml")]
    assert [line.split(": ", 1)[1] for line in told] == [
        "cannot be read: No such file or directory",
        "expected rule files (*.yaml) in this directory",
        "expected UTF-8 text",
    ]


def test_a_declared_place_set_is_a_denominator(tmp_path: Path) -> None:
    text = """\
place_sets:
  twin-towns:
    - {id: "geonames:1", name: Ab}
    - {id: "geonames:2", name: Bc, since: 2020-01-01}
rules:
  - alert: Twins
    stream: control
    measure: {share_of: twin-towns}
    when: {gte: 0.5}
"""
    rule = parse_rules(text).by_name["Twins"]
    assert rule.of is not None
    assert [member.name for member in rule.of.members] == ["Ab", "Bc"]


def test_hashes_tell_what_an_edit_touches() -> None:
    one = parse_rules(GOOD).by_name["Capitals"]
    words = parse_rules(GOOD.replace("{{ value }} of", "{{ value }} out of")).by_name["Capitals"]
    when = parse_rules(GOOD.replace("gte: 5", "gte: 6")).by_name["Capitals"]
    match = parse_rules(GOOD.replace("taliban", "others")).by_name["Capitals"]
    assert (words.match_hash, words.rule_hash) == (one.match_hash, one.rule_hash)
    assert when.match_hash == one.match_hash
    assert len({one.rule_hash, when.rule_hash, match.rule_hash}) == 3
    assert match.match_hash != one.match_hash


def test_the_rules_of_a_folder_are_loaded_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yml").write_text(GOOD.replace("Capitals", "Other"))
    (tmp_path / "rules.schema.json").write_text("{}")
    assert list(load_rules(tmp_path).by_name) == ["Capitals", "Other"]
