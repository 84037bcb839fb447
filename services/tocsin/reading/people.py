"""The people of an article, and whom a surname, a pronoun or a role stands for.

    cast = cast_of(reading)
    cast.resolve(report, spoken) -> Party      # `spoken`: who was found to speak before, in order

Names are read by shape and company: titles and roles before them, appositions behind, verbs of speech. No model of names
is used, so a name that the article never introduces as a person stays a name of unknown kind.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from .speaker_phrases import (
    CONNECTORS,
    DETERMINERS,
    MONTHS,
    PREPOSITIONS,
    SUBORDINATORS,
    WEEKDAYS,
    Phrase,
    SpeakerKind,
    noun_class,
    parse_phrase,
)
from .speaker_words import demonyms, states, words

if TYPE_CHECKING:
    from .attribution import Report
    from .hosts import Host

Gender = Literal["female", "male"]

_FEMALE_TITLES: Final = frozenset("mrs ms miss lady dame queen princess congresswoman madam".split())
_MALE_TITLES: Final = frozenset(
    "mr sir lord king prince emir sheikh sheik mullah imam father pope bishop congressman".split()
)
_FEMALE_ROLES: Final = frozenset(
    "spokeswoman actress mother daughter sister wife widow woman girl queen princess chairwoman businesswoman policewoman "
    "grandmother aunt nun heroine congresswoman".split()
)
_MALE_ROLES: Final = frozenset(
    "father son brother husband man boy king prince chairman_ grandfather uncle monk imam emir".split()
)
_SAME_ROLE: Final[tuple[frozenset[str], ...]] = (
    frozenset(
        "lawmaker senator congressman congresswoman legislator mp representative parliamentarian sen rep deputy".split()
    ),
    frozenset("spokesman spokeswoman spokesperson".split()),
    frozenset("premier prime minister chancellor".split()) - {"minister"},
    frozenset("envoy mediator ambassador diplomat".split()),
    frozenset("leader chief head commander".split()),
    frozenset("coach manager trainer".split()),
    frozenset("general gen commander officer colonel col brigadier major lieutenant".split()),
    frozenset("professor researcher academic scientist scholar prof expert analyst".split()),
)
_NAME_LINKS: Final = frozenset(
    "al el bin ibn ag de da di del della von van der den la le abu ould du dos bint ben".split()
)


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
    role_text: str | None = None
    sure: bool = False

    @property
    def id(self) -> str:
        """`person:` and the name in ASCII with hyphens."""
        return f"person:{slug(self.name)}"


@dataclass(frozen=True, slots=True)
class Party:
    """Who speaks: the printed words with their span, and what they were resolved to."""

    text: str
    start: int
    end: int
    kind: SpeakerKind
    name: str | None = None
    person: Person | None = None
    resolved_from: str | None = None
    role: str | None = None
    plural: bool = False

    @property
    def key(self) -> str:
        """What tells this speaker from others of the article."""
        return fold(self.name or self.text)


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


class Cast:
    """The people of one article."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.people: list[Person] = []
        self._by_part: dict[str, list[Person]] = {}
        self._at: list[tuple[int, Person]] = []
        self._bodies: list[tuple[int, str, str]] = []
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
                self._by_part.setdefault(part, []).append(known)
        elif len(parts) > len(known.parts) and set(known.parts) <= set(parts):
            known.name, known.parts = name, parts
            for part in parts:
                if known not in self._by_part.setdefault(part, []):
                    self._by_part[part].append(known)
        known.sure = known.sure or sure
        if at not in known.mentions:
            known.mentions.append(at)
        return known

    def named(self, name: str) -> Person | None:
        """The person whom a full name or a part of one means; the latest introduced when several fit."""
        parts = name_parts(name)
        candidates = [p for p in self._by_part.get(parts[-1], []) if _same_person(p.parts, parts)]
        if not candidates and len(parts) == 1:
            candidates = self._by_part.get(parts[0], [])
        if not candidates and len(parts) > 1:
            candidates = [
                p for p in self._by_part.get(parts[0], []) if set(p.parts) <= set(parts) or set(parts) <= set(p.parts)
            ]
        exact = [p for p in candidates if p.parts == parts]
        return (exact or candidates or [None])[-1]

    def note_body(self, at: int, head: str, name: str) -> None:
        """Remember the full name of a body ("the Defence Ministry"), for a later "the ministry"."""
        self._bodies.append((at, head, name))

    def mentioned(self, start: int, end: int) -> list[Person]:
        """People mentioned between two offsets, in order, each once."""
        low = bisect_right(self._at, start - 1, key=lambda pair: pair[0])
        found: list[Person] = []
        for at, person in self._at[low:]:
            if at >= end:
                break
            if person not in found and person.sure:
                found.append(person)
        return found

    # --- resolution ------------------------------------------------------------------------------------------------
    def resolve(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        """Whom the phrase of `report` means; null when there is no phrase and nobody spoke before."""
        phrase, host = report.phrase, report.host
        if phrase is None:
            return self._unnamed(report, spoken)
        text = phrase.text(host)
        start, end = phrase.bounds(host)
        party = Party(text, start, end, phrase.kind)
        match phrase.kind:
            case "person" | "named":
                return self._by_name(party, phrase, host)
            case "pronoun":
                return self._by_pronoun(party, report, spoken)
            case "role":
                return self._by_role(party, phrase, host, spoken)
            case "document":
                return self._document(party, report, spoken)
            case "body" | "group":
                return self._body(party, phrase, host, spoken)
            case _:
                return replace(party, plural=phrase.kind == "plural")

    def _by_name(self, party: Party, phrase: Phrase, host: Host) -> Party:
        name = phrase.name(host) or party.text
        name = re.sub(r"['’]s?$", "", name)
        person = self.named(name)
        if person is None and " " in name:
            person = self.named(name.split()[-1]) if self._knows_last(name) else None
        kind: SpeakerKind = "person" if phrase.kind == "person" or (person is not None and person.sure) else "named"
        full = person.name if person is not None and kind == "person" else name
        return replace(party, kind=kind, name=full, person=person if kind == "person" else None)

    def _knows_last(self, name: str) -> bool:
        last = name_parts(name)[-1:]
        return bool(last) and any(
            p.sure and len(p.parts) > 1 and p.parts[-1] == last[0] for p in self._by_part.get(last[0], [])
        )

    def _by_pronoun(self, party: Party, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party:
        word = party.text.casefold()
        found = None
        if word in ("he", "she"):
            found = self._person_before(report, party.start, spoken, "male" if word == "he" else "female")
        elif word == "it":
            found = self._body_before(report, party.start, spoken)
        elif word == "they":
            found = self._group_before(report, spoken)
        if found is None:
            return party
        return replace(
            found,
            text=party.text,
            start=party.start,
            end=party.end,
            resolved_from=party.text,
            name=found.name or found.text,
        )

    def _person_before(
        self, report: Report, at: int, spoken: Sequence[tuple[Report, Party]], gender: Gender
    ) -> Party | None:
        host = report.host
        for earlier, party in reversed(spoken):
            if earlier.host is not host:
                break
            if _may_be(party, gender) and earlier.phrase is not report.phrase:
                return party
        own = [p for p in self.mentioned(host.start, at) if p.gender in (None, gender) and p.sure]
        if own and not any(t.is_quoted and t.start < at for t in host.tokens[:1]):
            return _party_of(own[0])
        last = next(((r, p) for r, p in reversed(spoken) if _may_be(p, gender)), None)
        between = last[0].host.end if last is not None else max(0, host.start - 600)
        subject = self._subject_since(host, between, gender)
        if subject is not None:
            return _party_of(subject)
        if last is not None:
            return last[1]
        people = [p for p in self.mentioned(0, at) if p.gender in (None, gender)]
        return _party_of(people[-1]) if people else None

    def _subject_since(self, host: Host, since: int, gender: Gender) -> Person | None:
        """The person whom the sentence before speaks of, where nobody has spoken since `since`."""
        for sentence in reversed(host.sentences[0].reading.body_sentences[: host.sentences[0].index]):
            if sentence.start < since or host.paragraph - sentence.paragraph > 1:
                return None
            people = [p for p in self.mentioned(sentence.start, sentence.end) if p.gender in (None, gender)]
            if people:
                return people[0]
        return None

    def _body_before(self, report: Report, at: int, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        for earlier, party in reversed(spoken):
            if party.kind in ("body", "group", "named", "document"):
                return party
            if report.host.paragraph - earlier.host.paragraph > 2:
                break
        before = [name for where, _, name in self._bodies if where < at]
        return Party(before[-1], at, at + 1, "body", before[-1]) if before else None

    def _group_before(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        for earlier, party in reversed(spoken):
            if (
                party.plural
                or party.kind in ("group", "plural")
                or (party.kind == "body" and earlier.host.paragraph == report.host.paragraph)
            ):
                return party
            if report.host.paragraph - earlier.host.paragraph > 1:
                break
        return None

    def _by_role(self, party: Party, phrase: Phrase, host: Host, spoken: Sequence[tuple[Report, Party]]) -> Party:
        head = host.lowers[phrase.head]
        opening = host.lowers[phrase.first]
        party = replace(party, role=head)
        if opening in ("a", "an", "another", "one", "some"):
            return party
        if phrase.apposition is not None:
            name = parse_phrase(host, *phrase.apposition)
            if (
                name is not None
                and name.kind in ("person", "named")
                and name.name(host)
                and not host.tokens[phrase.apposition[0]].lower in DETERMINERS
            ):
                person = self.named(name.name(host) or "")
                if person is not None:
                    return replace(party, kind="person", name=person.name, person=person)
        for _, earlier in reversed(spoken):
            if earlier.role == head and earlier.person is None and earlier.name is None and phrase.last == phrase.head:
                return replace(party, name=earlier.text, resolved_from=party.text)
            if earlier.person is not None and _has_role(earlier.person, head):
                return replace(
                    party, kind="person", name=earlier.person.name, person=earlier.person, resolved_from=party.text
                )
        holder = self._holder(head, party.start, phrase, host)
        if holder is not None:
            return replace(party, kind="person", name=holder.name, person=holder, resolved_from=party.text)
        return party

    def _holder(self, head: str, at: int, phrase: Phrase, host: Host) -> Person | None:
        """The person who was introduced with the role `head` before `at`, if one was; "the army chief" needs "army" too."""
        qualifiers = {
            fold(w)
            for w in host.lowers[phrase.first : phrase.head]
            if w not in DETERMINERS and w not in words("titles")
        }
        for person in sorted(self.people, key=lambda p: -max((m for m in p.mentions if m < at), default=-1)):
            if not any(m < at for m in person.mentions) or not _has_role(person, head):
                continue
            known = set(fold(person.role_text or "").split())
            if qualifiers <= known:
                return person
        return None

    def _document(self, party: Party, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party:
        """ "The statement said": its author is the one who spoke last in a body's or a person's name."""
        for earlier, before in reversed(spoken):
            if report.host.paragraph - earlier.host.paragraph > 1:
                break
            if before.kind in ("body", "group", "person", "named"):
                return replace(
                    before,
                    text=party.text,
                    start=party.start,
                    end=party.end,
                    resolved_from=party.text,
                    name=before.name or before.text,
                )
        return party

    def _body(self, party: Party, phrase: Phrase, host: Host, spoken: Sequence[tuple[Report, Party]]) -> Party:
        name = re.sub(r"^(?:the|The) ", "", party.text)
        head = host.lowers[phrase.head]
        if phrase.name_first is not None or phrase.first < phrase.head - 1:
            return replace(party, name=name)
        if host.lowers[phrase.first] in ("the", "its", "his", "their") and phrase.last == phrase.head:
            for _, earlier in reversed(spoken):
                if (
                    earlier.kind in ("body", "group")
                    and earlier.name
                    and fold(earlier.name).split()[-1:] == [fold(head)]
                    and " " in earlier.name
                ):
                    return replace(party, name=earlier.name, resolved_from=party.text)
            before = [full for at, noun, full in self._bodies if noun == head and at < party.start]
            if before:
                return replace(party, name=before[-1], resolved_from=party.text)
        return replace(party, name=name)

    def _unnamed(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        """The speaker of a quotation without attribution: whom the sentence before speaks of, or who spoke last."""
        if not spoken:
            people = self.mentioned(0, report.host.start)
            return _party_of(people[-1]) if people else None
        earlier, party = spoken[-1]
        since = self._subject_since(
            report.host, earlier.host.end, party.person.gender if party.person and party.person.gender else "male"
        )
        if since is not None:
            return _party_of(since)
        if report.host.paragraph - earlier.host.paragraph > 2:
            return None
        return replace(party, resolved_from=party.resolved_from or "")


def _party_of(person: Person) -> Party:
    return Party(person.name, person.first, person.first + len(person.name), "person", person.name, person)


def _may_be(party: Party, gender: Gender) -> bool:
    if party.plural or party.kind in ("body", "group", "plural", "outlet", "document", "other"):
        return False
    if party.person is not None:
        return party.person.gender in (None, gender)
    if party.role is not None:
        opposite = _FEMALE_ROLES if gender == "male" else _MALE_ROLES
        return party.role not in opposite
    return party.kind in ("person", "named", "role")


def _has_role(person: Person, head: str) -> bool:
    if head in person.roles:
        return True
    return any(head in same and person.roles & same for same in _SAME_ROLE)


def _same_person(known: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Do the parts of one name lie within the other's, or agree in first and last?"""
    one, other = set(known), set(parts)
    if one <= other or other <= one:
        return True
    return known[0] == parts[0] and known[-1] == parts[-1]


# --- reading names -------------------------------------------------------------------------------------------------
def _read_names(cast: Cast, host: Host) -> None:
    tokens, lowers = host.tokens, host.lowers
    k = 0
    while k < len(tokens):
        if not tokens[k].is_capital or lowers[k] in _NO_NAME:
            k += 1
            continue
        last = _run_end(host, k)
        _read_run(cast, host, k, last)
        k = last + 1


_NO_NAME: Final = (
    DETERMINERS | PREPOSITIONS | SUBORDINATORS | WEEKDAYS | frozenset(
        "but and or so if he she it they we i you there here not also however meanwhile earlier later hours days minutes "
        "still now then yes yet only even more most some many such those what why how when where who may its his her their "
        "our my your was were is are once both either neither another".split()
    )
)  # fmt: skip


def _run_end(host: Host, k: int) -> int:
    tokens, lowers = host.tokens, host.lowers
    last = k
    while last + 1 < len(tokens):
        token, word = tokens[last + 1], lowers[last + 1]
        if lowers[last].endswith("'s"):
            break
        if token.is_capital and word not in WEEKDAYS and (word not in DETERMINERS):
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


def _read_run(cast: Cast, host: Host, first: int, last: int) -> None:
    lowers = host.lowers
    start = first
    roles: list[str] = []
    for k in range(first, last + 1):
        if lowers[k] in words("titles") or noun_class(lowers[k]) == "role" and k < last:
            start = k + 1
            roles.append(lowers[k].rstrip("."))
    titled = start > first
    if start > last:
        return
    described, role_first = _role_before(host, first)
    roles += described
    if (
        lowers[first - 1 : first] == ["of"]
        and lowers[first] in ("state", "defense", "defence")
        and first >= 2
        and lowers[first - 2] in words("titles")
    ):
        start = max(start, first + 1)
        roles.append(lowers[first - 2])
        titled = True
        if start > last:
            return
    text = host.sentences[0].reading.text
    name = text[host.tokens[start].start : host.tokens[last].end]
    name = re.sub(r"['’]s?$", "", name)
    bare = fold(name)
    in_run = lowers[start : last + 1]
    if not (titled or described) and _is_body_run(cast, host, start, last, name, bare, in_run):
        return
    if bare in states() or bare in demonyms():
        return
    apposition = _role_behind(host, last)
    sure = titled or bool(described) or bool(apposition)
    if not sure and last == start and cast.named(name) is None and not _said_by(host, last):
        return
    if (
        not sure
        and last > start
        and (any(noun_class(w) is not None for w in in_run) or any(w.strip(".") in demonyms() for w in in_run))
    ):
        return
    person = cast.add(
        name, host.tokens[start].start, sure=sure or (last > start and _looks_like_person(host, start, last))
    )
    person.roles.update([*roles, *apposition])
    _note_country(person, host, role_first if described else first, start)
    if (roles or apposition) and person.role_text is None:
        person.role_text = (
            text[host.tokens[role_first if described else first].start : host.tokens[start].start] or None
        )
        if apposition and not person.role_text:
            person.role_text = " ".join(apposition)
    person.gender = person.gender or _gender_of(person, lowers[start], [*roles, *apposition], lowers[first : start + 1])


def _is_body_run(cast: Cast, host: Host, start: int, last: int, name: str, bare: str, in_run: list[str]) -> bool:
    head = in_run[-1].removesuffix("'s")
    if any(noun_class(w) in ("body", "outlet", "document", "group") for w in (in_run if len(in_run) > 1 else [head])):
        end = last
        if end + 2 < len(host.tokens) and host.lowers[end + 1] in ("of", "for") and host.tokens[end + 2].is_capital:
            end = _run_end(host, end + 2)
            name = host.sentences[0].reading.text[host.tokens[start].start : host.tokens[end].end]
        head = next((w for w in reversed(in_run) if noun_class(w) == "body"), head)
        cast.note_body(host.tokens[start].start, head, re.sub(r"['’]s?$", "", name))
        return True
    if bare in states() or bare in words("outlet_names") or (in_run[0].isupper() if False else False):
        return True
    return len(in_run) == 1 and name.isupper() and len(name) > 1


def _role_before(host: Host, first: int) -> tuple[list[str], int]:
    """Role words right before a name ("rebel leader X"), and where their phrase begins."""
    lowers, tokens = host.lowers, host.tokens
    k = first - 1
    found: list[str] = []
    while (
        k >= 0
        and tokens[k].is_word
        and (noun_class(lowers[k]) == "role" or lowers[k] in words("titles"))
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
        or not lowers[k] in CONNECTORS
    ):
        return []
    return _roles_in(host, k)


def _roles_in(host: Host, k: int) -> list[str]:
    found: list[str] = []
    for m in range(k, min(k + 9, len(host.tokens))):
        if not host.tokens[m].is_word or host.lowers[m] in ("who", "said", "says", "and", "was", "is", "had"):
            break
        if host.lowers[m] in CONNECTORS and found:
            break
        if host.lowers[m] in PREPOSITIONS and not found and host.lowers[m] not in CONNECTORS:
            break
        if noun_class(host.lowers[m]) == "role" or host.lowers[m] in words("titles"):
            found.append(host.lowers[m])
    return found


def _said_by(host: Host, last: int) -> bool:
    following = host.lowers[last + 1 : last + 2]
    return following in (["said"], ["says"], ["told"], ["added"], ["wrote"])


def _looks_like_person(host: Host, start: int, last: int) -> bool:
    """A name of two words or more whose first is a woman's given name, or which a verb of speech follows or precedes."""
    if host.lowers[start] in words("female") or _said_by(host, last):
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
    printed = {w.rstrip(".") for w in titles} | set(roles)
    if printed & _FEMALE_TITLES or printed & _FEMALE_ROLES or given in words("female"):
        return "female"
    if printed & _MALE_TITLES or printed & _MALE_ROLES:
        return "male"
    return None
