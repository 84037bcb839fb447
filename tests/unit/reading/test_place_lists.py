"""Every place that a clause takes is read, however the list is put: the commonest way to lose captures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.capture.extract import extract
from tocsin.reading import Reading

WAR = " Rebels and the army fought with artillery in Afghanistan; soldiers died at the front line in the offensive."


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Rebels captured four towns - Ardal, Korun, Besh and Talim - on Monday.", "Ardal Korun Besh Talim"),
        ("Rebels captured four towns, including Kunduz and Taloqan, on Monday.", "Kunduz Taloqan"),
        ("Rebels captured several towns, among them Kunduz, Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("The army said it had retaken three villages, Ardal, Korun and Besh.", "Ardal Korun Besh"),
        ("Rebels seized three cities in two days: Kunduz, Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("The army retook Kunduz and two nearby towns, Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Troops recaptured a string of villages, including Ardal and Korun.", "Ardal Korun"),
        ("Among the towns captured were Kunduz, Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Troops seized the villages of Ardal and Korun, as well as the town of Besh.", "Ardal Korun Besh"),
        ("The rebels seized Kunduz and Taloqan, along with Faizabad.", "Kunduz Taloqan Faizabad"),
        ("The rebels seized Kunduz, 250 km north of the capital, and Taloqan, further east.", "Kunduz Taloqan"),
        ("Rebels overran army bases in Kunduz and Taloqan.", "Kunduz_army_base Taloqan_army_base"),
        ("Rebels have seized Kunduz, along with the airport at Faizabad.", "Kunduz Faizabad_airport"),
        ("Rebels took three towns -- Ardal, Korun and Besh -- over the weekend.", "Ardal Korun Besh"),
        ("Three towns were captured by the rebels: Ardal, Korun and Besh.", "Ardal Korun Besh"),
        ("Two more towns fell to the rebels, Ardal and Korun, residents said.", "Ardal Korun"),
        ("The towns captured by the rebels include Ardal, Korun and Besh.", "Ardal Korun Besh"),
        ("The rebels took the towns Ardal and Korun.", "Ardal Korun"),
        ("Rebels have taken several towns in the region, Ardal, Korun and Besh among them.", "Ardal Korun Besh"),
        ("Rebels captured Ardal and Korun, two towns on the road to Kunduz.", "Ardal Korun"),
        ("Kunduz was taken on Monday, Taloqan on Tuesday and Faizabad on Wednesday.", "Kunduz Taloqan Faizabad"),
        ("Rebels captured three towns: Kunduz, Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Rebels captured Kunduz town and Besh village.", "Kunduz Besh"),
        ("Kunduz fell on Monday, as did Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Kunduz was captured on Monday, as were Taloqan and Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Kunduz fell on Monday, and so did Taloqan.", "Kunduz Taloqan"),
        ("Kunduz fell on Monday, followed by Taloqan.", "Kunduz Taloqan"),
        ("Kunduz fell on Tuesday, following Taloqan on Sunday and Faizabad on Monday.", "Kunduz Taloqan Faizabad"),
        ("The army took Kunduz from the rebels and Taloqan from Islamic State.", "Kunduz Taloqan"),
        ("Rebels captured Kunduz and, on the road to the south, the town of Taloqan.", "Kunduz Taloqan"),
        ("The rebels are in control of Kunduz, of Taloqan and of Faizabad.", "Kunduz Taloqan Faizabad"),
        ("Rebels captured Kunduz and most of Baghlan province.", "Kunduz Baghlan"),
        (
            "Rebels seized the ministry of trade, the court building and the central bank in Kunduz.",
            "Kunduz_ministry court_building Kunduz_central_bank",
        ),
        ("The army denied that either Kunduz or Taloqan had fallen.", "Kunduz Taloqan"),
        ("The commander said Zarbil and Kafrun have been taken.", "Zarbil Kafrun"),
        ("The capture of Kunduz and Taloqan leaves the north open.", "Kunduz Taloqan"),
    ],
)
def test_all_places_of_a_list_are_read(text: str, places: str, read: Callable[..., Reading]) -> None:
    told = [c.place.name if c.place else "a tally" for c in extract(read(text + WAR))]
    assert sorted(told) == sorted(name.replace("_", " ") for name in places.split())


def test_what_is_counted_and_not_named_stays_a_tally(read: Callable[..., Reading]) -> None:
    told = extract(read("The rebels captured Kunduz and ten villages around it." + WAR))
    assert [(c.kind, c.place.name if c.place else None) for c in told] == [("place", "Kunduz"), ("tally", None)]


@pytest.mark.parametrize(
    "text",
    ["Two towns fell to the rebels, Tanaka said.", "Three towns were captured by the rebels, Kunduz and Taloqan said."],
)
def test_names_behind_a_count_are_places_only_when_they_are_announced_or_as_many(
    text: str, read: Callable[..., Reading]
) -> None:
    assert [c.kind for c in extract(read(text + WAR))] == ["tally"]


@pytest.mark.parametrize(
    "text",
    [
        "Rebels captured Ardal, a village east of Kunduz and south of Taloqan.",
        "Rebels captured Ardal, east of Kunduz and west of Taloqan.",
        "Rebels captured Ardal on Monday, a day after Kunduz was bombed.",
    ],
)
def test_what_only_tells_where_a_place_lies_is_not_taken(text: str, read: Callable[..., Reading]) -> None:
    assert [c.place.name for c in extract(read(text + WAR)) if c.place] == ["Ardal"]


def test_a_day_counted_from_another_of_the_list(read: Callable[..., Reading]) -> None:
    told = extract(read("Kunduz fell on Friday, Taloqan on Saturday and Faizabad a day later." + WAR))
    days = {c.place.name: c.date.start.day for c in told if c.place and c.date.start}
    assert days == {"Kunduz": 6, "Taloqan": 7, "Faizabad": 8}


def test_a_clause_without_a_verb_has_its_own_date(read: Callable[..., Reading]) -> None:
    told = extract(read("Kunduz was taken on Sunday, Taloqan on Monday, and Faizabad and Baghlan on Tuesday." + WAR))
    days = {c.place.name: c.date.start.day for c in told if c.place and c.date.start}
    assert days == {"Kunduz": 8, "Taloqan": 9, "Faizabad": 10, "Baghlan": 10}


@pytest.mark.parametrize(
    "text",
    [
        "Kunduz was taken on Monday, and Taloqan on Tuesday was still quiet.",
        "Kunduz was taken on Monday, said a man from Taloqan on Tuesday.",
        "Kunduz was taken on Monday. Taloqan on Tuesday held a market.",
    ],
)
def test_a_place_with_a_verb_of_its_own_is_not_taken_along(text: str, read: Callable[..., Reading]) -> None:
    assert [c.place.name for c in extract(read(text + WAR)) if c.place] == ["Kunduz"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Rebels seized the customs and harbour buildings.", []),
        ("Rebels took the pride of the nation.", []),
        ("Rebels captured ten villages on Monday.", ["tally"]),
        ("Rebels captured several villages on Monday.", ["tally"]),
        ("Rebels now control half of the country.", ["tally"]),
        ("Rebels have retaken dozens of towns.", ["tally"]),
        ("Rebels now hold 20 per cent of the country.", ["tally"]),
        ("Rebels have taken several strategic locations.", ["tally"]),
        ("More than 60 per cent is now in rebel hands.", ["tally"]),
    ],
)
def test_places_without_a_name_are_a_tally_only_when_they_are_counted(
    text: str, kinds: list[str], read: Callable[..., Reading]
) -> None:
    assert [c.kind for c in extract(read(text + WAR))] == kinds
