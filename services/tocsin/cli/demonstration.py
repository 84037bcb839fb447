"""`tocsin demo`: from articles to the bell on this machine, with every real part in between."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from tocsin_schemas.topics import ALERTS, CAPTURE, CONTROL, DELIVERIES, DIPLOMACY, STATEMENT, SURRENDER, short_name

from .console import ERR, OUT, escape, fail
from .fleet import Fleet, FleetError, environment_for
from .services import SERVICES
from .serving import stopped
from .tailing import line

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings
    from tocsin.webhooks.receiver import Received

SAMPLES: Final = Path(__file__).parent / "data" / "week.jsonl"
RULES: Final = Path(__file__).parent / "data" / "demo-rules.yaml"
SHOWN: Final = (CAPTURE, SURRENDER, STATEMENT, DIPLOMACY, CONTROL, ALERTS)
QUIET: Final = 3.5
"""Seconds without a new record, with nothing left to do, after which the story is told: alerts settle for one of them."""
_COLORS: Final = {"capture": "red", "surrender": "yellow", "statement": "cyan", "diplomacy": "blue", "control": "bold magenta", "alerts": "bold white on red"}  # fmt: skip


def demo(
    articles: Annotated[
        Path | None,
        typer.Argument(
            help="A JSONL, text or HTML file, or a folder of these; default: a fictitious week written for this."
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="Rule file or folder; default: four or more provincial capitals held by the Taliban."),
    ] = None,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay/--once", help="Go on until Ctrl-C, or end when the story is told; default: stay on a terminal."
        ),
    ] = sys.stdin.isatty(),
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo's data and logs.")] = False,
) -> None:
    """Start Kafka and every service, read articles, and print events, control and alerts with the sentences that prove them.

    The alert is delivered as a signed webhook to a receiver on this machine that verifies it. Nothing leaves the machine.

    Examples:

        tocsin demo

        tocsin demo report.txt --rules deploy/rules/capitals.yaml --once
    """
    if articles is not None and not articles.exists():
        fail(f"{articles}: no such file or folder", hint="give a .jsonl, .txt or .html file, or a folder of these")
    from tocsin.embedded import EmbeddedKafkaError, cluster
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.settings import load_settings

    began = time.monotonic()
    state = Path(tempfile.mkdtemp(prefix="tocsin-demo-"))
    try:
        base = load_settings().model_copy(update={"state_dir": state})
        say(f"starting Kafka (data and logs in {state})")
        with cluster(base, say) as served:
            told = asyncio.run(_Demo(_apart(base, served), articles or SAMPLES, rules or RULES, began).run(stay=stay))
    except (EmbeddedKafkaError, FleetError, SettingsError, StreamingError) as error:
        keep = True
        fail(str(error), code=1)
    finally:
        if keep:
            say(f"logs and data are kept in {state}")
        else:
            shutil.rmtree(state, ignore_errors=True)
    if told.refused:
        raise typer.Exit(1)


def _apart(base: Settings, served: Settings) -> Settings:
    """On somebody's own cluster the demo has topics of its own."""
    if "bootstrap" not in base.kafka.model_fields_set:
        return served
    kafka = served.kafka.model_copy(update={"topic_prefix": f"demo-{int(time.time())}."})
    return served.model_copy(update={"kafka": kafka})


def say(text: str) -> None:
    """One line of progress."""
    ERR.print(f"[dim]•[/] {escape(text)}")


@dataclass
class Told:
    """What the demo has seen: records by topic, deliveries verified, articles refused."""

    records: dict[str, int] = field(default_factory=dict)
    control: dict[str, dict[str, Any]] = field(default_factory=dict)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    deliveries: dict[str, str] = field(default_factory=dict)
    delivered: list[str] = field(default_factory=list)
    repeated: int = 0
    refused: int = 0
    last: float = 0.0


