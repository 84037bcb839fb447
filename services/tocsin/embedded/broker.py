"""A real Apache Kafka for one machine: one KRaft node in a child JVM."""

from __future__ import annotations

import base64
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from .config import LOGGING, LOGS, server_properties
from .errors import INSTEAD, EmbeddedKafkaError
from .jars import classpath
from .java import Java, find_java
from .probe import answers

HOST: Final = "127.0.0.1"
START_TIMEOUT: Final = 90.0
STOP_TIMEOUT: Final = 20.0
LOCK_TIMEOUT: Final = 10.0
POLL: Final = 0.05
PORT_TRIES: Final = 3
TAIL_LINES: Final = 20
MAX_LOG: Final = 4_000_000

_GUARD: Final = Path(__file__).with_name("guard.py")


def state_folder() -> Path:
    """Where Tocsin keeps what outlives a run: TOCSIN_STATE_DIR, or ~/.local/state/tocsin."""
    return Path(os.environ.get("TOCSIN_STATE_DIR") or "~/.local/state/tocsin").expanduser()


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    """Whether `port` of the loopback address can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class EmbeddedKafka:
    """Apache Kafka on loopback, as a context manager.

    `data_dir` keeps topics and log (state folder/kafka); the same folder again has the same records. `port` is the
    broker's (a free one); it stays the same over `restart()`. `report` gets a line of progress before a step that
    takes long. The broker ends with this process, however this process ends.

    Every failure to start is an EmbeddedKafkaError that says what to do.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.data_dir = (data_dir or state_folder() / "kafka").expanduser().absolute()
        self._wanted_port = port
        self._port = port
        self._report = report
        self._guard: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._log_start = 0

    @property
    def bootstrap(self) -> str:
        """The address for clients, "127.0.0.1:port"."""
        if self._port is None:
            raise RuntimeError("the port is known once start() has returned")
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the JVM, for tests that pause it."""
        if self._pid is None:
            raise RuntimeError("the embedded Kafka does not run")
        return self._pid

    @property
    def running(self) -> bool:
        """Whether the JVM lives."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def log_path(self) -> Path:
        """What the broker printed: warnings and errors, over all its starts."""
        return self.data_dir / "kafka.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the broker serves. Raises EmbeddedKafkaError; then nothing is left running."""
        if self.running:
            raise RuntimeError(f"the embedded Kafka runs already, at {self.bootstrap}")
        java = find_java()
        jars = classpath(report=self._report)
        self._make_folder()
        self._wait_for_lock()
        self._report(f"Starting Apache Kafka in {self.data_dir}")
        for tries_left in reversed(range(PORT_TRIES)):
            port = self._choose_port()
            command = self._command(java, jars)
            self._write_config(port)
            self._format(command)
            if self._launch(command, port):
                self._port = port
                return
            if (
                self._wanted_port is None
                and self._port is None
                and tries_left
                and "Address already in use" in self._tail()
            ):
                continue
            raise EmbeddedKafkaError(self._died())

    def stop(self) -> None:
        """Stop in good order: SIGTERM, and SIGKILL if that takes too long. Does nothing when it is stopped."""
        guard = self._guard
        if guard is None:
            return
        assert guard.stdin is not None
        guard.stdin.close()
        try:
            guard.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(guard.pid, signal.SIGKILL)
        self._forget()

    def kill(self) -> None:
        """End the broker with SIGKILL, as a machine that loses power would. Data and port are kept."""
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._forget()

    def restart(self) -> None:
        """Start again on the same port and data, after `stop()`, `kill()` or in place of them."""
        self.stop()
        self.start()

    def _forget(self) -> None:
        if self._guard is not None:
            self._guard.wait()
            for pipe in (self._guard.stdin, self._guard.stdout):
                if pipe is not None:
                    pipe.close()
        self._guard = self._pid = None

    def _make_folder(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            (self.data_dir / "log4j2.properties").write_text(LOGGING, "ascii")
            if self.log_path.exists() and self.log_path.stat().st_size > MAX_LOG:
                self.log_path.unlink()
            self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        except OSError as error:
            raise EmbeddedKafkaError(
                f"Cannot keep the data of the embedded Kafka in {self.data_dir} ({error.strerror}): "
                f"set TOCSIN_STATE_DIR to a folder that can be written, {INSTEAD}."
            ) from None

    def _wait_for_lock(self) -> None:
        """Kafka locks its folder while it runs: one that is just stopping gets a moment to end."""
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not self._lock_is_free():
            if time.monotonic() > deadline:
                raise EmbeddedKafkaError(
                    f"Another Kafka runs on the data in {self.data_dir}: stop it, "
                    f"or set TOCSIN_STATE_DIR to another folder, {INSTEAD}."
                )
            time.sleep(POLL)

    def _lock_is_free(self) -> bool:
        lock = self.data_dir / LOGS / ".lock"
        try:
            with lock.open("r+b") as opened:
                fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def _choose_port(self) -> int:
        """The port wanted, or the one before a restart, or a free one."""
        if self._port is None:
            return free_port()
        if not port_is_free(self._port):
            raise EmbeddedKafkaError(
                f"Port {self._port} of {HOST} is taken by another program: choose another port, {INSTEAD}."
            )
        return self._port

    def _write_config(self, port: int) -> None:
        (self.data_dir / "server.properties").write_text(server_properties(port, free_port()), "ascii")

    def _command(self, java: Java, jars: list[Path]) -> list[str]:
        options = [
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",  # up in 4 s, not 6, and half the CPU over the first 100,000 records
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=log4j2.properties",
        ]
        if java.version >= 24:  # says so on every start otherwise (JEP 472, JEP 498)
            options += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        return [str(java.path), *options, "-cp", os.pathsep.join(map(str, jars))]

    def _format(self, command: list[str]) -> None:
        if (self.data_dir / LOGS / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
        done = subprocess.run(  # noqa: S603 - our own command line
            [*command, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties"],
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT,
            check=False,
        )
        if done.returncode != 0:
            output = (done.stdout + done.stderr).strip().splitlines()[-TAIL_LINES:]
            raise EmbeddedKafkaError("\n  ".join([f"Kafka could not format {self.data_dir / LOGS}:", *output]))

    def _launch(self, command: list[str], port: int) -> bool:
        """Whether the broker came to serve; False when it died. Raises EmbeddedKafkaError after START_TIMEOUT."""
        with self.log_path.open("ab") as log:
            guard = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-I", "-S", _GUARD, self.log_path, *command, "kafka.Kafka", "server.properties"],
                cwd=self.data_dir,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the services; the broker stops after them
            )
        self._guard = guard
        assert guard.stdout is not None
        line = guard.stdout.readline()
        if not line:
            self._forget()
            return False
        self._pid = int(line)
        deadline = time.monotonic() + START_TIMEOUT
        try:
            while time.monotonic() < deadline:
                if answers(port):
                    return True
                if guard.poll() is not None:
                    self._forget()
                    return False
                time.sleep(POLL)
        except BaseException:  # Ctrl-C while it starts
            self.stop()
            raise
        self.stop()
        raise EmbeddedKafkaError(
            f"Kafka did not serve within {START_TIMEOUT:.0f} s. Its log, {self.log_path}, ends:{self._tail()}"
        )

    def _died(self) -> str:
        return (
            f"Kafka ended while it started. Its log, {self.log_path}, ends:{self._tail() or ' (nothing was printed)'}\n"
            f"If the records in {self.data_dir} may go, delete that folder and start again."
        )

    def _tail(self) -> str:
        """The last lines that the broker printed since this start, each on a line of its own."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(self._log_start)
                lines = log.read().decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return ""
        return "".join(f"\n  {line}" for line in lines[-TAIL_LINES:])
