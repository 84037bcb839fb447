"""The API's page for people says what the document says, and nothing in it is taken for markup."""

from __future__ import annotations

from lxml import html

from tocsin.ingest.openapi import document
from tocsin.ingest.openapi_page import page


def test_every_answer_and_every_field_stands_on_the_page() -> None:
    told = document(5_000, 16_000_000)
    text = html.fromstring(page(told)).text_content()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}" in text
            for status, answer in operation["responses"].items():
                assert status + answer["description"] in text
    for schema in told["components"]["schemas"].values():
        for field, own in schema.get("properties", {}).items():
            assert field in text
            assert own.get("description", "") in text
    assert "one of published, corrected, withdrawn" in text


def test_words_are_no_markup() -> None:
    told = document(5_000, 16_000_000)
    told["info"]["title"] = "<script>alert(1)</script>"
    told["components"]["schemas"]["Article"]["description"] = "<img src=x>"
    tree = html.fromstring(page(told))
    assert tree.xpath("//script|//img") == []
    assert "<script>" in tree.text_content()
