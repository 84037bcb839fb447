"""Publisher families: agencies, state media and the sides' own outlets, as data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from ledger_theatre import FRONT, REPUBLIC, article, place, said_by, taken
from tocsin.ledger.accounts import Weigher
from tocsin.ledger.families import SHIPPED, Families, FamiliesError

FAMILIES = Families.load()
DATA = Path(__file__).parents[3] / "services" / "tocsin" / "reading" / "data"


def voice(**more) -> str:
    return Weigher(FAMILIES).account(taken(**more)).voice


def test_a_credit_outweighs_the_outlet() -> None:
    assert FAMILIES.family_of(article(1, credit="AFP", family="trt")) == "afp"
    assert FAMILIES.family_of(article(1, credit="Agence France-Presse")) == "afp"
    assert FAMILIES.family_of(article(1, credit="Gazette Service")) == "credit:gazette service"
    assert FAMILIES.family_of(article(1, outlet="Courier")) == "courier"


def test_state_media_speak_for_their_state() -> None:
    russian = REPUBLIC.model_copy(update={"id": "state:RUS"})
    assert voice(outlet="TASS", by=russian) == "claim"
    assert voice(outlet="TASS", previous_holder=russian) == "concession"
    assert voice(outlet="TASS") == "own"


def test_a_sides_outlet_that_reports_the_other_sides_gain_concedes() -> None:
    armenia, azerbaijan = (REPUBLIC.model_copy(update={"id": f"state:{code}"}) for code in ("ARM", "AZE"))
    assert voice(outlet="Armenpress", by=azerbaijan) == "concession"
    assert voice(outlet="Armenpress", by=armenia) == "claim"
    assert voice(outlet="Armenpress", by=azerbaijan, attribution=said_by("gaining")) == "claim"


def test_an_outlet_may_change_sides_on_a_day() -> None:
    before = FAMILIES.medium("bakhtar", date(2021, 8, 15))
    after = FAMILIES.medium("bakhtar", date(2021, 8, 16))
    assert before is not None and before.stance("taliban", None) == "losing"
    assert after is not None and after.stance("taliban", None) == "gaining"


def test_allies_are_one_side_where_they_are_allies() -> None:
    assert FAMILIES.side_of("fsa", "SYR") == FAMILIES.side_of("hts", "SYR")
    assert FAMILIES.side_of("fsa", "LBN") == "fsa"
    weigher = Weigher(FAMILIES)
    account = weigher.account(taken(place(country="SYR"), by=FRONT.model_copy(update={"id": "fsa"})))
    assert account.direction == FAMILIES.side_of("hts", "SYR")


def test_the_shipped_sides_name_groups_that_the_reader_knows() -> None:
    lists = [yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8")) for name in ("armed_groups", "organisations")]
    known = {actor["id"] for listed in lists for actor in listed}
    told = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    named = {actor for conflict in told["conflicts"] for side in conflict["sides"].values() for actor in side}
    assert {actor for actor in named if not actor.startswith("state:")} <= known


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("agencies: 7", "agencies: Input should be a valid list"),
        ("agencies: [{family: a, names: [x], colour: red}]", "agencies.0.colour: Extra inputs are not permitted"),
        ("agencies: [{family: a, names: [x]}, {family: b, names: [X]}]", "'X' belongs to both a and b; name it once"),
        (
            "conflicts: [{name: w, countries: [AFG], sides: {a: [t]}, media: [{family: f, names: [], side: b}]}]",
            "f speaks for 'b', which is no side of w",
        ),
        (
            "conflicts: [{name: w, countries: [AFG], sides: {a: [t, u], b: [t]}, media: []}]",
            "t is on two sides in AFG; name it once for a country",
        ),
        ("agencies: [", "no valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, change: str, message: str) -> None:
    file = tmp_path / "families.yaml"
    rest = [f"{name}: []" for name in ("agencies", "state_media", "conflicts") if not change.startswith(name)]
    file.write_text("\n".join([*rest, change]), encoding="utf-8")
    with pytest.raises(FamiliesError) as refused:
        Families.load(file)
    assert message in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FamiliesError, match="cannot be read"):
        Families.load(tmp_path / "none.yaml")
