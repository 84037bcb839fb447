"""`tocsin control`, `history` and `incident`: over events in a file, and against a ledger that answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import Result
from typer.testing import CliRunner

from ledger_theatre import CAPITALS, COUNTRY, counted, dated, denied, retaken, taken, taken_back
from tocsin.cli import ledger_source
from tocsin.cli.app import app
from tocsin.ledger.core import LedgerCore
from tocsin.ledger.http import Desk
from tocsin.ledger.places import Places
from tocsin.ledger.rows import MemoryStore
from tocsin.streaming.health import Verdict

FELL = taken(when=dated(3), sentence="Velmora fell on Monday.")
MISTAKE = taken("Castrin", day=4)
STORY = [
    FELL, taken(day=4, outlet="herald"), denied(day=5), retaken(day=9, when=dated(6)),
    MISTAKE, taken_back(MISTAKE, 6), *(taken(name, 4, outlet="SANA") for name in CAPITALS[2:4]), counted(4, 4),
]  # fmt: skip


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(event.model_dump_json() + "\n" for event in STORY), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"TOCSIN_LEDGER_URL": ""} if "--ledger" not in arguments else {})


def cells(output: str) -> list[list[str]]:
    """The rows of the tables printed."""
    return [[cell.strip() for cell in line.strip("│ ").split("│")] for line in output.splitlines() if "│" in line]


def test_control_is_a_table_with_how_surely_and_why(events: str) -> None:
    told = run("control", "--events", events)
    assert told.exit_code == 0, told.output
    alone = "told in its own voice by one publisher family only"
    assert cells(told.stdout) == [
        ["Velmora, XKX", "Meridia", "2019-03-06", "claimed", f"{alone} (courier)", "1"],
        ["Castrin, XKX", "nobody known", "", "retracted", "", "0"],
        ["Ostrel, XKX", "Harrow Front", "2019-03-04", "claimed", f"{alone} (sana)", "1"],
        ["Ninefold, XKX", "Harrow Front", "2019-03-04", "claimed", f"{alone} (sana)", "1"],
    ]
    assert "XKX: outlets count 4 capitals for harrow-front, the ledger has 4\n" in told.stdout


def test_both_times_can_be_asked_for(events: str) -> None:
    def holders(*arguments: str) -> dict[str, str]:
        told = json.loads(run("control", "--events", events, "--json", *arguments).stdout)
        return {control["place"]["name"]: control["holder"] for control in told["control"]}

    assert holders("--as-of", "2019-03-05")["Velmora"] == "harrow-front"
    assert holders("--known-at", "2019-03-08T00:00:00Z")["Velmora"] == "harrow-front"
    assert holders("--as-of", "2019-03-04", "--known-at", "2019-03-05T00:00:00Z")["Castrin"] == "harrow-front"
    assert holders("--as-of", "2019-03-03") == {"Velmora": "harrow-front"}
    assert holders("--country", "AFG") == {}


def test_a_history_shows_both_times(events: str) -> None:
    told = run("history", "velmora", "--events", events)
    held, known = cells(told.stdout)[:2], cells(told.stdout)[2:]
    assert [row[:4] for row in held] == [
        ["harrow-front", "2019-03-03", "2019-03-06", "contested"],
        ["state:XKX", "2019-03-06", "now", "claimed"],
    ]
    assert [row[:2] + row[3:4] for row in known] == [
        ["2019-03-03 12:00Z", "Harrow Front", "claimed"],
        ["2019-03-04 12:00Z", "Harrow Front", "confirmed"],
        ["2019-03-05 12:00Z", "Harrow Front", "contested"],
        ["2019-03-09 12:00Z", "Meridia", "claimed"],
    ]


def test_an_incident_is_shown_down_to_the_offsets_of_its_sentences(events: str) -> None:
    identity = json.loads(run("history", "Velmora", "--events", events, "--json").stdout)["history"][0]["history"][0]
    told = run("incident", identity["incident"], "--events", events).stdout
    assert "capture · capture · Velmora, XKX · Harrow Front contested" in told
    assert "2019-03-05 12:00Z  contested: denied by the interior ministry" in told
    assert FELL.article.url is not None and f"{FELL.article.url}  event {FELL.id}" in told
    assert "“Velmora fell on Monday.”\n  text 0-23, 'Velmora' 0-7" in told
    gone = json.loads(run("history", "Castrin", "--events", events, "--json").stdout)["history"][0]["beliefs"][0]
    assert "asserted taken back" in run("incident", gone["incident"], "--events", events).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["control", "--country", "Kosovo"], 2, "country is an ISO 3166-1 code of three capitals, such as AFG"),
        (["control", "--as-of", "soon"], 2, "as_of is a day, or a time with its zone"),
        (["history", "Velmora", "--known-at", "2019-03-05"], 2, "known_at is a time with its zone"),
        (["history", "Nowhere"], 1, "nothing is known of who holds 'Nowhere'"),
        (["incident", "none"], 1, "there is no incident none"),
        (["control", "--from-topics"], 2, "give one of --ledger, --events and --from-topics"),
    ],
)
def test_a_wrong_question_ends_with_what_is_expected(
    events: str, arguments: list[str], code: int, message: str
) -> None:
    told = run(*arguments, "--events", events)
    assert told.exit_code == code
    assert message in told.stderr
    assert "Traceback" not in told.output


def test_an_address_that_is_none_and_one_where_nobody_answers_are_named() -> None:
    told = run("control", "--ledger", "ledger:8085")
    assert (told.exit_code, "--ledger is an address such as http://" in told.stderr) == (2, True)
    told = run("control", "--ledger", "http://127.0.0.1:1")
    assert (told.exit_code, "the ledger at http://127.0.0.1:1 does not answer" in told.stderr) == (1, True)


class Table:
    """A ledger's table in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.partitions = [0, 1, 2, 3]

    def find(self, key: str) -> bytes | None:
        return self.store.get(key)

    def everything(self) -> Iterator[tuple[str, bytes]]:
        yield from self.store.items()

    def owned(self) -> list[int]:
        return self.partitions


