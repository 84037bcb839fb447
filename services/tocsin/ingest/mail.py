"""Newsletters: an RFC 5322 message, as mail programs save it (.eml), as the text of one article.

Of the alternatives the plain text is taken where it holds words, else the article in the HTML part. What a mailing list adds
(unsubscribe lines, "view in browser", the quoted footer behind "-- ") is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final

from .page import read_page
from .raw import MAX_HTML
from .refusal import Refusal

MAX_MAIL: Final = 25_000_000
"""Bytes of a message: what large mail providers carry."""
LEAST: Final = 200
"""Characters below which a plain text part is a pointer to the HTML part."""
_FOOTER = re.compile(r"^-- ?$", re.MULTILINE)
_LIST_LINE = re.compile(
    r"\b(?:unsubscribe|view (?:this (?:e-?mail|message) )?in (?:your|a|the) (?:web )?browser|manage (?:your )?(?:subscription|preferences)|"
    r"you (?:are receiving|received) this (?:e-?mail|message|newsletter))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as an article: `sender` is the name in From (else its domain), `sent` is in UTC."""

    subject: str | None
    sender: str | None
    sent: datetime | None
    message_id: str | None
    text: str


def read_mail(message: bytes) -> Mail:
    """The article in a message. Raises Refusal when there is none."""
    try:
        parsed = BytesParser(EmailMessage, policy=policy.default).parsebytes(message)
        text = _words(parsed)
        subject, sender, identity = (_header(parsed, name) for name in ("Subject", "From", "Message-ID"))
        sent = _sent(_header(parsed, "Date"))
    except (MessageError, LookupError, ValueError, AttributeError, IndexError, RecursionError) as problem:
        raise Refusal("malformed", f"cannot be read as a mail ({type(problem).__name__})", "text") from None
    if not (subject or sender or sent):
        raise Refusal("malformed", "is no mail: it has neither From nor Subject nor Date", "text")
    if not text:
        raise Refusal("invalid", "has no text part that holds an article", "text")
    return Mail(subject, _name(sender), sent, identity, text)


def _header(mail: EmailMessage, name: str) -> str | None:
    return " ".join(str(mail.get(name) or "").split()) or None


def _name(sender: str | None) -> str | None:
    name, address = parseaddr(sender or "")
    return name or address.rpartition("@")[2] or None


def _sent(date: str | None) -> datetime | None:
    if date is None:
        return None
    when = parsedate_to_datetime(date)
    return when.astimezone(UTC) if when.tzinfo is not None else None  # "-0000": no zone is known


def _words(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    text = _without_list_lines(plain.get_content()) if plain is not None else ""
    page = mail.get_body(("html",))
    if len(text) >= LEAST or page is None:
        return text
    html = page.get_content()
    if len(html) > MAX_HTML:
        raise Refusal("too_large", f"is larger than {MAX_HTML // 1_000_000} MB: no newsletter is", "html")
    try:
        return _without_list_lines(read_page(html, None).text)
    except Refusal:
        if not text:
            raise
        return text


def _without_list_lines(text: str) -> str:
    body = _FOOTER.split(text.replace("\r\n", "\n"), maxsplit=1)[0]
    return "\n".join(line for line in body.split("\n") if not _LIST_LINE.search(line)).strip()
