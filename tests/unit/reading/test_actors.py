"""Parties in articles: names found, and noun phrases resolved."""

from __future__ import annotations

from datetime import date

import pytest

from tocsin.reading import actor_data
from tocsin.reading.actors import ActorIndex
from tocsin.reading.article_actors import ArticleActors

DAY = date(2015, 10, 1)
AFGHAN = "Taliban fighters took Kunduz from Afghan forces on Sunday. The insurgents held it for a day, the U.N. said."
UKRAINIAN = "Pro-Russian separatists shelled Ukrainian positions. Russia denied that it had sent troops."
SYRIAN = "Islamic State lost ground to the Free Syrian Army and to Kurdish YPG fighters, the Syrian army said."


@pytest.fixture(scope="module")
def index() -> ActorIndex:
    return ActorIndex.load()


def article(index: ActorIndex, text: str, country: str, day: date = DAY) -> ArticleActors:
    actors = index.read(text)
    actors.settle(country, day)
    return actors


def who(actors: ArticleActors, phrase: str, start: int | None = None) -> tuple[str | None, str, str | None]:
    actor = actors.resolve(phrase, start)
    assert actor is not None, phrase
    return actor.id, actor.kind, actor.plover


def test_names_are_found_whole_and_longest_first(index: ActorIndex) -> None:
    text = "The UN Security Council met; Talibanistan is no name, al-Qaeda in Iraq is one."
    assert [(m.text, m.actor_id) for m in index.find(text)] == [
        ("UN Security Council", "org:unsc"),
        ("al-Qaeda in Iraq", "aqi"),
    ]


def test_offsets_are_those_of_the_text(index: ActorIndex) -> None:
    for text in (AFGHAN, "İstanbul’daki PKK – Kurdistan Workers’ Party"):
        assert all(text[m.start : m.end] == m.text for m in index.find(text))
    assert [m.actor_id for m in index.find("İ the Kurdistan Workers’ Party")] == ["pkk"]


@pytest.mark.parametrize(
    "text", ["They told us who it is.", "TALIBAN: THIS IS THE END", "a polish remover", "It came to ana"]
)
def test_small_words_are_no_acronyms(index: ActorIndex, text: str) -> None:
    assert {m.text for m in index.find(text)} <= {"TALIBAN"}


def test_is_in_capitals_is_islamic_state(index: ActorIndex) -> None:
    assert [m.actor_id for m in index.find("The town was held by IS until May.")] == ["isil"]


def test_an_acronym_counts_only_in_its_countries(index: ActorIndex) -> None:
    korean = article(index, "KIA sold more cars in South Korea.", "KOR")
    kachin = article(index, "KIA fighters hold hills in northern Myanmar.", "MMR")
    assert "kia" not in {m.actor_id for m in korean.mentions}
    assert "kia" in {m.actor_id for m in kachin.mentions}


