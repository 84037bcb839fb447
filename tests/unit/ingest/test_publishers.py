"""Who published, and whose copy it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.ingest.publishers import DATA, UNKNOWN, Publishers, default_publishers


@pytest.fixture(scope="module")
def publishers() -> Publishers:
    return default_publishers()


@pytest.mark.parametrize(
    ("source", "publisher", "family", "credit"),
    [
        ("Al Jazeera English", "aljazeera", "aljazeera", None),
        ("France 24", "france24", "france-medias-monde", None),
        ("France 24 / AFP", "france24", "france-medias-monde", "AFP"),
        ("Reuters", "reuters", "reuters", "Reuters"),
        ("Reuters (AOL)", "aol", "aol", "Reuters"),
        ("Hindustan Times (AFP)", "hindustantimes", "ht-media", "AFP"),
        ("Irish Times (Associated Press)", "irishtimes", "irishtimes", "AP"),
        ("Hill Country Herald (AP copy)", "hill-country-herald", "hill-country-herald", "AP"),
        ("Hill Country Herald (The Guardian)", "hill-country-herald", "hill-country-herald", "The Guardian"),
        ("The Hindu (via inkl)", "thehindu", "thehindu", None),
        ("The Telegraph, Calcutta (Reuters)", "telegraphindia", "abp", "Reuters"),
        ("Pune Mirror", "pune-mirror", "pune-mirror", None),
        ("RFE/RL", "rferl", "us-agency-for-global-media", None),
        ("trt world", "trtworld", "trt", None),
    ],
)
def test_a_printed_source_names_publisher_family_and_credit(
    publishers: Publishers, source: str, publisher: str, family: str, credit: str | None
) -> None:
    named = publishers.named(source, None)
    assert (named.publisher.id, named.publisher.family, named.credit) == (publisher, family, credit)


@pytest.mark.parametrize(
    ("url", "publisher"),
    [
        ("https://www.bbc.co.uk/news/world-1", "bbc"),
        ("https://edition.cnn.com/x", "cnn"),
        ("https://news.un.org/en/story", "un-news"),
        ("https://news.hill-country.co.uk/1", "hill-country.co.uk"),
        ("https://www.hillcountry.example/1", "hillcountry.example"),
    ],
)
def test_without_a_name_the_address_tells(publishers: Publishers, url: str, publisher: str) -> None:
    assert publishers.named(None, url).publisher.id == publisher


def test_an_unlisted_section_of_a_listed_site_is_of_its_family(publishers: Publishers) -> None:
    named = publishers.named("World Service Desk", "https://www.bbc.co.uk/news/1")
    assert (named.publisher.name, named.publisher.family) == ("World Service Desk", "bbc")


def test_an_agency_alone_with_a_portals_address_is_that_portals_copy(publishers: Publishers) -> None:
    named = publishers.named("AFP", "https://www.dawn.com/news/1")
    assert (named.publisher.id, named.credit) == ("dawn", "AFP")


def test_nothing_known_is_said_to_be_unknown(publishers: Publishers) -> None:
    assert publishers.named(None, None).publisher == UNKNOWN
    assert publishers.named("   ", "not an address").publisher == UNKNOWN


def test_credits_are_spelled_one_way(publishers: Publishers) -> None:
    assert publishers.credit("Agence France-Presse") == "AFP"
    assert publishers.credit("The Associated Press") == "AP"
    assert publishers.credit("REUTERS") == "Reuters"
    assert publishers.credit("Hill Country Herald") is None


def test_a_name_in_two_entries_is_an_error_that_names_both(tmp_path: Path) -> None:
    file = tmp_path / "publishers.yaml"
    file.write_text("agencies: []\noutlets:\n  - {id: a, name: Herald}\n  - {id: b, name: herald}\n")
    with pytest.raises(ValueError, match=r"publishers\.yaml: b: the name 'herald' already means a"):
        Publishers.load(file)


def test_a_typo_in_the_registry_is_an_error_that_names_the_field(tmp_path: Path) -> None:
    file = tmp_path / "publishers.yaml"
    file.write_text("agencies: []\noutlets:\n  - {id: a, name: Herald, famly: x}\n")
    with pytest.raises(ValueError, match=r"outlets\.0\.famly"):
        Publishers.load(file)


def test_the_registry_that_comes_with_tocsin_is_sound() -> None:
    publishers = Publishers.load(DATA)
    assert len(set(publishers.credits.values())) >= 50
