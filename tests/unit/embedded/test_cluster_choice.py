"""Which Kafka a command gets: the one it was told of, or one of its own."""

from __future__ import annotations

import importlib
import socket
from pathlib import Path
from typing import Any

import pytest

from tocsin.embedded import EmbeddedKafkaError, broker, cluster
from tocsin.streaming.settings import KafkaSettings, Settings, load_settings

MODULE = importlib.import_module("tocsin.embedded.cluster")


class Stub:
    """Stands in for the broker: notes how it was made, and whether it runs."""

    made: list[Stub] = []  # noqa: RUF012 - reset by the fixture

    def __init__(self, data_dir: Path, port: int | None, report: Any) -> None:
        self.data_dir, self.port, self.running = data_dir, port, False
        Stub.made.append(self)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port or 40404}"

    def __enter__(self) -> Stub:
        self.running = True
        return self

    def __exit__(self, *_: object) -> None:
        self.running = False


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stub, "made", [])
    monkeypatch.setattr(MODULE, "EmbeddedKafka", Stub)
    for name in ("TOCSIN_KAFKA__BOOTSTRAP", "TOCSIN_KAFKA__TOPIC_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def test_a_cluster_that_the_environment_names_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_KAFKA__BOOTSTRAP", "kafka.example:9092")
    told = load_settings()
    with cluster(told) as settings:
        assert settings is told
    assert Stub.made == []


def test_naming_the_usual_address_is_naming_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_KAFKA__BOOTSTRAP", "127.0.0.1:9092")
    with cluster(load_settings()):
        assert Stub.made == []


def test_without_one_an_embedded_kafka_runs_for_as_long_as_the_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "port_is_free", lambda port: True)
    monkeypatch.setenv("TOCSIN_KAFKA__TOPIC_PREFIX", "mine.")
    told = load_settings().model_copy(update={"state_dir": tmp_path})
    with cluster(told) as settings:
        (kafka,) = Stub.made
        assert kafka.running
        assert kafka.data_dir == tmp_path / "kafka"
        assert settings.kafka == KafkaSettings(bootstrap="127.0.0.1:9092", topic_prefix="mine.")
        assert settings.state_dir == tmp_path
    assert not kafka.running
    assert "bootstrap" not in told.kafka.model_fields_set


def test_it_leaves_the_usual_port_to_whoever_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "port_is_free", lambda port: port != 9092)
    with cluster(Settings(state_dir=tmp_path)) as settings:
        assert Stub.made[0].port is None
        assert settings.kafka.bootstrap == "127.0.0.1:40404"


def test_the_broker_stops_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedKafkaError), cluster(Settings(state_dir=tmp_path)):
        raise EmbeddedKafkaError
    assert not Stub.made[0].running


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not broker.port_is_free(taken.getsockname()[1])
    assert broker.port_is_free(broker.free_port())


def test_the_state_folder_is_told_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_STATE_DIR", "/somewhere")
    assert broker.EmbeddedKafka().data_dir == Path("/somewhere/kafka")
    monkeypatch.delenv("TOCSIN_STATE_DIR")
    monkeypatch.setenv("HOME", "/home/someone")
    assert broker.EmbeddedKafka().data_dir == Path("/home/someone/.local/state/tocsin/kafka")


def test_an_address_is_known_once_it_runs() -> None:
    kafka = broker.EmbeddedKafka(Path("/nowhere"))
    with pytest.raises(RuntimeError, match="known once start"):
        _ = kafka.bootstrap
    with pytest.raises(RuntimeError, match="does not run"):
        _ = kafka.pid
    kafka.stop()
    kafka.kill()
