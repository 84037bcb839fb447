"""Phrases that name a speaker: what a stretch of words names, by its shape and its head, without a parse.

parse_phrase(host, first, last) -> Phrase | None
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .function_words import (
    CONNECTORS,
    DETERMINERS,
    POSTPOSED,
    PREPOSITIONS,
    SpeakerKind,
    is_title,
    noun_class,
    word_set,
)
from .hosts import Host
from .speaker_words import demonyms, given_names, states, words


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name a speaker: tokens `first` to `last` of the host, both included.

    `name_first` to `name_last` is the proper name in it, where there is one (without titles); `head` is the token that
    decides what is spoken of. `apposition`: a description beside it ("a colonel"), as token bounds.
    """

    first: int
    last: int
    head: int
    kind: SpeakerKind
    name_first: int | None = None
    name_last: int | None = None
    apposition: tuple[int, int] | None = None
    negated: bool = False
    modal: bool = False
    joint: bool = False
    relative: bool = False

    def text(self, host: Host) -> str:
        """The printed words."""
        return words_of(host, self.first, self.last)

    def name(self, host: Host) -> str | None:
        """The proper name in it, or null."""
        if self.name_first is None or self.name_last is None:
            return None
        return words_of(host, self.name_first, self.name_last)

    def bounds(self, host: Host) -> tuple[int, int]:
        """Characters of the article's text."""
        return host.tokens[self.first].start, host.tokens[self.last].end


def words_of(host: Host, first: int, last: int) -> str:
    """The article's words from token `first` to `last`."""
    start, end = host.tokens[first].start, host.tokens[last].end
    return host.sentences[0].reading.text[start:end]


def parse_phrase(host: Host, first: int, last: int) -> Phrase | None:
    """What tokens `first` to `last` name: a person, a role, a body ... Null when they are no noun phrase."""
    tokens, lowers = host.tokens, host.lowers
    if first > last:
        return None
    joint = _joint_phrase(host, first, last)
    if joint is not None:
        return joint
    core_last = _core_end(host, first, last)
    while core_last > first and tokens[core_last].text == ")":
        opening = core_last
        while opening > first and tokens[opening].text != "(":
            opening -= 1
        core_last = opening - 1
    if lowers[core_last] in POSTPOSED and core_last > first:
        core_last -= 1
    head, word = tokens[core_last], lowers[core_last]
    if word in ("one", "another", "some", "many", "several", "both", "few", "two", "three", "others", "most") or (
        word in _ORDINALS and core_last > first
    ):
        kind: SpeakerKind = "role" if word in ("one", "another") or word in _ORDINALS else "plural"
        return Phrase(first, last, core_last, kind)
    if noun_class(word) == "role" or is_title(word):
        name = _name_at_end(host, core_last + 1, last)
        if name is not None:
            return Phrase(first, last, last, "person", name, last)
    if not head.is_capital:
        kind = noun_class(word) or "other"
        if kind == "role" and _is_plural_subject(host, first, core_last):
            kind = "plural"
        if kind == "outlet" and word in ("reporter", "correspondent", "journalist"):
            kind = "role"
        return Phrase(first, last, core_last, kind)
    return _proper_phrase(host, first, last, core_last)


_ORDINALS: Final = word_set("first second third fourth fifth other")


def _name_at_end(host: Host, first: int, last: int) -> int | None:
    """ "ambassador to Mali Ann Berg": where the name begins that ends a role's phrase, by its given name."""
    for k in range(last - 1, first, -1):
        if not host.tokens[k].is_capital:
            return None
        if host.lowers[k] in given_names() and host.tokens[k - 1].is_word and host.lowers[k - 1] not in CONNECTORS:
            return k
    return None


