"""The names of an article: people with their roles, gender and country, and bodies, each with where they are mentioned.

    roster = Roster(hosts)
    roster.named("Brenn") -> Person | None

Names are read by shape and company: titles and roles before them, appositions behind, verbs of speech. No model of names
is used, so a name that the article never introduces as a person stays a name of unknown kind.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from .function_words import (
    CONNECTORS,
    CONTRACTED,
    DETERMINERS,
    PREPOSITIONS,
    SUBORDINATORS,
    WEEKDAYS,
    is_title,
    noun_class,
    word_set,
)
from .speaker_phrases import name_start
from .speaker_words import demonyms, given_names, states, words

if TYPE_CHECKING:
    from .hosts import Host

Gender = Literal["female", "male"]
NAMESAKES: Final = 50
"""People of one name that are told apart in an article; it bounds the time on endless lists of names."""


_FEMALE_TITLES: Final = word_set("mrs ms miss lady dame queen princess congresswoman madam")


_MALE_TITLES: Final = word_set("mr sir lord king prince emir sheikh sheik mullah imam father pope bishop congressman")


FEMALE_ROLES: Final = word_set(
    "spokeswoman actress mother daughter sister wife widow woman girl queen princess chairwoman businesswoman policewoman "
    "grandmother aunt nun heroine congresswoman"
)


MALE_ROLES: Final = word_set(
    "father son brother husband man boy king prince chairman_ grandfather uncle monk imam emir"
)


_NAME_LINKS: Final = word_set("al el bin ibn ag de da di del della von van der den la le abu ould du dos bint ben")


@dataclass(slots=True, eq=False)
class Person:
    """One person of the article: the fullest name, roles and titles in lower case, where mentioned, gender, country."""

    name: str
    parts: tuple[str, ...]
    first: int
    roles: set[str] = field(default_factory=set)
    mentions: list[int] = field(default_factory=list)
    gender: Gender | None = None
    country: str | None = None
    described: set[str] = field(default_factory=set)
    sure: bool = False

    @property
    def likely_gender(self) -> Gender | None:
        """By the given name alone: female names are listed, of the other known given names most are men's."""
        given = fold(self.name).split()[0]
        if given in words("female"):
            return "female"
        return "male" if given in given_names() and len(self.parts) > 1 else None

    @property
    def id(self) -> str:
        """`person:` and the name in ASCII with hyphens."""
        return f"person:{slug(self.name)}"


@lru_cache(maxsize=20_000)
def fold(words_: str) -> str:
    """Without case, accents and apostrophes; "the" dropped."""
    plain = unicodedata.normalize("NFKD", words_)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold().replace("ı", "i")
    plain = re.sub(r"['’‘`]s?\b|['’‘`]", "", plain)
    return re.sub(r"^(?:the|a|an) ", "", " ".join(re.findall(r"[\w-]+", plain)))


def slug(name: str) -> str:
    """A name in lower-case ASCII with hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "unknown"


def name_parts(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: folded, "al-" dropped."""
    out: list[str] = []
    for part in fold(name).split():
        bare = re.sub(r"^(?:al|el|as|ash|ad|an|ar|at|az)-", "", part)
        if bare and part not in _NAME_LINKS:
            out.append(bare)
    return tuple(out) or (fold(name),)


