"""Mutated articles read by the thousand: what raises, what is slow, and whether memory grows.

TOCSIN_FUZZ_ARTICLES (default 1,000) says how many, TOCSIN_FUZZ_SEED where to begin; 100,000 take about an hour and a half on one core.
The texts are the project's own, and those of ../shared where it is at hand.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reading_fuzz import TEXTS, Mutants
from tocsin.cli.extractors import extractors
from tocsin.reading import Reader
from tocsin.reading.reader import MAX_TEXT
from tocsin_schemas import Article, Publisher
from tocsin_schemas.ids import content_hash

COUNT = int(os.environ.get("TOCSIN_FUZZ_ARTICLES", "1000"))
SEED = int(os.environ.get("TOCSIN_FUZZ_SEED", "1"))
SHARED = Path(__file__).parents[3] / "shared"
NOW = datetime(2019, 3, 4, 9, tzinfo=UTC)
ENDLESS = {
    "news": TEXTS[0] + " ",
    "news without a full stop": TEXTS[0].replace(".", ",") + " and ",
    "quotation marks opened": "“He said that ",
    "quotation marks": '"',
    "brackets opened": "(",
    "names": "Kunduz, Kabul and Herat, ",
    "said": "said Karim Wali said Omar Sayed ",
    "line breaks": "Kunduz fell\n",
    "right-to-left marks": "\u202eKunduz\u202c fell to the Taliban. ",
    "digits": "1234567890",
}


def _article(number: int, text: str) -> Article:
    return Article(
        id=str(number), text=text, published_at=NOW, received_at=NOW, content_hash=content_hash("", text),
        publisher=Publisher(id="p", name="P", family="p"),
    )  # fmt: skip


def _texts() -> list[str]:
    texts: list[str] = [*TEXTS]
    for file in sorted(SHARED.glob("corpora/*/articles.jsonl")):
        texts += [json.loads(line)["text"][:6_000] for line in file.read_text("utf-8").splitlines()]
    return texts


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_mutated_articles(reader: Reader) -> None:
    texts, chosen = _texts(), extractors()
    wants = [extractor.wants for extractor in chosen]
    seconds: list[tuple[float, int, int]] = []
    failed: list[str] = []
    events = 0
    early = 0.0
    began = time.perf_counter()
    for number in range(COUNT):
        text = Mutants(SEED + number).text(texts[number % len(texts)])
        at = time.perf_counter()
        try:
            reading = reader.read(_article(number, text))
            reader.parse([reading], wants)
            events += sum(len(extractor.extract(reading)) for extractor in chosen)
        except Exception as error:  # whatever it is, it is told with the seed that brings it back
            failed.append(f"seed {SEED + number}: {type(error).__name__}: {error}")
            print(f"\n{failed[-1]}", end="", flush=True)
        seconds.append((time.perf_counter() - at, SEED + number, len(text)))
        if number == COUNT // 5:
            early = _megabytes()
        if number % max(1, COUNT // 20) == 0:
            print(f"\n{number:,} of {COUNT:,}: {_megabytes():,.0f} MB, {len(failed)} failed", end="", flush=True)
    seconds.sort(reverse=True)
    typical = seconds[len(seconds) // 2][0]
    print(
        f"\n{COUNT:,} mutants in {time.perf_counter() - began:,.0f} s: {events:,} events, {len(failed)} failed; memory "
        f"{_megabytes() / early:.2f} of that after a fifth of them ({_megabytes():,.0f} MB)\nslowest, in typical articles: "
        + ", ".join(f"{took / typical:.0f} (seed {seed}, {size:,} characters)" for took, seed, size in seconds[:5])
    )
    assert not failed, "\n".join(failed[:20])


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_megabyte_takes_as_long_as_what_is_read_of_it(kind: str, reader: Reader) -> None:
    chosen = extractors()

    def took(length: int) -> float:
        unit = ENDLESS[kind]
        began = time.perf_counter()
        reading = reader.read(_article(0, (unit * (length // len(unit) + 1))[:length]))
        reader.parse([reading], [extractor.wants for extractor in chosen])
        for extractor in chosen:
            extractor.extract(reading)
        return time.perf_counter() - began

    took(1_000)
    some, most, megabyte = took(MAX_TEXT // 4), took(MAX_TEXT), took(1_000_000)
    print(
        f"\n{kind}: {most:.2f} s for what is read at most, {most / some:.1f} times a quarter of it; a megabyte takes "
        f"{megabyte / most:.2f} of it"
    )
