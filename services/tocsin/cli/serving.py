"""`tocsin serve`, `tocsin up`, `tocsin topics`, `tocsin healthy`: the services, one or all."""

from __future__ import annotations

import asyncio
import runpy
import signal
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated

import typer

from .console import ERR, escape, fail
from .services import BY_NAME, SERVICES

if TYPE_CHECKING:
    from tocsin.streaming.settings import Settings

topics_app = typer.Typer(no_args_is_help=True, help="The contract's topics on a broker.")


def serve(service: Annotated[str, typer.Argument(help="One of: " + ", ".join(BY_NAME))]) -> None:
    """Run one service in the foreground until SIGTERM: what a container runs.

    Settings come from the environment (`TOCSIN_...`); docs/operating.md lists them.

    Example: `TOCSIN_KAFKA__BOOTSTRAP=kafka:9092 tocsin serve capture`
    """
    found = BY_NAME.get(service)
    if found is None:
        fail(f"there is no service {service!r}", hint="services: " + ", ".join(BY_NAME))
    sys.argv = [found.module, *([found.argument] if found.argument else [])]
    runpy.run_module(found.module, run_name="__main__")


def up(
    only: Annotated[list[str] | None, typer.Option("--only", help="Start only this service; may be repeated.")] = None,
) -> None:
    """Run the whole of Tocsin on this machine: an embedded Kafka, the topics, every service. Ctrl-C stops it.

    TOCSIN_KAFKA__BOOTSTRAP set: that cluster is used instead of the embedded Kafka.

    Examples:

        tocsin up

        tocsin up --only ingest --only capture
    """
    unknown = [name for name in only or [] if name not in BY_NAME]
    if unknown:
        fail(f"there is no service {unknown[0]!r}", hint="services: " + ", ".join(BY_NAME))
    chosen = [service for service in SERVICES if not only or service.name in only]
    from tocsin.embedded import EmbeddedKafkaError, cluster
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.settings import load_settings

    from .fleet import Fleet, FleetError, environment_for

    async def run(settings: Settings) -> None:
        from tocsin.streaming.topics import create_topics

        created = await create_topics(settings)
        _say(f"{len(created)} topics created" if created else "all topics are there")
        environment = environment_for(settings.kafka.bootstrap, settings.state_dir)
        stop = stopped()
        async with Fleet(chosen, environment, settings.state_dir / "logs", report=_say) as fleet:
            ready = asyncio.create_task(fleet.ready(within=120))
            await asyncio.wait({ready, stop}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
                _say(f"everything runs; logs are in {settings.state_dir / 'logs'}; Ctrl-C stops it")
                await asyncio.wait({stop, fleet.failed}, return_when=asyncio.FIRST_COMPLETED)
                if fleet.failed.done():
                    raise FleetError(fleet.failed.result())
            else:
                ready.cancel()
            _say("stopping")

    try:
        with cluster(load_settings(), _say) as settings:
            asyncio.run(run(settings))
    except (EmbeddedKafkaError, FleetError, SettingsError, StreamingError) as error:
        fail(str(error), code=1)


def stopped() -> asyncio.Future[None]:
    """A future that is done when SIGINT or SIGTERM comes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def end() -> None:
        if not done.done():
            done.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    return done


def _say(line: str) -> None:
    ERR.print(f"[dim]•[/] {escape(line)}")


@topics_app.command("create")
def create() -> None:
    """Create the topics that are missing, with their partitions and clean-up policies. Existing ones stay as they are.

    Example: `TOCSIN_KAFKA__BOOTSTRAP=kafka:9092 tocsin topics create`
    """
    from tocsin.streaming.errors import SettingsError, StreamingError
    from tocsin.streaming.settings import load_settings
    from tocsin.streaming.topics import create_topics

    try:
        created = asyncio.run(create_topics(load_settings()))
    except (SettingsError, StreamingError) as error:
        fail(str(error), code=1)
    for name in created:
        typer.echo(name)
    ERR.print(f"{len(created)} topics created")


def healthy(
    port: Annotated[int, typer.Option(envvar="TOCSIN_HTTP__PORT", help="The service's HTTP port.")] = 8080,
) -> None:
    """Ask the service of this container whether it is ready; exit code 1 when it is not. For container health checks.

    Example: `tocsin healthy --port 8081`
    """
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            typer.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        fail(error.read().decode("utf-8", "replace") or str(error), code=1)
    except OSError as error:
        fail(f"nothing answers on port {port}: {error}", code=1)
