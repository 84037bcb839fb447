"""Fetching from servers good and bad."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from component.ingest.web import Answer, Names, Web
from tocsin.ingest.fetch import Fetcher, FetchError, Validators, retry_after

HOST = "herald.example"


@pytest.fixture
async def site() -> AsyncIterator[Web]:
    async with Web() as site:
        yield site


async def get(site: Web, path: str = "/", host: str = HOST, **options: Any) -> Any:
    options = {"allow": [HOST, "other.example"], "pause": 0.0, "seconds": 5.0, "max_body": 100_000} | options
    fetcher = Fetcher("Tocsin/test (+https://desk.example)", resolver=Names(), **options)
    try:
        return await fetcher.get(site.url(host, path), Validators("e0", "Wed, 11 Aug 2021 09:00:00 GMT"))
    finally:
        await fetcher.close()


async def reason(site: Web, path: str = "/", **options: Any) -> FetchError:
    with pytest.raises(FetchError) as failed:
        await get(site, path, **options)
    return failed.value


async def test_a_page_comes_with_what_to_ask_again_with(site: Web) -> None:
    site.serve(HOST, "/", "<p>Words</p>", ETag='"e1"', **{"Last-Modified": "Thu, 12 Aug 2021 09:00:00 GMT"})
    found = await get(site)
    assert (found.status, found.body) == (200, b"<p>Words</p>")
    assert found.validators == Validators('"e1"', "Thu, 12 Aug 2021 09:00:00 GMT")
    (sent,) = site.headers[HOST, "/"]
    assert sent["If-None-Match"] == "e0"
    assert sent["If-Modified-Since"] == "Wed, 11 Aug 2021 09:00:00 GMT"
    assert sent["User-Agent"] == "Tocsin/test (+https://desk.example)"
    assert "Cookie" not in sent


async def test_not_modified_has_no_body(site: Web) -> None:
    site.serve(HOST, "/", Answer(status=304))
    found = await get(site)
    assert (found.status, found.body) == (304, b"")


async def test_compressed_pages_are_opened_and_bombs_are_not(site: Web) -> None:
    site.serve(HOST, "/", gzip.compress(b"words " * 100), **{"Content-Encoding": "gzip"})
    site.serve(HOST, "/bomb", gzip.compress(b"\0" * 50_000_000), **{"Content-Encoding": "gzip"})
    site.serve(HOST, "/odd", b"x", **{"Content-Encoding": "br"})
    assert len((await get(site)).body) == 600
    started = time.perf_counter()
    assert (await reason(site, "/bomb")).reason == "too_large"
    assert time.perf_counter() - started < 2
    assert (await reason(site, "/odd")).reason == "encoding"


async def test_a_body_without_end_is_left(site: Web) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        while True:
            await reply.write(b"x" * 10_000)

    site.serve(HOST, "/", endless)
    assert (await reason(site)).reason == "too_large"


async def test_an_answer_that_drips_is_left_after_its_time(site: Web) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        while True:
            await reply.write(b"x")
            await asyncio.sleep(0.05)

    site.serve(HOST, "/", drip)
    started = time.perf_counter()
    assert (await reason(site, seconds=0.5)).reason == "timeout"
    assert time.perf_counter() - started < 3


async def test_a_large_page_is_refused_by_its_header(site: Web) -> None:
    site.serve(HOST, "/", b"x" * 200_000)
    assert "larger than 100,000 bytes" in (await reason(site)).detail


async def test_three_redirects_are_followed_and_a_fourth_is_not(site: Web) -> None:
    for number in range(4):
        site.serve(HOST, f"/{number}", Answer(status=301, headers={"Location": f"/{number + 1}"}))
    site.serve(HOST, "/4", "Arrived")
    found = await get(site, "/1")
    assert (found.body, found.url) == (b"Arrived", site.url(HOST, "/4"))
    assert (await reason(site, "/0")).reason == "redirects"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://127.0.0.1:{port}/secret", "refused_address"),
        ("http://[::1]:{port}/secret", "refused_address"),
        ("http://inside.example:{port}/secret", "refused_address"),
        ("http://169.254.169.254/latest/meta-data", "refused_address"),
        ("file:///etc/passwd", "redirects"),
        ("gopher://x.example/", "redirects"),
        ("http://[broken/", "connection"),
    ],
)
async def test_a_redirect_leads_nowhere_inside(site: Web, target: str, why: str) -> None:
    site.serve(HOST, "/", Answer(status=302, headers={"Location": target.format(port=site.port)}))
    assert (await reason(site)).reason == why
    assert site.asked == [(HOST, "/")]


async def test_an_error_tells_its_status_and_what_the_host_asks_for(site: Web) -> None:
    site.serve(HOST, "/", Answer(status=429, headers={"Retry-After": "120"}))
    failed = await reason(site)
    assert (failed.reason, failed.status, failed.retry_after) == ("status", 429, 120)


async def test_a_host_that_asked_for_time_is_not_asked_and_others_are(site: Web) -> None:
    site.serve(HOST, "/", Answer(status=503, headers={"Retry-After": "600"}))
    site.serve("other.example", "/", "Words")
    fetcher = Fetcher("t", [HOST, "other.example"], pause=0.0, resolver=Names())
    with pytest.raises(FetchError):
        await fetcher.get(site.url(HOST, "/"))
    with pytest.raises(FetchError) as waiting:
        await fetcher.get(site.url(HOST, "/else"))
    assert waiting.value.reason == "waiting"
    assert (await fetcher.get(site.url("other.example", "/"))).body == b"Words"
    assert site.asked == [(HOST, "/"), ("other.example", "/")]
    await fetcher.close()


async def test_a_host_is_asked_one_thing_at_a_time_with_a_pause_between(site: Web) -> None:
    open_now, most, starts = 0, 0, list[float]()

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal open_now, most
        starts.append(time.perf_counter())
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        open_now -= 1
        return web.Response()

    for number in range(4):
        site.serve(HOST, f"/{number}", slow)
    fetcher = Fetcher("t", [HOST], pause=0.1, resolver=Names())
    await asyncio.gather(*(fetcher.get(site.url(HOST, f"/{number}")) for number in range(4)))
    await fetcher.close()
    assert most == 1
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 0.14


async def test_a_connection_that_breaks_is_told(site: Web) -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    site.serve(HOST, "/", breaks)
    assert (await reason(site)).reason == "connection"
    nobody = Web()
    nobody.port = 9
    assert (await reason(nobody)).reason == "connection"


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 86_400),
        ("Wed, 11 Aug 2021 09:05:00 GMT", 300),
        ("Wed, 11 Aug 2021 08:00:00 GMT", 0),
        ("Fri, 31 Dec 2999 00:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(printed: str | None, seconds: float | None) -> None:
    assert retry_after(printed, datetime(2021, 8, 11, 9, tzinfo=UTC)) == seconds