def test_a_name_used_in_several_wars_is_read_by_the_article_s_country(index: ActorIndex) -> None:
    text = "Kurdish forces entered the town."
    assert who(article(index, text, "IRQ"), "Kurdish forces")[0] == "peshmerga"
    assert who(article(index, text, "SYR"), "Kurdish forces")[0] == "ypg"
    assert who(article(index, "Al-Shabab killed soldiers.", "MOZ"), "al-Shabab")[0] == "ansar-al-sunna-moz"
    assert who(article(index, "Al-Shabab killed soldiers.", "SOM"), "al-Shabab")[0] == "al-shabaab"


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Taliban fighters", ("taliban", "armed_group", "AFGREB")),
        ("hundreds of Taliban fighters", ("taliban", "armed_group", "AFGREB")),
        ("the insurgents", ("taliban", "armed_group", "AFGREB")),
        ("the militants", ("taliban", "armed_group", "AFGREB")),
        ("the group", ("taliban", "armed_group", "AFGREB")),
        ("Afghan soldiers", ("state:AFG", "state", "AFGMIL")),
        ("government forces", ("state:AFG", "state", "AFGMIL")),
        ("the army", ("state:AFG", "state", "AFGMIL")),
        ("Afghanistan's police", ("state:AFG", "state", "AFGCOP")),
        ("the government", ("state:AFG", "state", "AFGGOV")),
        ("soldiers of the Afghan army", ("state:AFG", "state", "AFGMIL")),
        ("pro-government militias", ("state:AFG", "state", "AFGMIL")),
        ("French and German troops", ("state:FRA", "state", "FRAMIL")),
        ("Russians", ("state:RUS", "state", "RUS")),
        ("UN peacekeepers", ("org:un-peacekeepers", "organisation", "IGO")),
        ("NATO", ("org:nato", "organisation", "IGO")),
        ("the Kremlin", ("state:RUS", "state", "RUSGOV")),
        ("the 4th Division", (None, "unit", "AFGMIL")),
        ("foreign troops", (None, "unknown", "AFGMIL")),
        ("anti-Taliban forces", (None, "armed_group", "AFGREB")),
    ],
)
def test_phrases_of_an_afghan_article(index: ActorIndex, phrase: str, expected: tuple[str | None, str, str]) -> None:
    assert who(article(index, AFGHAN, "AFG"), phrase, len(AFGHAN)) == expected


@pytest.mark.parametrize("phrase", ["residents", "a heavy blow", "the city", "John Smith", ""])
def test_words_that_name_no_party_resolve_to_nobody(index: ActorIndex, phrase: str) -> None:
    assert article(index, AFGHAN, "AFG").resolve(phrase) is None


def test_who_backs_fighters_does_not_fight(index: ActorIndex) -> None:
    ukrainian = article(index, UKRAINIAN, "UKR")
    assert who(ukrainian, "Russian-backed fighters")[0] == "donbas-separatists"
    assert who(article(index, AFGHAN, "AFG"), "US-backed fighters") == (None, "armed_group", "AFGREB")


def test_words_for_insurgents_pick_the_group_they_are_used_of(index: ActorIndex) -> None:
    syrian = article(index, SYRIAN, "SYR")
    assert who(syrian, "the rebels")[0] == "fsa"
    assert who(syrian, "the jihadists")[0] == "isil"
    assert who(syrian, "the Islamist militants")[0] == "isil"


def test_a_group_elsewhere_is_not_this_country_s_insurgents(index: ActorIndex) -> None:
    text = "Nigerian troops fought rebels. Abroad, the Tamil Tigers signed a deal."
    assert who(article(index, text, "NGA"), "rebels") == (None, "armed_group", "NGAREB")


@pytest.mark.parametrize(
    ("phrase", "country", "day", "expected"),
    [
        ("Gaddafi's troops", "LBY", date(2011, 3, 20), "state:LBY"),
        ("forces loyal to Riek Machar", "SSD", date(2014, 1, 5), "splm-io"),
        ("Haftar's forces", "LBY", date(2019, 4, 4), "lna"),
        ("Kabila's soldiers", "COD", date(1997, 3, 1), "afdl"),
        ("Kabila's soldiers", "COD", date(1998, 9, 1), "state:COD"),
    ],
)
def test_a_leader_s_forces_are_those_he_led_on_that_day(
    index: ActorIndex, phrase: str, country: str, day: date, expected: str
) -> None:
    assert who(article(index, "Fighting went on.", country, day), phrase)[0] == expected


def test_the_forces_of_an_unknown_commander_are_not_given_to_the_state(index: ActorIndex) -> None:
    assert who(article(index, "Fighting went on.", "AFG"), "Qwertz's fighters")[0] is None


def test_a_group_s_name_has_the_acronym_it_is_known_by(index: ActorIndex) -> None:
    names = {party.id: party.name for party in index.parties.by_id.values()}
    assert names["fsa"] == "Syrian rebels (FSA)"
    assert names["peshmerga"] == "Peshmerga"


