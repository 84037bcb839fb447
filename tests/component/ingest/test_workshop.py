"""The workshop: hostile input costs a child process and a refusal, nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from ingest_builders import BODY
from tocsin.ingest.refusal import Refusal
from tocsin.ingest.workshop import Workshop

PAGE = (
    "<html><head><title>Harun</title></head><body><article>"
    + "".join(f"<p>{BODY} Street {n} was empty.</p>" for n in range(4))
    + "</article></body></html>"
).encode()


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    shop = Workshop(seconds=15)
    yield shop
    await shop.close()


async def test_pages_and_feeds_are_read(workshop: Workshop) -> None:
    page = await workshop.page(PAGE, "https://herald.example/1")
    assert page.text.startswith(BODY)
    feed = await workshop.feed(b'<rss version="2.0"><channel><item><title>x</title></item></channel></rss>', "", "")
    assert [item.title for item in feed.items] == ["x"]
    with pytest.raises(Refusal, match="no article text") as refused:
        await workshop.page(b"<html></html>", None)
    assert (refused.value.kind, refused.value.field) == ("invalid", "html")


async def test_what_takes_too_long_is_ended_and_the_next_one_read(workshop: Workshop) -> None:
    await workshop.page(PAGE, None)
    workshop._seconds = 0.3
    slow = b"<html><body><article>" + b"<p><b>word</b> word</p>" * 14_900 + b"</article></body></html>"
    started = time.perf_counter()
    with pytest.raises(Refusal, match="took more than"):
        await workshop.page(slow, None)
    assert time.perf_counter() - started < 5
    workshop._seconds = 30
    assert (await workshop.page(PAGE, None)).title == "Harun"


async def test_a_child_that_dies_is_replaced(workshop: Workshop) -> None:
    await workshop.page(PAGE, None)
    assert workshop._child is not None
    assert workshop._child.pid is not None
    os.kill(workshop._child.pid, signal.SIGKILL)
    with pytest.raises(Refusal):
        await workshop.page(PAGE, None)
    assert (await workshop.page(PAGE, None)).title == "Harun"


async def test_the_event_loop_goes_on_meanwhile(workshop: Workshop) -> None:
    await workshop.page(PAGE, None)
    slow = b"<html><body><article>" + b"<p>word word word.</p>" * 10_000 + b"</article></body></html>"
    reading = asyncio.create_task(workshop.page(slow, None))
    longest, last = 0.0, time.perf_counter()
    while not reading.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert longest < 0.5
    assert "word" in (await reading).text
