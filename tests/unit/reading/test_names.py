"""The people and bodies that an article names, and the phrases that name a speaker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.reading.hosts import Host, hosts
from tocsin.reading.names import Roster, fold, name_parts, slug
from tocsin.reading.speaker_phrases import parse_phrase


def roster(read: Callable[..., Reading], text: str) -> Roster:
    return Roster(hosts(read(text)))


def host_of(read: Callable[..., Reading], text: str) -> Host:
    return hosts(read(text))[0]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("Mayor Ana Brix", "person", "Ana Brix"),
        ("Lt. Gen. Leo Tamm", "person", "Leo Tamm"),
        ("French President Luc Barre", "person", "Luc Barre"),
        ("Ana Brix", "person", "Ana Brix"),
        ("Brix", "named", "Brix"),
        ("the mayor", "role", None),
        ("the 54-year-old", "role", None),
        ("a spokesman for the army", "role", None),
        ("the foreign ministry", "body", None),
        ("the Ministry of Defence", "body", "Ministry"),
        ("human rights group Open Cells", "body", "Open Cells"),
        ("Oxlade Motors", "body", "Oxlade Motors"),
        ("NATO", "body", "NATO"),
        ("Mali", "body", "Mali"),
        ("the rebels", "group", None),
        ("two officials", "plural", None),
        ("residents", "plural", None),
        ("the report", "document", None),
        ("state television", "outlet", None),
        ("the hedgehog", "other", None),
        ("the lawyer and the judge", "role", None),
    ],
)
def test_what_a_phrase_names(text: str, kind: str, name: str | None, read: Callable[..., Reading]) -> None:
    host = host_of(read, f"Then {text}")
    phrase = parse_phrase(host, 1, len(host.tokens) - 1)
    assert phrase is not None
    assert (phrase.kind, phrase.name(host)) == (kind, name)


def test_the_parts_of_one_name_are_one_person(read: Callable[..., Reading]) -> None:
    found = roster(read, "Mayor Ana Brix spoke. Brix left. Ms. Brix was tired.")
    assert [(p.name, p.gender, len(p.mentions)) for p in found.people] == [("Ana Brix", "female", 3)]


def test_two_of_one_surname_are_told_apart(read: Callable[..., Reading]) -> None:
    found = roster(read, "Mayor Ana Brix met her brother, Olaf Brix. Ana Brix left.")
    assert [p.name for p in found.people] == ["Ana Brix", "Olaf Brix"]
    assert found.named("Ana Brix") is found.people[0]
    assert found.named("Olaf Brix") is found.people[1]


def test_roles_are_read_before_and_behind_a_name(read: Callable[..., Reading]) -> None:
    found = roster(read, "Rebel leader Abu Talib met Ana Dean, a beekeeper, and Olaf Brix, 34, a driver.")
    roles = {p.name: p.roles for p in found.people}
    assert "leader" in roles["Abu Talib"]
    assert "beekeeper" in roles["Ana Dean"]
    assert "driver" in roles["Olaf Brix"]


def test_a_country_before_a_title_is_the_persons(read: Callable[..., Reading]) -> None:
    (person,) = roster(read, "French President Luc Barre left.").people
    assert person.country == "FRA"


@pytest.mark.parametrize(
    "text",
    ["In March Brix left.", "Monday was dry.", "Oxlade Motors closed.", "The Ministry of Defence closed.", "Mali won."],
)
def test_days_months_states_and_firms_are_no_people(text: str, read: Callable[..., Reading]) -> None:
    assert [p.name for p in roster(read, text).people if p.sure] == []


def test_the_name_of_a_month_is_a_persons_where_nothing_leads_in(read: Callable[..., Reading]) -> None:
    host = host_of(read, "Jan Olk and April Dean left in April and on Jan. 3, and May 4 was dry.")
    months = [host.tokens[i].text for i in range(len(host.tokens)) if host.is_month(i)]
    assert months == ["April", "Jan.", "May"]


def test_a_number_with_commas_is_one_word(read: Callable[..., Reading]) -> None:
    host = host_of(read, "Some 20,000 men, 1,200,000.5 litres and 3,40 were lost.")
    words = [token.text for token in host.tokens]
    assert "20,000" in words
    assert "1,200,000.5" in words
    assert "3,40" not in words


def test_names_are_compared_without_accents_articles_and_apostrophes() -> None:
    assert fold("the Élise d’Ardal's") == "elise dardal"
    assert name_parts("Ali al-Temo") == ("ali", "temo")
    assert slug("Élise d’Ardal") == "elise-dardal"
