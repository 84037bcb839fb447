"""`tocsin backtest`: what it prints, what it keeps, how it draws, and how it ends when the call is wrong."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import tocsin.cli.archive
from ledger_theatre import CAPITALS, dated, denied, retaken, taken
from tocsin.alerting.backtest import events_for_the_ledger
from tocsin.alerting.rules import load_rules, parse_rules
from tocsin.cli.app import app
from tocsin.cli.event_cache import EventCache, reading_version
from tocsin.cli.reading_commands import load_reader
from tocsin.cli.timeline_plot import draw
from tocsin_schemas import EVENT

ROOT = Path(__file__).parents[3]
RULES = """\
rules:
  - alert: TwoHeld
    stream: control
    match: {holder: harrow-front, status: [claimed, confirmed]}
    measure: {count_distinct: place.id}
    when: {gte: 2}
    annotations: {summary: "{{ value }} are held"}
"""
STORY = [
    taken(when=dated(3)), taken(day=4, outlet="herald"), taken(CAPITALS[2], 4), retaken(day=9, when=dated(6)),
]  # fmt: skip
YEAR = STORY[0].article.published_at.year


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(event.model_dump_json() + "\n" for event in STORY), encoding="utf-8")
    return path


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_record_is_printed_in_the_order_in_which_it_was_known(rules: Path, events: Path) -> None:
    told = lines(run("--rules", rules, "--events", events))
    kinds = [record["record"] for record in told]
    assert kinds.count("event") == len(STORY)
    assert {"incident", "control", "alert"} <= set(kinds)
    alerts = [(r["state"], r["value"], r["known_at"], r["reason"]) for r in told if r["record"] == "alert"]
    assert alerts == [
        ("firing", 2.0, _known(STORY[2]), None),
        ("resolved", 2.0, _known(STORY[3]), "recaptured"),
    ]
    known = {"event": lambda r: r["article"]["published_at"], "alert": lambda r: r["known_at"]}
    times = [known[r["record"]](r) for r in told if r["record"] in known]
    assert times == sorted(times)


def _known(event: Any) -> str:
    return f"{event.article.published_at:%Y-%m-%dT%H:%M:%SZ}"


def test_alerts_alone_are_the_same_alerts(rules: Path, events: Path) -> None:
    everything = [r for r in lines(run("--rules", rules, "--events", events)) if r["record"] == "alert"]
    assert lines(run("--rules", rules, "--events", events, "--alerts-only")) == everything


def test_the_time_runs_on_as_far_as_it_is_asked_to(rules: Path, events: Path) -> None:
    rules.write_text(RULES.replace("when:", "window: 3d\n    when:").replace("gte: 2", "gte: 1"))
    stopped = lines(run("--rules", rules, "--events", events, "--alerts-only"))
    gone_on = lines(run("--rules", rules, "--events", events, "--alerts-only", "--until", f"{YEAR}-05-01"))
    assert gone_on[: len(stopped)] == stopped
    assert [(r["state"], r["reason"], r["known_at"][:10]) for r in gone_on[-1:]] == [
        ("resolved", "window passed", f"{YEAR}-03-07")
    ]


def test_a_table_is_for_people(rules: Path, events: Path) -> None:
    told = run("--rules", rules, "--events", events, "--alerts-only", "--format", "table")
    assert "FIRING TwoHeld: 2 are held (value 2)" in told.stdout
    assert "RESOLVED TwoHeld: 2 are held (value 2, recaptured)" in told.stdout


# --- what is kept ------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOCSIN_STATE_DIR", str(tmp_path / "state"))
    path = tmp_path / "archive.jsonl"
    articles = [
        {"id": "one", "text": "KABUL - Taliban fighters captured the city of Kunduz on Tuesday.", "published": "2021-08-10"},
        {"id": "two", "text": "KABUL - The Taliban seized Taloqan on Wednesday.", "published": "2021-08-11"},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return path


Counted = Callable[[], int]
_reader = cache(load_reader)
"""The real one, loaded once for these tests."""


@pytest.fixture
def models_loaded(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """How often the language model was asked for."""
    asked = 0

    def counted() -> Any:
        nonlocal asked
        asked += 1
        return _reader()

    monkeypatch.setattr(tocsin.cli.archive, "load_reader", counted)
    return lambda: asked


def test_an_archive_is_read_once_and_what_is_new_in_it_is_read(
    archive: Path, rules: Path, models_loaded: Counted
) -> None:
    first = lines(run("--rules", rules, archive))
    assert [r["place"]["name"] for r in first if r["record"] == "event"] == ["Kunduz", "Taloqan"]
    assert models_loaded() == 1
    assert lines(run("--rules", rules, archive)) == first
    assert models_loaded() == 1
    assert lines(run("--rules", rules, archive, "--no-cache")) == first
    assert models_loaded() == 2
    archive.write_text(archive.read_text().replace("seized Taloqan", "seized Aybak"))
    changed = lines(run("--rules", rules, archive))
    assert [r["place"]["name"] for r in changed if r["record"] == "event"] == ["Kunduz", "Aybak"]
    assert models_loaded() == 3


def test_what_is_kept_goes_by_the_words_and_by_what_reads_them(archive: Path, tmp_path: Path) -> None:
    article = _article("Some words.")
    with EventCache.open(tmp_path) as cache:
        assert cache.path.name == f"{reading_version()}.sqlite3"
        assert cache.get(article) is None
        cache.put(article, STORY[:2])
    with EventCache.open(tmp_path) as cache:
        assert cache.get(article) == STORY[:2]
        assert cache.get(article.model_copy(update={"received_at": datetime(2030, 1, 1, tzinfo=UTC)})) == STORY[:2]
        assert cache.get(_article("Other words.")) is None
        assert cache.get(article.model_copy(update={"revision": 2})) is None
        cache.put(article, [])
        assert cache.get(article) == []


def test_damage_and_a_folder_that_cannot_be_written_cost_a_reading_and_no_more(
    archive: Path, rules: Path, tmp_path: Path, models_loaded: Counted
) -> None:
    (tmp_path / "state").write_text("a file stands where the folder should be")
    told = run("--rules", rules, archive)
    assert "no events are kept in" in told.stderr
    assert lines(told)
    with EventCache.open(tmp_path / "kept") as cache:
        cache.put(_article("x"), STORY)
        cache._db.execute("update events set told = x'00'")
        assert cache.get(_article("x")) is None


def test_versions_not_used_for_a_month_are_removed(tmp_path: Path) -> None:
    import os

    for name, days in (("old", 31), ("recent", 29)):
        (tmp_path / f"{name}.sqlite3").touch()
        then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        os.utime(tmp_path / f"{name}.sqlite3", (then, then))
    EventCache.open(tmp_path).__exit__(None, None, None)
    assert {path.stem for path in tmp_path.glob("*.sqlite3")} == {"recent", reading_version()}


def test_the_version_names_the_model_that_reads() -> None:
    from tocsin.cli.event_cache import PARSER
    from tocsin.reading.reader import DEFAULT_MODEL

    assert DEFAULT_MODEL.replace("_", "-") in PARSER


def _article(text: str) -> Any:
    from tocsin_schemas import Article, Publisher
    from tocsin_schemas.ids import content_hash

    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Article(
        id="a", text=text, published_at=now, received_at=now, content_hash=content_hash("", text),
        publisher=Publisher(id="p", name="p", family="p"),
    )  # fmt: skip


# --- which events the ledger needs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        ("{stream: control, measure: count, when: {gte: 1}}", "capture surrender"),
        ("{stream: incidents, match: {type: statement}, measure: count, window: 1d, when: {gte: 1}}", "statement"),
        ("{stream: incidents, match: {type: capture}, measure: count, window: 1d, when: {gte: 1}}", "capture surrender"),
        ("{stream: incidents, match: {type: {not: [capture, surrender]}}, measure: count, window: 1d, when: {gte: 1}}",
         "diplomacy statement"),
        ("{stream: incidents, match: {place.country: AFG, n_reports: {gte: 2}}, measure: count, window: 1d, when: {gte: 1}}",
         "capture diplomacy statement surrender"),
        ("{stream: incidents, match: {type: capture}, measure: {absence: 6h}}", "capture diplomacy statement surrender"),
        ("{stream: statement, measure: count, window: 1d, when: {gte: 1}}", ""),
    ],
)  # fmt: skip
def test_the_ledger_is_given_what_the_rules_may_look_at(rule: str, needed: str) -> None:
    rules = parse_rules(f"rules: [{rule.replace('{', '{alert: A, ', 1)}]")
    assert sorted(events_for_the_ledger(rules)) == needed.split()


def test_the_shipped_rules_let_the_ledger_pass_statements_by() -> None:
    assert events_for_the_ledger(load_rules(ROOT / "deploy" / "rules")) == {"capture", "surrender"}


# --- the picture -------------------------------------------------------------------------------------------------


def _drawn(path: Path) -> list[tuple[str, str]]:
    """The bars of a picture: colour, and what it says of each."""
    svg = "{http://www.w3.org/2000/svg}"
    bars = [group for group in ET.parse(path).iter(f"{svg}g") if group.find(f"{svg}rect") is not None]
    return [(bar.find(f"{svg}rect").attrib["fill"], bar.find(f"{svg}title").text or "") for bar in bars]  # type: ignore[union-attr]


def test_the_picture_has_a_bar_for_each_episode(rules: Path, events: Path, tmp_path: Path) -> None:
    run("--rules", rules, "--events", events, "--alerts-only", "--plot", tmp_path / "alerts.svg")
    assert _drawn(tmp_path / "alerts.svg") == [
        ("#e59866", f"TwoHeld: 2, since {YEAR}-03-04 00:00, known {YEAR}-03-04 12:00, "
         f"resolved {YEAR}-03-06 00:00 (recaptured). 2 are held")
    ]  # fmt: skip


def test_what_was_taken_back_and_what_fires_look_different(rules: Path, events: Path, tmp_path: Path) -> None:
    story = [*STORY[:3], denied(CAPITALS[2], day=5)]
    events.write_text("".join(event.model_dump_json() + "\n" for event in story), encoding="utf-8")
    run("--rules", rules, "--events", events, "--alerts-only", "--plot", tmp_path / "alerts.svg")
    ((color, title),) = _drawn(tmp_path / "alerts.svg")
    assert (color, "(contested)" in title) == ("#b3b6b7", True)
    run("--rules", rules, "--events", _written(tmp_path, STORY[:3]), "--alerts-only", "--plot", tmp_path / "alerts.svg")
    ((color, _),) = _drawn(tmp_path / "alerts.svg")
    assert color == "#c0392b"


def _written(tmp_path: Path, story: list[Any]) -> Path:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(event.model_dump_json() + "\n" for event in story), encoding="utf-8")
    return path


def test_a_picture_of_nothing_says_so() -> None:
    assert "no alert fired" in draw([])


# --- calls that are wrong ----------------------------------------------------------------------------------------


def test_a_wrong_call_ends_in_a_line_that_says_what_to_do(rules: Path, events: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(RULES.replace("holder", "hodler"), encoding="utf-8")
    (tmp_path / "no.jsonl").write_text('{"type": "capture"}\n', encoding="utf-8")
    calls: list[tuple[list[Any], str]] = [
        (["--rules", rules], "give articles, --events FILE or --from-topics, one of them"),
        (["--rules", rules, "x.jsonl", "--events", events], "give articles, --events FILE or --from-topics"),
        (["--rules", tmp_path / "none.yaml", "--events", events], "no such rule file or folder"),
        (["--rules", broken, "--events", events], 'broken.yaml:4: records of stream control have no field "hodler"'),
        (["--rules", rules, "--events", tmp_path / "none"], "no such file"),
        (["--rules", rules, "--events", tmp_path / "no.jsonl"], "no.jsonl:1: no event"),
        (["--rules", rules, "none.jsonl"], "none.jsonl: no such file or folder"),
        (["--rules", rules, "--events", events, "--plot", tmp_path / "none" / "x.svg"], "no such folder"),
        (["--rules", rules, "--events", events, "--until", "tomorrow"], "Invalid value for '--until'"),
    ]
    for arguments, said in calls:
        told = run(*arguments)
        assert told.exit_code == 2, (arguments, told.output)
        assert said in told.stderr.replace("\n", ""), (said, told.stderr)
        assert "Traceback" not in told.output


def test_what_extract_prints_is_what_backtest_reads(events: Path) -> None:
    assert [EVENT.validate_json(line) for line in events.read_text().splitlines()] == STORY


def test_the_schema_for_editors_is_printed() -> None:
    told = CliRunner().invoke(app, ["rules", "schema"])
    assert told.stdout == (ROOT / "deploy" / "rules" / "rules.schema.json").read_text(encoding="utf-8")
