"""Who gave up to whom, and how many: whatever they are called, and what is no surrender."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.surrender.extract import extract
from tocsin_schemas import Surrender

WAR = " Afghan troops and Taliban fighters fought with artillery around Kunduz; soldiers died in the offensive."


def told(reading: Reading) -> list[Surrender]:
    return [event for event in extract(reading) if event.evidence.sentence_start == 0]


@pytest.mark.parametrize(
    ("text", "recipient", "least"),
    [
        ("More than 1,000 soldiers have surrendered since Friday.", "taliban", 1000),
        ("Nearly 2,000 members of the 53rd Division laid down their arms.", "taliban", None),
        ("The 209th Corps capitulated after two days.", "taliban", None),
        ("The warlord surrendered, along with 120 of his men.", "taliban", 120),
        ("Hundreds surrendered to the army on Monday.", "state:AFG", 200),
        ("Around 60 surrendered, the army said.", "taliban", 54),
        ("The last holdouts surrendered on Friday.", "taliban", None),
        ("Three generals defected to the Taliban.", "taliban", 3),
        ("The provincial police chief handed himself over to the insurgents.", "taliban", 1),
        ("Fifty policemen gave up their weapons and were allowed to go home.", "taliban", 50),
        ("A battalion of 250 men raised the white flag.", "taliban", 250),
        ("The garrison yielded to the Taliban without a fight.", "taliban", None),
        ("Several units switched allegiance to the Taliban.", "taliban", 3),
        ("The defection of General Rahimi was a blow.", "taliban", 1),
        ("The governor's younger brother, Daoud, has surrendered to the Taliban.", "taliban", 1),
        ("Some 700 recruits who surrendered to the army were sent home.", "state:AFG", 630),
        ("Kunduz surrendered to the Taliban.", "taliban", None),
        ("In Pakistan more than 300 Taliban fighters have surrendered.", "state:PAK", 300),
        ("Some 40 soldiers laid down their arms at a camp of the African Union.", "org:au", 36),
        ("Soldiers surrendered to the Taliban by the hundred.", "taliban", 200),
        ("About 300 soldiers have disarmed.", "taliban", 270),
        ("Some 300 soldiers gave up their guns and surrendered to the Taliban.", "taliban", 270),
        ("Two officers surrendered themselves to the Taliban.", "taliban", 2),
        ("Thirty soldiers gave themselves up, a spokesman for the Taliban fighters said.", "taliban", 30),
        ("About 200 soldiers handed over their weapons to United Nations peacekeepers.", "org:un-peacekeepers", 180),
    ],
)
def test_who_gave_up_to_whom_and_how_many(
    text: str, recipient: str, least: float | None, read: Callable[..., Reading]
) -> None:
    (event,) = told(read(text + WAR))
    assert event.recipient is not None
    assert event.recipient.id == recipient
    assert (event.count.minimum if event.count else None) == least


@pytest.mark.parametrize(
    "text",
    [
        "Those who surrender are fed and sent home.",
        "The Taliban fighters in the town agreed to surrender.",
        "Insurgents who lay down their guns could keep their land.",
        "Let your men put down their rifles, the envoy said.",
        "The state surrendered sovereignty over the strait.",
        "He surrendered control of the party.",
        "The Taliban surrendered the wanted man.",
        "The suspect surrendered after a chase.",
        "The army went over to the other side of the river.",
        "The soldiers raised the flag of their country.",
        "The garrison of the port surrendered to the fleet on May 8, 1945.",
    ],
)
def test_what_is_no_surrender(text: str, read: Callable[..., Reading]) -> None:
    assert told(read(text + WAR)) == []


def test_who_gave_up_is_named_without_what_they_did(read: Callable[..., Reading]) -> None:
    (event,) = told(read("About 200 soldiers handed over their weapons to the Taliban in Kunduz." + WAR))
    assert event.surrendering is not None
    assert event.surrendering.text == "200 soldiers"


def test_who_is_described_and_named_is_called_by_the_name(read: Callable[..., Reading]) -> None:
    (event,) = told(read("The ruler's youngest nephew, Karim Wali, surrendered to the Taliban." + WAR))
    assert event.surrendering is not None
    assert (event.surrendering.name, event.surrendering.kind) == ("Karim Wali", "person")


def test_a_side_that_is_only_described_is_called_as_the_article_calls_it(read: Callable[..., Reading]) -> None:
    words = "Soldiers of the garrison surrendered on Monday. Militants with mortars had besieged the fort for a week. The militants fired rockets."
    (event,) = told(read(words))
    assert event.recipient is not None
    assert (event.recipient.text, event.recipient.id) == ("the militants", None)
