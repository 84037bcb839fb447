"""Jars are fetched once, checked always, and never half there. Served here by a repository of the test's own."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tocsin.embedded import jars
from tocsin.embedded.errors import EmbeddedKafkaError
from tocsin.embedded.jars import Jar, classpath


class Remote:
    """A Maven repository on loopback: `files` by path, how often an answer is an error first, which one is cut once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.errors: dict[str, int] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []
        remote = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                remote.asked.append(path)
                body = remote.files.get(path)
                if remote.errors.get(path, 0) > 0:
                    remote.errors[path] -= 1
                    body = None
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                whole = path not in remote.cut
                remote.cut.discard(path)
                self.wfile.write((body or b"")[: None if whole else 1])

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def jar(self, artifact: str, content: bytes) -> Jar:
        made = Jar("org.example", artifact, "1.0", hashlib.sha256(content).hexdigest())
        self.files[made.path.as_posix()] = content
        return made

    @property
    def jars_asked(self) -> list[str]:
        return [path for path in self.asked if path.endswith(".jar")]


@pytest.fixture
def remote() -> Iterator[Remote]:
    remote = Remote()
    yield remote
    remote.server.shutdown()
    remote.server.server_close()


def test_missing_jars_are_fetched_into_the_maven_layout_and_not_again(remote: Remote, tmp_path: Path) -> None:
    wanted = [remote.jar("first", b"1"), remote.jar("second", b"2")]
    said: list[str] = []
    paths = classpath(wanted, tmp_path, {"test": remote.url}, said.append)
    assert paths == [tmp_path / f"org/example/{name}/1.0/{name}-1.0.jar" for name in ("first", "second")]
    assert [path.read_bytes() for path in paths] == [b"1", b"2"]
    assert said == ["Fetching Apache Kafka 4.3.1 (2 jars, once)"]

    remote.asked.clear()
    assert classpath(wanted, tmp_path, {"test": remote.url}, said.append) == paths
    assert (remote.asked, len(said)) == ([], 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["org"]


def test_a_damaged_jar_is_replaced_and_the_whole_one_beside_it_is_kept(remote: Remote, tmp_path: Path) -> None:
    wanted = [remote.jar("first", b"1"), remote.jar("second", b"the whole of it")]
    paths = classpath(wanted, tmp_path, {"test": remote.url})
    paths[1].write_bytes(b"the who")  # what an interrupted download leaves
    remote.asked.clear()
    classpath(wanted, tmp_path, {"test": remote.url})
    assert paths[1].read_bytes() == b"the whole of it"
    assert remote.jars_asked == ["org/example/second/1.0/second-1.0.jar"]


def test_a_passing_fault_of_the_repository_is_outlived(remote: Remote, tmp_path: Path) -> None:
    wanted = remote.jar("first", b"1")
    remote.errors[wanted.path.as_posix()] = 2
    assert classpath([wanted], tmp_path, {"test": remote.url})[0].read_bytes() == b"1"


def test_a_connection_that_breaks_off_is_tried_again(remote: Remote, tmp_path: Path) -> None:
    wanted = remote.jar("first", b"the whole of it")
    remote.cut.add(wanted.path.as_posix())
    assert classpath([wanted], tmp_path, {"test": remote.url})[0].read_bytes() == b"the whole of it"
    assert len(remote.jars_asked) == 2


def test_a_jar_with_other_bytes_is_refused_and_not_kept(remote: Remote, tmp_path: Path) -> None:
    wanted = remote.jar("first", b"genuine")
    remote.files[wanted.path.as_posix()] = b"forged"
    with pytest.raises(
        EmbeddedKafkaError, match=r"org.example:first:1.0 arrived with other bytes than kafka.lock says"
    ):
        classpath([wanted], tmp_path, {"test": remote.url})
    assert list(tmp_path.rglob("*.jar")) == []


def test_no_network_says_which_jar_and_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(EmbeddedKafkaError) as refused:
            classpath([Jar("org.example", "first", "1.0", "0" * 64)], tmp_path, {"test": url})
    message = str(refused.value)
    assert message.startswith("Cannot fetch org.example:first:1.0, a part of Apache Kafka")
    assert "Maven Central" in message
    assert "TOCSIN_KAFKA__BOOTSTRAP" in message
    assert list(tmp_path.iterdir()) == []


def test_without_jgo_a_complete_repository_is_enough(
    remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = remote.jar("first", b"1")
    classpath([wanted], tmp_path, {"test": remote.url})
    for name in [name for name in sys.modules if name.partition(".")[0] == "jgo"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jgo", None)

    assert classpath([wanted], tmp_path) == [tmp_path / wanted.path]
    with pytest.raises(EmbeddedKafkaError, match=r"pip install 'tocsin\[embedded\]'"):
        classpath([remote.jar("second", b"2")], tmp_path)


def test_a_repository_that_cannot_be_written_is_named(remote: Remote, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbeddedKafkaError, match=r"Cannot write to the local Maven repository .*set M2_REPO"):
        classpath([remote.jar("first", b"1")], tmp_path / "file" / "repository", {"test": remote.url})


def test_the_lock_names_one_version_of_each_jar_and_all_of_kafka_at_4_3_1() -> None:
    locked = jars.locked_jars()
    assert len({(jar.group, jar.artifact) for jar in locked}) == len(locked) == 46
    assert {jar.version for jar in locked if jar.group == "org.apache.kafka"} == {jars.KAFKA_VERSION}
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in locked)
    assert any(jar.artifact == "log4j-slf4j-impl" for jar in locked)


def test_the_local_repository_follows_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("M2_REPO", str(tmp_path))
    assert jars.local_repository() == tmp_path
    monkeypatch.delenv("M2_REPO")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert jars.local_repository() == tmp_path / "home" / ".m2" / "repository"
