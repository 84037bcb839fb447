"""What reading costs: sentences a second on dense war news and on ordinary news, each extractor's share, memory, start-up.

Speeds are also given as ratios to spaCy's own pipeline over the same sentences, taken in turns in the same run: on a shared
machine only those can be compared. TOCSIN_BENCH_ARTICLES=100000 reads that many different articles for the memory figure.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
import spacy

from tocsin.cli.extractors import Extractor, extractors
from tocsin.reading import Reader, Reading
from tocsin.reading.reader import DEFAULT_MODEL
from tocsin_schemas import Article, Publisher
from tocsin_schemas.ids import content_hash

ROUNDS = 3
ARTICLES = int(os.environ.get("TOCSIN_BENCH_ARTICLES", "1000"))
WEEK = Path(__file__).parents[2] / "services" / "tocsin" / "cli" / "data" / "week.jsonl"
ORDINARY = """
The council of Marlow voted on Tuesday to widen the road to the harbour, after a debate that lasted four hours.
“We have waited for this since my children were small,” said Ada Brenn, who runs the bakery on the corner.
Shares of the shipbuilder rose 4 percent in early trading, while its rival lost ground for a third day.
The orchestra opens its season with a symphony that was found in an attic two years ago.
Rain is expected along the coast until Thursday; inland, the nights will be cold and clear.
Teachers and parents met in the school hall to talk about the new timetable, which starts in September.
The striker scored twice before the break and was carried off the field with an injured knee.
A spokesman for the railway said that trains would run every ten minutes during the festival.
The museum bought the painting at an auction in Vienna, where bidding began at 90,000 euros.
Scientists measured the glacier again this summer and found that it had lost another eleven metres.
The film tells of two sisters who inherit a lighthouse and cannot agree on what to do with it.
“Nobody has told us when the bridge will open again,” the shopkeeper added.
Farmers in the valley began the harvest a week early because of the dry spring.
The court will hear the case against the former bank manager in November.
Prices of bread and milk rose faster than wages, the statistics office reported.
The clinic has hired six nurses and hopes to open the second ward by the end of the year.
""".strip().splitlines()


def _article(number: int, text: str, title: str = "") -> Article:
    when = datetime(2021, 8, 11, 9, tzinfo=UTC)
    return Article(
        id=f"bench-{number}", title=title, text=text, published_at=when, received_at=when,
        publisher=Publisher(id="bench", name="Bench", family="bench"), content_hash=content_hash(title, text),
    )  # fmt: skip


def dense() -> list[Article]:
    """The sample week: war news, where every second sentence tells of a town, a surrender, talks or a speaker."""
    rows = [json.loads(line) for line in WEEK.read_text("utf-8").splitlines()]
    return [_article(n, row["text"], row.get("title") or "") for n, row in enumerate(rows)] * 3


def ordinary() -> list[Article]:
    """News of towns, trade, sport and weather, in another order each time."""
    draw = random.Random(7)
    return [_article(n, " ".join(draw.sample(ORDINARY, 12))) for n in range(100)]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _read(reader: Reader, articles: list[Article], chosen: list[Extractor]) -> tuple[int, int, dict[str, float]]:
    """Sentences, those parsed, and seconds of the processor by part of the work."""
    seconds: dict[str, float] = {}
    readings: list[Reading] = []
    seconds["split"] = _timed(lambda: readings.extend(reader.read(article) for article in articles))
    seconds["parse"] = _timed(lambda: reader.parse(readings, [extractor.wants for extractor in chosen]))
    for extractor in chosen:
        seconds[extractor.type] = _timed(lambda e=extractor: [e.extract(reading) for reading in readings])
    sentences = [sentence for reading in readings for sentence in reading.sentences]
    return len(sentences), sum(sentence.is_parsed for sentence in sentences), seconds


@pytest.mark.parametrize("kind", [dense, ordinary])
def test_sentences_a_second(kind: Callable[[], list[Article]], reader: Reader) -> None:
    articles = kind()
    plain = spacy.load(DEFAULT_MODEL)
    texts = [s.text for article in articles[:40] for s in reader.read(article).sentences]
    _read(reader, articles, extractors())  # what is looked up once is looked up before
    rates: list[float] = []
    ratios: list[float] = []
    shares: list[dict[str, float]] = []
    sentences = parsed = 0
    for _ in range(ROUNDS):
        base = len(texts) / _timed(lambda: list(plain.pipe(texts, batch_size=256)))
        sentences, parsed, seconds = _read(reader, articles, extractors())
        rates.append(sentences / sum(seconds.values()))
        ratios.append(rates[-1] / base)
        shares.append({name: 1e3 * spent / sentences for name, spent in seconds.items()})
    print(
        f"\n{kind.__name__} news: {median(rates):.0f} sentences/s of one core with all four extractors, "
        f"{median(ratios):.1f} times spaCy's own pipeline ({sentences} sentences, {100 * parsed / sentences:.0f} % parsed)"
    )
    for name in shares[0]:
        print(f"  {name:10} {median(share[name] for share in shares):.3f} ms a sentence")


def test_each_extractor_alone(reader: Reader) -> None:
    articles = dense()
    _read(reader, articles, extractors())
    together = sum(_read(reader, articles, extractors())[2].values())
    print("\ndense news, an extractor as a service of its own, against all four in one process")
    for extractor in extractors():
        sentences, parsed, seconds = _read(reader, articles, [extractor])
        alone = sum(seconds.values())
        print(
            f"  {extractor.type:10} {sentences / alone:.0f} sentences/s, {100 * alone / together:.0f} % of the cost of "
            f"all, {100 * parsed / sentences:.0f} % parsed"
        )


def _endless(count: int) -> Iterator[Article]:
    """Articles whose names and numbers are never the same: what is kept by word would grow."""
    draw = random.Random(11)
    texts = [article.text for article in dense()] + [article.text for article in ordinary()]
    for number in range(count):
        name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=9)).title()
        text = f"{name} {number} fell to the rebels on Monday, an officer named {name[::-1].title()} said. "
        yield _article(number, text + draw.choice(texts)[:1500])


def _megabytes() -> float:
    """This process's resident memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_memory_stays_flat(reader: Reader) -> None:
    chosen = extractors()
    sizes: list[float] = []
    batch: list[Article] = []
    for number, article in enumerate(_endless(ARTICLES), 1):
        batch.append(article)
        if len(batch) == 20:
            _read(reader, batch, chosen)
            batch.clear()
        if number % (ARTICLES // 10) == 0:
            sizes.append(_megabytes())
    print(f"\nresident memory over {ARTICLES} articles, MB: " + " ".join(f"{size:.0f}" for size in sizes))
    print(f"  the last tenth against the fifth: {sizes[-1] / sizes[4]:.3f}")


def test_start_up() -> None:
    program = (
        "import time, resource; began = time.perf_counter()\n"
        "from tocsin.capture.service import read\nfrom tocsin.reading.process import reader\nreader()\n"
        "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)"
    )
    plain = (
        "import time; began = time.perf_counter()\n"
        f"import spacy; spacy.load({DEFAULT_MODEL!r}); print(time.perf_counter() - began)"
    )
    ours: list[tuple[float, float]] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        seconds, size = subprocess.check_output([sys.executable, "-c", program], text=True).split()
        ours.append((float(seconds), float(size)))
        theirs.append(float(subprocess.check_output([sys.executable, "-c", plain], text=True)))
    ready = median(seconds for seconds, _ in ours)
    print(
        f"\nan extractor's reading is ready in {ready:.1f} s ({ready / median(theirs):.1f} times spaCy and its model "
        f"alone), at {median(size for _, size in ours):.0f} MB"
    )
