"""`tocsin webhooks`: try a receiver, see what was delivered, deliver again, check a signature."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from tocsin_schemas.topics import DELIVERIES

from .console import ERR, OUT, escape, fail

if TYPE_CHECKING:
    from tocsin.webhooks.receivers import Receivers

State = Literal["pending", "delivered", "failed", "skipped"]

app = typer.Typer(no_args_is_help=True, help="Receivers of alerts and what was delivered to them.")


def _receivers(path: Path | None) -> Receivers:
    from tocsin.streaming.errors import SettingsError
    from tocsin.streaming.settings import load
    from tocsin.webhooks.config_file import ConfigError, load_receivers
    from tocsin.webhooks.settings import WebhookSettings

    try:
        chosen = path or load(WebhookSettings).receivers
        if chosen is None:
            fail("no receivers file is named", hint="give --receivers FILE, or set TOCSIN_WEBHOOKS__RECEIVERS")
        return load_receivers(chosen)
    except (ConfigError, SettingsError, OSError) as error:
        fail(str(error), hint="give --receivers FILE, or set TOCSIN_WEBHOOKS__RECEIVERS")


@app.command("test")
def test(
    receiver: Annotated[str, typer.Argument(help="Name of a receiver in the receivers file.")],
    receivers: Annotated[
        Path | None, typer.Option(help="The receivers file (default: TOCSIN_WEBHOOKS__RECEIVERS).")
    ] = None,
) -> None:
    """Send a test alert to one receiver, once, and tell what it answered.

    Example: `tocsin webhooks test desk --receivers receivers.yaml`
    """
    from tocsin.webhooks.journal import try_receiver

    known = _receivers(receivers)
    if receiver not in known.by_name():
        fail(f"there is no receiver {receiver!r}", hint="receivers: " + ", ".join(known.by_name()))
    answer = asyncio.run(try_receiver(known, receiver, "http://127.0.0.1"))
    OUT.print(
        f"{escape(receiver)}: {escape(str(answer.outcome))}"
        + (f" (HTTP {answer.status})" if answer.status else "")
        + (f" {escape(answer.detail)}" if answer.detail else "")
    )
    if str(answer.outcome) != "delivered":
        raise typer.Exit(1)


@app.command("secret")
def secret(
    ed25519: Annotated[
        bool, typer.Option("--ed25519", help="A key pair: the receiver needs the public key alone.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write what signs into this new file, for its owner's eyes, instead of printing it."),
    ] = None,
) -> None:
    """Make a signing secret (whsec_), or a key pair (whsk_ signs, whpk_ verifies).

    Examples:

        tocsin webhooks secret --out secrets/desk

        tocsin webhooks secret --ed25519 --out secrets/desk     # prints the receiver's public key
    """
    from tocsin.webhooks.signing import BadKeyError, new_pair, new_secret

    try:
        signs, verifies = new_pair() if ed25519 else (new_secret(), None)
    except BadKeyError as error:
        fail(str(error))
    if out is None:
        sys.stdout.write(signs + "\n")
    else:
        try:
            out.touch(0o600, exist_ok=False)
            out.write_text(signs + "\n", "ascii")
        except FileExistsError:
            fail(f"{out} is there already", hint="to rotate, make another file and list both under `secrets`")
        except OSError as error:
            fail(f"cannot write {out}: {error.strerror}")
    if verifies is not None:
        sys.stdout.write(verifies + "\n")


@app.command("log")
def log(
    receiver: Annotated[str | None, typer.Option(help="Only this receiver.")] = None,
    state: Annotated[State | None, typer.Option(help="Only deliveries in this state.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List deliveries: to whom, of what, how it went.

    Example: `tocsin webhooks log --receiver desk --state failed --limit 20`
    """
    from aiokafka.errors import KafkaError

    from tocsin.streaming.settings import load_settings
    from tocsin.streaming.topics import topic_name
    from tocsin.webhooks.journal import delivery_log

    settings = load_settings()
    try:
        topic = topic_name(DELIVERIES, settings)
        found = asyncio.run(delivery_log(settings.kafka.bootstrap, topic, receiver=receiver, state=state, limit=limit))
    except KafkaError as error:
        fail(f"no Kafka at {settings.kafka.bootstrap}: {error}", hint="set TOCSIN_KAFKA__BOOTSTRAP", code=1)
    if as_json:
        for each in found:
            sys.stdout.write(each.delivery.model_dump_json() + "\n")
        return
    table = Table("when", "id", "receiver", "alert", "state", "tries", "reason")
    for each in found:
        d = each.delivery
        table.add_row(
            f"{each.written_at:%Y-%m-%d %H:%M:%S}",
            d.id,
            d.receiver,
            f"{d.alert.rule} {d.alert.state}",
            d.state,
            str(len(d.attempts)),
            d.reason or "",
        )
    OUT.print(table)


@app.command("redeliver")
def redeliver(ids: Annotated[list[str], typer.Argument(help="Ids of deliveries, as `log` shows them.")]) -> None:
    """Deliver again, under the same webhook-id.

    Example: `tocsin webhooks redeliver 7c9e6679-7425-5e3f-9f4b-0d6a2c9b1a11`
    """
    from aiokafka.errors import KafkaError

    from tocsin.streaming.settings import load_settings
    from tocsin.streaming.topics import topic_name
    from tocsin.webhooks.journal import UnknownDelivery
    from tocsin.webhooks.journal import redeliver as ask

    settings = load_settings()
    try:
        asked = asyncio.run(ask(settings.kafka.bootstrap, topic_name(DELIVERIES, settings), ids))
    except UnknownDelivery as error:
        fail(str(error))
    except KafkaError as error:
        fail(f"no Kafka at {settings.kafka.bootstrap}: {error}", hint="set TOCSIN_KAFKA__BOOTSTRAP", code=1)
    ERR.print(f"asked for {len(asked)} deliveries to be made again")


@app.command("verify")
def verify(
    request: Annotated[Path, typer.Argument(help="A captured request: headers, an empty line, the body.")],
    secret: Annotated[list[str], typer.Option(help="The receiver's secret (whsec_...); may be repeated.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Check the signature of a captured webhook request. Exit code 1 when it is not genuine.

    Example: `tocsin webhooks verify captured.http --secret whsec_...`
    """
    from tocsin.webhooks.journal import verify_captured
    from tocsin.webhooks.signing import BadKeyError

    if not request.is_file():
        fail(f"{request}: no such file")
    try:
        verified = verify_captured(request.read_bytes(), secret)
    except BadKeyError as error:
        fail(str(error))
    if as_json:
        sys.stdout.write(json.dumps({"genuine": verified.ok, "reason": verified.reason}) + "\n")
    else:
        OUT.print(("genuine" if verified.ok else "NOT genuine") + f": {escape(verified.reason)}")
    if not verified.ok:
        raise typer.Exit(1)
