"""receivers.yaml: what is taken, and how each mistake is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.webhooks.config_file import ConfigError, load_receivers
from tocsin.webhooks.matching import MuteWindow, muted_until, parse_matcher
from tocsin.webhooks.receivers import Receivers, parse_duration
from webhook_builders import SECRET, a_receiver, an_alert, secret_file

DEPLOY = Path(__file__).parents[3] / "deploy" / "webhooks"


def written(folder: Path, text: str) -> Path:
    path = folder / "receivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_name_a_url_and_a_secret_are_enough(tmp_path: Path) -> None:
    text = f"receivers:\n  - name: desk\n    url: https://desk.example/hook\n    secrets: [{SECRET}]\n"
    (receiver,) = load_receivers(written(tmp_path, text)).receivers
    assert receiver.format == "alertmanager-v4"
    assert receiver.timeout == timedelta(seconds=15)
    assert receiver.send_resolved
    assert len(receiver.keys()) == 1
    assert receiver.wants(an_alert())


def test_an_empty_file_has_no_receivers(tmp_path: Path) -> None:
    assert load_receivers(written(tmp_path, "")).receivers == []


def test_a_fresh_deployment_starts_without_receivers() -> None:
    assert load_receivers(DEPLOY / "receivers.yaml").receivers == []


def test_the_sample_file_of_the_project_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = DEPLOY / "receivers.sample.yaml"
    for name in ("DESK_WEBHOOK_SECRET", "PAGERDUTY_ROUTING_KEY", "SLACK_WEBHOOK_URL", "TEAMS_WEBHOOK_URL"):
        value = SECRET if name.endswith("SECRET") else "https://hooks.example/services/T/B/x"
        monkeypatch.setenv(name, value)
    receivers = load_receivers(sample).receivers
    assert {receiver.format for receiver in receivers} >= {"alertmanager-v4", "pagerduty-v2", "slack", "teams"}


BASE = f"receivers:\n  - name: desk\n    url: https://desk.example/hook\n    secrets: [{SECRET}]\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BASE + "    fromat: slack\n", ":5: fromat: unknown field; did you mean format?"),
        (BASE + "    format: xml\n", ":5: format: Input should be 'alertmanager-v4'"),
        (BASE + "    timeout: 15\n", ":5: timeout: not a duration: 15; write it like"),
        (BASE + "    timeout: 2m\n", ":5: timeout: a timeout is longer than nothing and at most 1m"),
        (BASE + "    match: ['severity']\n", ":5: match: not a matcher: 'severity'"),
        (BASE + "    match: ['a=~\"(\"']\n", ":5: match: not a regular expression"),
        (BASE + "    headers: {'X Y': z}\n", ":5: headers"),
        (BASE + "    headers: {webhook-id: z}\n", "webhook-id is set by Tocsin itself"),
        (BASE + "    tls: {ca: /nowhere/ca.pem}\n", ":5: tls: cannot use /nowhere/ca.pem"),
        (BASE + "    tls: {cert: /a}\n", ":5: tls: cert and key belong together"),
        (BASE + "    mute: [{from: '25:00', to: '26:00'}]\n", ":5: mute.from: not a time of day"),
        (BASE + "    mute: [{from: 22:00, to: 06:00, zone: Mars/Base}]\n", ":5: mute: unknown time zone"),
        (BASE + "    template: '{{'\n    format: template\n", "template: line 1"),
        (BASE + "    routing_key: abc\n", ":2: format pagerduty-v2 and routing_key belong together"),
        (BASE + "    name: desk\n", ":5: name is there twice"),
        (BASE + BASE.removeprefix("receivers:\n"), "two receivers have the name desk"),
        (BASE.replace("https:", "gopher:"), "not a URL of a receiver"),
        (BASE.replace(SECRET, "{file: /nowhere/secret}"), ":4: secrets: cannot read /nowhere/secret"),
        (BASE.replace(SECRET, "{env: NOBODY_SETS_THIS}"), "the environment variable NOBODY_SETS_THIS is not set"),
        (BASE.replace(SECRET, "{}"), ":4: secrets: give exactly one of value, file, env"),
        (BASE.replace(SECRET, "whsec_x"), ":2: what follows whsec_ is not base64"),
        ("receivers:\n  - name: desk\n    url: https://desk.example/hook\n", ":2: secrets is missing"),
        ("receivers:\n  - name: desk\n    secrets: [x\n", ":4: not YAML"),
        ("receivers: desk\n", ":1: Input should be a valid list"),
        ("receivers:\n  - url: https://desk.example\n    unsigned: true\n", ":2: name: Field required"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_what_was_expected(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_receivers(written(tmp_path, text))
    assert told in str(caught.value)
    assert str(tmp_path / "receivers.yaml") in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_receivers(written(tmp_path, BASE + "    fromat: slack\n    timeout: soon\n"))
    assert len(caught.value.problems) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_receivers(tmp_path / "nowhere.yaml")


def test_a_secret_in_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    secret = secret_file(tmp_path, "first")
    assert secret.read() == "first"
    (tmp_path / "secret").write_text("second\n", encoding="utf-8")
    assert secret.read() == "second"


def test_secrets_do_not_show_when_a_receiver_is_printed() -> None:
    assert SECRET not in repr(a_receiver())


@pytest.mark.parametrize(
    ("matcher", "holds"),
    [
        ('severity="critical"', True), ("severity=critical", True), ('severity!="critical"', False),
        ('country=~"AFG|PAK"', True), ('country=~"AF"', False), ('country!~"A.*"', False),
        ('team=""', True), ('team!="red"', True), ('alertname="CapitalsFalling"', True), ('severity = "minor"', False),
    ],
)  # fmt: skip
def test_matchers_read_labels_as_alertmanager_does(matcher: str, holds: bool) -> None:
    assert parse_matcher(matcher).holds({"alertname": "CapitalsFalling", **an_alert().labels}) is holds


def test_an_alert_goes_to_every_receiver_whose_matchers_all_hold() -> None:
    receivers = Receivers(
        receivers=[
            a_receiver("all"),
            a_receiver("afghanistan", match=['country="AFG"', 'severity="critical"']),
            a_receiver("syria", match=['country="SYR"']),
            a_receiver("firing-only", send_resolved=False),
        ]
    )
    assert [r.name for r in receivers.for_alert(an_alert())] == ["all", "afghanistan", "firing-only"]
    assert [r.name for r in receivers.for_alert(an_alert(state="resolved"))] == ["all", "afghanistan"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("15s", 15), ("5m", 300), ("1h30m", 5400), ("1d", 86400), ("250ms", 0.25), ("2m5s", 125)]
)
def test_durations_are_read_with_their_units(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "15", "1.5h", "-5s", "5 m", "m5", "s", None, 15])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_a_night_is_muted_over_midnight_in_its_own_zone() -> None:
    night = MuteWindow(frozenset({"mon"}), 22 * 60, 6 * 60, "Asia/Kabul")  # UTC+4:30
    monday_evening = datetime(2025, 8, 11, 18, 0, tzinfo=UTC)
    assert night.until(monday_evening) == datetime(2025, 8, 12, 1, 30, tzinfo=UTC)
    assert night.until(datetime(2025, 8, 12, 1, 0, tzinfo=UTC)) == datetime(2025, 8, 12, 1, 30, tzinfo=UTC)
    assert night.until(datetime(2025, 8, 12, 1, 30, tzinfo=UTC)) is None
    assert night.until(datetime(2025, 8, 12, 18, 0, tzinfo=UTC)) is None  # Tuesday night


def test_of_overlapping_windows_the_latest_end_counts() -> None:
    day = frozenset({"mon"})
    windows = [MuteWindow(day, 0, 600, "UTC"), MuteWindow(day, 300, 900, "UTC")]
    assert muted_until(windows, datetime(2025, 8, 11, 6, tzinfo=UTC)) == datetime(2025, 8, 11, 15, tzinfo=UTC)
