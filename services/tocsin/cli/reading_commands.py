"""`tocsin extract` and `tocsin explain`: the extractors without a broker."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin_schemas import Article, Publisher
from tocsin_schemas.ids import content_hash

from .console import ERR, OUT, escape, fail
from .extractors import TYPES, AnyEvent, events_of, extractors
from .revised import revised

if TYPE_CHECKING:
    from tocsin.reading import Reader


class EventType(StrEnum):
    """The four types of events."""

    CAPTURE = "capture"
    SURRENDER = "surrender"
    STATEMENT = "statement"
    DIPLOMACY = "diplomacy"


def load_reader() -> Reader:
    """The reader with the configured model, or an end that says what to install."""
    from tocsin.reading import Reader

    try:
        return Reader.load()
    except OSError as error:
        fail(f"the language model cannot be loaded: {error}", hint="run `make setup`, which installs the pinned model")


def readable(source: str, refused: list[str]) -> Iterator[Article]:
    """The articles of a file, folder or "-"; what cannot be read is named on standard error and added to `refused`."""
    from tocsin.ingest.formats import read_articles
    from tocsin.ingest.refusal import Refused

    if source != "-" and not Path(source).exists():
        fail(
            f"{source}: no such file or folder",
            hint="give a .jsonl, .txt or .html file, a folder of these, or - for standard input",
        )
    for found in read_articles(source):
        if isinstance(found, Refused):
            refused.append(str(found))
            ERR.print(f"[yellow]refused[/] {escape(str(found))}")
        else:
            yield found


def extract(
    articles: Annotated[
        str, typer.Argument(help="A JSONL, text or HTML file, a folder of these, or - for standard input.")
    ],
    types: Annotated[
        list[EventType] | None, typer.Option("--type", "-t", help="Only this type; may be repeated.")
    ] = None,
    stats: Annotated[
        bool, typer.Option("--stats", help="Print counts and speed on standard error at the end.")
    ] = False,
) -> None:
    """Read articles and print their events, one JSON object a line, in document order. Needs no broker.

    An article whose id came before is its next revision: what it no longer tells is printed once more, as retracted.

    A line of JSONL is one article: `id, title, text, published_at` (or `published`), `url, publisher` (or `outlet`);
    only `text` is required. Articles that cannot be read are named on standard error, and the exit code is then 1.

    Examples:

        tocsin extract articles.jsonl > events.jsonl

        tocsin extract --type capture --type surrender reports/

        cat articles.jsonl | tocsin extract - | jq .place.name
    """
    from tocsin.reading.reader import MAX_TEXT

    refused: list[str] = []
    reader = load_reader()
    started, count, written = time.perf_counter(), 0, 0
    with _progress() as progress:
        task = progress.add_task("reading", total=None)
        for article, events in events_of(reader, revised(readable(articles, refused)), extractors(types or TYPES)):
            count += 1
            if len(article.text) > MAX_TEXT:
                ERR.print(
                    f"[yellow]cut[/] {escape(article.id)}: of {len(article.text):,} characters the first {MAX_TEXT:,} are read"
                )
            for event in events:
                sys.stdout.write(event.model_dump_json() + "\n")
            written += len(events)
            progress.update(task, completed=count)
    sys.stdout.flush()
    if stats:
        seconds = time.perf_counter() - started
        ERR.print(f"{count} articles, {written} events, {len(refused)} refused, {count / seconds:.1f} articles/s")
    if refused:
        raise typer.Exit(1)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=ERR, transient=True, disable=not ERR.is_terminal,
    )  # fmt: skip


def explain(
    text: Annotated[str, typer.Argument(help="A sentence or a whole text; - reads standard input.")],
    types: Annotated[
        list[EventType] | None, typer.Option("--type", "-t", help="Only this type; may be repeated.")
    ] = None,
    published: Annotated[
        datetime | None, typer.Option(help="Publication day that dates count from (default: today).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Show how a text is read: sentences, parse, frames tried, why each matched or was refused, what each role became.

    Examples:

        tocsin explain "Rebels took Ardal on Monday, the army said."

        tocsin explain --type capture --json "Ardal could fall within days."
    """
    words = sys.stdin.read() if text == "-" else text
    if not words.strip():
        fail("there is no text to explain", hint='give it in quotes: tocsin explain "Rebels took Ardal."')
    now = (published or datetime.now(UTC)).replace(tzinfo=UTC)
    article = Article(
        id="explain", text=words, published_at=now, received_at=now,
        publisher=Publisher(id="explain", name="explain", family="explain"), content_hash=content_hash("", words),
    )  # fmt: skip
    told = explanation(load_reader(), article, types or list(TYPES))
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
    else:
        _print(told)


