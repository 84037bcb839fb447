"""Identifiers: uuid5 of what they name, so that a replay produces the same ids (RFC 9562, section 5.5)."""

from __future__ import annotations

import uuid
from hashlib import sha256
from typing import Final

NAMESPACE: Final = uuid.UUID("6f0a3f0e-6b0a-5f0e-9a51-70c51a000001")


def name_id(kind: str, *parts: str | None) -> str:
    """The id of what `kind` and `parts` name. A null part and an empty one differ."""
    named = "\x1f".join([kind, *("\x00" if part is None else part for part in parts)])
    return str(uuid.uuid5(NAMESPACE, named))


def folded(words: str) -> str:
    """Words without case and runs of white space, so that a re-wrapped sentence keeps its id."""
    return " ".join(words.casefold().split())


def content_hash(title: str, text: str) -> str:
    """SHA-256, in hex, of title and text with white space folded: equal means nothing new was published."""
    return sha256("\n".join((" ".join(title.split()), " ".join(text.split()))).encode()).hexdigest()
