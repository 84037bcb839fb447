"""The ledger's HTTP API over a table in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from ledger_theatre import CAPITALS, COUNTRY, counted, dated, denied, place, retaken, said_by, taken
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.http import Desk
from tocsin.ledger.places import Places
from tocsin.ledger.rows import MemoryStore
from tocsin.streaming.health import Verdict


class Table:
    """A table of the service that holds some partitions."""

    def __init__(self, store: MemoryStore, partitions: list[int]) -> None:
        self.store, self.partitions = store, partitions

    def find(self, key: str) -> bytes | None:
        return self.store.get(key)

    def everything(self) -> Iterator[tuple[str, bytes]]:
        yield from self.store.items()

    def owned(self) -> list[int]:
        return self.partitions


@pytest.fixture
def core() -> LedgerCore:
    return LedgerCore()


@pytest.fixture
def table(core: LedgerCore) -> Table:
    assert isinstance(core.store, MemoryStore)
    return Table(core.store, [0, 1, 2, 3])


@pytest.fixture
def verdict() -> list[Verdict]:
    return [Verdict(True, "running")]


@pytest.fixture
async def client(table: Table, verdict: list[Verdict]) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.add_routes(Desk(table, Places(), lambda: verdict[-1]).routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_control_of_a_country_is_told_with_its_proof(client, core) -> None:
    event = taken(when=dated(3))
    for told in (event, taken("Castrin"), taken(place("Far Away", country="AFG"))):
        core.apply(told)
    answer = await client.get("/control", params={"country": COUNTRY})
    body = await answer.json()
    assert answer.status == 200
    assert [c["place"]["name"] for c in body["control"]] == ["Velmora", "Castrin"]
    assert body["control"][0]["reports"][0]["event_id"] == event.id
    assert body["complete"] is True
    assert len((await (await client.get("/control")).json())["control"]) == 3


async def test_both_times_can_be_asked_for(client, core) -> None:
    core.apply(taken(when=dated(3)))
    core.apply(retaken(day=9, when=dated(6)))

    async def holder(**params: str) -> list[str | None]:
        body = await (await client.get("/control", params=params)).json()
        return [control["holder"] for control in body["control"]]

    assert await holder() == ["state:XKX"]
    assert await holder(as_of="2019-03-05") == ["harrow-front"]
    assert await holder(as_of="2019-03-05T23:30:00-01:00") == ["state:XKX"]
    assert await holder(as_of="2019-03-01") == []
    assert await holder(known_at="2019-03-08T00:00:00Z") == ["harrow-front"]
    assert await holder(as_of="2019-03-07", known_at="2019-03-08T00:00:00+00:00") == ["harrow-front"]


async def test_control_says_why_it_is_so_and_how_many_families_tell_it(client, core) -> None:
    for event in (taken(), taken(outlet="herald"), taken(outlet="SANA", attribution=said_by("gaining"))):
        core.apply(event)
    (control,) = (await (await client.get("/control")).json())["control"]
    assert control["reason"] == "told by two independent publisher families in their own voice"
    assert control["n_families"] == 2


async def test_a_history_is_told_in_both_times(client, core) -> None:
    first, second = taken(when=dated(3)), retaken(day=9, when=dated(6))
    for event in (first, second):
        core.apply(event)
    (told,) = (await (await client.get("/history", params={"place": "velmora"})).json())["history"]
    assert [(t["holder"], t["from"], t["to"]) for t in told["history"]] == [
        ("harrow-front", "2019-03-03", "2019-03-06"),
        ("state:XKX", "2019-03-06", None),
    ]
    assert [(b["at"], b["holder"], b["since"], b["event_id"]) for b in told["beliefs"]] == [
        ("2019-03-03T12:00:00Z", "harrow-front", "2019-03-03", first.id),
        ("2019-03-09T12:00:00Z", "state:XKX", "2019-03-06", second.id),
    ]
    asked = {"place": "geonames:1", "known_at": "2019-03-08T00:00:00Z", "country": COUNTRY}
    (then,) = (await (await client.get("/history", params=asked)).json())["history"]
    assert (then["holder"], len(then["beliefs"])) == ("harrow-front", 1)


async def test_a_place_without_control_is_not_found(client, core) -> None:
    core.apply(taken())
    for asked in ({"place": "Castrin"}, {"place": "Velmora", "country": "AFG"}):
        answer = await client.get("/history", params=asked)
        assert answer.status == 404
        assert (await answer.json())["detail"] == f"no place {asked['place']!r} whose control is known here"


async def test_an_incident_is_told_down_to_the_offsets(client, core) -> None:
    event, denial = taken(when=dated(3)), denied(day=4)
    identity = core.apply(event)[0].id
    core.apply(denial)
    body = await (await client.get(f"/incidents/{identity}")).json()
    report = body["incident"]["reports"][0]
    assert (report["evidence"]["start"], report["evidence"]["end"]) == (event.evidence.start, event.evidence.end)
    assert [t["event_id"] for t in body["incident"]["transitions"]] == [event.id, denial.id]


async def test_what_outlets_count_is_told_beside_control(client, core) -> None:
    for event in (*(taken(name) for name in CAPITALS[:2]), counted(3, 4)):
        core.apply(event)
    (gap,) = (await (await client.get("/control")).json())["tallies"]
    assert (gap["outlets"], gap["ledger"], gap["gap"]) == (3, 2, 1)


async def test_one_process_of_several_says_that_it_does_not_have_all(client, core, table) -> None:
    table.partitions = [1, 3]
    body = await (await client.get("/control")).json()
    assert (body["partitions"], body["complete"]) == ([1, 3], False)
    answer = await client.get("/incidents/none")
    assert answer.status == 404
    assert "another process" in (await answer.json())["detail"]


async def test_an_unknown_incident_is_not_found(client) -> None:
    answer = await client.get("/incidents/none")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert (await answer.json())["detail"] == "no incident none here"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("as_of=2019-13-05", "as_of is a day, or a time with its zone"),
        ("country=Kosovo", "three capitals, such as AFG, not 'Kosovo'"),
        ("as_of=yesterday", "as_of is a day, or a time with its zone"),
        ("as_of=2019-03-05T10:00:00", "as_of is a day, or a time with its zone"),
        ("known_at=2019-03-05", "known_at is a time with its zone"),
        ("known_at=soon", "not 'soon'"),
    ],
)
async def test_a_wrong_question_is_answered_with_what_is_expected(client, query: str, expected: str) -> None:
    answer = await client.get(f"/control?{query}")
    assert answer.status == 400
    assert expected in (await answer.json())["detail"]


async def test_a_history_needs_a_place(client) -> None:
    answer = await client.get("/history?country=AFG")
    assert answer.status == 400
    assert "such as geonames:1135690 or Kunduz" in (await answer.json())["detail"]


async def test_a_ledger_that_is_not_ready_does_not_guess(client, core, verdict) -> None:
    core.apply(taken())
    verdict.append(Verdict(False, "recovering"))
    answer = await client.get("/control")
    assert answer.status == 503
    assert "recovering" in (await answer.json())["detail"]


async def test_places_of_partitions_taken_over_later_are_found(client, core, table) -> None:
    table.partitions = [0]
    assert (await (await client.get("/control")).json())["control"] == []
    core.apply(taken())
    table.partitions = [0, 1]
    assert len((await (await client.get("/control")).json())["control"]) == 1