class _Demo:
    def __init__(self, settings: Settings, articles: Path, rules: Path, began: float) -> None:
        self.settings = settings
        self.articles = articles
        self.rules = rules
        self.began = began
        self.told = Told()

    async def run(self, *, stay: bool) -> Told:
        from tocsin.embedded.broker import free_port
        from tocsin.streaming.topics import create_topics
        from tocsin.webhooks.receiver import LocalReceiver
        from tocsin.webhooks.signing import new_secret

        created = await create_topics(self.settings)
        say(f"Kafka is at {self.settings.kafka.bootstrap}; {len(created)} topics created")
        secret = new_secret()
        stop = stopped()
        async with LocalReceiver(secret, self._received) as receiver, self._listening():
            environment = environment_for(
                self.settings.kafka.bootstrap, self.settings.state_dir,
                TOCSIN_KAFKA__TOPIC_PREFIX=self.settings.kafka.topic_prefix,
                TOCSIN_ALERTING__RULES=str(self.rules.resolve()),
                TOCSIN_WEBHOOKS__RECEIVERS=str(self._receivers(receiver.url, secret)),
            )  # fmt: skip
            ports = {service.name: free_port() for service in SERVICES}
            say(f"starting {len(SERVICES)} services")
            async with Fleet(SERVICES, environment, self.settings.state_dir / "logs", ports, say) as fleet:
                work = asyncio.create_task(self._work(fleet))
                await asyncio.wait({work, stop, fleet.failed}, return_when=asyncio.FIRST_COMPLETED)
                if fleet.failed.done():
                    work.cancel()
                    raise FleetError(fleet.failed.result())
                if work.done():
                    work.result()
                    self._conclude(fleet)
                    if stay and not stop.done():
                        say("everything goes on running; post articles, or press Ctrl-C to end")
                        await stop
                else:
                    work.cancel()
                say("stopping")
        return self.told

    def _receivers(self, url: str, secret: str) -> Path:
        path = self.settings.state_dir / "receivers.yaml"
        path.write_bytes(
            orjson.dumps(
                {
                    "receivers": [
                        {
                            "name": "demo",
                            "url": url,
                            "format": "alertmanager-v4",
                            "secrets": [{"value": secret}],
                            "allow": ["127.0.0.1"],
                        }
                    ]
                }
            )
        )  # fmt: skip  (JSON is YAML)
        return path

    async def _work(self, fleet: Fleet) -> None:
        await fleet.ready(within=180)
        say(f"all services are ready after {time.monotonic() - self.began:.0f} s; reading {self.articles.name}")
        from tocsin.ingest.files import ingest_files

        report = await ingest_files([self.articles], self.settings)
        self.told.refused = len(report.refused)
        for refusal in report.refused:
            ERR.print(f"[yellow]refused[/] {escape(str(refusal))}")
        say(
            "articles: "
            + ", ".join(f"{n} {outcome}" for outcome, n in sorted(report.counts.items()))
            + f", {len(report.refused)} refused"
        )
        await self._settled()

    async def _settled(self) -> None:
        """Wait until every service has worked off its topics and nothing new has come for QUIET seconds."""
        from .lag import total_lag

        while True:
            lag = await total_lag(self.settings)
            if lag == 0 and time.monotonic() - self.told.last > QUIET and self._delivered_all():
                return
            await asyncio.sleep(0.25)

    def _delivered_all(self) -> bool:
        return "pending" not in self.told.deliveries.values()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        from aiokafka import AIOKafkaConsumer

        from tocsin.streaming.topics import topic_name

        names = {topic_name(topic, self.settings): short_name(topic.name) for topic in (*SHOWN, DELIVERIES)}
        consumer = AIOKafkaConsumer(
            *names, bootstrap_servers=self.settings.kafka.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False,
            max_partition_fetch_bytes=8_000_000,
        )  # fmt: skip
        await consumer.start()

        async def show() -> None:
            async for record in consumer:
                if record.value is not None:
                    self._show(names[record.topic], orjson.loads(record.value))

        task = asyncio.create_task(show())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await consumer.stop()

    def _show(self, name: str, told: dict[str, Any]) -> None:
        self.told.last = time.monotonic()
        if name == "deliveries":
            self.told.deliveries[told["id"]] = told["state"]
            return
        self.told.records[name] = self.told.records.get(name, 0) + 1
        if name == "control":
            self.told.control[told["place"].get("id") or told["place"]["name"]] = told
        if name == "alerts":
            self.told.alerts[f"{told['id']}/{told['revision']}"] = told
        OUT.print(f"[{_COLORS[name]}]{name:<10}[/] {escape(line(name, told))}")
        evidence = told.get("evidence")
        sentences = (
            [e.get("sentence") for e in evidence] if isinstance(evidence, list) else [(evidence or {}).get("sentence")]
        )
        for sentence in sentences:
            if sentence and name != "statement":
                OUT.print(f"           [dim]“{escape(' '.join(sentence.split()))}”[/]")

    async def _received(self, message: Received) -> None:
        self.told.last = time.monotonic()
        if message.repeated:
            self.told.repeated += 1
            return
        self.told.delivered.append(message.id)
        alerts = message.payload.get("alerts", [])
        summary = "; ".join(f"{a['labels'].get('alertname')} {a['status']}" for a in alerts)
        OUT.print(f"[bold green]webhook[/]    {escape(message.id)}: {escape(summary)} [green]signature verified[/]")

    def _conclude(self, fleet: Fleet) -> None:
        say("the story is told. Who holds what, as far as we know:")
        for told in sorted(self.told.control.values(), key=lambda c: c["place"]["name"]):
            OUT.print(f"           {escape(line('control', told))}")
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.told.records.items()))
        say(
            f"records: {counts}; webhooks verified: {len(self.told.delivered)}; {time.monotonic() - self.began:.0f} s in all"
        )
        memory = ", ".join(f"{service.name} {_rss(fleet.pid(service.name)):.0f} MB" for service in fleet.services)
        say(f"memory: {memory}")


def _rss(pid: int) -> float:
    """Resident memory of a process and its children in MB; 0 where /proc does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * 4096 / 1e6 + sum(_rss(int(child)) for child in below)
