"""Every snippet of docs/subscribing.md, run as it stands there against the test's Kafka."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ledger_theatre import CAPITALS, dated, taken
from npm_packages import npm_packages
from tocsin.embedded.jars import classpath
from tocsin.embedded.java import find_java
from tocsin.streaming.producer import new_producer
from tocsin.streaming.settings import Settings
from tocsin.streaming.topics import create_topics, topic_name
from tocsin_schemas.topics import CAPTURE

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
PAGE = (Path(__file__).parents[3] / "docs" / "subscribing.md").read_text("utf-8")
SNIPPETS = {found[1]: found[2] for found in re.finditer(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)}
NODE_PACKAGES = ("kafkajs@2.2.4", "lz4-napi@2.10.0")
EVENT = taken(CAPITALS[0], 3, when=dated(3))
NAME = EVENT.place.name if EVENT.place else ""


def program(kind: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The command that runs a snippet, and what it needs in its environment."""
    if kind == "python":
        return [sys.executable, "snippet.python"], {}
    if kind == "sh":
        if not (shutil.which("kcat") and shutil.which("jq")):
            pytest.skip("kcat or jq is not there: apt-get install kcat jq")
        return ["bash", "snippet.sh"], {}
    if kind == "java":
        (folder / "snippet.java").rename(folder / "Captures.java")
        java = find_java().path
        modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=True).stdout
        if "jdk.compiler" not in modules:
            pytest.skip("this Java cannot compile: it is a JRE")
        return [str(java), "-cp", os.pathsep.join(map(str, classpath())), "Captures.java"], {}
    return ["node", "snippet.js"], {"NODE_PATH": str(npm_packages(*NODE_PACKAGES) / "node_modules")}


def test_the_page_has_these_snippets() -> None:
    assert SNIPPETS.keys() == {"python", "sh", "java", "js"}


@pytest.mark.parametrize("kind", sorted(SNIPPETS))
async def test_a_snippet_prints_the_event(kind: str, settings: Settings, tmp_path: Path) -> None:
    country = EVENT.place.country if EVENT.place else ""
    text = SNIPPETS[kind].replace("127.0.0.1:9092", settings.kafka.bootstrap).replace('"AFG"', f'"{country}"')
    text = text.replace(CAPTURE.name, topic_name(CAPTURE, settings))
    text = text.replace('subscribe("capture", ', f'subscribe("capture", bootstrap="{settings.kafka.bootstrap}", '
                        f'prefix="{settings.kafka.topic_prefix}", ')  # fmt: skip
    (tmp_path / f"snippet.{kind}").write_text(text, "utf-8")
    command, environment = program(kind, tmp_path)
    await create_topics(settings)
    producer = new_producer(settings)
    await producer.start()
    try:
        await producer.send_and_wait(
            topic_name(CAPTURE, settings), EVENT.model_dump_json().encode(), key=CAPTURE.key_of(EVENT).encode(),
            headers=[("ce_type", b"tocsin.capture.v1")],
        )  # fmt: skip
    finally:
        await producer.stop()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, env=os.environ | environment, start_new_session=True,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    seen = ""
    try:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            while NAME not in seen:
                line = await process.stdout.readline()
                if not line:
                    break
                seen += line.decode()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        _, wrong = await process.communicate()
    assert NAME in seen, wrong.decode()[-2000:]
    if kind in ("java", "js"):
        assert "tocsin.capture.v1" in seen
