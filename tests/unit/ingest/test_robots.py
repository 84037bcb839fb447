"""robots.txt by RFC 9309."""

from __future__ import annotations

import time

import pytest

from tocsin.ingest.fetch import Fetched, FetchError, Validators
from tocsin.ingest.robots import Robots, RobotsKeeper, parse_robots


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: tocsin\nDisallow: /private", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tocsin\nDisallow: /private", "/private/x", False),
        ("User-agent: tocsin\nUser-agent: other\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /a$", "/a/a", True),
        ("User-agent: *\nDisallow: /a*a$", "/a", True),
        ("\ufeffuser-agent : *  # all\ndisallow : /x # not this", "/x", False),
        ("Disallow: /", "/a", True),
        ("<html>Not found</html>", "/a", True),
    ],
)
def test_rules_are_read_as_the_rfc_says(text: str, path: str, allowed: bool) -> None:
    assert parse_robots(text).allows(path) is allowed


def test_a_pause_is_read_and_bounded() -> None:
    assert parse_robots("User-agent: *\nCrawl-delay: 5").delay == 5
    assert parse_robots("User-agent: *\nCrawl-delay: 99999").delay == 60
    assert parse_robots("User-agent: *\nCrawl-delay: soon").delay is None


def test_a_hostile_pattern_costs_no_time() -> None:
    started = time.perf_counter()
    parse_robots("User-agent: *\nDisallow: /" + "*a" * 5_000 + "$").allows("/" + "a" * 2_000 + "b")
    assert time.perf_counter() - started < 0.5


class Web:
    def __init__(self, answer: str | FetchError) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.now = 0.0

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        if isinstance(self.answer, FetchError):
            raise self.answer
        return Fetched(url, 200, self.answer.encode(), "text/plain", Validators())

    def keeper(self) -> RobotsKeeper:
        return RobotsKeeper(self.get, lambda: self.now)


async def test_a_hosts_rules_are_asked_for_once_a_day() -> None:
    web = Web("User-agent: *\nDisallow: /x")
    keeper = web.keeper()
    assert not await keeper.allows("https://herald.example/x?y")
    assert await keeper.allows("https://herald.example")
    assert web.asked == ["https://herald.example/robots.txt"]
    web.now = 90_000
    await keeper.allows("https://herald.example/a")
    assert len(web.asked) == 2


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (429, False), (500, False), (None, False)]
)
async def test_no_file_allows_all_and_a_fault_allows_nothing(status: int | None, allowed: bool) -> None:
    keeper = Web(FetchError("status", "no", status=status)).keeper()
    assert await keeper.allows("https://herald.example/a") is allowed


async def test_a_fault_is_asked_about_again_soon() -> None:
    web = Web(FetchError("timeout", "slow"))
    keeper = web.keeper()
    assert not await keeper.allows("https://herald.example/a")
    web.answer, web.now = "", 601.0
    assert await keeper.allows("https://herald.example/a")


async def test_a_refused_address_stays_a_refusal() -> None:
    with pytest.raises(FetchError, match="private"):
        await Web(FetchError("refused_address", "private")).keeper().of("https://inside.example/a")


def test_without_rules_everything_is_allowed() -> None:
    assert Robots().allows("/anything")