def test_opponents_are_rival_groups_and_the_states_that_are_fought(index: ActorIndex) -> None:
    text = "The Northern Alliance closed in on the Taliban; the Northern Alliance had U.S. help, and the FSA none."
    afghan = article(index, text, "AFG", date(2001, 11, 10))
    assert [party.id for party in afghan.opponents_of("taliban")] == ["northern-alliance"]
    later = article(index, AFGHAN, "AFG")
    assert [party.id for party in later.opponents_of("taliban")] == ["state:AFG"]
    assert [party.id for party in later.opponents_of("state:AFG")] == ["taliban"]
    assert later.opponents_of("nobody") == []


def test_the_officers_of_a_group_are_the_group_s(index: ActorIndex) -> None:
    actors = article(index, AFGHAN, "AFG")
    assert who(actors, "the group's political chief", 60)[0] == "taliban"
    assert who(actors, "the insurgents' commander", 60)[0] == "taliban"


def test_officials_of_nobody_named_are_not_given_to_a_state(index: ActorIndex) -> None:
    actors = article(index, AFGHAN, "AFG")
    assert who(actors, "senior officials")[0] is None
    assert who(actors, "Afghan officials")[0] == "state:AFG"


def test_a_phrase_of_several_parties_gives_each(index: ActorIndex) -> None:
    actors = article(index, AFGHAN, "AFG")

    def named(phrase: str, start: int | None = None) -> list[str | None]:
        return [actor.id for actor in actors.resolve_all(phrase, start)]

    assert named("senior diplomats from Russia, Indonesia and Norway") == ["state:RUS", "state:IDN", "state:NOR"]
    assert named("the Sudanese and Ethiopian leaders") == ["state:SDN", "state:ETH"]
    assert named("the army") == ["state:AFG"]
    assert named("a heavy blow") == []


def test_both_sides_are_the_two_named_last(index: ActorIndex) -> None:
    text = "Israel and Hamas stopped firing, said Qatar. Serbia and Kosovo talk on; both sides are tired."
    actors = article(index, text, "XKX")
    found = actors.resolve_all("both sides", text.index("both sides"))
    assert [(actor.id, actor.text) for actor in found] == [("state:SRB", "Serbia"), ("state:XKX", "Kosovo")]
    assert who(actors, "both sides")[0] is None
    assert text[found[0].start : found[0].end] == "Serbia"


def test_an_office_and_a_name_are_a_person_with_a_country(index: ActorIndex) -> None:
    actor = article(index, AFGHAN, "AFG").resolve("U.S. President Ann Lee")
    assert actor is not None
    assert (actor.kind, actor.country, actor.id) == ("person", "USA", None)


def test_words_and_offsets_are_kept(index: ActorIndex) -> None:
    start = AFGHAN.index("The insurgents")
    actor = article(index, AFGHAN, "AFG").resolve("The insurgents", start)
    assert actor is not None
    assert (actor.text, actor.start, actor.end, actor.name) == ("The insurgents", start, start + 14, "Taliban")


def test_groups_vote_for_the_countries_they_fight_in(index: ActorIndex) -> None:
    assert index.read("The Houthis advanced. Boko Haram did not.").votes == {"YEM": 0.75, "NGA": 0.75}


def test_the_spans_of_groups_and_bodies_are_taken_and_those_of_states_are_not(index: ActorIndex) -> None:
    text = "Islamic State fled to Syria."
    assert index.read(text).taken == [(0, 13)]


def test_the_data_names_known_countries_and_each_party_once() -> None:
    parties = actor_data.load()
    states = {party.country for party in parties.by_id.values() if party.kind == "state"}
    groups = [party for party in parties.by_id.values() if party.kind == "armed_group"]
    assert len(groups) > 150
    for party in groups:
        assert party.countries | party.against | party.allied <= states, party.id
        assert party.plover is not None and party.plover.endswith("REB")
    assert parties.led_by("Nobody", None) is None
