"""Which place a name is taken for: every capital of a province in the world, by its name and its other spellings.

The table of capitals comes with the project, so this runs everywhere. What is not to be had is left in: towns that share
their name with a state ("Djibouti", "Luxembourg") or with a larger town elsewhere ("Tripoli" without Lebanon beside it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from floors import FLOORS

from tocsin.reading.gazetteer import Gazetteer
from tocsin.reading.gazetteer_load import table
from tocsin.reading.places import PlaceResolver

TEXTS = {
    "name alone": "Fighters entered {town} on Monday.",
    "state named": "Fighting spread in {state} this week. Fighters entered {town} on Monday.",
    "province named": "Fighters entered {town}, the capital of {province} province, on Monday. {state} sent troops.",
    "other spelling": "Fighting spread in {state} this week. Fighters entered {town} on Monday.",
}


@dataclass
class Outcome:
    asked: int = 0
    right: int = 0
    unknown: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return 100 * self.right / self.asked


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    resolver = PlaceResolver(Gazetteer.load())
    found = {name: Outcome() for name in TEXTS}
    for name, town, fields, expected in _questions():
        text = TEXTS[name].format(town=town, **fields)
        at = text.index(town, 0 if name in ("name alone", "province named") else text.index("."))
        places = [p for p in resolver.read(text).all if p.start is not None and p.start <= at < (p.end or 0)]
        outcome = found[name]
        outcome.asked += 1
        if not places or places[0].id is None:
            outcome.unknown += 1
        elif places[0].id == expected:
            outcome.right += 1
        else:
            outcome.wrong[places[0].kind] += 1
    return found


def _questions() -> Iterator[tuple[str, str, dict[str, str], str]]:
    states = {line["iso3"]: line["names"].split("|")[0] for line in table("states.tsv")}
    for line in table("admin1_capitals.tsv"):
        if not line["geonames_id"] or line["country"] not in states:
            continue
        fields = {"state": states[line["country"]], "province": line["admin1_name"]}
        expected = f"geonames:{line['geonames_id']}"
        for name in ("name alone", "state named", "province named"):
            yield name, line["capital_name"], fields, expected
        for alias in line["aliases"].split("|"):
            if alias and alias[0].isupper():
                yield "other spelling", alias, fields, expected


@pytest.mark.parametrize("name", TEXTS)
def test_names_are_taken_for_the_right_place(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    wrong = ", ".join(f"{kind} {count}" for kind, count in outcome.wrong.most_common())
    print(
        f"\n{name}: {outcome.right} of {outcome.asked} right ({outcome.share:.1f} %), {outcome.unknown} without id, "
        f"taken for another place: {wrong}"
    )
    assert outcome.share >= FLOORS["geocoding"][name]
