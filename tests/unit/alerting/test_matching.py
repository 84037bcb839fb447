"""What rules see in records: the match language, signals that take earlier ones back, event time, evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tocsin.alerting.conditions import compile_match, holds, may_hold
from tocsin.alerting.fields import MODELS, Record, field_of, fields
from tocsin.alerting.matching import MAX_SENTENCE, signals
from tocsin.alerting.rules import RuleSet, parse_rules
from tocsin.alerting.scenarios import Scenario
from tocsin_schemas import Control, Signal
from tocsin_schemas.alert import SignalStream

NOON = datetime(2021, 8, 8, 12, tzinfo=UTC)


def record(stream: SignalStream, at: datetime = NOON, **fields: Any) -> Record:
    return Scenario().record(stream, fields, at)


def kunduz(**fields: Any) -> Record:
    return record("control", place="Kunduz, AFG", holder="taliban", since=date(2021, 8, 8), **fields)


def rules(stream: str, match: str = "{}", **more: str) -> RuleSet:
    lines = {"measure": "count", "window": "7d", "when": "{gte: 1}", **more}
    text = "\n".join(f"    {key}: {value}" for key, value in lines.items())
    return parse_rules(f"rules:\n  - alert: Rule\n    stream: {stream}\n    match: {match}\n{text}\n")


def only(found: list[Signal]) -> Signal:
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({}, True),
        ({"place.country": "AFG", "holder": "taliban"}, True),
        ({"place.country": "AFG", "holder": "state:AFG"}, False),
        ({"holder": ["state:AFG", "taliban"]}, True),
        ({"holder": {"not": "taliban"}}, False),
        ({"not": {"holder": "taliban", "place.country": "UKR"}}, True),
        ({"not": {"holder": "taliban", "place.country": "AFG"}}, False),
        ({"any": [{"place.country": "UKR"}, {"holder": "taliban"}]}, True),
        ({"any": [{"place.country": "UKR"}, {"holder": "state:AFG"}]}, False),
        ({"all": [{"place.country": "AFG"}, {"holder": "state:AFG"}]}, False),
        ({"since": {"gte": date(2021, 8, 8), "lt": date(2021, 8, 9)}}, True),
        ({"since": {"gt": date(2021, 8, 8)}}, False),
        ({"as_of": {"lte": NOON}}, True),
        ({"previous_holder": None}, True),
        ({"holder": None}, False),
        ({"place.lat": {"gte": 0}}, False),
        ({"place.lat": None}, True),
        ({"place.lat": {"not": {"gte": 0}}}, True),
        ({"history.holder": "taliban"}, True),
        ({"history.holder": {"not": "taliban"}}, False),
        ({"reports.evidence.sentence": {"contains": "was TAKEN"}}, True),
        ({"reports.evidence.sentence": {"contains": ["was take", "lost"]}}, False),
    ],
)
def test_the_match_language(match: dict[str, Any], fits: bool) -> None:
    condition, complaints = compile_match("control", match, ())
    assert not complaints
    assert holds(condition, kunduz(sentence="Kunduz was\ntaken.")) is fits


def test_an_object_is_compared_with_null() -> None:
    condition, _ = compile_match("capture", {"captor": None}, ())
    place = {"name": "Ab", "country": "AFG"}
    assert holds(condition, record("capture", place=place))
    assert not holds(condition, record("capture", place=place, captor="rebels"))


def test_one_of_several_participants_is_enough() -> None:
    condition, _ = compile_match("diplomacy", {"participants.id": "rebels"}, ())
    assert holds(condition, record("diplomacy", kind="talks", participants=["state:AAA", "rebels"]))
    assert not holds(condition, record("diplomacy", kind="talks", participants=["state:AAA"]))


@pytest.mark.parametrize(
    ("match", "may"),
    [
        ({"place.country": "UKR", "holder": "taliban"}, False),
        ({"place.country": "AFG", "holder": "state:AFG"}, True),
        ({"any": [{"place.country": "UKR"}, {"holder": "state:AFG"}]}, True),
        ({"any": [{"place.country": "UKR"}, {"place.is_admin1_capital": False}]}, False),
        ({"not": {"place.country": "AFG"}}, False),
        ({"not": {"holder": "taliban"}}, True),
    ],
)
def test_what_no_revision_of_a_record_can_match_gives_no_signal(match: dict[str, Any], may: bool) -> None:
    condition, _ = compile_match("control", match, ())
    assert may_hold(condition, kunduz()) is may


def test_every_field_of_every_stream_can_be_read() -> None:
    records = {
        "control": kunduz(sentence="It fell."),
        "incidents": record("incidents", type="capture", place="Kunduz, AFG", sentence="It fell."),
        "capture": record("capture", place="Kunduz, AFG", captor="taliban", count=5),
        "surrender": record("surrender", place="Kunduz, AFG", surrendering="army", count=5),
        "statement": record("statement", speaker="aide"),
        "diplomacy": record("diplomacy", kind="talks", participants=["a", "b"], mediator="c"),
    }
    for stream in MODELS:
        for field in fields(stream).values():
            values = field.values(records[stream])
            assert field.many or values == [field.value(records[stream])], field.path
    assert field_of("control", "history.from").values(records["control"]) == [date(2021, 8, 8)]


def test_a_matching_event_gives_one_signal_with_its_proof() -> None:
    capture = record("capture", id="e1", place="Kunduz, AFG", captor="taliban", sentence="They took Kunduz.")
    signal = only(signals(rules("capture", "{place.country: AFG}", group_by="place.country"), capture))
    assert (signal.rule, signal.group, signal.stream) == ("Rule", {"place.country": "AFG"}, "capture")
    assert (signal.item, signal.revision, signal.matched, signal.at) == ("e1", 1, True, NOON)
    assert [(e.label, e.event_id, e.sentence, e.publisher, e.at) for e in signal.evidence] == [
        ("Kunduz", "e1", "They took Kunduz.", "wire", NOON)
    ]


def test_an_event_that_does_not_match_says_nothing_unless_it_may_have_matched_before() -> None:
    found = rules("capture", "{place.country: UKR}")
    scenario = Scenario()
    event = {"id": "e1", "place": "Kunduz, AFG"}
    assert signals(found, scenario.record("capture", event, NOON)) == []
    corrected = only(signals(found, scenario.record("capture", event, NOON)))
    assert (corrected.matched, corrected.revision, corrected.cause) == (False, 2, "corrected")


def test_a_retracted_event_takes_its_match_back() -> None:
    signal = only(signals(rules("capture"), record("capture", place="Kunduz, AFG", retracted=True)))
    assert (signal.matched, signal.cause, signal.evidence) == (False, "retracted", [])


@pytest.mark.parametrize(("min_status", "expected"), [("contested", 3), ("claimed", 2), ("confirmed", 1)])
def test_min_status_weighs_incidents_and_events(min_status: str, expected: int) -> None:
    statuses = ["contested", "claimed", "confirmed", "retracted"]
    incidents = [record("incidents", type="capture", place="Kunduz, AFG", status=status) for status in statuses]
    found = [only(signals(rules("incidents", min_status=min_status), incident)) for incident in incidents]
    assert sum(signal.matched for signal in found) == expected
    events = [record("capture", place="Kunduz, AFG", modality=m) for m in ("denied", "claimed", "asserted")]
    assert sum(len(signals(rules("capture", min_status=min_status), event)) for event in events) == expected


def test_without_min_status_denied_and_contested_do_not_count() -> None:
    assert signals(rules("capture"), record("capture", place="Kunduz, AFG", modality="denied")) == []
    signal = only(signals(rules("control"), kunduz(status="contested")))
    assert (signal.matched, signal.cause) == (False, "contested")
    assert only(signals(rules("control", "{status: contested}"), kunduz(status="contested"))).matched


def test_min_families_counts_publisher_families() -> None:
    found = rules("incidents", min_families="2")
    assert [
        only(signals(found, record("incidents", type="capture", place="Kunduz, AFG", n_families=n))).matched
        for n in (1, 2, 3)
    ] == [False, True, True]


def test_a_place_is_held_from_the_day_it_fell_until_it_is_retaken() -> None:
    scenario = Scenario()
    held = {"place": "Kunduz, AFG", "holder": "taliban", "since": date(2021, 8, 8), "sentence": "It fell."}
    scenario.record("control", held, NOON)
    retaken = {"place": "Kunduz, AFG", "holder": "state:AFG", "since": date(2021, 8, 12), "sentence": "It is ours."}
    control = scenario.record("control", retaken, datetime(2021, 8, 12, 9, tzinfo=UTC))
    signal = only(signals(rules("control", "{holder: taliban}"), control))
    assert signal.matched
    assert [(span.start.day, span.end and span.end.day, span.evidence[0].sentence) for span in signal.spans] == [
        (8, 12, "It fell.")
    ]


def test_a_ledger_that_leaves_the_present_out_of_the_history_is_understood() -> None:
    signal = only(signals(rules("control", "{holder: taliban}"), kunduz(history=[], sentence="It fell.")))
    assert [(span.start.day, span.end) for span in signal.spans] == [(8, None)]


def test_a_recapture_that_no_history_tells_of_takes_the_match_back() -> None:
    control = record("control", place="Kunduz, AFG", holder="state:AFG", since=date(2021, 8, 12), history=[])
    signal = only(signals(rules("control", "{holder: taliban}"), control))
    assert (signal.matched, signal.cause) == (False, "recaptured")


def test_the_proof_of_a_place_is_its_earliest_standing_report_in_the_outlets_own_voice() -> None:
    def report(hour: int, modality: str, event: str, retracted: bool = False) -> dict[str, Any]:
        evidence = {"start": 3, "end": 9, "sentence_start": 0, "sentence_end": 20, "trigger": "took", "sentence": event}
        return {
            "event_id": event, "article_id": f"a{hour}", "publisher": "p", "family": "f", "modality": modality,
            "retracted": retracted, "published_at": NOON.replace(hour=hour), "evidence": evidence,
        }  # fmt: skip

    reports = [
        report(7, "asserted", "withdrawn", retracted=True), report(8, "denied", "denial"),
        report(9, "claimed", "claim"), report(9, "asserted", "own"), report(10, "asserted", "later"),
    ]  # fmt: skip
    control = Control.model_validate({**kunduz().model_dump(by_alias=True), "reports": reports, "history": []})
    proof = only(signals(rules("control"), control)).spans[0].evidence[0]
    assert (proof.event_id, proof.start, proof.end, proof.item) == ("own", 3, 9, "geonames:1135689")


@pytest.mark.parametrize(
    ("date_of", "published", "expected"),
    [
        ({"end": "2021-08-08", "precision": "unknown"}, "2021-08-08T12:00Z", "2021-08-08T12:00Z"),
        ({"start": "2021-08-08", "end": "2021-08-08", "precision": "day"}, "2021-08-08T12:00Z", "2021-08-08T12:00Z"),
        ({"start": "2021-08-06", "end": "2021-08-06", "precision": "day"}, "2021-08-08T12:00Z", "2021-08-06T00:00Z"),
        ({"start": "2021-08-06", "end": "2021-08-07", "precision": "day"}, "2021-08-08T12:00Z", "2021-08-07T00:00Z"),
        ({"start": "2021-08-09", "end": "2021-08-09", "precision": "day"}, "2021-08-08T20:00Z", "2021-08-08T20:00Z"),
        ({"start": "2021-08-20", "end": "2021-08-20", "precision": "day"}, "2021-08-08T20:00Z", "2021-08-20T00:00Z"),
    ],
    ids=["undated", "of the day", "earlier", "overnight", "the outlet's day is ahead", "dated in the future"],
)  # fmt: skip
def test_where_an_event_stands_in_time(date_of: dict[str, Any], published: str, expected: str) -> None:
    at = datetime.fromisoformat(published)
    capture = record("capture", at=at, place="Kunduz, AFG", date=date_of)
    assert only(signals(rules("capture"), capture)).at == datetime.fromisoformat(expected)


def test_a_quantity_is_summed_by_its_value_or_its_least() -> None:
    found = rules("surrender", measure="{sum: count}")
    counts = [20, {"text": "hundreds", "minimum": 200, "maximum": 999}, None]
    assert [only(signals(found, record("surrender", place="Kunduz, AFG", count=c))).value for c in counts] == [
        20, 200, None,
    ]  # fmt: skip


def test_a_record_without_a_value_to_group_by_is_in_no_group() -> None:
    found = rules("diplomacy", group_by="place.country")
    assert signals(found, record("diplomacy", kind="talks", participants=["a"])) == []


def test_a_rule_on_absence_hears_that_sources_speak_and_who_spoke() -> None:
    quiet = parse_rules("rules: [{alert: Rule, stream: statement, match: {speaker.id: aide}, measure: {absence: 6h}}]")
    told = [signals(quiet, record("statement", speaker=who, sentence="Words.")) for who in ("aide", "clerk")]
    assert [[(s.item.split(":")[0], s.matched) for s in some] for some in told] == [
        [("activity", False), (told[0][1].item, True)],
        [("activity", False)],
    ]


def test_long_sentences_are_shown_in_part() -> None:
    signal = only(signals(rules("capture"), record("capture", place="Kunduz, AFG", sentence="It fell " * 500)))
    sentence = signal.evidence[0].sentence
    assert sentence is not None
    assert (len(sentence), sentence[-1]) == (MAX_SENTENCE, "…")


@pytest.mark.parametrize(
    ("stream", "fields", "label"),
    [
        ("statement", {"speaker": {"id": "person:x", "name": "A. Speaker"}}, "A. Speaker"),
        ("diplomacy", {"kind": "talks", "participants": ["a", "b", "a"]}, "a, b"),
        ("surrender", {"surrendering": "garrison"}, "garrison"),
        ("incidents", {"type": "capture", "place": "Kunduz, AFG"}, "Kunduz"),
    ],
)
def test_items_are_called_by_their_place_or_their_actors(
    stream: SignalStream, fields: dict[str, Any], label: str
) -> None:
    assert only(signals(rules(stream), record(stream, **fields))).evidence[0].label == label