def explanation(reader: Reader, article: Article, types: Iterable[str]) -> dict[str, Any]:
    """How `article` is read, as plain data: sentences with parse and trials, places, and the events."""
    from tocsin.reading.explain import explain as explain_sentence
    from tocsin.reading.explain import words_of

    reading = reader.read(article)
    chosen = extractors(types)
    events: list[AnyEvent] = [event for extractor in chosen for event in extractor.extract(reading)]
    read_from_words = [
        (start, {"type": extractor.type, **asdict(trial), "events": [event.id for event in trial.events]})
        for extractor in chosen
        if extractor.trials is not None
        for start, trial in extractor.trials(reading)
    ]
    sentences: list[dict[str, Any]] = []
    for sentence in reading.sentences:
        trials = [
            {
                "type": extractor.type,
                **asdict(trial),
                "refused": trial.refused or extractor.wants.shut(reading),
                "events": [] if extractor.wants.shut(reading) else [event.id for event in trial.events],
            }
            for extractor in chosen
            if extractor.frames is not None
            and extractor.read_match is not None
            and extractor.frames.could_match(sentence.words)
            for trial in explain_sentence(sentence, extractor.frames, extractor.read_match)
        ]
        sentences.append(
            {
                "start": sentence.start,
                "end": sentence.end,
                "text": sentence.text,
                "parse": [asdict(word) for word in words_of(sentence)],
                "tried": trials + [trial for start, trial in read_from_words if start == sentence.start],
            }
        )
    return {
        "sentences": sentences,
        "places": [place.model_dump(mode="json", exclude_none=True) for place in reading.text_places.all],
        "events": [event.model_dump(mode="json", exclude_none=True) for event in events],
    }


def _print(told: dict[str, Any]) -> None:
    for number, sentence in enumerate(told["sentences"], 1):
        OUT.print(f"[bold]{number}.[/] {escape(sentence['text'])}")
        parse = sentence["parse"]
        shown = "  ".join(
            f"{w['text']}[dim]/{w['label']}→{escape(parse[w['head']]['text'])}[/]" for w in parse if w["pos"] != "PUNCT"
        )
        OUT.print(f"   {shown}")
        for trial in sentence["tried"]:
            roles = ", ".join(f"{name}: {words}" for name, words in trial["roles"].items())
            if trial["refused"]:
                OUT.print(
                    f"   [red]✗[/] {trial['frame']} at “{escape(trial['anchor'])}”: {escape(trial['refused'])}"
                    + (f" [dim]({escape(roles)})[/]" if roles else "")
                )
            else:
                OUT.print(f"   [green]✓[/] {trial['frame']} at “{escape(trial['anchor'])}” ({escape(roles)})")
    for event in told["events"]:
        OUT.print(f"[bold green]{event['type']}[/] {escape(summary(event))}")
    if not told["events"]:
        OUT.print("[dim]no event[/]")


def summary(event: dict[str, Any]) -> str:
    """One line on an event for people: who, what, where, when, in whose voice, by which rule."""
    parts: list[str] = []
    if event["type"] == "statement":
        parts.append(f"{_name(event.get('speaker')) or 'somebody'}: “{event['content'][:120]}”")
    elif event["type"] == "diplomacy":
        parts.append(f"{event['kind']} of {', '.join(_name(a) or '?' for a in event.get('participants', []))}")
    elif event["type"] == "surrender":
        count = (event.get("count") or {}).get("text")
        parts.append(
            f"{_name(event.get('surrendering')) or '?'} to {_name(event.get('recipient')) or '?'}"
            + (f" ({count})" if count else "")
        )
    else:
        what = (
            (event.get("place") or {}).get("name")
            or (event.get("count") or {}).get("text")
            or event.get("of")
            or "a place"
        )
        parts.append(f"{what} by {_name(event.get('captor')) or 'unknown'}")
        if event.get("ordinal"):
            parts.append(f"number {event['ordinal']}")
    if event["type"] != "capture" and event.get("place"):
        parts.append(f"in {event['place']['name']}")
    when = event["date"]
    parts.append(
        f"{when.get('start') or 'until'}–{when['end']}" if when.get("start") != when["end"] else str(when["end"])
    )
    parts.append(event["modality"] + (f" by {_name(event['attribution'])}" if event.get("attribution") else ""))
    parts.append(f"[{event['rule']}]")
    return " · ".join(parts)


def _name(actor: dict[str, Any] | None) -> str | None:
    return None if actor is None else actor.get("name") or actor.get("text")