@pytest.fixture
def table() -> Table:
    table = Table()
    core = LedgerCore(table.store)
    for event in STORY:
        core.apply(event)
    return table


@pytest.fixture
async def address(table: Table) -> AsyncIterator[str]:
    running = web.Application()
    running.add_routes(Desk(table, Places(), lambda: Verdict(True, "running")).routes())
    async with TestServer(running) as server:
        yield str(server.make_url(""))


async def ask(*arguments: str) -> Result:
    return await asyncio.to_thread(run, *arguments)


async def test_a_running_ledger_gives_the_answers_that_a_fold_gives(address: str, events: str) -> None:
    for question in (["control", "--country", COUNTRY], ["history", "Velmora"]):
        over_http = json.loads((await ask(*question, "--ledger", address, "--json")).stdout)
        assert over_http.pop("partitions") == [0, 1, 2, 3]
        assert over_http.pop("complete") is True
        folded = json.loads((await ask(*question, "--events", events, "--json")).stdout)
        for one in over_http.get("control", over_http.get("history")) + folded.get("control", folded.get("history")):
            del one["revision"]
        assert over_http == folded
    told = await ask("incident", "no/ne", "--ledger", address)
    assert (told.exit_code, "there is no incident no/ne" in told.stderr) == (1, True)


async def test_one_process_of_several_is_said_to_have_a_part_only(address: str, table: Table) -> None:
    table.partitions = [1, 2]
    told = await ask("control", "--ledger", address)
    assert told.exit_code == 0
    assert "has only a part of it; --from-topics folds all" in told.stderr


async def test_without_a_wish_what_the_ledger_of_this_machine_has_only_a_part_of_is_folded(
    address: str, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_source, "DEFAULT_URL", address)
    assert "Velmora" in (await ask("control")).stdout
    table.partitions = [1, 2]
    monkeypatch.setenv("TOCSIN_KAFKA__BOOTSTRAP", "127.0.0.1:1")
    told = await ask("control")
    assert (told.exit_code, "no Kafka answers at 127.0.0.1:1" in told.stderr) == (1, True)


async def test_what_is_no_ledger_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    other = web.Application()
    other.router.add_get("/control", hello)
    async with TestServer(other) as server:
        told = await ask("control", "--ledger", str(server.make_url("")))
    assert (told.exit_code, "something else answers there" in told.stderr) == (1, True)