class Roster:
    """The people and the named bodies of one article."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.people: list[Person] = []
        self.by_part: dict[str, list[Person]] = {}
        self._at: list[tuple[int, Person]] = []
        self.owners: set[int] = set()
        self.unnamed: list[tuple[int, str, str]] = []
        self.bodies: list[tuple[int, str, str]] = []
        for host in hosts:
            _read_names(self, host)
        for person in self.people:
            person.mentions.sort()
        self._at = sorted(((at, p) for p in self.people for at in p.mentions), key=lambda pair: pair[0])

    # --- names ---------------------------------------------------------------------------------------------------
    def add(self, name: str, at: int, *, sure: bool) -> Person:
        """Note a mention of a person; a name that fits one known already is the same person."""
        known = self.named(name)
        parts = name_parts(name)
        if known is None:
            known = Person(name, parts, at)
            self.people.append(known)
            for part in parts:
                self.by_part.setdefault(part, []).append(known)
        elif _is_fuller(known.parts, parts, sure=sure):
            known.name, known.parts = name, parts
            for part in parts:
                if known not in self.by_part.setdefault(part, []):
                    self.by_part[part].append(known)
        known.sure = known.sure or sure
        if at not in known.mentions[-1:]:
            known.mentions.append(at)
        return known

    def named(self, name: str, *, sure: bool = False) -> Person | None:
        """The person whom a full name or a part of one means; the latest introduced when several fit.

        `sure`: only those known to be persons, not the "March Putin" of "in March Putin said".
        """
        parts = name_parts(name)
        candidates = [p for p in self.by_part.get(parts[-1], [])[-NAMESAKES:] if _same_person(p.parts, parts)]
        if not candidates and len(parts) == 1:
            candidates = self.by_part.get(parts[0], [])
        if not candidates and len(parts) > 1:
            candidates = [
                p
                for p in self.by_part.get(parts[0], [])[-NAMESAKES:]
                if set(p.parts) <= set(parts) or set(parts) <= set(p.parts)
            ]
        if sure:
            candidates = [p for p in candidates if p.sure]
        exact = [p for p in candidates if p.parts == parts]
        return (exact or candidates or [None])[-1]

    def note_body(self, at: int, head: str, name: str) -> None:
        """Remember the full name of a body ("the Defence Ministry"), for a later "the ministry"."""
        self.bodies.append((at, head, name))

    def agents(self, start: int, end: int) -> list[Person]:
        """As `mentioned`, without those who are only named as somebody's owner or namesake ("the Brenn government")."""
        return self._between(start, end, agents_only=True)

    def mentioned(self, start: int, end: int) -> list[Person]:
        """People mentioned between two offsets, in order, each once."""
        return self._between(start, end, agents_only=False)

    def _between(self, start: int, end: int, *, agents_only: bool) -> list[Person]:
        low = bisect_right(self._at, start - 1, key=lambda pair: pair[0])
        found: list[Person] = []
        high = bisect_left(self._at, end, key=lambda pair: pair[0])
        for at, person in self._at[low:high]:
            if person not in found and person.sure and not (agents_only and at in self.owners):
                found.append(person)
        return found


def _is_fuller(known: tuple[str, ...], parts: tuple[str, ...], *, sure: bool) -> bool:
    """Is the second the whole name of which the first is a part, rather than the name and some capital word?"""
    if len(parts) <= len(known) or not set(known) <= set(parts):
        return False
    return known[-1] == parts[-1] or (sure and known[0] == parts[0])