def _joint_phrase(host: Host, first: int, last: int) -> Phrase | None:
    """ "the ministry and local police": spoken of as what its first part is; null for a phrase without such an "and"."""
    tokens, lowers = host.tokens, host.lowers
    at = next((k for k in range(first + 1, last) if lowers[k] == "and" and _parts_at(host, first, k)), None)
    if at is None:
        return None
    one, other = parse_phrase(host, first, at - 1), parse_phrase(host, at + 1, last)
    if one is None or other is None:
        return None
    if other.kind == "plural" and not tokens[first].is_capital and lowers[first] not in DETERMINERS and at == first + 1:
        return Phrase(first, last, other.head, "plural")  # "rebel and military sources"
    leading = one if one.kind not in ("other", "plural") else other
    kind = one.kind if one.kind == "plural" else leading.kind
    return Phrase(first, last, leading.head, kind, joint=True)


def _parts_at(host: Host, first: int, at: int) -> bool:
    """Does the "and" at `at` join two speakers, rather than words inside one name ("Defence and Security Council")?"""
    tokens, lowers = host.tokens, host.lowers
    before, after = lowers[at - 1], lowers[at + 1]
    if any(lowers[k] in CONNECTORS for k in range(first, at)) and after not in DETERMINERS:
        return False
    if tokens[at - 1].is_capital and tokens[at + 1].is_capital:
        bare = " ".join(w for w in lowers[first:at] if w not in DETERMINERS)
        return bare in states() or noun_class(before) in ("body", "role") or lowers[first] not in DETERMINERS
    return True


def _is_plural_subject(host: Host, first: int, head: int) -> bool:
    return host.lowers[first] in (
        "two",
        "three",
        "four",
        "five",
        "several",
        "many",
        "some",
        "both",
        "all",
    ) and host.lowers[head].endswith("s")


def _core_end(host: Host, first: int, last: int) -> int:
    """The last token of a phrase before its first "of", "for", "in" ... or joint part."""
    lowers = host.lowers
    for i in range(first + 1, last + 1):
        if lowers[i] in CONNECTORS or lowers[i] in PREPOSITIONS:
            role = _role_behind(host, i, last)
            if role is not None:
                return _core_end(host, role, last) if role < last else last
            return last if lowers[i] == "of" and _name_behind_office(host, i, last) else i - 1
    return last


def _role_behind(host: Host, connector: int, last: int) -> int | None:
    """The role that a body's name only describes: "Ministry of Defence spokesman in Ardal"."""
    lowers = host.lowers
    if lowers[connector] != "of" or not host.tokens[connector - 1].is_capital:
        return None
    return next((k for k in range(connector + 1, last + 1) if noun_class(lowers[k]) == "role"), None)


def _name_behind_office(host: Host, of: int, last: int) -> bool:
    """ "Secretary of State Ann Berg", "President of Iran Leo Brenn", "Ministry of Defence spokesman Jan Olk"."""
    tokens, lowers = host.tokens, host.lowers
    if not (tokens[of - 1].is_capital or is_title(lowers[of - 1])):
        return False
    k = of + 1
    while k <= last and (lowers[k] in words("offices") or lowers[k] in states() or lowers[k] in ("the", "and")):
        k += 1
    return of + 1 < k <= last and is_title(lowers[of - 1]) and tokens[k].is_capital


_ADJECTIVES: Final = (
    "-based",
    "-led",
    "-backed",
    "-born",
    "-held",
    "-run",
    "-controlled",
    "-aligned",
    "-appointed",
    "-elect",
)


def name_start(host: Host, first: int, last: int) -> tuple[int, bool]:
    """Where the proper name begins in a run of capital words, behind titles and adjectives; and whether a title leads."""
    lowers = host.lowers
    start, titled = first, False
    for k in range(first, last + 1):
        word = lowers[k]
        is_role = noun_class(word) == "role" and k < last and (word not in _SURNAMES or (k == first and last - k >= 2))
        if is_title(word) or is_role:
            start, titled = k + 1, True
        elif (
            (k == start and k < last and _is_adjective(word, left=last - k))
            or (k < last and titled and k == start and word in words("offices"))
            or (noun_class(word) == "body" and last - k >= 2 and lowers[k + 1] in given_names())
        ):
            start = k + 1
    return start, titled


def _is_adjective(word: str, *, left: int) -> bool:
    """A word that only describes whom the name behind it names; `left` words follow in the run."""
    bare = word.removesuffix("'s")
    if word.endswith(_ADJECTIVES) or bare in demonyms() or bare in words("adjectives"):
        return True
    return left >= 2 and (bare in states() or bare in words("outlet_names"))


