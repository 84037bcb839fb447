"""Newsletters as articles: which part is read, what a list adds is left out, and mails that are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from tocsin.ingest.formats import Found, read_raw
from tocsin.ingest.mail import read_mail
from tocsin.ingest.refusal import Refusal, Refused

WORDS = (
    "Rebels entered Harun before dawn on Friday and met nobody there, two residents said by telephone. "
    "The army said that it had left the town to spare its people, and that it would be back within days."
)


def a_mail(**changes: str | None) -> EmailMessage:
    mail = EmailMessage()
    headers = {
        "From": "Hill Herald <news@herald.example>",
        "To": "desk@tocsin.example",
        "Subject": "Harun falls",
        "Date": "Fri, 01 Mar 2019 10:30:00 +0430",
        "Message-ID": "<n7@herald.example>",
    } | changes
    for name, value in headers.items():
        if value is not None:
            mail[name.replace("_", "-")] = value
    return mail


def test_a_plain_mail_is_an_article() -> None:
    mail = a_mail()
    mail.set_content(WORDS)
    found = read_mail(bytes(mail))
    assert (found.subject, found.sender, found.message_id) == ("Harun falls", "Hill Herald", "<n7@herald.example>")
    assert found.sent == datetime(2019, 3, 1, 6, tzinfo=UTC)
    assert found.text == WORDS


def test_what_the_list_adds_is_left_out() -> None:
    mail = a_mail()
    mail.set_content(
        f"View this email in your browser\n{WORDS}\nYou are receiving this newsletter because you asked.\n-- \nHill Herald, 1 Road\n"
    )
    assert read_mail(bytes(mail)).text == WORDS


@pytest.mark.parametrize("plain", ["Read it on the web.", ""])
def test_the_page_is_read_where_the_plain_part_is_a_pointer(plain: str) -> None:
    mail = a_mail()
    mail.set_content(plain)
    mail.add_alternative(
        f"<html><body><article><h1>Harun falls</h1><p>{WORDS}</p><p>{WORDS[:90]}</p></article></body></html>",
        subtype="html",
    )
    assert read_mail(bytes(mail)).text.startswith(WORDS)


def test_encoded_words_and_bodies_are_decoded() -> None:
    mail = a_mail(Subject="Harün fällt", From="Hügel-Bote <b@bote.example>")
    mail.set_content("Die Stadt Harün. " + WORDS, charset="iso-8859-1", cte="quoted-printable")
    found = read_mail(bytes(mail))
    assert (found.subject, found.sender) == ("Harün fällt", "Hügel-Bote")
    assert found.text.startswith("Die Stadt Harün.")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mail: b"",
        lambda mail: b"\x00\xff\xfe" * 100,
        lambda mail: bytes(mail).replace(b"utf-8", b"no-such-charset"),
        lambda mail: (
            b"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\n\r\nx\r\n--x--"
        ),
    ],
)
def test_what_is_no_readable_mail_is_refused(spoil: Callable[[EmailMessage], bytes]) -> None:
    mail = a_mail()
    mail.set_content("Harün. " + WORDS)
    with pytest.raises(Refusal):
        read_mail(spoil(mail))


def test_a_folder_of_mails_is_read_and_a_mail_without_a_date_keeps_its_place(tmp_path: Path) -> None:
    for name, changes in {"a": {}, "b": {"Date": None, "Message_ID": None, "Message-ID": None}}.items():
        mail = a_mail(**changes)
        mail.set_content(WORDS)
        (tmp_path / f"{name}.eml").write_bytes(bytes(mail))
    (tmp_path / "c.eml").write_bytes(b"")
    first, second, third = read_raw(tmp_path)
    assert isinstance(first, Found)
    assert (first.raw.guid, first.raw.title, first.raw.publisher) == (
        "<n7@herald.example>",
        "Harun falls",
        "Hill Herald",
    )
    assert isinstance(second, Found)
    assert (second.raw.guid, second.raw.published_at) == ("file:b@", None)
    assert isinstance(third, Refused)
