"""What a headline has somebody say: "Olk: talks have failed", "Bridge lost, says army", "'We won' - Brenn", "Olk vows to stay".

    headline(reading) -> (Reading, [Report])      # the title read as a text of its own; offsets are those of the title

Headlines write capitals where a text would not, name the speaker behind a colon or dash, and quote in single marks
(Associated Press Stylebook, "Headlines"; Guardian style guide, "Headlines").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .complements import has_finite_verb
from .cues import lexicon
from .function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    noun_class,
)
from .hosts import hosts
from .phrase_edges import phrase_from
from .quotations import find
from .report_content import Report, content_of
from .speaker_words import demonyms, given_names, states

if TYPE_CHECKING:
    from .hosts import Host
    from .reader import Reading
    from .speaker_phrases import Phrase

_SPEAKS: Final = ("person", "named", "role", "body", "group")
_LOWERED: Final = AUXILIARIES | CONJUNCTIONS | DETERMINERS | PREPOSITIONS | PRONOUNS | SUBORDINATORS
_TITLE_CASE: Final = 0.7
"""Share of a headline's longer words with a capital from which capitals tell nothing."""
_JOINTS: Final = frozenset(":—–-―")


def headline(reading: Reading) -> tuple[Reading, list[Report]]:
    """The title as a reading, and its reports; no report where nobody is said to speak."""
    from .attribution import read_host

    text = _without_title_case(reading.title)
    title = reading.reader.read(reading.article.model_copy(update={"text": text, "title": "", "previous": None}))
    for sentence in title.body_sentences:
        sentence.body = sentence.start  # "Minister: ..." is no dateline here
    found: list[Report] = []
    for host in hosts(title, find(text)):
        own = [report for report in read_host(host) if not report.nested]
        found += own or _beside_a_joint(host)
    return title, found


def _without_title_case(title: str) -> str:
    """The title with its verbs, particles and common nouns in small letters, where every word has a capital."""
    words = re.findall(r"[^\W\d_][\w'’-]*", title)
    longer = [w for w in words if len(w) > 3]
    if len(words) < 4 or not longer or sum(w[0].isupper() for w in longer) / len(longer) < _TITLE_CASE:
        return title
    lowered = re.sub(
        r"(?<!^)\b[A-Z][a-z'’-]+", lambda m: m.group().lower() if _is_common(m.group().lower()) else m.group(), title
    )

    return re.sub(
        r"(?<=\bto )[A-Z][a-z]+", lambda m: m.group() if _is_name(m.group().lower()) else m.group().lower(), lowered
    )


def _is_name(word: str) -> bool:
    return word in states() or word in demonyms() or word in given_names()


def _is_common(word: str) -> bool:
    return word in _LOWERED or word in lexicon().printed or noun_class(word) in ("plural", "group", "document")


def _beside_a_joint(host: Host) -> list[Report]:
    """ "Olk: talks have failed" and "Bridge lost: army"."""
    tokens = host.tokens
    for k in range(1, len(tokens) - 1):
        if tokens[k].kind != "mark" or tokens[k].text not in _JOINTS:
            continue
        if tokens[k].text != ":" and tokens[k - 1].end == tokens[k].start:
            continue  # a hyphen inside a word
        before = phrase_from(host, 0)
        if tokens[k].text == ":" and before is not None and before.last == k - 1 and _can_lead(host, before, k):
            return _report(host, "colon", before, k + 1, len(tokens) - 1)
        behind = phrase_from(host, k + 1)
        if behind is not None and behind.kind in _SPEAKS and behind.last >= _last_word(host) and _says(host, 0, k - 1):
            return _report(host, "credit", behind, 0, k - 1)
    return []


def _can_lead(host: Host, phrase: Phrase, colon: int) -> bool:
    """Is the phrase before a colon somebody who speaks, rather than what the headline is about ("Mali: troops land")?"""
    words = " ".join(host.lowers[phrase.first : phrase.last + 1])
    return phrase.kind in _SPEAKS and words not in states() and _says(host, colon + 1, len(host.tokens) - 1)


def _says(host: Host, first: int, last: int) -> bool:
    """Can these words be what was said: a quotation, or a few words of a clause?"""
    if any(host.tokens[k].is_quoted for k in range(first, last + 1)):
        return True
    return last - first >= 2 and (has_finite_verb(host, first - 1, last) or last - first >= 3)


def _last_word(host: Host) -> int:
    return max(k for k, token in enumerate(host.tokens) if token.kind != "mark" or token.text == ")")


def _report(host: Host, shape: str, phrase: Phrase, first: int, last: int) -> list[Report]:
    spans, mode = content_of(host, first, last)
    return [Report(host, f"statement.headline.{shape}", mode, spans, None, None, phrase)] if spans else []
