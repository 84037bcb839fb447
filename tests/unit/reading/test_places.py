"""Places in articles: what a name means, by its words and by the rest of the article."""

from __future__ import annotations

import pytest

from tocsin.reading.actors import ActorIndex
from tocsin.reading.article_places import ArticlePlaces
from tocsin.reading.gazetteer import Gazetteer
from tocsin.reading.places import PlaceResolver
from tocsin_schemas import Place


@pytest.fixture(scope="module")
def resolver() -> PlaceResolver:
    return PlaceResolver(Gazetteer.load())


def read(resolver: PlaceResolver, text: str, title: str = "") -> ArticlePlaces:
    actors = ActorIndex.load().read(text, title)
    return resolver.read(text, title, actors.votes, actors.taken)


def only(places: ArticlePlaces, text: str) -> Place:
    found = [place for place in places.all if place.text == text]
    assert found, f"{text!r} is not among {[place.text for place in places.all]}"
    return found[0]


AFGHAN = "The Taliban have been fighting Afghan forces all week, officials in Kabul said. "


def test_offsets_are_those_of_the_text(resolver: PlaceResolver) -> None:
    text = AFGHAN + "They entered Zaranj on Friday."
    place = only(read(resolver, text), "Zaranj")
    assert text[place.start : place.end] == "Zaranj"
    assert (place.id, place.admin1, place.kind, place.precision) == ("geonames:1120985", "AF-NIM", "capital", "exact")
    assert place.is_admin1_capital and not place.is_national_capital


def test_a_bare_name_is_the_city_and_the_noun_makes_it_the_province(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "Kunduz fell on Sunday. Fighting goes on in Kunduz province.")
    assert only(places, "Kunduz").kind == "capital"
    province = only(places, "Kunduz province")
    assert (province.kind, province.precision, province.lat) == ("province", "admin1", None)


def test_a_noun_that_opens_a_sentence_counts_and_one_with_its_own_name_does_not(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "The province of Kunduz is calm. The Shirin district of Herat is not.")
    assert only(places, "Kunduz").kind == "province"
    assert only(places, "Herat").kind == "capital"


def test_a_noun_at_the_end_of_a_list_is_said_of_all_its_names(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "Clashes were reported in Helmand, Kandahar and Herat provinces.")
    assert [only(places, name).kind for name in ("Helmand", "Kandahar", "Herat provinces")] == ["province"] * 3


def test_a_noun_before_a_list_is_said_of_all_its_names(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "They hold the provinces of Kandahar, Farah and Ghazni.")
    assert [only(places, name).kind for name in ("Kandahar", "Farah", "Ghazni")] == ["province"] * 3


def test_the_country_of_the_article_decides_between_cities_of_one_name(resolver: PlaceResolver) -> None:
    libyan = read(resolver, "Libyan rebels drove on from Misrata towards Tripoli, Libya's capital.")
    lebanese = read(
        resolver, "The Lebanese army sent troops to Tripoli after clashes. Beirut was calm, Lebanon's president said."
    )
    assert only(libyan, "Tripoli").country == "LBY"
    assert only(lebanese, "Tripoli").country == "LBN"


def test_a_country_named_beside_a_city_outweighs_its_fame(resolver: PlaceResolver) -> None:
    places = read(resolver, "The envoy grew up in Tripoli, Lebanon, he said.")
    assert only(places, "Tripoli").country == "LBN"


def test_an_airport_belongs_to_its_city(resolver: PlaceResolver) -> None:
    place = only(read(resolver, AFGHAN + "Soldiers still hold Kunduz airport."), "Kunduz airport")
    assert (place.kind, place.precision, place.admin1, place.id) == ("facility", "near", "AF-KDZ", None)
    assert place.lat == pytest.approx(36.73, abs=0.01)


def test_a_crossing_keeps_all_the_words_of_its_name(resolver: PlaceResolver) -> None:
    place = only(read(resolver, AFGHAN + "They took the Islam Qala border crossing."), "Islam Qala border crossing")
    assert place.kind == "border_crossing" and place.country == "AFG"


def test_a_site_of_unknown_name_gets_no_coordinates(resolver: PlaceResolver) -> None:
    text = "Syrian rebels, who hold much of Idlib, stormed the Wadi Quux airbase."
    place = only(read(resolver, text), "Wadi Quux airbase")
    assert (place.kind, place.lat, place.country, place.id) == ("facility", None, "SYR", None)


@pytest.mark.parametrize(
    "text",
    [
        "Rebels in Syria said the march would begin in March. Reading the statement, he smiled.",
        "Of all the men, most were nice. Many more came in May, the Syrian minister said.",
        "Gen. Douglas and Victoria Nuland met President Jackson in the Syrian capital.",
        "The Kabul Times and the Washington Post wrote of it.",
        "Parliament met on Sunday. Police were everywhere.",
    ],
)
def test_ordinary_words_and_people_are_no_places(resolver: PlaceResolver, text: str) -> None:
    named = {place.text for place in read(resolver, text).all if place.kind in ("city", "district", "province")}
    assert not named & {"March", "Reading", "May", "Of", "Many", "Douglas", "Victoria", "Jackson", "Police", "Sunday"}


def test_an_ordinary_word_is_no_place_though_the_country_has_one(resolver: PlaceResolver) -> None:
    places = read(
        resolver, "Ivorian rebels say peace is near. Man is patient, a rebel of Ivory Coast said. No Man dies."
    )
    assert not [place for place in places.all if place.text == "Man"]


