"""The HTTP API over a desk whose topic is in memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from ingest_builders import BODY, FakeTopic, a_record
from tocsin.ingest import api as api_module
from tocsin.ingest.api import Door, Limits
from tocsin.ingest.desk import Desk
from tocsin.ingest.keys import KeyFile, hash_key
from tocsin.ingest.limits import RateLimit
from tocsin.ingest.normalize import Normalizer
from tocsin.ingest.publishers import default_publishers
from tocsin.ingest.refusal import Refusal
from tocsin.streaming.errors import TransientError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRITER, READER, WITHDRAWER, WRITE_ONLY = "tocsin_writer", "tocsin_expired", "tocsin_withdrawer", "tocsin_write_only"


class Api:
    """A client of the API, and the topic behind it."""

    def __init__(self, client: TestClient[Any, Any], topic: FakeTopic, keys: Path) -> None:
        self.client = client
        self.topic = topic
        self.keys = keys

    async def post(self, body: Any, key: str | None = WRITER, kind: str = "application/json", **headers: str) -> Answer:
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        auth = {"Authorization": f"Bearer {key}"} if key else {}
        reply = await self.client.post("/articles", data=encoded, headers={"Content-Type": kind, **auth, **headers})
        return await Answer.of(reply)

    async def batch(self, *records: Any, **more: Any) -> Answer:
        body = b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records)
        return await self.post(body, kind="application/x-ndjson", **more)


class Answer:
    """Status, headers and decoded body of an answer."""

    def __init__(self, reply: ClientResponse, body: dict[str, Any]) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self.kind = reply.content_type
        self.body = body

    @classmethod
    async def of(cls, reply: ClientResponse) -> Answer:
        return cls(reply, json.loads(await reply.read()))

    def is_problem(self, status: int, words: str) -> bool:
        """Whether it is a problem document of this status whose detail has these words."""
        assert self.kind == "application/problem+json", self.body
        assert set(self.body) >= {"type", "title", "status", "detail"}
        return (self.status, self.body["status"]) == (status, status) and words in self.body["detail"]


async def no_dead_letters(entry: bytes, refusal: Refusal) -> None:
    raise AssertionError(refusal)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    keys = tmp_path / "keys.yaml"
    both = ["articles:write", "articles:withdraw"]
    keys.write_text(
        yaml.safe_dump(
            {
                "keys": [
                    {"name": "writer", "hash": hash_key(WRITER), "scopes": both},
                    {"name": "write-only", "hash": hash_key(WRITE_ONLY)},
                    {"name": "old", "hash": hash_key(READER), "expires": NOW - timedelta(days=1)},
                    {"name": "withdrawer", "hash": hash_key(WITHDRAWER), "scopes": ["articles:withdraw"]},
                ]
            }
        )
    )
    topic = FakeTopic()

    async def connect() -> FakeTopic:
        if not topic.up.is_set():
            raise TransientError("Kafka is away")
        return topic

    desk = Desk(connect, None, no_dead_letters, send_timeout=0.1)
    door = Door(
        desk,
        Normalizer(default_publishers()),
        keys=KeyFile(keys),
        rate=RateLimit(10, 50),
        limits=Limits(body_bytes=20_000, batch=30),
        clock=lambda: NOW,
    )
    working = asyncio.create_task(desk.run())
    async with asyncio.timeout(5), TestClient(TestServer(door.application())) as client:
        while desk.state != "live":
            await asyncio.sleep(0.001)
        yield Api(client, topic, keys)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_a_new_article_is_created_and_the_same_again_is_not(api: Api) -> None:
    first = await api.post(a_record())
    assert (first.status, first.body) == (201, {"id": "a", "outcome": "new", "revision": 1})
    again = await api.post(a_record())
    assert (again.status, again.body) == (200, {"id": "a", "outcome": "unchanged", "revision": 1})
    changed = await api.post(a_record(text=BODY + " They took the bridge too."))
    assert (changed.status, changed.body) == (200, {"id": "a", "outcome": "revised", "revision": 2})
    assert len(api.topic.records) == 2


async def test_one_article_posted_twice_at_once_is_one(api: Api) -> None:
    answers = await asyncio.gather(*(api.post(a_record()) for _ in range(8)))
    assert sorted(a.status for a in answers) == [200] * 7 + [201]
    assert len(api.topic.records) == 1


async def test_a_page_may_be_sent_instead_of_its_text(api: Api) -> None:
    paragraphs = "".join(f"<p>{BODY} Street {number} was empty.</p>" for number in range(4))
    html = f"<html><head><title>x</title></head><body><article>{paragraphs}</article></body></html>"
    answer = await api.post(a_record(text=None, html=html))
    assert answer.status == 201
    assert api.topic.records[0].text.startswith(BODY)
    assert api.topic.records[0].title == "Harun falls"
    junk = await api.post(a_record(id="b", text=None, html="<html></html>"))
    assert junk.is_problem(422, "no article text")


async def test_a_batch_is_answered_line_by_line(api: Api) -> None:
    answer = await api.batch(
        a_record(id="a"),
        b"",
        b"{not json",
        a_record(id="b", published_at="2026-02-27T18:00:00"),
        a_record(id="c"),
        {"id": "zz", "status": "withdrawn"},
    )
    assert answer.status == 200
    assert answer.body["counts"] == {"new": 2, "refused": 3}
    told = {result["line"]: result for result in answer.body["results"]}
    assert told[1] == {"line": 1, "id": "a", "outcome": "new", "revision": 1}
    assert (told[3]["status"], told[4]["status"], told[4]["field"], told[6]["status"]) == (
        400,
        422,
        "published_at",
        404,
    )
    assert "add Z" in told[4]["detail"]


async def test_a_batch_of_which_nothing_is_taken_is_an_error(api: Api) -> None:
    answer = await api.batch(a_record(text=""), b"{")
    assert answer.status == 422
    assert answer.body["counts"] == {"refused": 2}


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"published_at": "2026-02-27T18:00:00"}, 422, "published_at", "no time zone"),
        ({"published_at": "2026-02-27"}, 422, "published_at", "day without an hour"),
        ({"published_at": "2999-01-01T00:00:00Z"}, 422, "published_at", "future"),
        ({"published_at": "1970-01-01T00:00:00Z"}, 422, "published_at", "before 1980"),
        ({"published_at": None}, 422, "published_at", "missing"),
        ({"text": ""}, 422, "text", "needs text"),
        ({"text": None}, 422, "text", "needs text"),
        ({"text": "<html><body>Words.</body></html>"}, 422, "text", "markup"),
        ({"url": "file:///etc/passwd"}, 422, "url", "no http(s) address"),
    ],
)
async def test_a_wrong_field_is_a_problem_that_names_it(
    api: Api, changes: dict[str, Any], status: int, field: str, words: str
) -> None:
    answer = await api.post(a_record(**changes))
    assert answer.is_problem(status, words)
    assert answer.body["field"] == field
    assert api.topic.records == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "is no JSON"),
        (b"{", 400, "is no JSON"),
        (b'{"text": "caf\xe9"}', 400, "byte 0xE9"),
        (b"[]", 422, "JSON object"),
        (b"null", 422, "JSON object"),
        (b"[" * 5000, 400, "is no JSON"),
        (b'{"text": "half \\ud800"}', 400, "is no JSON"),
    ],
)
async def test_a_body_that_is_no_article_is_a_problem(api: Api, body: bytes, status: int, words: str) -> None:
    assert (await api.post(body)).is_problem(status, words)


async def test_an_empty_batch_is_a_problem(api: Api) -> None:
    assert (await api.batch(b"", b" ")).is_problem(400, "empty")


async def test_a_body_over_the_limit_is_refused_also_when_it_is_compressed(api: Api) -> None:
    large = a_record(text=BODY * 1000)
    assert (await api.post(large)).is_problem(413, "larger than 20,000 bytes")
    packed = gzip.compress(json.dumps(large).encode())
    assert len(packed) < 2000
    headers = {"Content-Encoding": "gzip"}
    assert (await api.post(packed, **headers)).is_problem(413, "after decompression")
    bomb = gzip.compress(b"\0" * 100_000_000)
    assert (await api.post(bomb, **headers)).status == 413


async def test_compressed_bodies_are_read_and_broken_ones_told(api: Api) -> None:
    body = json.dumps(a_record()).encode()
    assert (await api.post(gzip.compress(body), **{"Content-Encoding": "gzip"})).status == 201
    assert (await api.post(zlib.compress(body), **{"Content-Encoding": "deflate"})).status == 200
    broken = await api.post(b"no gzip at all", **{"Content-Encoding": "gzip"})
    assert broken.is_problem(400, "cannot be read")
    assert (await api.post(body, **{"Content-Encoding": "compress"})).is_problem(415, "compress")


async def test_a_batch_of_too_many_lines_is_refused(api: Api) -> None:
    assert (await api.batch(*[{"id": str(n)} for n in range(31)])).is_problem(413, "31 articles")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=latin-1"]
)
async def test_other_content_types_are_refused(api: Api, kind: str) -> None:
    assert (await api.post(a_record(), kind=kind)).is_problem(415, "not read here")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "Authorization: Bearer"),
        ("Basic dXNlcjpwdw==", "Authorization: Bearer"),
        ("Bearer", "Authorization: Bearer"),
        ("Bearer tocsin_unknown", "unknown or has expired"),
        (f"Bearer {READER}", "unknown or has expired"),
        (f"Bearer {hash_key(WRITER)}", "Authorization: Bearer"),
    ],
)
async def test_without_a_valid_key_nothing_is_taken(api: Api, header: str | None, words: str) -> None:
    answer = await api.post(a_record(), key=None, **({"Authorization": header} if header else {}))
    assert answer.is_problem(401, words)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert api.topic.records == []


async def test_a_key_may_do_only_what_its_scopes_say(api: Api) -> None:
    await api.post(a_record())
    assert (await api.post(a_record(id="b"), key=WITHDRAWER)).is_problem(403, "articles:write")
    assert (await api.post({"id": "a", "status": "withdrawn"}, key=WITHDRAWER)).body["outcome"] == "withdrawn"


async def test_a_notice_needs_the_scope_of_the_withdrawal_that_it_is(api: Api) -> None:
    notice = a_record(text="This story has been withdrawn: its source could not be verified.")
    await api.post(a_record(), key=WRITE_ONLY)
    assert (await api.post(notice, key=WRITE_ONLY)).is_problem(403, "articles:withdraw")
    assert (await api.post(notice, key=WITHDRAWER)).body["outcome"] == "withdrawn"


async def test_a_new_key_counts_from_the_moment_it_is_in_the_file(api: Api) -> None:
    entry = {"name": "new", "hash": hash_key("tocsin_new"), "scopes": ["articles:write"]}
    assert (await api.post(a_record(), key="tocsin_new")).status == 401
    api.keys.write_text(yaml.safe_dump({"keys": [entry]}))
    assert (await api.post(a_record(), key="tocsin_new")).status == 201
    assert (await api.post(a_record(), key=WRITER)).status == 401


async def test_too_many_articles_are_told_when_to_come_again(api: Api) -> None:
    records = [a_record(id=str(number)) for number in range(25)]
    assert (await api.batch(*records)).status == 200
    assert (await api.batch(*records)).status == 200
    answer = await api.batch(*records)
    assert answer.is_problem(429, "may post again")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_kafka_away_and_no_spool_is_a_503_with_a_time(api: Api) -> None:
    api.topic.up.clear()
    answer = await api.post(a_record())
    assert answer.is_problem(503, "Kafka does not take articles")
    assert int(answer.headers["Retry-After"]) >= 1
    api.topic.up.set()


async def test_withdrawing_what_is_not_known_is_not_found(api: Api) -> None:
    assert (await api.post({"id": "zz", "status": "withdrawn"})).is_problem(404, "nothing to withdraw")


async def test_wrong_paths_and_methods_are_problems(api: Api) -> None:
    assert (await Answer.of(await api.client.get("/articles"))).is_problem(405, "use POST")
    assert (await Answer.of(await api.client.post("/article"))).is_problem(404, "/openapi.json")


async def test_a_fault_of_the_service_is_a_500_without_its_inside(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api_module, "_trace_of", fault)
    answer = await api.post(a_record())
    assert answer.is_problem(500, "sending it again is harmless")
    assert "secret" not in str(answer.body)


async def test_a_body_that_does_not_arrive_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "BODY_TIMEOUT", 0.05)

    async def dripping() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(1)
        yield b'"late"}'

    headers = {"Authorization": f"Bearer {WRITER}", "Content-Type": "application/json"}
    reply = await api.client.post("/articles", data=dripping(), headers=headers)
    assert (await Answer.of(reply)).is_problem(408, "did not arrive")


async def test_the_document_describes_every_status_that_is_answered_with(api: Api) -> None:
    document = await (await api.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    page = await api.client.get("/docs")
    assert page.content_type == "text/html"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "POST /articles" in await page.text()
    statuses = set(document["paths"]["/articles"]["post"]["responses"])
    assert statuses >= {
        "200",
        "201",
        "202",
        "400",
        "401",
        "403",
        "404",
        "408",
        "413",
        "415",
        "422",
        "429",
        "500",
        "503",
    }