def _same_person(known: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Do the parts of one name lie within the other's, or agree in first and last?"""
    one, other = set(known), set(parts)
    if one <= other or other <= one:
        return True
    return known[0] == parts[0] and known[-1] == parts[-1]


def _read_names(roster: Roster, host: Host) -> None:
    tokens, lowers = host.tokens, host.lowers
    k = 0
    while k < len(tokens):
        if noun_class(lowers[k]) == "role":
            _note_unnamed(roster, host, k)
        if not tokens[k].is_capital or lowers[k] in _NO_NAME or host.is_month(k):
            k += 1
            continue
        last = _run_end(host, k)
        _read_run(roster, host, k, last)
        k = last + 1


_NO_NAME: Final = (
    CONTRACTED
    | DETERMINERS | PREPOSITIONS | SUBORDINATORS | WEEKDAYS | word_set(
    "but and or so if he she it they we i you there here not also however meanwhile earlier later hours days minutes "
        "still now then yes yet only even more most some many such those what why how when where who may its his her their "
        "our my your was were is are once both either neither another"
)
)  # fmt: skip


def _note_unnamed(roster: Roster, host: Host, k: int) -> None:
    """Remember "a senior official" as somebody whom a later "the official" can mean."""
    tokens, lowers = host.tokens, host.lowers
    if k + 1 < len(tokens) and (
        tokens[k + 1].is_capital or (tokens[k + 1].text == "," and k + 2 < len(tokens) and tokens[k + 2].is_capital)
    ):
        return
    if k >= 2 and tokens[k - 1].text == ",":
        return
    for m in range(k - 1, max(-1, k - 6), -1):
        if not tokens[m].is_word or lowers[m] in PREPOSITIONS:
            return
        if lowers[m] in ("a", "an", "another", "one"):
            if m == 0 or tokens[m - 1].text != ",":
                text = host.sentences[0].reading.text[tokens[m].start : tokens[k].end]
                roster.unnamed.append((tokens[m].start, lowers[k], text))
            return


def _run_end(host: Host, k: int) -> int:
    tokens, lowers = host.tokens, host.lowers
    last = k
    while last + 1 < len(tokens):
        token, word = tokens[last + 1], lowers[last + 1]
        if lowers[last].endswith("'s"):
            break
        if token.is_capital and word not in WEEKDAYS and word not in DETERMINERS and not host.is_month(last + 1):
            last += 1
            continue
        if word in _NAME_LINKS and last + 2 < len(tokens) and tokens[last + 2].is_capital:
            last += 2
            continue
        if (
            token.text in "-–"
            and last + 2 < len(tokens)
            and tokens[last + 2].is_capital
            and token.start == tokens[last].end
            and tokens[last + 2].start == token.end
        ):
            last += 2
            continue
        break
    return last


def _read_run(roster: Roster, host: Host, first: int, last: int) -> None:
    lowers = host.lowers
    start, titled = name_start(host, first, last)
    roles = [
        lowers[k].rstrip(".")
        for k in range(first, min(start, last + 1))
        if is_title(lowers[k]) or noun_class(lowers[k]) == "role"
    ]
    described, role_first = _role_before(host, first)
    if not described and _is_set_off(host, first, last):
        described, role_first = _role_before(host, first - 1)
    roles += described
    if (
        lowers[first - 1 : first] == ["of"]
        and first >= 2
        and is_title(lowers[first - 2])
        and lowers[first] in words("offices")
    ):
        while start <= last and lowers[start] in words("offices"):
            start += 1
        roles.append(lowers[first - 2])
        titled = True
    if start > last:
        return
    text = host.sentences[0].reading.text
    name = text[host.tokens[start].start : host.tokens[last].end]
    name = re.sub(r"['’]s?$", "", name)
    bare = fold(name)
    in_run = lowers[start : last + 1]
    given_first = lowers[start] in given_names() and last == start + 1 and noun_class(in_run[-1]) in _ALSO_SURNAMES
    if not (titled or described or given_first) and _is_body_run(roster, host, start, last, name, bare, in_run):
        return
    if bare in states() or bare in demonyms():
        return
    apposition = _role_behind(host, last)
    sure = titled or bool(described) or bool(apposition) or given_first
    if not sure and last == start and roster.named(name) is None and not _said_by(host, last):
        return
    if (
        not sure
        and last > start
        and (any(noun_class(w) is not None for w in in_run) or any(w.strip(".") in demonyms() for w in in_run))
    ):
        return
    person = roster.add(
        name, host.tokens[start].start, sure=sure or (last > start and _looks_like_person(host, start, last))
    )
    if _is_owner(host, last):
        roster.owners.add(host.tokens[start].start)
    person.roles.update([*roles, *apposition])
    _note_country(person, host, role_first if described else first, start)
    if roles or apposition:
        person.described.update(_description(host, role_first if described else first, start, last))
    person.gender = person.gender or _gender_of(person, lowers[start], [*roles, *apposition], lowers[first : start + 1])


_ALSO_SURNAMES: Final = ("role", "document", "plural")
"""Classes of nouns that are surnames too, behind a given name: Tom Baker, Ann Law, Leo Banks."""


def _is_body_run(roster: Roster, host: Host, start: int, last: int, name: str, bare: str, in_run: list[str]) -> bool:
    head = in_run[-1].removesuffix("'s")
    if any(noun_class(w) in ("body", "outlet", "document", "group") for w in (in_run if len(in_run) > 1 else [head])):
        end = last
        if end + 2 < len(host.tokens) and host.lowers[end + 1] in ("of", "for") and host.tokens[end + 2].is_capital:
            end = _run_end(host, end + 2)
            name = host.sentences[0].reading.text[host.tokens[start].start : host.tokens[end].end]
        head = next((w for w in reversed(in_run) if noun_class(w) == "body"), head)
        roster.note_body(host.tokens[start].start, head, re.sub(r"['’]s?$", "", name))
        return True
    if bare in states() or bare in words("outlet_names"):
        return True
    if len(in_run) == 1 and name.isupper() and len(name) > 1:
        roster.note_body(host.tokens[start].start, name.lower(), name)
        return True
    return False


def _role_before(host: Host, first: int) -> tuple[list[str], int]:
    """Role words right before a name ("rebel leader X"), and where their phrase begins."""
    lowers, tokens = host.lowers, host.tokens
    k = first - 1
    found: list[str] = []
    while (
        k >= 0
        and tokens[k].is_word
        and (noun_class(lowers[k]) == "role" or is_title(lowers[k]))
        and not lowers[k].endswith("'s")
    ):
        found.append(lowers[k].rstrip("."))
        k -= 1
    if not found:
        return [], first
    begin = k + 1
    while (
        k >= 0
        and tokens[k].is_word
        and lowers[k] not in PREPOSITIONS
        and lowers[k] not in SUBORDINATORS
        and first - k < 8
        and lowers[k] not in ("and", "but")
    ):
        begin = k
        if lowers[k] in DETERMINERS:
            break
        k -= 1
    return found, begin


def _description(host: Host, role_first: int, start: int, last: int) -> set[str]:
    """The words of a name's titles and apposition, folded: what tells one minister from another."""
    words_: list[str] = host.lowers[role_first:start]
    if last + 1 < len(host.tokens) and host.tokens[last + 1].text == ",":
        for k in range(last + 2, min(last + 16, len(host.tokens))):
            if not host.tokens[k].is_word:
                break
            words_.append(host.lowers[k])
    return {fold(w) for w in words_}


def _is_owner(host: Host, last: int) -> bool:
    """ "Brenn's men", "the Brenn government"."""
    if host.lowers[last].endswith(("'s", "s'")):
        return True
    return noun_class(host.lowers[last + 1]) in ("body", "group", "plural") if last + 1 < len(host.tokens) else False


def _is_set_off(host: Host, first: int, last: int) -> bool:
    """ "The ambassador, Leo Brenn, said": a name between commas behind a role."""
    tokens = host.tokens
    return first > 1 and tokens[first - 1].text == "," and last + 1 < len(tokens) and tokens[last + 1].text == ","


def _role_behind(host: Host, last: int) -> list[str]:
    """Role words of an apposition behind a name: ", deputy head of the council", ", 34, a driver", ", who leads"."""
    tokens, lowers = host.tokens, host.lowers
    k = last + 1
    if k + 1 >= len(tokens) or tokens[k].text != ",":
        return []
    k += 1
    if lowers[k].isdigit():
        if k + 1 < len(tokens) and tokens[k + 1].text == ",":
            k += 2
            inner = _roles_in(host, k)
            return [*inner, "aged"]
        return ["aged"]
    if lowers[k] in ("who", "whose"):
        return ["aged"]
    if not (
        lowers[k] in DETERMINERS
        or noun_class(lowers[k]) == "role"
        or tokens[k].is_capital
        or lowers[k] not in CONNECTORS
    ):
        return []
    return _roles_in(host, k)


def _roles_in(host: Host, k: int) -> list[str]:
    """The role words of the apposition that begins at token `k`; none when a verb shows that it is a subject."""
    found: list[str] = []
    for m in range(k, min(k + 9, len(host.tokens))):
        if host.lowers[m] in ("said", "says", "told", "added", "wrote", "warned", "announced") and m > k:
            return []
        if not host.tokens[m].is_word or host.lowers[m] in ("who", "said", "says", "and", "was", "is", "had"):
            break
        if host.lowers[m] in CONNECTORS and found:
            break
        if host.lowers[m] in PREPOSITIONS and not found and host.lowers[m] not in CONNECTORS:
            break
        if noun_class(host.lowers[m]) == "role" or (host.tokens[m].is_capital and is_title(host.lowers[m])):
            found.append(host.lowers[m])
    return found


def _said_by(host: Host, last: int) -> bool:
    following = host.lowers[last + 1 : last + 2]
    return following in (["said"], ["says"], ["told"], ["added"], ["wrote"])


def _looks_like_person(host: Host, start: int, last: int) -> bool:
    """A name of two words or more whose first is a woman's given name, or which a verb of speech follows or precedes."""
    if host.lowers[start] in words("female") or host.lowers[start] in given_names() or _said_by(host, last):
        return True
    return (
        start > 0
        and host.lowers[start - 1] in ("said", "says", "told", "asked", "named", "met", "with")
        and last - start in (1, 2)
    )


def _note_country(person: Person, host: Host, first: int, start: int) -> None:
    if person.country is not None:
        return
    for k in range(max(0, first - 1), start):
        word = host.lowers[k].removesuffix("'s")
        found = demonyms().get(word) or states().get(word)
        if found:
            person.country = found
            return


def _gender_of(person: Person, given: str, roles: list[str], titles: list[str]) -> Gender | None:
    if person.gender is not None:
        return person.gender
    printed = {w.rstrip(".") for w in titles} | set(roles)
    if printed & _FEMALE_TITLES or printed & FEMALE_ROLES or given in words("female"):
        return "female"
    if printed & _MALE_TITLES or printed & MALE_ROLES:
        return "male"
    return None
