"""The agency report that the project started from, read and folded: what a careful reader would enter into a ledger."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from tocsin.ledger.core import LedgerCore
from tocsin.ledger.queries import Ledger
from tocsin_schemas import Article, Control, Incident, Publisher
from tocsin_schemas.ids import content_hash

SEED = Path(__file__).parents[4] / "shared" / "seed"
CAPITALS = ("Faizabad", "Kunduz", "Sheberghan", "Taloqan")


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """A ledger that has read the report."""
    texts = sorted(SEED.glob("*.txt"))
    if not texts:
        pytest.skip("the seed article is not on this machine")
    from tocsin.cli.extractors import events_of, extractors
    from tocsin.reading import Reader

    core = LedgerCore()
    for _, events in events_of(Reader.load(), [_article(texts[0])], extractors()):
        for event in events:
            core.apply(event)
    return Ledger(core.store, core.places)


def _article(text: Path) -> Article:
    told = json.loads(text.with_suffix(".json").read_text(encoding="utf-8"))
    words = text.read_text(encoding="utf-8")
    published = datetime.fromisoformat(told["published_at"])
    return Article(
        id="seed", text=words, published_at=published, received_at=published, credit=told["credit"],
        publisher=Publisher(id="trt-world", name=told["publisher"], family="trt-world"),
        content_hash=content_hash("", words),
    )  # fmt: skip


def test_four_capitals_are_held_by_the_taliban(ledger: Ledger) -> None:
    held = {c.place.name: c for c in ledger.controls("AFG")}
    assert {name for name, c in held.items() if c.holder == "taliban" and c.place.is_admin1_capital} == set(CAPITALS)


def test_the_one_that_its_own_lawmaker_gave_up_is_confirmed(ledger: Ledger) -> None:
    statuses = {c.place.name: c.status for c in ledger.controls("AFG")}
    assert statuses["Faizabad"] == "confirmed"
    assert {statuses[name] for name in CAPITALS if name != "Faizabad"} == {"claimed"}


def test_each_is_proved_by_a_sentence_that_names_the_captor(ledger: Ledger) -> None:
    for control in ledger.controls("AFG"):
        proof = control.reports[0].evidence
        assert proof is not None and "Taliban" in proof.sentence


def test_the_outlets_nine_are_held_against_the_ledgers_four(ledger: Ledger) -> None:
    cities = next(gap for gap in ledger.tallies("AFG") if gap.sort == "cities")
    assert (cities.outlets, cities.ledger, cities.gap) == (9, 4, 5)


def test_one_article_gives_one_incident_of_a_place(ledger: Ledger) -> None:
    faizabad = next(c for c in ledger.controls("AFG") if c.place.name == "Faizabad")
    incident = ledger.incident(faizabad.incident or "")
    assert isinstance(incident, Incident) and isinstance(faizabad, Control)
    assert incident.n_reports >= 4
    assert incident.n_families == 1
