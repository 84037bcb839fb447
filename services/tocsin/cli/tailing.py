"""`tocsin tail`: live events, control and alerts for people, or as JSON lines for pipes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from tocsin_schemas import Control, filters
from tocsin_schemas.topics import BY_NAME, TOPICS, Topic, short_name

from .console import ERR, OUT, escape, fail
from .reading_commands import summary

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord

    from tocsin.streaming.settings import Settings

_COLORS = {
    "article": "white", "capture": "red", "surrender": "yellow", "statement": "cyan", "diplomacy": "blue",
    "incidents": "magenta", "control": "bold red", "signals": "dim", "alerts": "bold white on red", "deliveries": "green",
}  # fmt: skip


def tail(
    topics: Annotated[
        list[str] | None,
        typer.Argument(
            help="Topics by short name (capture, control, alerts ...) or full name; default: all events, control and alerts."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Start this long ago (90s, 10m, 6h, 7d) or at a time (RFC 3339); default: now.")
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="Only places or parties of this country (ISO 3166-1 alpha-3).")
    ] = None,
    min_status: Annotated[
        str | None,
        typer.Option(
            help="Only what is at least contested, claimed or confirmed; of events denied, claimed, asserted."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    until_end: Annotated[bool, typer.Option("--until-end", help="Stop at the end of what is there now.")] = False,
) -> None:
    """Print events, control changes and alerts as they come. Ctrl-C ends it.

    Examples:

        tocsin tail

        tocsin tail capture control --country AFG --since 24h

        tocsin tail alerts --json | jq .annotations.summary
    """
    from tocsin.streaming.settings import load_settings

    wanted = [
        _topic(name) for name in topics or ["capture", "surrender", "statement", "diplomacy", "control", "alerts"]
    ]
    start = None if since is None else _moment(since)
    try:
        filters.check(country, min_status, Control)
    except ValueError as error:
        fail(str(error))
    try:
        asyncio.run(_tail(load_settings(), wanted, start, country, min_status, as_json=as_json, until_end=until_end))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _topic(name: str) -> Topic:
    found = BY_NAME.get(name) or next((t for t in TOPICS if short_name(t.name) == name), None)
    if found is None:
        fail(f"there is no topic {name!r}", hint="topics: " + ", ".join(short_name(t.name) for t in TOPICS))
    return found


def _moment(words: str) -> datetime:
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}.get(words[-1:])
    if unit and words[:-1].isdigit():
        return datetime.now(UTC) - timedelta(**{unit: int(words[:-1])})
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        fail(f"--since {words!r} is no duration and no time", hint="write 90s, 10m, 6h, 7d or 2021-08-11T09:00:00Z")
    if moment.tzinfo is None:
        fail(f"--since {words!r} has no time zone", hint=f"write {words}Z for UTC")
    return moment


async def _tail(
    settings: Settings,
    wanted: list[Topic],
    start: datetime | None,
    country: str | None,
    min_status: str | None,
    *,
    as_json: bool,
    until_end: bool,
) -> None:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    from tocsin.streaming.topics import topic_name

    names = {topic_name(topic, settings): topic for topic in wanted}
    wants = {topic.name: filters.Wanted(country, min_status) for topic in wanted}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap, enable_auto_commit=False, auto_offset_reset="latest"
    )
    try:
        await consumer.start()
    except KafkaError as error:
        fail(
            f"no Kafka at {settings.kafka.bootstrap}: {error}",
            hint="start one with `tocsin up`, or set TOCSIN_KAFKA__BOOTSTRAP",
            code=1,
        )
    try:
        ends = await _assign(consumer, list(names), start)
        if not as_json:
            ERR.print(
                f"[dim]listening on {', '.join(short_name(t.name) for t in wanted)} at {settings.kafka.bootstrap}[/]"
            )
        async for record in consumer if not until_end else _bounded(consumer, ends):
            topic = names[record.topic]
            _show(topic, record, wants[topic.name], as_json=as_json)
    finally:
        await consumer.stop()


async def _assign(consumer: AIOKafkaConsumer, names: list[str], start: datetime | None) -> dict[Any, int]:
    from aiokafka import TopicPartition

    partitions = [
        TopicPartition(name, number)
        for name in names
        for number in sorted(consumer.partitions_for_topic(name) or await _partitions(consumer, name))
    ]
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    if start is not None:
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(start.timestamp() * 1000)))
        for partition in partitions:
            at = found.get(partition)
            consumer.seek(partition, at.offset if at is not None else ends[partition])
    else:
        await consumer.seek_to_end(*partitions)
    return ends


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    await consumer._client.force_metadata_update()
    found = consumer.partitions_for_topic(name)
    if not found:
        await consumer.topics()
        found = consumer.partitions_for_topic(name)
    if not found:
        await consumer.stop()
        fail(f"topic {name} does not exist yet", hint="start the services with `tocsin up`", code=1)
    return found


async def _bounded(consumer: AIOKafkaConsumer, ends: dict[Any, int]) -> AsyncIterator[ConsumerRecord]:
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                yield record


def _show(topic: Topic, record: ConsumerRecord, wanted: filters.Wanted, *, as_json: bool) -> None:
    if record.value is None:
        return
    try:
        told = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        ERR.print(f"[yellow]{record.topic}/{record.partition}/{record.offset} is not JSON[/]")
        return
    if not isinstance(told, dict):
        ERR.print(f"[yellow]{record.topic}/{record.partition}/{record.offset} is no record of the contract[/]")
        return
    if not wanted.takes(told, (record.key or b"").decode("utf-8", "replace")):
        return
    name = short_name(topic.name)
    if as_json:
        sys.stdout.write(orjson.dumps({"topic": name, **told}).decode() + "\n")
        sys.stdout.flush()
        return
    OUT.print(f"[{_COLORS.get(name, 'white')}]{name:<10}[/] {escape(line(name, told))}")
    if sentence := proof(told):
        OUT.print(f"           [dim]“{escape(sentence)}”[/]")


def proof(told: dict[str, Any]) -> str | None:
    """The sentence that a record rests on: an event's own, the first of an incident, of a place, of an alert."""
    evidence = told.get("evidence")
    if isinstance(evidence, dict):
        return evidence.get("sentence")
    reports = [report.get("evidence") or {} for report in told.get("reports") or []]
    return next((one["sentence"] for one in evidence or reports if one.get("sentence")), None)


def line(name: str, told: dict[str, Any]) -> str:
    """One line on a record for people."""
    if name in ("capture", "surrender", "statement", "diplomacy"):
        return ("RETRACTED " if told.get("retracted") else "") + summary(told)
    if name == "control":
        holder = told.get("holder_name") or told.get("holder") or "nobody known"
        return f"{told['place']['name']} · {holder} · {told['status']}" + (
            f" since {told['since']}" if told.get("since") else ""
        )
    if name == "incidents":
        place = (told.get("place") or {}).get("name")
        return f"{told['type']} · {place or ', '.join(a.get('name') or a['text'] for a in told['actors'])} · {told['status']} · {told['n_reports']} reports"
    if name == "alerts":
        summary_line = told["annotations"].get("summary") or told["rule"]
        of = f" of {told['of']}" if told.get("of") else ""
        state = "TAKEN BACK" if told.get("change") == "taken back" else told["state"].upper()
        reason = f", {told['reason']}" if told.get("reason") else ""
        return f"{state} {told['rule']}: {summary_line} (value {told['value']:g}{of}{reason})"
    if name == "articles":
        return f"{told['publisher']['name']}: {told['title'] or told['text'][:80]} (revision {told['revision']}, {told['status']})"
    return str(told.get("id", ""))
