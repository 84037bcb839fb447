"""`tocsin webhooks`: a secret is made, a receiver tried, the log read, a delivery repeated, a request verified."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest
from click.testing import Result
from hostile import Hostile, Request, status
from line import publish, receivers_file, service, settled
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.streaming.settings import Settings
from webhook_builders import an_alert


def tocsin(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["webhooks", *arguments], env=env)


def captured(request: Request, file: Path) -> str:
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    file.write_bytes(f"POST {request.path} HTTP/1.1\r\n{head}\r\n".encode() + request.body)
    return str(file)


@pytest.mark.kafka
async def test_a_delivery_is_tried_logged_repeated_and_verified(
    settings: Settings, tmp_path: Path, service_environment: dict[str, str]
) -> None:
    def run(*arguments: str) -> Result:
        return tocsin(*arguments, env=service_environment)

    secret = tmp_path / "desk.key"
    public = (await asyncio.to_thread(run, "secret", "--ed25519", "--out", str(secret))).stdout.strip()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    async with Hostile(status(500), status(200)) as desk:
        given = {"name": "desk", "url": desk.url, "secrets": [{"file": str(secret)}], "retry": ["0s"]}
        file = str(receivers_file(tmp_path, given))
        async with service(settings, Path(file)):
            await publish(settings, [an_alert()])
            (failed,) = await settled(settings, 1)
            tried = await asyncio.to_thread(run, "test", "desk", "--receivers", file)
            assert (tried.exit_code, tried.stdout) == (0, "desk: delivered (HTTP 200)\n")
            log = await asyncio.to_thread(run, "log", "--state", "failed", "--json")
            assert [json.loads(row)["id"] for row in log.stdout.splitlines()] == [failed.id]
            assert failed.id in (await asyncio.to_thread(run, "log")).stdout
            again = await asyncio.to_thread(run, "redeliver", failed.id)
            assert again.exit_code == 0, again.stderr
            await desk.until(lambda server: len(server.answered) == 3)
            await settled(settings, 1)
        assert (await asyncio.to_thread(run, "log", "--state", "failed", "--json")).stdout == ""
        unknown = await asyncio.to_thread(run, "redeliver", "nothing")
        assert (unknown.exit_code, "no delivery nothing in the log" in unknown.stderr) == (2, True)
    first, _, last = desk.requests
    assert first.message_id == last.message_id == failed.id
    assert tocsin("verify", captured(last, tmp_path / "request.http"), "--secret", public).exit_code == 0
    last.body += b" "
    forged = tocsin("verify", captured(last, tmp_path / "request.http"), "--secret", public)
    assert (forged.exit_code, "NOT genuine" in forged.stdout) == (1, True)


def test_a_secret_is_printed_or_written_once(tmp_path: Path) -> None:
    printed, another = tocsin("secret").stdout, tocsin("secret").stdout
    assert printed.startswith("whsec_")
    assert printed != another
    file = tmp_path / "desk.key"
    assert tocsin("secret", "--out", str(file)).stdout == ""
    kept = file.read_text()
    refused = tocsin("secret", "--out", str(file))
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert file.read_text() == kept


def test_a_receiver_that_is_not_in_the_file_is_answered_with_those_that_are(tmp_path: Path) -> None:
    file = receivers_file(tmp_path, {"name": "desk", "url": "http://127.0.0.1:9/"})
    result = tocsin("test", "dsek", "--receivers", str(file))
    assert result.exit_code == 2
    assert "receivers: desk" in result.stderr
