"""Near-duplicate sentences: wire copy that carries no credit line.

A sentence is hashed to 64 minimums over its word triples (datasketch's MinHash; Broder, "On the resemblance and
containment of documents", 1997), of which the lowest byte each is kept (Li and König, "b-Bit Minwise Hashing", 2010).
"""

# pyright: strict
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from operator import eq
from typing import Any, Final, cast

from datasketch import MinHash  # pyright: ignore[reportMissingTypeStubs]

PERMUTATIONS: Final = 64
SHINGLE: Final = 3
"""Words in a shingle."""
LEAST_WORDS: Final = 10
"""Two newsrooms may well write the same short sentence; from this length on, likeness means copying."""
MOST_WORDS: Final = 400
"""What is longer is known by its beginning."""
ALIKE: Final = 0.6
"""Share of equal minimums from which two sentences count as copies: a dateline or a clause may differ."""
_ROWS: Final = 4
_HEX_DIGITS: Final = 2
_WORD: Final = re.compile(r"\w+")
_EMPTY: Final[Any] = cast(Any, MinHash)(num_perm=PERMUTATIONS, seed=1)
"""Copied rather than made anew: the permutations take a millisecond."""


def signature(sentence: str, least_words: int = LEAST_WORDS) -> str:
    """The signature of a sentence, as hexadecimal; empty when it is too short to tell copies by."""
    words = [match[0] for match in islice(_WORD.finditer(sentence.casefold()), MOST_WORDS)]
    if len(words) < least_words:
        return ""
    shingles = [" ".join(words[i : i + SHINGLE]).encode() for i in range(max(1, len(words) - SHINGLE + 1))]
    hashed = _EMPTY.copy()
    hashed.update_batch(shingles)
    return bytes(int(value) & 0xFF for value in hashed.hashvalues).hex()


def likeness(one: str, other: str) -> float:
    """The share of equal minimums of two signatures: about the Jaccard likeness of their shingles."""
    return sum(map(eq, bytes.fromhex(one), bytes.fromhex(other))) / PERMUTATIONS


def copied(one: str, other: str) -> bool:
    """Whether two signatures are those of copies; an empty one is no copy of anything."""
    return bool(one and other) and likeness(one, other) >= ALIKE


def label_copies(signatures: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The name of the text that each item carries: items with near-equal signatures get the same name.

    `signatures` are pairs of an item and its signature; items without one carry a text of their own. The name is
    the smallest item's, whatever the order of the pairs. Cost: about linear, most copies being equal or linked early.
    """
    items = dict(signatures)
    equal: dict[str, list[str]] = defaultdict(list)
    for item in sorted(items):
        equal[items[item] or f"alone:{item}"].append(item)
    linked = _Links(same[0] for same in equal.values())
    bands: dict[tuple[int, str], list[str]] = defaultdict(list)
    width = _ROWS * _HEX_DIGITS
    for hashed, same in equal.items():
        if hashed.startswith("alone:"):
            continue
        mine = [bands[start, hashed[start : start + width]] for start in range(0, len(hashed), width)]
        likely = dict.fromkeys(other for band in mine for other in band)
        copied = [other for other in likely if likeness(items[other], hashed) >= ALIKE]
        for other in copied:
            linked.join(other, same[0])
        for band in mine:
            if not any(other in band for other in copied):
                band.append(same[0])
    return {item: linked.root(same[0]) for same in equal.values() for item in same}


def label_articles(told: Iterable[tuple[str, str, str]]) -> Mapping[str, str]:
    """The name of the copy that each article is: articles that share a sentence get the same name.

    `told` are triples of an item, its signature and its article; the result is by article.
    """
    items = list(told)
    article_of = {item: article for item, _, article in items}
    linked = _Links(article_of.values())
    first: dict[str, str] = {}
    for item, text in label_copies((item, hashed) for item, hashed, _ in items).items():
        linked.join(first.setdefault(text, article_of[item]), article_of[item])
    return {article: linked.root(article) for article in article_of.values()}


class _Links:
    """Sets of items that belong together (union-find); a set is named after its smallest item."""

    def __init__(self, items: Iterable[str]) -> None:
        self._parent = {item: item for item in items}

    def root(self, item: str) -> str:
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        if first != second:
            self._parent[second] = first
