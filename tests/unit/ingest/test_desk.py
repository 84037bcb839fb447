"""The desk: live, away, over the spool, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from ingest_builders import FakeTopic, an_article
from tocsin.ingest import desk as desk_module
from tocsin.ingest.articles import Taken
from tocsin.ingest.desk import Desk, Spooled, Unavailable
from tocsin.ingest.refusal import Refusal
from tocsin.ingest.spool import Spool
from tocsin.streaming.errors import TransientError


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "BACK_OFF", (0.01,))


class Setting:
    """A desk with a topic that can go away, and what was refused out of the spool."""

    def __init__(self, folder: Path | None, room: int = 1_000_000, max_waiting: int = 100) -> None:
        self.topic = FakeTopic()
        self.reachable = True
        self.refused: list[tuple[bytes, Refusal]] = []
        self.spool = Spool(folder, room) if folder is not None else None
        self.desk = Desk(self.connect, self.spool, self.refuse, send_timeout=0.05, max_waiting=max_waiting)

    async def connect(self) -> FakeTopic:
        if not self.reachable:
            raise TransientError("no Kafka at 127.0.0.1:9092")
        return self.topic

    async def refuse(self, entry: bytes, refusal: Refusal) -> None:
        self.refused.append((entry, refusal))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desk]:
        working = asyncio.create_task(self.desk.run())
        try:
            yield self.desk
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


async def test_live_an_article_is_answered_for_when_the_broker_has_it(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        assert await desk.take([an_article("a"), an_article("b"), an_article("a")]) == [
            Taken("new", "a", 1),
            Taken("new", "b", 1),
            Taken("unchanged", "a", 1),
        ]
    assert [r.id for r in setting.topic.records] == ["a", "b"]
    assert setting.topic.stopped


async def test_two_revisions_in_one_batch_are_written_in_order(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        answers = await desk.take([an_article(text="One."), an_article(text="Two."), an_article(text="Three.")])
    assert [a.revision for a in answers if isinstance(a, Taken)] == [1, 2, 3]
    assert [r.text for r in setting.topic.records] == ["One.", "Two.", "Three."]


async def test_before_kafka_is_there_articles_are_spooled_and_then_handed_on_in_order(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.reachable = False
    async with setting.running() as desk:
        await until(lambda: "no Kafka" in desk.reason)
        for number in range(450):
            assert await desk.take([an_article(f"a{number}")]) == [Spooled(f"a{number}")]
        setting.reachable = True
        await until(lambda: desk.state == "live")
    assert [r.id for r in setting.topic.records] == [f"a{number}" for number in range(450)]
    assert desk.spooled == 0


async def test_kafka_that_goes_away_turns_the_desk_to_the_spool_and_back(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        setting.topic.up.clear()
        assert await desk.take([an_article("a", "One.")]) == [Spooled("a")]
        assert desk.state == "away"
        assert desk.takes
        assert await desk.take([an_article("a", "Two."), an_article("b")]) == [Spooled("a"), Spooled("b")]
        setting.topic.up.set()
        await until(lambda: desk.state == "live")
        assert await desk.take([an_article("a", "Three.")]) == [Taken("revised", "a", 3)]
    # the first write was only late: it is not written twice
    assert [(r.id, r.text) for r in setting.topic.records if r.id == "a"] == [
        ("a", "One."),
        ("a", "Two."),
        ("a", "Three."),
    ]


async def test_errors_of_kafka_turn_the_desk_to_the_spool_too(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        setting.topic.broken = True
        assert await desk.take([an_article("a")]) == [Spooled("a")]
        setting.topic.broken = False
        await until(lambda: desk.state == "live")
    assert [r.id for r in setting.topic.records] == ["a"]


async def test_a_sender_that_never_pauses_does_not_keep_the_desk_away(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.reachable = False
    async with setting.running() as desk:
        ended, posted = False, list[str]()

        async def post_on() -> None:
            while not ended:
                posted.append(f"a{len(posted)}")
                await desk.take([an_article(posted[-1])])

        posting = [asyncio.create_task(post_on()) for _ in range(4)]
        await until(lambda: desk.spooled > 300)
        setting.reachable = True
        await until(lambda: desk.state == "live")
        ended = True
        await asyncio.gather(*posting)
    assert {r.id for r in setting.topic.records} == set(posted)


async def test_a_full_spool_takes_nothing_and_says_when_to_come_again(tmp_path: Path) -> None:
    setting = Setting(tmp_path, room=2_000)
    setting.reachable = False
    async with setting.running() as desk:
        await until(lambda: "no Kafka" in desk.reason)
        taken = 0
        with pytest.raises(Unavailable, match="spool is full") as full:
            for taken in range(100):
                await desk.take([an_article(f"a{taken}")])
        assert full.value.retry_after > 0
        assert 0 < taken < 10
        setting.reachable = True
        await until(lambda: desk.state == "live")
    assert [r.id for r in setting.topic.records] == [f"a{number}" for number in range(taken)]


async def test_without_a_spool_nothing_is_answered_for_while_kafka_is_away() -> None:
    setting = Setting(None)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        setting.topic.up.clear()
        with pytest.raises(Unavailable, match="there is no spool"):
            await desk.take([an_article("a")])
        assert not desk.takes
        setting.topic.up.set()
        await until(lambda: desk.state == "live")
        assert await desk.take([an_article("a")]) == [Taken("unchanged", "a", 1)]


async def test_what_is_in_the_spool_at_a_kill_is_handed_on_at_the_next_start(tmp_path: Path) -> None:
    first = Setting(tmp_path)
    first.reachable = False
    async with first.running() as desk:
        await desk.take([an_article("a"), an_article("b")])
    second = Setting(tmp_path)
    async with second.running() as desk:
        await until(lambda: desk.state == "live")
    assert [r.id for r in second.topic.records] == ["a", "b"]


async def test_what_the_topic_refuses_out_of_the_spool_goes_to_the_dead_letters(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.reachable = False
    gone = an_article("unheard-of", "", status="withdrawn", title="")
    async with setting.running() as desk:
        await desk.take([an_article("a"), gone, an_article("b")])
        setting.reachable = True
        await until(lambda: desk.state == "live")
    assert [r.id for r in setting.topic.records] == ["a", "b"]
    ((entry, refusal),) = setting.refused
    assert b"unheard-of" in entry
    assert refusal.kind == "unknown_article"


async def test_live_a_refusal_is_the_answer_to_its_article_alone(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        answers = await desk.take([an_article("x", "", status="withdrawn", title=""), an_article("a")])
    assert isinstance(answers[0], Refusal)
    assert answers[1] == Taken("new", "a", 1)


async def test_too_much_under_way_is_told_and_not_piled_up(tmp_path: Path) -> None:
    setting = Setting(tmp_path, max_waiting=2)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        setting.topic.up.clear()
        waiting = asyncio.create_task(desk.take([an_article("a"), an_article("b")]))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="under way"):
            await desk.take([an_article("c")])
        assert await waiting == [Spooled("a"), Spooled("b")]


async def test_a_topic_that_fails_is_left_and_connected_to_anew(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    async with setting.running() as desk:
        await until(lambda: desk.state == "live")
        first = setting.topic
        setting.topic = FakeTopic()
        first.failed = True
        await until(lambda: first.stopped and desk.state == "live")
        assert await desk.take([an_article("a")]) == [Taken("new", "a", 1)]
    assert [r.id for r in setting.topic.records] == ["a"]
