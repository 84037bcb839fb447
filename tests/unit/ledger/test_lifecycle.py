"""Claimed, contested, confirmed, retracted: each change with its reason and the report that caused it."""

from __future__ import annotations

import pytest

from ledger_theatre import Final, at, dated, denied, said_by, taken, taken_back
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.lifecycle import independent_families
from tocsin_schemas import Incident

COPY = (
    "Fighters of the Harrow Front swept into the provincial seat of Velmora at dawn, police officers said by telephone."
)


def only(*events) -> Incident:
    core, seen = LedgerCore(), Final()
    for event in events:
        seen.see(core.apply(event))
    return seen.only


def claim(day: int = 3, **more):
    return taken(day=day, **{"modality": "claimed", "attribution": said_by("gaining", "a spokesman"), **more})


def concession(day: int = 3, **more):
    return taken(day=day, **{"attribution": said_by("losing", "a lawmaker"), **more})


def statuses(incident: Incident) -> list[str]:
    return [transition.status for transition in incident.transitions]


def test_the_gaining_side_alone_is_a_claim() -> None:
    incident = only(claim(), claim(hour=15, outlet="herald"), claim(hour=16, outlet="post"))
    assert incident.status == "claimed"
    assert incident.n_families == 0
    assert incident.transitions[0].reason == "claimed by a spokesman"


def test_one_family_in_its_own_voice_is_still_a_claim() -> None:
    incident = only(taken(), taken(hour=15, article_=None))
    assert (incident.status, incident.n_families) == ("claimed", 1)
    assert "one publisher family only (courier)" in incident.transitions[0].reason


def test_two_families_in_their_own_voice_confirm() -> None:
    second = taken(hour=15, outlet="herald")
    incident = only(taken(), second)
    assert (incident.status, incident.n_families) == ("confirmed", 2)
    assert incident.transitions[-1].event_id == second.id
    assert incident.transitions[-1].at == second.article.published_at


def test_a_concession_in_a_single_article_confirms() -> None:
    conceded = concession(sentence="The seat is lost, a lawmaker from Velmora told reporters over the phone.")
    incident = only(taken(), conceded, claim())
    assert incident.status == "confirmed"
    assert incident.transitions[-1].reason == "conceded by a lawmaker"
    assert incident.transitions[-1].event_id == conceded.id


def test_a_residents_word_is_no_concession() -> None:
    witness = taken(attribution=said_by("losing", "residents"))
    assert only(witness).status == "claimed"


def test_wire_copy_with_a_credit_is_one_family() -> None:
    wired = [taken(hour=h, outlet=o, article_=None) for h, o in ((9, "courier"), (10, "herald"), (11, "post"))]
    wired = [e.model_copy(update={"article": e.article.model_copy(update={"credit": "AFP"})}) for e in wired]
    incident = only(*wired)
    assert (incident.status, incident.n_families, incident.n_reports) == ("claimed", 1, 3)
    assert {report.family for report in incident.reports} == {"afp"}


def test_wire_copy_without_a_credit_is_known_by_its_words() -> None:
    copied = COPY.replace("at dawn", "at daybreak")
    incident = only(taken(sentence=COPY), taken(hour=15, outlet="herald", sentence=copied))
    assert (incident.status, incident.n_families) == ("claimed", 1)


def test_an_article_that_copies_one_sentence_is_a_copy_as_a_whole() -> None:
    reworded = taken(hour=15, outlet="herald", sentence="Velmora belongs to the rebels now.")
    copied = taken(hour=15, outlet="herald", sentence=COPY)
    assert only(taken(sentence=COPY), reworded, copied).status == "claimed"


def test_short_sentences_may_well_be_alike() -> None:
    words = "The Harrow Front took Velmora on Tuesday."
    assert only(taken(sentence=words), taken(hour=15, outlet="herald", sentence=words)).status == "confirmed"


def test_a_denial_contests_a_claim() -> None:
    denial = denied(day=3, hour=15)
    incident = only(claim(), denial)
    assert statuses(incident) == ["claimed", "contested"]
    assert incident.transitions[-1].reason == "denied by the interior ministry"
    assert incident.transitions[-1].event_id == denial.id


def test_a_denial_contests_even_what_was_confirmed() -> None:
    incident = only(taken(), taken(hour=15, outlet="herald"), denied(day=4))
    assert statuses(incident) == ["claimed", "confirmed", "contested"]


def test_what_is_told_after_a_denial_confirms_again() -> None:
    later = [taken(day=5, hour=9, outlet="herald"), taken(day=5, hour=10, outlet="post")]
    assert statuses(only(claim(), denied(day=4), *later)) == ["claimed", "contested", "confirmed"]


def test_one_family_after_a_denial_is_not_enough() -> None:
    assert only(taken(), taken(hour=15, outlet="herald"), denied(day=4), taken(day=5)).status == "contested"


def test_claim_and_denial_of_one_instant_are_contested() -> None:
    incident = only(claim(), denied(day=3))
    assert statuses(incident) == ["contested"]


def test_a_retraction_rolls_back_what_rested_on_it() -> None:
    first, second = taken(), taken(hour=15, outlet="herald")
    incident = only(first, second, taken_back(second, day=4))
    assert statuses(incident) == ["claimed", "confirmed", "claimed"]
    assert incident.transitions[-1].at == at(4)
    assert incident.n_reports == 1
    assert [report.retracted for report in incident.reports] == [False, True]


def test_an_incident_without_a_standing_report_is_retracted() -> None:
    event = taken(when=dated(3))
    incident = only(event, taken_back(event, day=5))
    assert statuses(incident) == ["claimed", "retracted"]
    assert incident.n_reports == 0
    assert incident.transitions[-1].event_id == event.id


def test_a_retracted_denial_contests_no_longer() -> None:
    denial = denied(day=4)
    incident = only(taken(), taken(hour=15, outlet="herald"), denial, taken_back(denial, day=5))
    assert statuses(incident) == ["claimed", "confirmed", "contested", "confirmed"]


def test_a_report_restored_by_a_later_revision_stands() -> None:
    event = taken()
    restored = event.model_copy(update={"article": event.article.model_copy(update={"revision": 3})})
    incident = only(event, taken_back(event, day=4), restored)
    assert (incident.status, incident.n_reports) == ("claimed", 1)


def test_a_belligerents_outlet_claims_its_own_gain() -> None:
    incident = only(taken(by=None, outlet="SANA"))
    assert incident.status == "claimed"


@pytest.mark.parametrize(
    ("told", "families"),
    [
        ([], 0),
        ([("a", "1"), ("a", "2")], 1),
        ([("a", "1"), ("b", "1")], 1),
        ([("a", "1"), ("b", "1"), ("b", "2")], 2),
        ([("a", "1"), ("b", "2"), ("c", "1"), ("c", "2")], 2),
        ([("a", "1"), ("b", "1"), ("b", "2"), ("c", "2"), ("c", "3")], 3),
    ],
)
def test_independent_families_each_have_a_text_of_their_own(told: list[tuple[str, str]], families: int) -> None:
    assert independent_families(told) == families
