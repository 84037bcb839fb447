"""Fragments of HTML (an item of a feed, a part of a mail) as plain paragraphs."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from lxml.etree import LxmlError
from lxml.html import HtmlElement, fromstring

_BLOCKS: Final = frozenset(
    "address article aside blockquote dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tbody td th thead tr ul br".split()
)
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"})
_TAG = re.compile(r"<[a-zA-Z/!]")


def plain_text(fragment: str) -> str:
    """The words of a fragment, with a blank line between its blocks. Text without markup keeps its lines."""
    if not _TAG.search(fragment):
        return unescape(fragment).strip()
    try:
        tree = fromstring(f"<div>{fragment}</div>")
    except (LxmlError, ValueError):
        return ""
    pieces: list[str] = []
    _collect(tree, pieces)
    paragraphs = (" ".join(part.split()) for part in "".join(pieces).split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _collect(root: HtmlElement, pieces: list[str]) -> None:
    """Text in document order, without recursion: nesting may be as deep as a hostile page likes."""
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    while stack:
        element, left = stack.pop()
        block = element.tag in _BLOCKS
        if left:
            pieces.append("\n\n" if block else "")
            pieces.append(element.tail or "" if element is not root else "")
            continue
        stack.append((element, True))
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            continue
        pieces.append("\n\n" if block else "")
        pieces.append(element.text or "")
        stack.extend((child, False) for child in reversed(element))
