"""`tocsin ingest FILE|DIR|-`: files to the topic, straight or through a running service."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from component.ingest.running import KEY, IngestProcess, articles_on
from ingest_builders import BODY, a_record
from tocsin.embedded.broker import free_port
from tocsin.ingest import files as files_module
from tocsin.ingest.files import Progress, ingest_files
from tocsin.streaming.errors import TransientError
from tocsin.streaming.settings import Settings

pytestmark = pytest.mark.kafka


def record(number: int, words: str = "") -> dict[str, Any]:
    return a_record(id=f"a{number}", url=f"https://herald.example/{number}", text=f"{BODY} Street {number}. {words}")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with every kind of file, three bad pieces, and one file that is passed over."""
    folder = tmp_path / "archive"
    folder.mkdir()
    lines = [json.dumps(record(n)) for n in range(250)]
    lines[7] = '{"id": "broken'
    lines[9] = json.dumps(record(9) | {"published_at": "2026-02-27T18:00:00"})
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.txt").write_text(f"{BODY} The bridge was down.")
    (folder / "b.json").write_text('{"published_at": "2026-02-27", "publisher": "Hill Herald (AFP)"}')
    page = "".join(f"<p>{BODY} Street {n} was empty by noon.</p>" for n in range(5))
    (folder / "c.html").write_text(
        '<html><head><title>Harun falls</title><link rel="canonical" href="https://herald.example/c">'
        '<meta property="article:published_time" content="2026-02-27T18:00:00+03:00"></head>'
        f"<body><article>{page}</article></body></html>"
    )
    (folder / "d.txt").write_text(BODY)  # nobody is named as its publisher
    (folder / "README.md").write_text("About this archive.")
    return folder


async def test_a_folder_is_taken_in_and_told_piece_by_piece(settings: Settings, archive: Path) -> None:
    seen: list[Progress] = []
    report = await ingest_files([archive], settings, progress=seen.append)
    assert report.counts == {"new": 250}
    assert [(Path(r.where).name, r.line, r.field) for r in report.refused] == [
        ("a.jsonl", 8, None),
        ("a.jsonl", 10, "published_at"),
        ("d.txt", None, "publisher"),
    ]
    assert [path.name for path in report.passed_over] == ["README.md"]
    assert [p.records for p in seen] == [100, 200, 253]
    assert (seen[-1].files, seen[-1].of_files) == (4, 4)
    found = {a.id: a for a in await articles_on(settings)}
    assert len(found) == 250
    by_text = next(a for a in found.values() if "bridge was down" in a.text)
    assert (by_text.credit, by_text.published_at.hour) == ("AFP", 12)
    page = next(a for a in found.values() if a.url == "https://herald.example/c")
    assert (page.title, page.published_at.hour) == ("Harun falls", 15)


async def test_taken_in_again_nothing_is_new_and_a_change_is_a_revision(settings: Settings, archive: Path) -> None:
    await ingest_files([archive], settings)
    assert (await ingest_files([archive], settings)).counts == {"unchanged": 250}
    later = "\n".join(
        [json.dumps(record(1, "More.")), json.dumps({"id": "a2", "status": "withdrawn"}), json.dumps(record(3))]
    )
    report = await ingest_files(["-"], settings, stdin=io.BytesIO(later.encode()))
    assert report.counts == {"revised": 1, "withdrawn": 1, "unchanged": 1}
    assert report.taken == 3


async def test_an_interrupted_run_goes_on_where_it_was(settings: Settings, archive: Path) -> None:
    class InterruptedRunError(Exception):
        pass

    def interrupt(progress: Progress) -> None:
        raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        await ingest_files([archive], settings, progress=interrupt)
    taken = len(await articles_on(settings))
    assert taken == 98
    report = await ingest_files([archive], settings)
    assert report.counts == {"unchanged": taken, "new": 250 - taken}


async def test_two_runs_at_once_do_not_get_in_each_others_way(settings: Settings, archive: Path) -> None:
    with files_module._index(settings.state_dir / "ingest-files"):  # the other run
        assert (await ingest_files([archive], settings)).counts == {"new": 250}


async def test_files_can_go_through_a_running_service(
    settings: Settings, service_environment: dict[str, str], tmp_path: Path, archive: Path
) -> None:
    async with IngestProcess(service_environment, tmp_path) as ingest:
        await ingest.live()
        url = f"http://127.0.0.1:{ingest.port}"
        report = await ingest_files([archive], settings, url=url, key=KEY)
        assert report.counts == {"new": 250}
        assert [r.field for r in report.refused] == [None, "published_at", "publisher"]
        assert (await ingest_files([archive], settings, url=url, key=KEY)).counts == {"unchanged": 250}
        with pytest.raises(TransientError, match="unknown or has expired"):
            await ingest_files([archive], settings, url=url, key="tocsin_other")


async def test_no_kafka_and_no_service_are_told(
    settings: Settings, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "PATIENCE", 0.0)
    nobody = f"127.0.0.1:{free_port()}"
    away = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"bootstrap": nobody})})
    with pytest.raises(TransientError, match="cannot be reached"):
        await ingest_files([archive], away)
    with pytest.raises(TransientError, match="takes no articles"):
        await ingest_files([archive], settings, url=f"http://{nobody}", key=KEY)