def test_an_ordinary_word_is_a_place_where_the_words_say_so(resolver: PlaceResolver) -> None:
    ivorian = read(resolver, "Ivorian rebels took the city of Man in the west of Ivory Coast.")
    iraqi = read(resolver, "Iraqi troops drove Islamic State out of the town of Hit, in Iraq's Anbar province.")
    assert only(ivorian, "Man").admin1 == "CI-MG"
    assert only(iraqi, "Hit").admin1 == "IQ-AN"


def test_an_obscure_town_is_believed_where_it_is_once_called_a_place(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "They shelled the village of Khanabad. Khanabad was quiet later.")
    assert [p.country for p in places.all if p.text == "Khanabad"] == ["AFG", "AFG"]


def test_a_name_that_nothing_calls_a_place_is_none(resolver: PlaceResolver) -> None:
    assert not [p for p in read(resolver, AFGHAN + "A man called Nawzad spoke.").all if p.text == "Nawzad"]


def test_a_list_of_places_lends_its_obscure_members_belief(resolver: PlaceResolver) -> None:
    places = read(resolver, AFGHAN + "Fighting was reported in Sangin, Nawzad and Khanabad on Friday.")
    assert [only(places, name).country for name in ("Sangin", "Nawzad", "Khanabad")] == ["AFG"] * 3


def test_a_surname_is_no_town_though_a_town_is_called_so(resolver: PlaceResolver) -> None:
    places = read(resolver, "Afghan Gen. Nawzad fled. Crowds in Kabul marched toward Nawzad and away.")
    assert not [p for p in places.all if p.text == "Nawzad"]


def test_an_unknown_village_is_kept_without_an_id(resolver: PlaceResolver) -> None:
    place = only(read(resolver, AFGHAN + "They burned the village of Xyrzabad."), "Xyrzabad")
    assert (place.id, place.lat, place.country, place.kind, place.precision) == (None, None, "AFG", "city", "country")


def test_another_spelling_of_a_town_of_the_article_s_country_is_joined(resolver: PlaceResolver) -> None:
    place = only(read(resolver, AFGHAN + "The fall of Talukhan followed."), "Talukhan")
    assert place.id == "geonames:1123004" and place.name == "Taloqan"


def test_the_words_of_an_armed_group_are_no_place(resolver: PlaceResolver) -> None:
    places = read(resolver, "The Donetsk People's Republic said its men had entered Debaltseve, in eastern Ukraine.")
    assert [place.text for place in places.all if place.kind != "country"] == ["Debaltseve"]


def test_countries_are_places_and_their_peoples_are_not(resolver: PlaceResolver) -> None:
    places = read(resolver, "Afghan and Pakistani officials met in Qatar.")
    assert [(place.text, place.kind, place.precision) for place in places.all] == [("Qatar", "country", "country")]


def test_names_by_place_in_the_text(resolver: PlaceResolver) -> None:
    text = AFGHAN + "They took Herat and Farah."
    places = read(resolver, text)
    at = text.index("Herat")
    assert [place.name for place in places.named(at, at + 5)] == ["Herat"]
    assert [place.name for place in places.named(at, len(text))] == ["Herat", "Farah"]
    assert places.named(0, 5) == []


def test_a_province_has_its_capital(resolver: PlaceResolver) -> None:
    text = AFGHAN + "Badakhshan province was next."
    places = read(resolver, text)
    capital = places.capital_of(only(places, "Badakhshan province"))
    assert capital is not None
    assert (capital.name, capital.id, capital.start) == ("Faizabad", "geonames:1142170", None)


def test_the_provincial_capital_after_its_province(resolver: PlaceResolver) -> None:
    text = AFGHAN + "Fighting shook Nimroz province. On Friday the provincial capital fell."
    place = read(resolver, text).described("capital", text.index("capital fell"))
    assert place is not None and place.name == "Zaranj"


def test_the_capital_alone_is_that_of_the_country(resolver: PlaceResolver) -> None:
    text = AFGHAN + "They are nearing the capital."
    place = read(resolver, text).described("capital", text.index("capital."))
    assert place is not None and place.name == "Kabul"


def test_the_city_is_the_last_one_named_but_not_the_dateline(resolver: PlaceResolver) -> None:
    text = "KABUL, Aug 8 (Reuters) - The Taliban entered Kunduz. The city fell by night."
    place = read(resolver, text).described("city", text.index("city fell"))
    assert place is not None and place.name == "Kunduz"
    early = "KABUL, Aug 8 (Reuters) - The city was calm."
    assert read(resolver, early).described("city", early.index("city was")) is None


def test_a_noun_phrase_becomes_a_place(resolver: PlaceResolver) -> None:
    text = AFGHAN + "They seized Kunduz airport and a town called Yzzy."
    places = read(resolver, text)
    known = places.resolve_words("the city of Herat")
    facility = places.resolve_words("Kunduz airport", text.index("Kunduz airport"))
    unknown = places.resolve_words("Yzzy", text.index("Yzzy"))
    assert known is not None and known.id == "geonames:1140026"
    assert facility is not None and facility.kind == "facility"
    assert unknown is not None and unknown.id is None and unknown.text == "Yzzy"
    assert places.resolve_words("a heavy blow", 3) is None


def test_what_a_frame_calls_a_place_may_be_an_obscure_one(resolver: PlaceResolver) -> None:
    text = "Chadian rebels captured it, Chad's army said."
    place = read(resolver, text).unknown("Am Dam", 0, 6, "city")
    assert place.country == "TCD" and place.id is not None


def test_empty_and_odd_texts_have_no_places(resolver: PlaceResolver) -> None:
    for text in ("", " \n ", "ÀÉÎ ‘’ — …", "\u202e\u0000 abc", "a" * 50_000):
        assert resolver.read(text, "").all == []
