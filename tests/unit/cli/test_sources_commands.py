"""`tocsin sources`: a file is checked, polled once, and a service's sources are shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app

ROOT = Path(__file__).parents[3]
WORDS = (
    "Taliban fighters captured Kunduz before dawn on Friday and met nobody there, two residents said by telephone. "
    "The army said that it had left the town to spare its people, and that it would be back within days. "
)
FEED = f"""<rss version="2.0"><channel><title>Hill Herald</title><language>en</language>
<item><title>Kunduz falls</title><guid isPermaLink="false">k1</guid><pubDate>Fri, 01 Mar 2019 08:00:00 GMT</pubDate>
<description>{WORDS}</description></item></channel></rss>"""


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        body = self.answers.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["sources", *map(str, arguments)])


def a_file(folder: Path, *sources: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text("sources:\n" + "".join(f"  - {source}\n" for source in sources), "utf-8")
    return path


def test_the_sample_can_be_polled() -> None:
    result = run("check", ROOT / "deploy" / "sources.sample.yaml")
    assert (result.exit_code, result.stdout) == (0, "2 sources can be polled\n")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{id: a, feed: 'ftp://a.example'}", "source 1 (a), at feed: must be an http(s) address"),
        (
            "{id: a, feed: 'http://a.example', every: often}",
            "source 1 (a), at every: must be a whole number with a unit",
        ),
        ("{id: a, feed: 'http://a.example', evry: 10m}", "source 1 (a), at evry: Extra inputs are not permitted"),
        ("{id: a", "is no YAML"),
    ],
)
def test_a_mistake_is_told_with_its_source_and_field(source: str, told: str, tmp_path: Path) -> None:
    result = run("check", a_file(tmp_path, source))
    assert result.exit_code == 2
    assert told in result.output.replace("\n", " ")


def test_a_poll_prints_articles_and_tells_how_each_source_fares(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_INGEST__ALLOW_HOSTS", '["127.0.0.1"]')
    Handler.answers = {"/feed": FEED.encode()}
    file = a_file(
        tmp_path,
        f"{{id: herald, feed: '{site}/feed', text: feed, robots: false}}",
        f"{{id: gone, feed: '{site}/none', robots: false}}",
    )
    result = run("poll", file)
    assert result.exit_code == 1
    (article,) = map(json.loads, result.stdout.splitlines())
    assert (article["title"], article["publisher"]["name"]) == ("Kunduz falls", "Hill Herald")
    assert "herald well: 1 articles, 0 refused" in result.stderr
    assert "gone failing: 0 articles, 0 refused: answered 404" in result.stderr
    assert run("poll", file, "--source", "herald").exit_code == 0
    assert "there is no source 'other'" in run("poll", file, "--source", "other").output


def test_an_address_that_is_not_on_the_internet_is_not_asked(site: str, tmp_path: Path) -> None:
    result = run("poll", a_file(tmp_path, f"{{id: herald, feed: '{site}/feed', robots: false}}"))
    assert result.exit_code == 1
    assert "herald failing" in result.stderr
    assert "127.0.0.1" in result.stderr


def test_the_sources_of_a_service_are_shown(site: str) -> None:
    record = {
        "id": "herald", "state": "silent", "last_success": "2019-03-01T09:00:00Z", "last_new": None, "next_try": None,
        "failures": 0, "problem": None, "articles": 7, "refused": 1, "items_per_hour": 0.25, "silent_for_hours": 30.0,
    }  # fmt: skip
    Handler.answers = {"/sources": json.dumps({"sources": [record]}).encode()}
    result = run("status", "--url", site)
    assert result.exit_code == 0
    assert all(words in result.stdout for words in ("herald", "silent", "0.25", "30.0 h"))
    assert json.loads(run("status", "--url", site, "--json").stdout) == [record]
    assert "no ingest service answers" in run("status", "--url", "http://127.0.0.1:1").output
