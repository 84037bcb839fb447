"""One try against real receivers, good and bad: what came of it, and that it ends in time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from hostile import OK, Hostile, Pour, drip, reset, reset_in_answer, server_side, silence, status
from standardwebhooks import Webhook

from tocsin.webhooks.delivery import Answer, Outcome
from tocsin.webhooks.receiver import LocalReceiver, Received
from tocsin.webhooks.sender import Sender
from webhook_builders import SECRET, a_receiver, an_alert

Send = Callable[..., Any]


@pytest.fixture
async def send() -> AsyncIterator[Send]:
    """Sends one alert to a server, or to a URL, as the receiver described by the other arguments."""
    senders: list[Sender] = []

    async def once(to: Hostile | str, **fields: Any) -> Answer:
        given = {"url": to if isinstance(to, str) else to.url, "allow": ["127.0.0.1"], "timeout": "1s", **fields}
        sender = Sender({"desk": a_receiver(**given)}, "http://tocsin.example", lambda: datetime.now(UTC))
        senders.append(sender)
        return await sender.send(
            "desk", "msg_1", [an_alert()], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        )

    yield once
    for sender in senders:
        await sender.close()


async def test_a_message_arrives_signed_with_its_headers(send: Send) -> None:
    async with Hostile() as server:
        answer = await send(server, headers={"X-Team": "red"})
    (request,) = server.requests
    assert (answer.outcome, answer.status) == (Outcome.DELIVERED, 200)
    assert Webhook(SECRET).verify(request.body, request.headers)["alerts"][0]["fingerprint"] == "a"
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["x-team"] == "red"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["traceparent"].startswith("00-0af7651916cd43dd")


async def test_the_local_receiver_takes_it_and_refuses_another_secret(send: Send) -> None:
    got: list[Received] = []

    async def keep(message: Received) -> None:
        got.append(message)

    async with LocalReceiver(SECRET, keep) as receiver:
        assert (await send(receiver.url)).status == 204
        assert (await send(receiver.url)).status == 204
        stranger = await send(receiver.url, secrets=["whsec_" + "A" * 44])
    assert (stranger.outcome, stranger.status) == (Outcome.CLIENT_ERROR, 401)
    assert [message.repeated for message in got] == [False, True]
    assert got[0].payload["status"] == "firing"
    assert receiver.refused == 1


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(204, Outcome.DELIVERED), (400, Outcome.CLIENT_ERROR), (404, Outcome.CLIENT_ERROR), (410, Outcome.GONE),
     (500, Outcome.SERVER_ERROR), (502, Outcome.SERVER_ERROR)],
)  # fmt: skip
async def test_a_status_is_reported_as_what_it_means(send: Send, code: int, outcome: Outcome) -> None:
    async with Hostile(then=status(code, body=b"because" if code != 204 else b"")) as server:
        answer = await send(server)
    assert (answer.outcome, answer.status) == (outcome, code)
    if code >= 400:
        assert answer.detail == "because"


async def test_a_redirect_is_a_failure_and_is_not_followed(send: Send) -> None:
    async with Hostile() as internal:
        async with Hostile(then=status(301, f"Location: {internal.url}")) as server:
            answer = await send(server)
        assert internal.requests == []
    assert (answer.outcome, answer.status) == (Outcome.REDIRECT, 301)


async def test_retry_after_is_taken_up(send: Send) -> None:
    async with Hostile(then=status(429, "Retry-After: 7")) as server:
        answer = await send(server)
    assert (answer.outcome, answer.retry_after) == (Outcome.THROTTLED, timedelta(seconds=7))


async def test_a_receiver_that_never_answers_is_left_after_the_timeout(send: Send) -> None:
    async with Hostile(then=silence) as server:
        began = time.monotonic()
        answer = await send(server)
    assert answer.outcome is Outcome.TIMEOUT
    assert time.monotonic() - began < 3


async def test_an_answer_that_drips_is_left_after_the_timeout(send: Send) -> None:
    async with Hostile(then=drip) as server:
        began = time.monotonic()
        answer = await send(server)
    assert answer.outcome is Outcome.TIMEOUT
    assert time.monotonic() - began < 3


async def test_a_reset_before_the_answer_is_a_failure(send: Send) -> None:
    async with Hostile(then=reset) as server:
        answer = await send(server)
    assert (answer.outcome, answer.status) == (Outcome.CONNECTION, None)


async def test_a_reset_after_the_status_changes_nothing(send: Send) -> None:
    async with Hostile(then=reset_in_answer) as server:
        answer = await send(server)
    assert (answer.outcome, answer.status) == (Outcome.DELIVERED, 200)


@pytest.mark.parametrize(("code", "outcome"), [(200, Outcome.DELIVERED), (500, Outcome.SERVER_ERROR)])
async def test_of_a_hundred_megabytes_only_a_taste_is_read(send: Send, code: int, outcome: Outcome) -> None:
    pour = Pour(code)
    async with Hostile(then=pour) as server:
        answer = await send(server)
        await asyncio.wait_for(pour.broke.wait(), 10)
    assert answer.outcome is outcome
    assert pour.poured < 16 * 1024 * 1024  # what the sockets buffered
    assert len(answer.detail or "") <= 300


async def test_endless_headers_are_a_failure(send: Send) -> None:
    async with Hostile(then=status(200, "X-Endless: " + "x" * 1_000_000)) as server:
        answer = await send(server)
    assert answer.outcome is Outcome.CONNECTION


async def test_an_internal_address_is_refused_unless_it_is_allowed_by_name(send: Send) -> None:
    async with Hostile() as server:
        refused = await send(server, allow=[])
        assert server.requests == []
        allowed = await send(server, allow=["127.0.0.1"])
    assert refused.outcome is Outcome.REFUSED_ADDRESS
    assert "allowed names" in (refused.detail or "")
    assert allowed.outcome is Outcome.DELIVERED


async def test_a_name_that_leads_inside_when_it_is_connected_to_is_refused(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["198.51.100.7"])  # public to whoever looks first, inside for who looks again

    def changing(host: str, port: int, *rest: Any, **more: Any) -> Any:
        return real(next(answers, "127.0.0.1") if host == "rebind.example" else host, port, *rest, **more)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", changing)
    async with Hostile() as server:
        url = f"http://rebind.example:{server.port}/hook"
        assert socket.getaddrinfo("rebind.example", server.port)[0][4][0] == "198.51.100.7"
        refused = await send(url, allow=[])
        assert server.requests == []
        allowed = await send(url, allow=["rebind.example"])
    assert (refused.outcome, allowed.outcome) == (Outcome.REFUSED_ADDRESS, Outcome.DELIVERED)


async def test_nobody_at_home_is_a_failure(send: Send) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = await send(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert answer.outcome is Outcome.CONNECTION


async def test_a_name_that_does_not_resolve_is_a_failure(send: Send) -> None:
    assert (await send("http://nobody.invalid/")).outcome is Outcome.CONNECTION


async def test_a_secret_that_has_vanished_is_told_and_tried_again_later(send: Send, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET, encoding="utf-8")
    receiver = a_receiver(url="http://127.0.0.1:1/", secrets=[{"file": file}], allow=["127.0.0.1"])
    sender = Sender({"desk": receiver}, "", lambda: datetime.now(UTC))
    file.unlink()
    answer = await sender.send("desk", "msg_1", [an_alert()])
    assert answer.outcome is Outcome.MISCONFIGURED
    assert str(file) in (answer.detail or "")


async def test_a_template_that_fails_is_told(send: Send) -> None:
    fields = {"format": "template", "template": "{{ alerts[0].nothing.here }}"}
    async with Hostile() as server:
        answer = await send(server, **fields)
    assert answer.outcome is Outcome.MISCONFIGURED
    assert "template of desk" in (answer.detail or "")


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


async def test_a_certificate_that_nobody_vouches_for_is_refused(send: Send, authority: trustme.CA) -> None:
    async with Hostile(tls=server_side(authority)) as server:
        answer = await send(server)
        assert server.requests == []
    assert answer.outcome is Outcome.TLS


async def test_a_private_authority_is_trusted_when_it_is_named(
    send: Send, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with Hostile(tls=server_side(authority)) as server:
        answer = await send(server, tls={"ca": tmp_path / "ca.pem"})
    assert answer.outcome is Outcome.DELIVERED


async def test_a_client_certificate_is_shown_to_a_receiver_that_asks(
    send: Send, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client = authority.issue_cert("tocsin.example")
    client.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    pem = tmp_path / "client.pem"
    async with Hostile(tls=server_side(authority, clients=authority)) as server:
        without = await send(server, tls={"ca": tmp_path / "ca.pem"})
        shown = await send(server, tls={"ca": tmp_path / "ca.pem", "cert": pem, "key": pem})
    assert without.outcome in (Outcome.TLS, Outcome.CONNECTION)  # TLS 1.3 may show the refusal as a reset
    assert shown.outcome is Outcome.DELIVERED


async def test_tls_reaches_through_a_proxy_to_the_receiver_itself(
    send: Send, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tunnels: list[str] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while chunk := await source.read(65536):
                    sink.write(chunk)
                    await sink.drain()
            sink.close()

        tunnels.append((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", desk.port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    async with Hostile(tls=server_side(authority, name="desk.example")) as desk:
        proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        answer = await send("https://desk.example/hook", proxy=address, tls={"ca": tmp_path / "ca.pem"})
        refused = await send("https://desk.example/hook", proxy=address)
        proxy.close()
    assert (answer.outcome, refused.outcome) == (Outcome.DELIVERED, Outcome.TLS)
    assert tunnels == ["desk.example:443"] * 2
    assert [request.path for request in desk.requests] == ["/hook"]


async def test_a_message_can_go_through_a_proxy(send: Send) -> None:
    async with Hostile(then=OK) as proxy:
        answer = await send("http://desk.example/hook", proxy=proxy.url.removesuffix("/hook"))
    assert answer.outcome is Outcome.DELIVERED
    assert proxy.requests[0].path == "http://desk.example/hook"
