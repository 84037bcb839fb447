"""Control that is told as a state, a place that "it" stands for, and what is no capture at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.capture.extract import extract
from tocsin.reading import Reading

WAR = " Afghan troops and Taliban fighters fought with artillery in the north; soldiers died in the offensive."


def places(reading: Reading) -> list[tuple[str | None, str]]:
    return [(c.place.name if c.place else None, c.modality) for c in extract(reading)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "The Taliban said they had Kunduz and Taloqan in their hands.",
            [("Kunduz", "claimed"), ("Taloqan", "claimed")],
        ),
        ("By nightfall Kunduz lay in Taliban hands.", [("Kunduz", "asserted")]),
        ("With Kunduz in Taliban hands, the road north is cut.", [("Kunduz", "asserted")]),
        ("Kunduz is with us now, the Taliban commander said.", [("Kunduz", "claimed")]),
        ("Kunduz has been in the hands of the Taliban since Monday.", [("Kunduz", "asserted")]),
        ("Reports that Kunduz was in Taliban hands were false, the army said.", [("Kunduz", "denied")]),
    ],
)
def test_a_state_that_is_news(text: str, told: list[tuple[str, str]], read: Callable[..., Reading]) -> None:
    assert places(read(text + WAR)) == told


@pytest.mark.parametrize(
    "text",
    [
        "Kunduz has been in the hands of the Taliban since May 2019.",
        "The aid workers left Taloqan, a second town in the hands of the Taliban.",
        "Taliban fighters took up positions at a mosque in Kunduz.",
        "Police captured Abdul Karim Rahimi in Kunduz.",
        "The group has taken control of the Taliban.",
        "Engineers have begun clearing Kunduz of mines.",
        "Taking the bridge would put the army in control of Kunduz.",
        "The Taliban will fight on until they capture Kunduz.",
        "Thousands took part in a march in Kunduz.",
        "The singer captured the hearts of Kunduz.",
        "Kunduz is all but lost.",
        "The Taliban came close to capturing Kunduz.",
        "Nobody captured Kunduz.",
        "The army hopes to capture Kunduz.",
        "The Taliban hoped to have taken Kunduz by now.",
        "Had Kunduz fallen, the road to the north would be open.",
        "He left Kunduz to his brother.",
        "Father of Captured Pilot Pleads for His Return as Rebels Hold Kunduz.",
    ],
)
def test_what_is_no_capture(text: str, read: Callable[..., Reading]) -> None:
    assert places(read(text + WAR)) == []


def test_what_until_names_has_come_where_it_is_past(read: Callable[..., Reading]) -> None:
    assert places(read("The garrison held out until the Taliban captured Kunduz." + WAR)) == [("Kunduz", "asserted")]


def test_one_town_may_go_both_ways_in_a_sentence(read: Callable[..., Reading]) -> None:
    told = extract(read("The army, which lost Kunduz on Friday, retook the town on Monday." + WAR))
    assert [(c.captor.id if c.captor else None, c.date.start.day if c.date.start else 0) for c in told] == [
        ("taliban", 6),
        ("state:AFG", 9),
    ]


def test_a_denial_and_a_report_of_one_town_are_two(read: Callable[..., Reading]) -> None:
    told = places(read("The army denied that Kunduz had fallen, but monitors said the Taliban had taken it." + WAR))
    assert told == [("Kunduz", "denied"), ("Kunduz", "claimed")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The army had taken the Kunduz Cultural Centre by noon.", "Kunduz Cultural Centre"),
        ("They stood in Kunduz, the capital of Kunduz province, after troops recaptured it.", "Kunduz"),
        ("Fighters stormed the police station in Kunduz and captured it.", "Kunduz police station"),
        (
            "Warplanes hit the base of the 310th Brigade, which the Taliban had seized on Tuesday.",
            "base",
        ),
        ("Calls came from Taloqan, ten miles to the west, which is now lost as well.", "Taloqan"),
        ("The Baghlan state government said Kunduz was attacked on Monday. Most of it was seized.", "Kunduz"),
        ("The army left Taloqan on Sunday. Residents of Kunduz said the Taliban were in control of it.", "Kunduz"),
    ],
)
def test_what_it_and_which_stand_for(text: str, name: str, read: Callable[..., Reading]) -> None:
    assert extract(read(text + WAR))[-1].place.name == name  # type: ignore[union-attr]
