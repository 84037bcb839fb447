"""Alerts on a real broker, delivered to receivers that misbehave: nothing lost, nothing out of order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import orjson
import pytest
import trustme
from aiokafka import AIOKafkaConsumer
from hostile import OK, Behavior, Hostile, Pour, drip, reset, server_side, silence, status
from line import TRACE, heard, log_when, publish, receivers_file, service, settled
from standardwebhooks import Webhook

from tocsin.embedded.broker import free_port
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import dlq_name, topic_name
from tocsin.webhooks.journal import UnknownDelivery, redeliver
from tocsin_schemas.topics import ALERTS, DELIVERIES
from webhook_builders import SECRET, an_alert

pytestmark = pytest.mark.kafka


async def test_an_alert_is_delivered_signed_traced_and_logged(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as desk, service(settings, receivers_file(tmp_path, {"name": "desk", "url": desk.url})):
        await publish(settings, [an_alert()])
        (delivery,) = await settled(settings, 1)
    (request,) = desk.requests
    assert Webhook(SECRET).verify(request.body, request.headers)
    assert request.headers["traceparent"] == TRACE
    assert request.message_id == delivery.id
    assert (delivery.state, delivery.reason) == ("delivered", "delivered")
    assert [(attempt.status, attempt.outcome) for attempt in delivery.attempts] == [(200, "delivered")]


async def test_each_receiver_gets_what_it_wants(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as all_of_it, Hostile() as syria:
        file = receivers_file(
            tmp_path,
            {"name": "all", "url": all_of_it.url},
            {"name": "syria", "url": syria.url, "match": ['country="SYR"']},
        )
        async with service(settings, file):
            await publish(settings, [an_alert("a"), an_alert("b", labels={"country": "SYR"})])
            await settled(settings, 3)
    assert len(all_of_it.requests) == 2
    assert [request.alerts for request in syria.requests] == [[("b", "firing")]]


@pytest.mark.parametrize(
    "trouble",
    [
        lambda inside: [status(500)] * 3,
        lambda inside: [status(302, f"Location: {inside.url}"), reset],
        lambda inside: [silence, drip],
        lambda inside: [Pour(code=503), status(429)],
    ],
    ids=["burst of 500", "redirect inside, reset", "silence, drip", "100 MB, 429"],
)
async def test_through_trouble_that_passes_nothing_is_lost_and_ids_and_order_are_kept(
    settings: Settings, tmp_path: Path, trouble: Callable[[Hostile], list[Behavior]]
) -> None:
    async with (
        Hostile() as inside,
        Hostile(*trouble(inside)) as desk,
        service(settings, receivers_file(tmp_path, {"name": "d", "url": desk.url})),
    ):
        await publish(settings, [an_alert()])
        await desk.until(lambda server: len(server.requests) == 1)
        await publish(settings, [an_alert(revision=2, state="resolved")])
        first, second = sorted(await settled(settings, 2), key=lambda delivery: delivery.alert.revision)
    assert (first.state, second.state) == ("delivered", "delivered")
    assert [request.message_id for request in desk.requests] == [first.id] * (len(trouble(inside)) + 1) + [second.id]
    assert all(request.path == "/hook" for request in desk.requests)
    assert inside.requests == []


async def test_what_waited_for_a_right_certificate_goes_out_with_it(settings: Settings, tmp_path: Path) -> None:
    known, stranger = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    wrong, right = Hostile(tls=server_side(stranger)), Hostile(tls=server_side(known))
    wrong.port = right.port = free_port()
    tls = {"tls": {"ca": str(tmp_path / "ca.pem")}, "retry": ["0s"] + ["1s"] * 8}
    async with service(settings, receivers_file(tmp_path, {"name": "desk", "url": right.url, **tls})):
        async with wrong:
            await publish(settings, [an_alert()])
            await log_when(settings, lambda found: any(each.attempts for each in found))
        async with right:
            (delivery,) = await settled(settings, 1)
    assert wrong.requests == []
    assert [delivery.attempts[at].outcome for at in (0, -1)] == ["tls", "delivered"]
    assert [request.message_id for request in right.requests] == [delivery.id]


async def test_after_410_nothing_more_is_sent(settings: Settings, tmp_path: Path) -> None:
    async with (
        Hostile(then=status(410)) as desk,
        service(settings, receivers_file(tmp_path, {"name": "desk", "url": desk.url})),
    ):
        await publish(settings, [an_alert("a")])
        await settled(settings, 1)
        await publish(settings, [an_alert("b")])
        deliveries = await settled(settings, 2)
    assert {(delivery.state, delivery.reason) for delivery in deliveries} == {("failed", "gone")}
    assert len(desk.requests) == 1


async def test_a_receiver_that_asks_for_time_gets_it(settings: Settings, tmp_path: Path) -> None:
    async with (
        Hostile(status(429, "Retry-After: 2")) as desk,
        service(settings, receivers_file(tmp_path, {"name": "desk", "url": desk.url})),
    ):
        await publish(settings, [an_alert()])
        (delivery,) = await settled(settings, 1)
    first, second = delivery.attempts
    assert first.outcome == "throttled"
    assert 2.0 <= (second.at - first.at).total_seconds() < 4.0


async def test_a_receiver_that_never_takes_it_is_given_up_and_the_log_says_why(
    settings: Settings, tmp_path: Path
) -> None:
    file = receivers_file(tmp_path, {"name": "desk", "url": "http://127.0.0.1:9/", "retry": ["0s", "100ms"]})
    async with service(settings, file):
        await publish(settings, [an_alert()])
        (delivery,) = await settled(settings, 1)
    assert (delivery.state, delivery.reason) == ("failed", "exhausted")
    assert [attempt.outcome for attempt in delivery.attempts] == ["connection", "connection"]


async def test_an_address_inside_is_refused(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as inside:
        file = receivers_file(tmp_path, {"name": "desk", "url": inside.url, "allow": [], "retry": ["0s"]})
        async with service(settings, file):
            await publish(settings, [an_alert()])
            (delivery,) = await settled(settings, 1)
    assert [attempt.outcome for attempt in delivery.attempts] == ["refused_address"]
    assert inside.requests == []


async def test_huge_answers_do_not_hold_up_other_receivers(settings: Settings, tmp_path: Path) -> None:
    async with Hostile(then=Pour()) as pouring, Hostile() as desk:
        file = receivers_file(tmp_path, {"name": "pour", "url": pouring.url}, {"name": "desk", "url": desk.url})
        async with service(settings, file):
            await publish(settings, [an_alert(str(number)) for number in range(5)])
            await settled(settings, 10)
    assert len(desk.requests) == 5


async def test_resolved_follows_firing_through_a_burst_of_errors(settings: Settings, tmp_path: Path) -> None:
    names = [f"alert-{number}" for number in range(8)]
    async with (
        Hostile(*[status(500)] * 4) as desk,
        service(settings, receivers_file(tmp_path, {"name": "desk", "url": desk.url})),
    ):
        await publish(settings, [an_alert(name) for name in names])
        await publish(settings, [an_alert(name, 2, "resolved") for name in names])
        await settled(settings, 16)
    for name in names:
        assert heard(desk, name) == ["firing", "resolved"]


async def test_while_a_receiver_is_away_only_the_latest_update_is_kept_for_it(
    settings: Settings, tmp_path: Path
) -> None:
    async with Hostile(then=OK) as desk:
        port = desk.port
    file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "retry": ["0s"] + ["300ms"] * 100})
    async with service(settings, file):
        await publish(settings, [an_alert(revision=revision) for revision in range(1, 7)])
        await log_when(settings, lambda found: sum(each.state == "skipped" for each in found) == 5)
        desk.port = port
        async with desk:
            deliveries = await settled(settings, 6, 60)
    assert sorted(delivery.reason or "" for delivery in deliveries) == ["delivered", *["superseded"] * 5]
    assert [delivery.alert.revision for delivery in deliveries if delivery.state == "delivered"] == [6]


async def test_a_burst_for_a_grouping_receiver_is_one_message(settings: Settings, tmp_path: Path) -> None:
    async with Hostile(status(500)) as desk:
        grouping = {"name": "desk", "url": desk.url, "group_by": ["alertname", "country"], "group_wait": "1s"}
        async with service(settings, receivers_file(tmp_path, grouping)):
            await publish(settings, [an_alert(str(number)) for number in range(20)])
            await settled(settings, 20)
    assert [len(request.alerts) for request in desk.requests] == [20, 20]  # the second is the retry
    assert len({request.message_id for request in desk.requests}) == 1


async def test_records_that_are_no_alerts_go_to_the_dead_letters(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as desk, service(settings, receivers_file(tmp_path, {"name": "desk", "url": desk.url})):
        await publish(settings, [b"no json", b'{"id": "half an alert"}', an_alert()])
        await settled(settings, 1)
        buried = await dead_letters(settings, 2)
    assert sorted(buried) == [b"no json", b'{"id": "half an alert"}']


async def dead_letters(settings: Settings, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        dlq_name(ALERTS, "webhooks", settings),
        bootstrap_servers=settings.kafka.bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_a_failed_delivery_is_sent_again_on_request_under_its_id(settings: Settings, tmp_path: Path) -> None:
    async with Hostile(status(500)) as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "retry": ["0s"]})
        async with service(settings, file):
            await publish(settings, [an_alert()])
            (failed,) = await settled(settings, 1)
            assert failed.state == "failed"
            await redeliver(settings.kafka.bootstrap, topic_name(DELIVERIES, settings), [failed.id])
            await desk.until(lambda server: len(server.answered) == 2)
            (again,) = await settled(settings, 1)
    assert again.state == "delivered"
    assert {request.message_id for request in desk.requests} == {failed.id}
    assert [attempt.outcome for attempt in again.attempts] == ["server_error", "restart", "delivered"]


async def test_a_redelivery_asked_while_the_service_is_down_happens_when_it_is_up(
    settings: Settings, tmp_path: Path
) -> None:
    async with Hostile() as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url})
        async with service(settings, file):
            await publish(settings, [an_alert()])
            (delivery,) = await settled(settings, 1)
        await redeliver(settings.kafka.bootstrap, topic_name(DELIVERIES, settings), [delivery.id])
        async with service(settings, file):
            await desk.until(lambda server: len(server.answered) == 2)
    assert {request.message_id for request in desk.requests} == {delivery.id}


async def test_a_delivery_that_is_not_in_the_log_cannot_be_sent_again(settings: Settings) -> None:
    await publish(settings, [])
    with pytest.raises(UnknownDelivery, match="webhooks log"):
        await redeliver(settings.kafka.bootstrap, topic_name(DELIVERIES, settings), ["nothing"])


async def test_a_restart_sends_nothing_twice(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url})
        async with service(settings, file):
            await publish(settings, [an_alert(str(number)) for number in range(10)])
            await settled(settings, 10)
        async with service(settings, file):
            await publish(settings, [an_alert("new")])
            await settled(settings, 11)
    assert len(desk.requests) == 11


async def test_reminders_come_until_the_alert_is_resolved(settings: Settings, tmp_path: Path) -> None:
    async with Hostile() as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "repeat": "1s"})
        async with service(settings, file):
            await publish(settings, [an_alert()])
            await desk.until(lambda server: len(server.answered) == 3)
            await publish(settings, [an_alert(revision=2, state="resolved")])
            await desk.until(lambda server: server.answered[-1].alerts == [("a", "resolved")])
            told = len(desk.requests)
            await settled(settings, 2)
    assert len(desk.requests) == told
    assert len({request.message_id for request in desk.requests}) == told  # a reminder is not a duplicate


class Killed:
    """The service in a process of its own, to be killed."""

    def __init__(self, environment: dict[str, str], receivers: Path, port: int) -> None:
        self._environment = environment | {
            "TOCSIN_WEBHOOKS__RECEIVERS": str(receivers),
            "TOCSIN_HTTP__PORT": str(port),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tocsin.webhooks.service"], env=self._environment, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.process = self.start()


@pytest.mark.slow
async def test_killed_in_the_middle_of_it_nothing_is_lost_and_order_is_kept(
    settings: Settings, tmp_path: Path, service_environment: dict[str, str], unused_tcp_port: int
) -> None:
    names = [f"alert-{number}" for number in range(30)]
    async with Hostile(*[status(500)] * 4) as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "retry": ["0s"] + ["200ms"] * 60})
        await publish(settings, [an_alert(name) for name in names])
        killed = Killed(service_environment, file, unused_tcp_port)
        try:
            for already in (5, 15):
                await desk.until(lambda server, n=already: len(server.requests) >= n, 60)
                killed.restart()
            await publish(settings, [an_alert(name, 2, "resolved") for name in names])
            await desk.until(lambda server: len(server.requests) >= 40, 60)
            killed.restart()
            deliveries = await settled(settings, 60, 90)
        finally:
            killed.kill()
    assert {delivery.state for delivery in deliveries} == {"delivered"}
    ids = {delivery.id for delivery in deliveries}
    assert {request.message_id for request in desk.answered} == ids  # duplicates carry the same id, nothing else came
    for name in names:
        assert heard(desk, name) == ["firing", "resolved"]


@pytest.mark.slow
async def test_a_kill_while_a_receiver_thinks_repeats_the_message_under_its_id(
    settings: Settings, tmp_path: Path, service_environment: dict[str, str], unused_tcp_port: int
) -> None:
    async with Hostile(silence) as desk:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url, "timeout": "30s"})
        await publish(settings, [an_alert()])
        killed = Killed(service_environment, file, unused_tcp_port)
        try:
            await desk.until(lambda server: len(server.requests) == 1, 60)
            killed.restart()
            (delivery,) = await settled(settings, 1, 60)
        finally:
            killed.kill()
    assert [request.message_id for request in desk.requests] == [delivery.id, delivery.id]


async def test_the_service_tells_its_health_and_its_log_over_http(settings: Settings, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{settings.http.port}"
    async with Hostile() as desk, aiohttp.ClientSession() as web:
        file = receivers_file(tmp_path, {"name": "desk", "url": desk.url})
        async with service(settings, file):
            await publish(settings, [an_alert()])
            (delivery,) = await settled(settings, 1)

            async def get(path: str) -> tuple[int, object]:
                async with web.get(base + path) as reply:
                    body = await reply.read()
                    return reply.status, orjson.loads(body) if b"json" in reply.content_type.encode() else body

            assert (await get("/livez"))[0] == 200
            assert (await get("/readyz"))[0] == 200
            assert (await get("/deliveries"))[1]["deliveries"][0]["id"] == delivery.id  # type: ignore[index]
            assert (await get(f"/deliveries/{delivery.id}"))[1]["state"] == "delivered"  # type: ignore[index]
            assert (await get("/deliveries/nothing"))[0] == 404
            assert (await get("/deliveries?state=lost"))[0] == 400
            assert (await get("/deliveries?limit=0"))[0] == 400
            assert (await get("/receivers"))[1]["receivers"][0]["circuit"] == "closed"  # type: ignore[index]
            assert b"desk" in (await get("/metrics"))[1]  # type: ignore[operator]
            async with web.post(f"{base}/receivers/desk/test") as reply:
                assert (await reply.json())["delivered"] is True
            genuine = desk.requests[0]
            head = "".join(f"{name}: {value}\r\n" for name, value in genuine.headers.items())
            for body, verdict in ((genuine.body, True), (genuine.body + b" ", False)):
                async with web.post(f"{base}/receivers/desk/verify", data=f"{head}\r\n".encode() + body) as reply:
                    assert (await reply.json())["genuine"] is verdict
            async with web.post(f"{base}/receivers/nobody/verify", data=b"") as reply:
                assert reply.status == 404
            async with web.post(f"{base}/deliveries/{delivery.id}/redeliver") as reply:
                assert reply.status == 202
            await desk.until(lambda server: len(server.answered) == 3)
            async with web.get(f"{base}/deliveries", headers={"Origin": "https://evil.example"}) as reply:
                assert reply.status == 403