_SURNAMES: Final = word_set(
    "king prince cook guard baker painter driver fisher singer major shepherd marshal judge priest"
)


def _proper_phrase(host: Host, first: int, last: int, core_last: int) -> Phrase:
    tokens, lowers = host.tokens, host.lowers
    if noun_class(lowers[core_last]) == "role" and not (
        lowers[core_last] in _SURNAMES and core_last > first and lowers[core_last - 1] in given_names()
    ):
        return Phrase(first, last, core_last, "role")
    if core_last == first + 1 and lowers[first] == "the" and _is_national(lowers[core_last]):
        return Phrase(first, last, core_last, "role")
    run = core_last
    while run > first and _continues_name(host, run, first):
        run -= 1
    start, _ = name_start(host, run, core_last)
    start = min(start, core_last)
    word = lowers[core_last]
    if noun_class(word) == "body" and not (core_last > start and lowers[start] in given_names()):
        return Phrase(first, last, core_last, "body", run, core_last)
    described = (
        start > first
        and tokens[start - 1].is_word
        and (is_title(lowers[start - 1]) or noun_class(lowers[start - 1]) == "role")
    )
    name = (start, core_last)
    bare = " ".join(lowers[start : core_last + 1]).removesuffix("'s")
    if described:
        return Phrase(first, last, core_last, "person", *name)
    if start > first and noun_class(lowers[start - 1]) == "body" and not tokens[start - 1].is_capital:
        return Phrase(first, last, core_last, "body", *name)
    if bare in states() or bare in _BLOCS:
        return Phrase(first, last, core_last, "body", *name)
    kind = noun_class(word)
    if first == last and first > 0 and kind in ("document", "plural") and tokens[first].text[1:].islower():
        return Phrase(first, last, core_last, "named", *name)  # "Law said", "Page said"
    if kind in ("outlet", "body", "document", "plural", "group"):
        return Phrase(first, last, core_last, kind, *name)
    if word in words("outlet_names") or bare in words("outlet_names"):
        return Phrase(first, last, core_last, "outlet", *name)
    if word in demonyms() and word.endswith("s"):
        # "the Malians", "Northern Malians": a party; "Malians said": people
        return Phrase(first, last, core_last, "group" if core_last > first else "plural", *name)
    if tokens[core_last].text.isupper() and len(word) >= 2 and start == core_last:
        return Phrase(first, last, core_last, "body", *name)
    if any(noun_class(w) == "body" for w in lowers[start : core_last + 1]):
        return Phrase(first, last, core_last, "body", *name)
    if (
        core_last > start
        and not any(w in states() or w in demonyms() for w in lowers[start : core_last + 1])
        and lowers[first] != "the"
    ):
        return Phrase(first, last, core_last, "person", *name)
    return Phrase(first, last, core_last, "named", *name)


def _is_national(word: str) -> bool:
    """A people's name that means one person ("the Malian", not "the Malians", "the French")."""
    return word in demonyms() and not word.endswith(("s", "sh", "ch", "ese"))


def _continues_name(host: Host, i: int, first: int) -> bool:
    """Does the token before `i` belong to the same run of capital words?"""
    left, word = host.tokens[i - 1], host.lowers[i - 1]
    if left.is_word:
        return (left.is_capital or word in _PARTICLES) and not word.endswith("'s") and word not in DETERMINERS
    return left.text in "-–&/" and i - 1 > first


_PARTICLES: Final = word_set("al el bin ibn ag de da di del della von van der den la le abu ould du dos y bint ben")


_BLOCS: Final = word_set(
    "un u.n. eu e.u. nato african union arab league ecowas igad osce taliban hamas hezbollah isis isil islamic state "
    "boko haram al-shabab al-shabaab white house downing street pentagon kremlin vatican"
) | frozenset(["african union", "arab league", "islamic state", "boko haram", "white house", "downing street",
               "united nations", "european union", "al qaeda", "security council"])  # fmt: skip
