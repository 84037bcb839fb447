"""Articles from files, folders and standard input."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tocsin.ingest.formats import MAX_LINE, Found, count_files, find_files, read_articles, read_raw
from tocsin.ingest.refusal import Refused
from tocsin_schemas import Article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED = Path(__file__).resolve().parents[3].parent / "shared" / "seed"


def lines(*records: Any) -> io.BytesIO:
    return io.BytesIO(b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records))


def read(source: Path | str, stdin: io.BytesIO | None = None) -> list[Article | Refused]:
    return list(read_articles(source, now=NOW, stdin=stdin))


def only(found: list[Article | Refused]) -> Article:
    (article,) = found
    assert isinstance(article, Article), str(article)
    return article


def test_a_bad_line_is_told_with_its_number_and_the_others_are_read() -> None:
    found = read(
        "-",
        lines(
            {"id": "a", "text": "One."},
            b'{"id": "b", "text": ',
            b"",
            b'{"id": "c", "text": "caf\xe9"}',
            {"id": "d", "text": " "},
            {"id": "e", "text": "t", "published": "2026-01-01T10:00:00"},
            {"id": "f", "text": "Six."},
        ),
    )
    assert [a.id for a in found if isinstance(a, Article)] == ["a", "f"]
    refused = [r for r in found if isinstance(r, Refused)]
    assert [(r.line, r.kind, r.field) for r in refused] == [
        (2, "malformed", None),
        (4, "malformed", None),
        (5, "invalid", "text"),
        (6, "invalid", "published_at"),
    ]
    assert "byte 0xE9 at offset 24" in refused[1].why
    assert str(refused[3]).startswith("<stdin>:6: published_at: ")


def test_a_line_of_fifty_megabytes_is_refused_and_the_next_one_read() -> None:
    stream = lines({"id": "big", "text": "x" * 50_000_000}, {"id": "small", "text": "Small."})
    big, small = read("-", stream)
    assert isinstance(big, Refused)
    assert (big.kind, big.line) == ("too_large", 1)
    assert isinstance(small, Article)


def test_a_last_line_that_is_too_long_and_has_no_end_is_refused_once() -> None:
    (big,) = read("-", io.BytesIO(b"x" * (MAX_LINE * 2 + 5)))
    assert isinstance(big, Refused)


def test_a_line_separator_of_unicode_does_not_break_a_line() -> None:
    text = "One.\u2028Two.\x85Three."
    stream = io.BytesIO(json.dumps({"id": "a", "text": text}, ensure_ascii=False).encode())
    assert only(read("-", stream)).text == text


def test_a_text_file_takes_its_facts_from_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbfThe army left Harun.\r\n\r\nRebels came.\n")
    (tmp_path / "x.json").write_text(
        json.dumps({"published_at": "2026-02-01T09:00:00Z", "publisher": "Hill Herald", "credit": "AFP", "url": None})
    )
    article = only(read(tmp_path))
    assert article.text == "The army left Harun.\r\n\r\nRebels came.\n"
    assert (article.publisher.name, article.credit, article.published_at.day) == ("Hill Herald", "AFP", 1)
    assert article.id == only(read(tmp_path / "x.txt")).id


def test_a_text_file_alone_is_read_as_published_now(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("The army left Harun.")
    assert only(read(tmp_path / "x.txt")).published_at == NOW


def test_a_broken_sidecar_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("The army left Harun.")
    (tmp_path / "x.json").write_text("[1]")
    (refused,) = read(tmp_path)
    assert isinstance(refused, Refused)
    assert "x.json beside it must be a JSON object" in str(refused)


def test_a_page_is_read_and_its_sidecar_wins(tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>Rebels took Harun on Friday, and street {n} was empty by noon.</p>" for n in range(6))
    (tmp_path / "p.html").write_text(
        '<html><head><title>Harun falls</title><meta property="article:published_time" content="2026-02-27T18:00:00Z">'
        f"</head><body><article>{paragraphs}</article></body></html>"
    )
    assert only(read(tmp_path)).published_at.day == 27
    (tmp_path / "p.json").write_text('{"published_at": "2026-02-26T18:00:00Z", "text": "not this"}')
    article = only(read(tmp_path))
    assert article.published_at.day == 26
    assert "street 5 was empty" in article.text


def test_html_junk_and_binary_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"\x00\xff" * 500)
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00x")
    (tmp_path / "c.txt").write_bytes(b"")
    found = read(tmp_path)
    assert all(isinstance(f, Refused) for f in found)
    assert [f.where.rsplit("/", 1)[1] for f in found if isinstance(f, Refused)] == ["a.html", "b.txt", "c.txt"]


def test_a_text_file_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(50_000_000)
    (refused,) = read(tmp_path)
    assert isinstance(refused, Refused)
    assert refused.kind == "too_large"


def test_a_folder_is_read_in_order_and_the_rest_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b/2.txt", "b/1.txt", "a.txt", ".git/x.txt"):
        (tmp_path / name).write_text(f"Text of {name}.")
    (tmp_path / "README.md").write_text("About.")
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "lone.json").write_text('[{"id": "l1", "text": "One."}, {"id": "l2", "text": ""}]')
    files = find_files(tmp_path)
    assert [str(p.relative_to(tmp_path)) for p in files.articles] == ["a.txt", "b/1.txt", "b/2.txt", "lone.json"]
    assert [p.name for p in files.passed_over] == ["README.md"]
    assert count_files([tmp_path, tmp_path / "a.txt"]) == 5
    texts = [f.text if isinstance(f, Article) else str(f).rsplit("/", 1)[1] for f in read(tmp_path)]
    assert texts == [
        "Text of a.txt.",
        "Text of b/1.txt.",
        "Text of b/2.txt.",
        "One.",
        "lone.json:2: text: has nothing in it: an article needs text",
    ]


def test_what_is_not_there_or_not_known_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    (missing,) = read(tmp_path / "none.jsonl")
    (unknown,) = read(tmp_path / "x.pdf")
    assert "there is no such file or folder" in str(missing)
    assert '".pdf" is not known; known are .eml, .htm, .html' in str(unknown)


def test_two_files_of_one_name_are_two_articles(tmp_path: Path) -> None:
    for day in ("01", "02"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "lead.txt").write_text("The army left Harun.")
        (tmp_path / day / "lead.json").write_text(
            json.dumps({"published_at": f"2026-02-{day}", "publisher": "Hill Herald"})
        )
    assert len({f.id for f in read(tmp_path) if isinstance(f, Article)}) == 2


def test_records_are_given_unjudged_to_ingest() -> None:
    (found,) = read_raw("-", stdin=lines({"id": "a", "text": ""}))
    assert isinstance(found, Found)
    assert (found.raw.id, found.line) == ("a", 1)


@pytest.mark.skipif(not SEED.is_dir(), reason="the seed article is not beside the repository")
def test_the_seed_article_is_read_with_its_sidecar() -> None:
    article = only(read(SEED))
    (file,) = SEED.glob("*.txt")
    assert article.text == file.read_bytes().decode()
    assert (article.publisher.id, article.publisher.family, article.credit) == ("trtworld", "trt", "AFP")
    assert article.published_at == datetime(2021, 8, 11, 9, tzinfo=UTC)
