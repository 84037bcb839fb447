"""Who deals with whom: parties of a phrase, parties implied, states behind envoys, mediators; engine shapes they rest on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.diplomacy.extract import WANTS, extract
from tocsin.reading import Reader, Reading, realis, syntax
from tocsin.reading.names import Roster
from tocsin_schemas import Diplomacy

Read = Callable[..., Reading]


def names(event: Diplomacy) -> set[str]:
    return {actor.name or actor.text for actor in event.participants}


def last(reading: Reading) -> Diplomacy:
    return extract(reading)[-1]


def test_ministers_of_two_countries_are_two_parties(read: Read) -> None:
    event = last(read("Negotiators from Kenya, Uganda and Chad met in Arusha on Monday."))
    assert names(event) == {"Kenya", "Uganda", "Chad"}


def test_the_two_sides_are_those_who_dealt_before(read: Read) -> None:
    text = "Kenya and Chad held talks in Arusha on Monday. The two sides agreed to reopen their border."
    assert names(last(read(text))) == {"Kenya", "Chad"}


def test_he_is_the_subject_of_the_clause_above(read: Read) -> None:
    text = (
        "Belgian Foreign Minister Jan Peeters met Kenyan President Amos Odhiambo on Sunday. "
        "Peeters flew to Nairobi from Kampala, where he held talks with Ugandan officials."
    )
    talks = [event for event in extract(read(text)) if event.kind == "talks"]
    assert "Jan Peeters" in names(talks[-1])
    assert "Amos Odhiambo" not in names(talks[-1])


def test_a_state_stands_behind_its_envoy(read: Read) -> None:
    event = last(read("Belgian Foreign Minister Jan Peeters met Kenyan President Amos Odhiambo on Sunday."))
    assert names(event) == {"Jan Peeters", "Amos Odhiambo", "Belgium", "Kenya"}


def test_a_mediator_is_that_of_the_talks_told_in_the_same_sentence(read: Read) -> None:
    events = extract(read("Talks between Kenya and Chad mediated by Norway opened in Arusha on Monday."))
    assert {event.kind for event in events} == {"talks", "mediation"}
    assert all(event.mediator is not None and event.mediator.name == "Norway" for event in events)


def test_a_mediator_may_be_joined_by_a_hyphen(read: Read) -> None:
    events = extract(read("A UN-brokered truce between Kenya and Chad took effect on Monday."))
    mediation = next(event for event in events if event.kind == "mediation")
    assert mediation.mediator is not None
    assert mediation.mediator.name == "United Nations"


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Kenya agreed to the peace plan of the African Union.", "proposal"),
        ("Kenya and Chad agreed to a ceasefire on Monday.", "ceasefire"),
        ("Kenya and Chad agreed to reopen their border on Monday.", "agreement"),
        ("Kenya and Chad signed a cease-fire accord on Monday.", "ceasefire"),
    ],
)
def test_what_is_agreed_and_by_how_many_makes_the_kind(read: Read, sentence: str, kind: str) -> None:
    assert kind in {event.kind for event in extract(read(sentence))}


@pytest.mark.parametrize(
    "sentence",
    [
        "Kenya was due in Arusha for talks with Chad.",
        "Kenya and Chad agreed to hold talks in Arusha.",
        "Kenya will travel to Arusha for talks with Chad.",
    ],
)
def test_talks_still_ahead_are_none(read: Read, sentence: str) -> None:
    assert not [event for event in extract(read(sentence)) if event.kind == "talks"]


def test_who_is_blamed_is_who_did_it(reader: Reader) -> None:
    doc = reader.nlp("The army accused the rebels of breaking the truce.")
    verb = next(token for token in doc if token.text == "breaking")
    doer = syntax.subject(verb)
    assert doer is not None
    assert doer.text == "rebels"


def test_what_is_done_by_telephone_has_its_own_doer(reader: Reader) -> None:
    doc = reader.nlp("The two presidents talked by telephone on Monday.")
    verb = next(token for token in doc if token.text == "talked")
    doer = syntax.subject(verb)
    assert doer is not None
    assert doer.text == "presidents"


def test_an_offer_made_at_a_meeting_leaves_the_meeting_a_fact(reader: Reader) -> None:
    doc = reader.nlp("The ministers offered support at a meeting in Nairobi.")
    assert realis.assess(next(token for token in doc if token.text == "meeting"), nominal=True).factual


def test_a_known_person_goes_before_a_name_that_only_looks_like_one(read: Read) -> None:
    reading = read(
        "President Amos Odhiambo arrived on Monday. The dam was opened in March Odhiambo told guests from the north."
    )
    assert isinstance(reading.roster, Roster)
    person = reading.person_named("Odhiambo")
    assert person is not None
    assert person.name == "Amos Odhiambo"


@pytest.mark.parametrize(
    ("text", "participant"),
    [
        ("Belgian Foreign Minister Jan Peeters flew to Nairobi with the leaders of Chad and Ghana.", "Chad"),
        ("Kenyan President Amos Odhiambo met Ann Peeters, the head of UNESCO, on Sunday.", "UNESCO"),
        (
            "Afghan troops and the Taliban have fought for months; soldiers died at the front and rebels shelled a town. "
            "The two sides agreed on Monday to a ceasefire.",
            "Taliban",
        ),
        (
            "Kenya and Chad held talks in Arusha on Monday. The talks, which Ghanaian President Kofi Asare joined, "
            "went on until late.",
            "Kofi Asare",
        ),
    ],
)
def test_who_else_takes_part(read: Read, text: str, participant: str) -> None:
    assert participant in names(last(read(text)))


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ("The two met on Tuesday and signed the contract for the new school.", False),
        ("The leaders of Belgium and Chad spoke by phone on Tuesday.", True),
        ("The envoy met her host on Tuesday.", True),
        ("The two met on Tuesday, while soldiers and rebels fought in the hills.", True),
    ],
)
def test_only_an_article_of_affairs_is_read_for_dealings(read: Read, text: str, open_: bool) -> None:
    reading = read(text)
    assert bool(WANTS.sentences(reading)) is open_
    assert bool(WANTS.shut(reading)) is not open_
