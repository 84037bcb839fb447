"""The guard with real sockets: a server on the loopback address stands for the internal network."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tocsin.outbound.guard import RefusedAddress, guarded_connector


class Internal:
    """An internal server that must not be reached; `asked` are the paths that reached it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path == "/away":
            raise web.HTTPFound(f"http://internal.example:{self.port}/secret")
        return web.Response(text="internal")


@pytest.fixture
async def internal() -> AsyncIterator[Internal]:
    server = Internal()
    app = web.Application()
    app.router.add_get("/{tail:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


class Names(AbstractResolver):
    """Answers from a table; each look-up of a name takes its next answer, so that DNS can change its mind."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self.answers = answers

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        found = self.answers[host]
        addresses = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        pass


async def fetch(url: str, *, allow: list[str] | None = None, names: Names | None = None, **request: Any) -> str:
    connector = guarded_connector(allow or [], resolver=names)
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        session.get(url, **request) as reply,
    ):
        return await reply.text()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0.0.0.0", "[::ffff:7f00:1]"]
)
async def test_no_spelling_of_the_loopback_address_gets_through(internal: Internal, host: str) -> None:
    with pytest.raises((RefusedAddress, aiohttp.InvalidUrlClientError)):  # aiohttp knows the odd spellings itself
        await fetch(f"http://{host}:{internal.port}/secret")
    assert internal.asked == []


async def test_a_name_that_leads_inside_is_refused(internal: Internal) -> None:
    with pytest.raises(RefusedAddress) as refused:
        await fetch(f"http://evil.example:{internal.port}/", names=Names({"evil.example": [["127.0.0.1"]]}))
    assert refused.value.host == "evil.example"
    assert refused.value.address == "127.0.0.1"
    assert internal.asked == []


async def test_a_name_that_is_allowed_gets_through(internal: Internal) -> None:
    names = Names({"receiver.example": [["127.0.0.1"]]})
    said = await fetch(f"http://Receiver.example:{internal.port}/hook", allow=["receiver.EXAMPLE."], names=names)
    assert said == "internal"


async def test_allowing_a_name_does_not_allow_its_address_to_others(internal: Internal) -> None:
    names = Names({"receiver.example": [["127.0.0.1"]], "evil.example": [["127.0.0.1"]]})
    connector = guarded_connector(["receiver.example"], resolver=names)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(f"http://receiver.example:{internal.port}/hook") as reply:
            assert reply.status == 200
        for host in ("evil.example", "127.0.0.1"):
            with pytest.raises(RefusedAddress):
                await session.get(f"http://{host}:{internal.port}/secret")
    assert internal.asked == ["/hook"]


async def test_a_redirect_inside_is_refused(internal: Internal) -> None:
    names = Names({"outside.example": [["127.0.0.1"]], "internal.example": [["127.0.0.1"]]})
    with pytest.raises(RefusedAddress, match=r"internal\.example"):
        await fetch(f"http://outside.example:{internal.port}/away", allow=["outside.example"], names=names)
    assert internal.asked == ["/away"]


async def test_a_name_that_changes_its_answer_is_judged_by_the_answer_that_is_used(internal: Internal) -> None:
    names = Names({"rebind.example": [["198.51.100.1"], ["127.0.0.1"]]})
    await names.resolve("rebind.example")  # somebody looked before: a public answer
    with pytest.raises(RefusedAddress):
        await fetch(f"http://rebind.example:{internal.port}/secret", names=names)
    assert internal.asked == []


async def test_several_inside_addresses_are_all_refused(internal: Internal) -> None:
    names = Names({"many.example": [["127.0.0.1", "127.0.0.2", "10.0.0.1"]]})
    with pytest.raises(RefusedAddress):
        await fetch(f"http://many.example:{internal.port}/secret", names=names)
    assert internal.asked == []


async def test_an_inside_literal_is_refused_behind_a_proxy_too(internal: Internal) -> None:
    proxy = f"http://127.0.0.1:{internal.port}"
    with pytest.raises(RefusedAddress, match=r"169\.254\.169\.254"):
        await fetch("http://169.254.169.254/latest", allow=["127.0.0.1"], proxy=proxy)
    with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1"):
        await fetch("http://news.example/", proxy=proxy)
    assert internal.asked == []


async def test_an_ordinary_failure_to_connect_keeps_its_own_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(aiohttp.ClientConnectorError) as failed:
            await fetch(f"http://127.0.0.1:{port}/", allow=["127.0.0.1"])
    assert not isinstance(failed.value, RefusedAddress)
