"""What becomes of alerts: steps, corrections, taking back, edited and removed rules, a store that outlives crashes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tocsin.alerting.counter import Counter
from tocsin.alerting.counting import SETTLING
from tocsin.alerting.matching import signals
from tocsin.alerting.rules import RuleSet, parse_rules
from tocsin.alerting.scenarios import Scenario
from tocsin_schemas import Alert, Signal

HELD = """\
rules:
  - alert: Held
    stream: control
    match: {place.country: AFG, place.is_admin1_capital: true, holder: taliban}
    measure: {count_distinct: place.id}
    when: {gte: 4}
    steps: [6]
    annotations: {summary: "{{ value }} of {{ of }}"}
"""
CAPITALS = ["Zaranj", "Sheberghan", "Kunduz", "Taloqan", "Aybak", "Farah", "Faizabad", "Ghazni", "Herat"]
RULES = parse_rules(HELD)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2021, 8, day, hour, tzinfo=UTC)


class Desk:
    """Somebody who feeds records to a counter and keeps what it writes."""

    def __init__(self, rules: RuleSet = RULES, store: dict[str, bytes] | None = None) -> None:
        self.rules = rules
        self.store: dict[str, bytes] = {} if store is None else store
        self.counter = Counter(rules, self.store)
        self.scenario = Scenario()
        self.written: list[Alert] = []

    def falls(self, name: str, day: int, now: datetime | None = None, **fields: Any) -> list[Alert]:
        given = {"place": f"{name}, AFG", "holder": "taliban", "since": date(2021, 8, day),
                 "sentence": f"{name} fell."}  # fmt: skip
        record = self.scenario.record("control", {**given, **fields}, now or at(day))
        return self.take(signals(self.rules, record), now or at(day))

    def take(self, some: list[Signal], now: datetime) -> list[Alert]:
        new = [alert for signal in some for alert in self.counter.apply(signal, now)]
        self.written += new
        return new

    def told(self) -> list[tuple[Any, ...]]:
        return [(alert.change, alert.state, alert.value) for alert in self.written]


def four_fallen(**kwargs: Any) -> Desk:
    desk = Desk(**kwargs)
    for day, name in enumerate(CAPITALS[:4], start=1):
        desk.falls(name, day)
    return desk


def test_the_fourth_capital_rings_once_with_four_sentences() -> None:
    desk = four_fallen()
    (alert,) = desk.written
    assert (alert.state, alert.value, alert.of, alert.revision) == ("firing", 4, 34, 1)
    assert alert.annotations == {"summary": "4 of 34"}
    assert [proof.sentence for proof in alert.evidence] == [f"{name} fell." for name in CAPITALS[:4]]
    assert (alert.starts_at, alert.updated_at) == (at(4, 0), at(4))
    assert (alert.replay.start, alert.replay.end, alert.replay.episode) == (at(1, 0), at(4, 0), 1)


def test_four_places_of_one_article_ring_once_in_any_order() -> None:
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        desk = Desk()
        for number in order:
            desk.falls(CAPITALS[number], 5)
        assert desk.told() == [("firing", "firing", 4)]
        assert {proof.label for proof in desk.written[0].evidence} == set(CAPITALS[:4])


def test_a_declared_step_is_told_and_what_lies_between_is_not() -> None:
    desk = four_fallen()
    for day, name in enumerate(CAPITALS[4:], start=5):
        desk.falls(name, day)
    assert desk.told() == [("firing", "firing", 4), ("step", "firing", 6)]
    assert [alert.id for alert in desk.written] == [desk.written[0].id] * 2
    assert [alert.revision for alert in desk.written] == [1, 2]


def test_a_step_reached_before_a_lapse_is_not_told_again_while_it_rings_on() -> None:
    desk = Desk(parse_rules(HELD.replace("when: {gte: 4}", "when: {gte: 4}\n    keep_firing_for: 5d")))
    for day, name in enumerate(CAPITALS[:6], start=1):
        desk.falls(name, day)
    for name in CAPITALS[:3]:
        desk.falls(name, 7, holder="state:AFG", sentence=f"{name} is ours.")
    desk.falls(CAPITALS[6], 8)
    desk.falls(CAPITALS[7], 9)
    desk.falls(CAPITALS[8], 10)
    assert desk.told() == [("firing", "firing", 4), ("step", "firing", 6)]


def test_better_reports_of_what_is_counted_do_not_ring() -> None:
    desk = four_fallen()
    desk.falls("Kunduz", 3, now=at(6), sentence="Kunduz fell, the governor conceded.")
    desk.falls("Kunduz", 3, now=at(7), status="claimed")
    assert desk.told() == [("firing", "firing", 4)]


def test_a_late_report_corrects_the_start_and_keeps_the_id() -> None:
    desk = four_fallen()
    desk.falls("Herat", 1, now=at(9))
    assert desk.told() == [("firing", "firing", 4), ("correction", "firing", 4)]
    first, corrected = desk.written
    assert (first.id, first.starts_at) == (corrected.id, at(4, 0))
    assert corrected.starts_at == at(3, 0)


def test_a_withdrawn_report_takes_the_alert_back() -> None:
    desk = four_fallen()
    desk.falls("Kunduz", 3, now=at(6), status="retracted")
    last = desk.written[-1]
    assert (last.change, last.state, last.reason, last.ends_at) == ("taken back", "resolved", "retracted", at(6))
    desk.falls("Kunduz", 3, now=at(7))
    assert [(alert.change, alert.revision) for alert in desk.written[1:]] == [("taken back", 2), ("firing", 3)]
    assert len({alert.id for alert in desk.written}) == 1


def test_a_second_time_is_another_alert() -> None:
    desk = four_fallen()
    desk.falls("Kunduz", 6, holder="state:AFG", sentence="Kunduz is ours.")
    desk.falls("Kunduz", 9, sentence="Kunduz fell again.")
    assert [(alert.change, alert.reason) for alert in desk.written] == [
        ("firing", None), ("resolved", "recaptured"), ("firing", None),
    ]  # fmt: skip
    assert desk.written[0].id == desk.written[1].id != desk.written[2].id
    assert len({alert.fingerprint for alert in desk.written}) == 1


def test_a_correction_of_an_earlier_episode_is_followed_by_what_fires() -> None:
    desk = four_fallen()
    desk.falls("Kunduz", 6, holder="state:AFG", sentence="Kunduz is ours.")
    desk.falls("Kunduz", 9, sentence="Kunduz fell again.")
    firing = desk.written[-1]
    history = [{"holder": "taliban", "from": date(2021, 8, 1), "to": date(2021, 8, 5)},
               {"holder": "state:AFG", "from": date(2021, 8, 5), "to": None}]  # fmt: skip
    corrected, last = desk.falls("Herat", 5, now=at(10), holder="state:AFG", history=history)
    assert (corrected.id, corrected.state, corrected.starts_at) == (desk.written[0].id, "resolved", at(3, 0))
    assert (last.id, last.state, last.change) == (firing.id, "firing", "correction")


def test_what_was_over_before_it_was_known_is_told_as_firing_and_as_resolved() -> None:
    desk = Desk()
    record = [desk.scenario.record("control", given, at(20)) for given in _an_old_story()]
    for one in record:
        desk.take(signals(RULES, one), at(20))
    assert desk.told()[:2] == [("firing", "firing", 4), ("resolved", "resolved", 4)]


def _an_old_story() -> list[dict[str, Any]]:
    held = [{"holder": "taliban", "from": date(2021, 8, 1), "to": date(2021, 8, 3)},
            {"holder": "state:AFG", "from": date(2021, 8, 3), "to": None}]  # fmt: skip
    return [
        {"place": f"{name}, AFG", "holder": "state:AFG", "since": date(2021, 8, 3), "history": held}
        for name in CAPITALS[:4]
    ]


def test_duplicates_and_older_revisions_change_nothing() -> None:
    desk = four_fallen()
    record = desk.scenario.record(
        "control", {"place": "Kunduz, AFG", "holder": "state:AFG", "since": date(2021, 8, 6), "revision": 1}, at(6)
    )
    repeated = signals(RULES, record)
    stale = [signal.model_copy(update={"revision": 0}) for signal in repeated]
    assert desk.take(stale, at(7)) == []
    before = dict(desk.store)
    assert desk.take(stale, at(8)) == []
    assert desk.store == before


def test_a_restart_goes_on_where_it_stood() -> None:
    desk = Desk()
    for day, name in enumerate(CAPITALS[:3], start=1):
        desk.falls(name, day)
    desk.counter = Counter(RULES, desk.store)
    assert desk.counter.load(at(3)) == []
    desk.falls("Taloqan", 4)
    assert desk.told() == [("firing", "firing", 4)]
    again = Counter(RULES, desk.store)
    assert again.load(at(5)) == []


def test_a_crash_between_two_writes_loses_no_alert_and_invents_none() -> None:
    (rung,) = four_fallen().written
    torn: list[dict[str, bytes]] = []

    class Recording(dict[str, bytes]):
        def __setitem__(self, key: str, value: bytes) -> None:
            super().__setitem__(key, value)
            torn.append(dict(self))

    desk = four_fallen(store=Recording())
    told = [signal for record in _four_falls() for signal in signals(RULES, record)]
    assert [alert.id for alert in desk.written] == [rung.id]
    for store in torn:
        counter = Counter(RULES, store)
        written = counter.load(at(5))
        written += [alert for signal in told for alert in counter.apply(signal, at(5))]
        (group,) = counter.groups.values()
        assert {alert.revision for alert in written} <= {1}
        assert group.alerts == {1: rung}


def _four_falls() -> list[Any]:
    scenario = Scenario()
    return [
        scenario.record(
            "control",
            {"place": f"{name}, AFG", "holder": "taliban", "since": date(2021, 8, day), "sentence": f"{name} fell."},
            at(day),
        )
        for day, name in enumerate(CAPITALS[:4], start=1)
    ]


# --- edited and removed rules ------------------------------------------------------------------------------------


def test_a_lower_threshold_rings_at_once_and_a_higher_one_resolves() -> None:
    desk = four_fallen()
    assert desk.counter.adopt(parse_rules(HELD.replace("gte: 4", "gte: 3")), at(5)) != []
    (resolved,) = desk.counter.adopt(parse_rules(HELD.replace("gte: 4", "gte: 5")), at(6))
    assert (resolved.id, resolved.state, resolved.reason) == (desk.written[0].id, "resolved", "rule edited")
    (rung,) = desk.counter.adopt(RULES, at(7))
    assert (rung.state, rung.value) == ("firing", 4)
    assert rung.id != resolved.id


def test_an_edit_that_changes_no_verdict_keeps_the_alert_open() -> None:
    desk = four_fallen()
    (still,) = desk.counter.adopt(parse_rules(HELD.replace("gte: 4", "gt: 3")), at(5))
    assert (still.id, still.state, still.change, still.threshold) == (desk.written[0].id, "firing", "correction", "> 3")
    assert still.starts_at == desk.written[0].starts_at
    assert desk.counter.adopt(parse_rules(HELD.replace("gte: 4", "gt: 3")), at(6)) == []


def test_an_edit_of_words_alone_rings_nothing() -> None:
    desk = four_fallen()
    assert desk.counter.adopt(parse_rules(HELD.replace("{{ value }} of", "{{ value }} from")), at(5)) == []


def test_an_edited_match_waits_for_matching_to_look_again() -> None:
    desk = four_fallen()
    edited = parse_rules(HELD.replace("place.is_admin1_capital: true, ", ""))
    assert desk.counter.adopt(edited, at(5)) == []
    desk.rules = edited
    for day, name in enumerate(CAPITALS[:4], start=1):
        assert desk.falls(name, day, now=at(5)) == []
    settled = at(5) + timedelta(microseconds=SETTLING)
    assert desk.counter.due() == settled
    (still,) = desk.counter.tick(settled)
    assert (still.id, still.state, still.change) == (desk.written[0].id, "firing", "correction")
    assert still.of is None


def test_an_edited_match_that_nothing_fits_resolves_when_it_has_settled() -> None:
    desk = four_fallen()
    desk.counter.adopt(parse_rules(HELD.replace("taliban", "others")), at(5))
    (resolved,) = desk.counter.tick(at(6))
    assert (resolved.id, resolved.state, resolved.reason) == (desk.written[0].id, "resolved", "rule edited")


def test_an_edited_label_is_another_alert() -> None:
    desk = four_fallen()
    labelled = parse_rules(HELD.replace("    annotations", "    labels: {severity: page}\n    annotations"))
    closed, opened = desk.counter.adopt(labelled, at(5))
    assert (closed.id, closed.state, closed.reason) == (desk.written[0].id, "resolved", "rule edited")
    assert (opened.state, opened.labels["severity"]) == ("firing", "page")
    assert opened.fingerprint != closed.fingerprint


def test_a_removed_rule_resolves_its_alerts_once() -> None:
    desk = four_fallen()
    other = parse_rules(HELD.replace("Held", "Other"))
    (closed,) = desk.counter.adopt(other, at(5))
    assert (closed.id, closed.state, closed.reason) == (desk.written[0].id, "resolved", "rule removed")
    assert desk.counter.adopt(other, at(6)) == []


def test_signals_of_a_rule_that_is_not_loaded_yet_are_kept_for_it() -> None:
    edited = parse_rules(HELD.replace("place.country: AFG, ", ""))
    desk = Desk(edited)
    desk.counter = Counter(RULES, desk.store)  # matching has read the edit, counting has not
    for day, name in enumerate(CAPITALS[:4], start=1):
        assert desk.falls(name, day) == []
    restarted = Counter(RULES, desk.store)
    assert restarted.load(at(5)) == []
    (rung,) = restarted.adopt(edited, at(6))
    assert (rung.state, rung.value) == ("firing", 4)
    assert not any("parked" in key for key in desk.store)


# --- settling ----------------------------------------------------------------------------------------------------


def settling(store: dict[str, bytes] | None = None) -> Desk:
    desk = Desk(store=store)
    desk.counter = Counter(RULES, desk.store, settle=1_000_000)
    return desk


def after(seconds: float) -> datetime:
    return at(4) + timedelta(seconds=seconds)


def test_what_the_next_signal_takes_back_rings_nobody() -> None:
    desk = settling()
    for name in CAPITALS[:4]:
        desk.falls(name, 4, now=after(0), status="claimed")
    assert desk.counter.unsettled == 1
    assert desk.counter.tick(after(0.9)) == []
    desk.falls("Kunduz", 4, now=after(0.9), status="contested")
    assert desk.counter.tick(after(1.8)) == []
    assert desk.counter.tick(after(1.9)) == []
    assert desk.counter.unsettled == 0
    desk.falls("Kunduz", 4, now=after(5), status="confirmed")
    assert desk.counter.due() == after(6)
    (rung,) = desk.counter.tick(after(6))
    assert (rung.state, rung.value) == ("firing", 4)


def test_a_group_that_is_never_left_alone_is_judged_after_ten_times_the_while() -> None:
    desk = settling()
    for name in CAPITALS[:4]:
        desk.falls(name, 4, now=after(0))
    rung: list[tuple[float, str]] = []
    for step in range(1, 30):
        rung += [(step / 2, alert.state) for alert in desk.counter.tick(after(step / 2))]
        desk.falls("Zaranj", 4, now=after(step / 2), sentence=f"Zaranj fell, report {step}.")
    assert rung == [(10.0, "firing")]


def test_repetitions_do_not_put_the_verdict_off() -> None:
    desk = settling()
    for name in CAPITALS[:4]:
        desk.falls(name, 4, now=after(0))
    again = [s for record in _four_falls()[:1] for s in signals(RULES, record)]
    desk.take([s.model_copy(update={"revision": 0}) for s in again], after(0.9))
    assert [alert.state for alert in desk.counter.tick(after(1))] == ["firing"]


def test_a_restart_while_it_settles_judges_at_once() -> None:
    desk = settling()
    for name in CAPITALS[:4]:
        desk.falls(name, 4, now=after(0))
    desk.counter = Counter(RULES, desk.store, settle=1_000_000)
    (rung,) = desk.counter.load(after(0.5))
    assert (rung.state, rung.revision, desk.counter.unsettled) == ("firing", 1, 0)


def test_a_state_that_was_sent_and_not_stored_is_sent_again_as_it_was() -> None:
    desk = settling()
    for name in CAPITALS[:4]:
        desk.falls(name, 4, now=after(0))
    stored = dict(desk.store)
    (sent,) = desk.counter.tick(after(1))
    desk.counter = Counter(RULES, stored, settle=1_000_000)  # it died between the two
    (again,) = desk.counter.load(after(2))
    assert again == sent
    desk.falls("Herat", 3, now=after(2))
    assert [alert.revision for alert in desk.counter.tick(after(3))] == [2]


def test_the_reason_for_taking_back_is_that_of_what_was_shown() -> None:
    desk = four_fallen()
    desk.falls("Herat", 5, now=at(6), status="retracted")
    desk.falls("Kunduz", 3, now=at(7), status="contested")
    last = desk.written[-1]
    assert (last.change, last.reason, last.ends_at) == ("taken back", "contested", at(7))


# --- memory ------------------------------------------------------------------------------------------------------


def test_a_group_forgets_items_that_never_counted() -> None:
    rules = parse_rules(
        "rules: [{alert: Big, stream: incidents, match: {type: surrender, n_reports: {gte: 9}}, measure: count, "
        "window: 1d, when: {gte: 1}}]"
    )
    counter = Counter(rules, lateness=0)
    scenario = Scenario()
    for number in range(4_000):
        now = datetime(2021, 8, 1, tzinfo=UTC) + timedelta(hours=number)
        record = scenario.record("incidents", {"id": f"i{number}", "type": "surrender"}, now)
        for signal in signals(rules, record):
            counter.apply(signal, now)
    (group,) = counter.groups.values()
    assert len(group.items) < 2_100
    assert len(counter.store) == len(group.items) + 1


def test_a_sequence_forgets_steps_that_nothing_can_follow_any_more() -> None:
    rules = parse_rules(
        "rules: [{alert: Broken, window: 7d, when: {gte: 1}, measure: {sequence: ["
        "{stream: diplomacy, match: {kind: ceasefire}}, {stream: capture}]}}]"
    )
    small, large = Counter(rules, lateness=0), Counter(rules)
    scenario, written = Scenario(), {small: dict[str, Alert](), large: dict[str, Alert]()}
    for number in range(3_000):
        now = datetime(2021, 8, 1, tzinfo=UTC) + timedelta(hours=12 * number)
        kind, fields = (
            ("diplomacy", {"kind": "ceasefire"}) if number % 100 == 0 else ("capture", {"place": "Kunduz, AFG"})
        )
        record = scenario.record(kind, {"id": f"e{number}", **fields}, now)  # type: ignore[arg-type]
        for counter, known in written.items():
            some = counter.tick(now) + [a for signal in signals(rules, record) for a in counter.apply(signal, now)]
            known.update((alert.id, alert) for alert in some)
    (group,) = small.groups.values()
    assert len(group.items) < 2_100
    assert len(written[small]) == 30
    assert written[small] == written[large]
