"""Whom a speaker's phrase means: the person a surname, a pronoun or a role stands for, the body of "the ministry".

cast = Cast(hosts)
cast.resolve(report, spoken) -> Party | None      # `spoken`: who was found to speak before, in order
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .function_words import CONNECTORS, DETERMINERS, SpeakerKind, is_title, noun_class, word_set
from .names import FEMALE_ROLES, MALE_ROLES, Gender, Person, Roster, fold, name_parts
from .report_shapes import main_subject
from .speaker_phrases import Phrase, parse_phrase
from .speaker_words import demonyms, states, words

if TYPE_CHECKING:
    from .attribution import Report
    from .hosts import Host

_SAME_ROLE: Final[tuple[frozenset[str], ...]] = tuple(
    word_set(roles)
    for roles in (
        "lawmaker senator congressman congresswoman legislator mp representative parliamentarian sen rep deputy politician",
        "spokesman spokeswoman spokesperson",
        "premier prime chancellor leader",
        "envoy mediator ambassador diplomat negotiator representative",
        "leader president chief head commander warlord chairman ruler dictator strongman emir",
        "coach manager trainer boss",
        "general gen commander officer colonel col brigadier brig major maj lieutenant lt admiral adm captain capt",
        "professor researcher academic scientist scholar prof expert analyst",
        "cleric imam ayatollah mullah sheikh bishop archbishop pope priest",
        "lawyer attorney counsel",
    )
)


MEMORY: Final = 60
"""Reports back to which a pronoun, a role or a description reaches; it bounds the time on endless text."""

REACH: Final = 4_000
"""Characters back to which a pronoun reaches for the last person named."""


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


class Cast:
    """The speakers of one article, resolved against its names."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.roster = Roster(hosts)
        self._before = {id(host): earlier for earlier, host in itertools.pairwise(hosts)}
        self.how = ""
        """How the last speaker was found, in words."""

    # --- resolution ------------------------------------------------------------------------------------------------
    def resolve(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        """Whom the phrase of `report` means; null when there is no phrase and nobody spoke before."""
        phrase, host = report.phrase, report.host
        self.how = "as printed"
        if report.follows is not None:
            self.how = "the quotation runs on from the paragraph before"
            return next(
                (replace(p, resolved_from=p.resolved_from or "") for r, p in _latest(spoken) if r is report.follows),
                None,
            )
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

    def resolve_in_title(self, report: Report) -> Party | None:
        """Whom a headline's phrase means, by what the whole text tells; a pronoun means nobody there."""
        self.how = "by the names and roles of the text"
        phrase, host = report.phrase, report.host
        if phrase is None or phrase.kind == "pronoun":
            return None
        party = Party(phrase.text(host), *phrase.bounds(host), phrase.kind)
        if phrase.kind in ("person", "named"):
            return self._by_name(party, phrase, host)
        if phrase.kind == "role":
            head = host.lowers[phrase.head]
            holders = [p for p in self.roster.people if _has_role(p, head)]
            described = host.lowers[phrase.first : phrase.head + 1]
            names = {
                fold(t.text) for t in host.tokens[phrase.first : phrase.head] if t.text.isupper() and len(t.text) > 1
            }
            fitting = [p for p in holders if _fits_description(described, p) and names <= p.described]
            return _as(party, fitting[0]) if len(fitting) == 1 else replace(party, role=head)
        return replace(party, name=re.sub(r"^(?:the|The) ", "", party.text))

    def _by_name(self, party: Party, phrase: Phrase, host: Host) -> Party:
        name = phrase.name(host) or party.text
        name = re.sub(r"['’]s?$", "", name)
        person = self.roster.named(name)
        if person is None and " " in name:
            person = self.roster.named(name.split()[-1]) if self._knows_last(name) else None
        known = person is not None and (person.sure or _is_surname_of(person, name))
        kind: SpeakerKind = "person" if phrase.kind == "person" or known else "named"
        full = person.name if person is not None and kind == "person" else name
        if full != name:
            self.how = "named in full elsewhere in the text"
        return replace(party, kind=kind, name=full, person=person if kind == "person" else None)

    def _knows_last(self, name: str) -> bool:
        last = name_parts(name)[-1:]
        return bool(last) and any(
            p.sure and len(p.parts) > 1 and p.parts[-1] == last[0] for p in self.roster.by_part.get(last[0], [])
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
            self.how = "a pronoun, and nobody it could mean"
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
        """Whom "he" or "she" at character `at` means: a subject of the same sentence, or of those before it."""
        found = self._antecedent(report, at, spoken, gender)
        if found is not None and found.person is not None and found.person.gender is None:
            found.person.gender = gender
        return found

    def _antecedent(
        self, report: Report, at: int, spoken: Sequence[tuple[Report, Party]], gender: Gender
    ) -> Party | None:
        found = self._antecedent_as(report, at, spoken, gender)
        if found is None:
            self.how = "the only person of the sentences before"
            found = self._against_the_name(report, at, gender)
        return found

    def _against_the_name(self, report: Report, at: int, gender: Gender) -> Party | None:
        """The one person of the sentences before, whose given name is more often of the other gender."""
        host = self._before.get(id(report.host))
        for _ in range(3):
            if host is None or report.host.paragraph - host.paragraph > 1:
                return None
            people = [p for p in self.roster.agents(host.start, min(host.end, at)) if p.gender in (None, gender)]
            if len(people) == 1:
                return _party_of(people[0])
            host = self._before.get(id(host))
        return None

    def _antecedent_as(
        self, report: Report, at: int, spoken: Sequence[tuple[Report, Party]], gender: Gender
    ) -> Party | None:
        host = report.host
        for earlier, party in _latest(spoken):
            if earlier.host is not host:
                break
            if _may_be(party, gender) and earlier.phrase is not report.phrase:
                self.how = "spoke before in the same sentence"
                return party
        self.how = "whom the same sentence is about"
        own = self._subject_of(host, at, gender, spoken)
        adds = (
            report.cue is not None
            and report.cue.kind.id == "add"
            and any(_may_be(p, gender) for _, p in _latest(spoken))
        )
        if own is not None and not (adds and report.covers(own.start)):
            return own
        said_in: dict[int, Party] = {}
        for earlier, party in _latest(spoken):
            if _may_be(party, gender):
                said_in.setdefault(id(earlier.host), party)
        before = self._before.get(id(host))
        steps = 0
        while before is not None and steps < 8 and host.paragraph - before.paragraph <= 3:
            if id(before) in said_in:
                self.how = f"spoke {_sentences_ago(steps)}"
                return said_in[id(before)]
            self.how = f"whom the text is about {_sentences_ago(steps)}"
            subject = self._subject_of(before, before.end, gender, spoken)
            if isinstance(subject, Party):
                return subject
            before = self._before.get(id(before))
            steps += 1
        self.how = "the last to speak"
        if said_in:
            return next(iter(said_in.values()))
        self.how = "the last person named"
        people = [
            p for p in self.roster.mentioned(max(0, at - REACH), at) if (p.gender or p.likely_gender) in (None, gender)
        ]
        return _party_of(people[-1]) if people else None

    def _subject_of(
        self, host: Host, limit: int, gender: Gender, spoken: Sequence[tuple[Report, Party]]
    ) -> Party | None:
        """The person whom a sentence is about, before character `limit`; null when a pronoun or something else is."""
        tokens = host.tokens
        until = next((k for k, t in enumerate(tokens) if t.start >= limit), len(tokens))
        subject = main_subject(host, until)
        if subject is not None and subject.kind == "pronoun":
            return None
        if subject is not None and subject.kind in ("person", "named", "role"):
            party = Party(subject.text(host), *subject.bounds(host), subject.kind)
            if subject.kind == "role":
                party = self._by_role(party, subject, host, spoken)
            else:
                party = self._by_name(party, subject, host)
            if (party.person is not None or party.kind == "role") and _may_be(party, gender):
                return party
        people = [p for p in self.roster.agents(host.start, limit) if (p.gender or p.likely_gender) in (None, gender)]
        if len(people) == 1 and limit == host.end:
            return _party_of(people[0])
        return None

    def _body_before(self, report: Report, at: int, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        """What "it" means: the body that the sentences before are about, or the one that spoke last."""
        self.how = "the body that the sentences before are about"
        host = report.host
        said_in: dict[int, Party] = {}
        for r, p in _latest(spoken):
            if _may_be_body(p) and r.phrase is not report.phrase:
                said_in.setdefault(id(r.host), p)
        if id(host) in said_in:
            return said_in[id(host)]
        before = self._before.get(id(host))
        for _ in range(6):
            if before is None or host.paragraph - before.paragraph > 2:
                break
            if id(before) in said_in:
                return said_in[id(before)]
            subject = main_subject(before, len(before.tokens))
            if subject is not None and subject.kind in ("body", "group"):
                party = Party(subject.text(before), *subject.bounds(before), subject.kind)
                return self._body(party, subject, before, spoken)
            before = self._before.get(id(before))
        if said_in:
            return next(iter(said_in.values()))
        near = [h.start for h in (before, host) if h is not None]
        named = [name for where, _, name in self.roster.bodies if min(near) <= where < at]
        return Party(named[-1], at, at + 1, "body", named[-1]) if named else None

    def _group_before(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        self.how = "the group that spoke last"
        for earlier, party in _latest(spoken):
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
        party = replace(party, role=head, plural=phrase.joint)
        named = self._in_apposition(party, phrase, host) or self._by_surname(party, phrase, host)
        if named is not None:
            self.how = "named beside the role"
            return named
        if opening in ("a", "an", "another", "one", "some") or phrase.joint:
            return party
        fitting = self._holders(head, party.start, phrase, host)
        self.how = "who holds that role in the text" if fitting else "described anew, or by role only"
        bare = phrase.last == phrase.head
        for _, earlier in _latest(spoken):
            if earlier.role == head and earlier.person is None and earlier.name is None and bare:
                return replace(party, name=earlier.text, resolved_from=party.text)
            if earlier.person is not None and earlier.person in fitting:
                return _as(party, earlier.person)
        unnamed = [u for u in self.roster.unnamed if u[1] == head and u[0] < party.start] if bare else []
        if fitting and (not unnamed or unnamed[-1][0] < max(m for m in fitting[0].mentions if m < party.start)):
            return _as(party, fitting[0])
        if unnamed:
            return replace(party, name=unnamed[-1][2], resolved_from=party.text)
        return self._described_anew(party, head, phrase, host, spoken)

    def _described_anew(
        self, party: Party, head: str, phrase: Phrase, host: Host, spoken: Sequence[tuple[Report, Party]]
    ) -> Party:
        """ "the German", "the lawmaker", "the 54-year-old": the person spoken of last, called by another description."""
        if host.lowers[phrase.first] != "the" or head in _NOT_ANOTHER_NAME or phrase.last != phrase.head:
            return party
        person = self._spoken_of_last(host, party.start, spoken)
        if person is None or not _fits_description(host.lowers[phrase.first + 1 : phrase.head + 1], person):
            return party
        return _as(party, person)

    def _spoken_of_last(self, host: Host, at: int, spoken: Sequence[tuple[Report, Party]]) -> Person | None:
        """The person who spoke last, or whom a sentence since then is about."""
        report, last = spoken[-1] if spoken else (None, None)
        before: Host | None = host
        for _ in range(3):
            if before is None or host.paragraph - before.paragraph > 1:
                return None
            if report is not None and last is not None and report.host is before and before is not host:
                return last.person
            people = self.roster.agents(before.start, min(before.end, at))
            subject = main_subject(before, len(before.tokens)) if before is not host else None
            name = subject.name(before) if subject is not None and subject.kind in ("person", "named") else None
            about = self.roster.named(name) if name is not None else None
            if about is not None and about in people:
                return about
            if len(people) == 1:
                return people[0]
            if people:
                return None
            before = self._before.get(id(before))
        return None

    def _by_surname(self, party: Party, phrase: Phrase, host: Host) -> Party | None:
        """ "Baker said": a surname that is also a trade's, where the article has named its bearer."""
        if phrase.first != phrase.last or not host.tokens[phrase.head].is_capital:
            return None
        person = self.roster.named(party.text)
        if person is None or len(person.parts) < 2 or person.parts[-1] != name_parts(party.text)[-1]:
            return None
        return replace(party, kind="person", name=person.name, person=person)

    def _in_apposition(self, party: Party, phrase: Phrase, host: Host) -> Party | None:
        """ "the ambassador, Leo Brenn, said": the person named beside the role."""
        if phrase.apposition is None or host.lowers[phrase.apposition[0]] in DETERMINERS:
            return None
        beside = parse_phrase(host, *phrase.apposition)
        if beside is None or beside.kind not in ("person", "named") or (name := beside.name(host)) is None:
            return None
        person = self.roster.named(name) or self.roster.add(name, host.tokens[phrase.apposition[0]].start, sure=True)
        return replace(party, kind="person", name=person.name, person=person)

    def _holders(self, head: str, at: int, phrase: Phrase, host: Host) -> list[Person]:
        """Those introduced before `at` with the role `head`, the latest first; "the army chief" needs an army's chief."""
        told = [*host.lowers[phrase.first : phrase.head], *host.lowers[phrase.head + 1 : phrase.last + 1]]
        qualifiers = {fold(w) for w in told if w not in DETERMINERS and not is_title(w) and w not in CONNECTORS}
        holders = [p for p in self.roster.people if any(m < at for m in p.mentions) and _has_role(p, head)]
        fitting = [p for p in holders if not qualifiers or qualifiers & p.described or _same_country(qualifiers, p)]
        if not fitting and head in _OFFICES and len(holders) == 1 and not _other_country(qualifiers, holders[0]):
            fitting = holders
        return sorted(fitting, key=lambda p: -max(m for m in p.mentions if m < at))

    def _document(self, party: Party, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party:
        phrase = report.phrase
        self.how = "whose document it is"
        owned = phrase is not None and report.host.lowers[phrase.first] in ("his", "her", "its", "their")
        if phrase is not None and phrase.head - phrase.first > 1 and not owned:
            return self._own_document(party, phrase, report.host)
        return self._recent_document(party, report, spoken)

    def _own_document(self, party: Party, phrase: Phrase, host: Host) -> Party:
        """ "the Aid Council report": the council; "an interior ministry statement": the ministry."""
        owner = parse_phrase(host, phrase.first, phrase.head - 1)
        if owner is None or owner.kind not in ("body", "group", "named", "person"):
            return party
        name = re.sub(r"^(?:the|a|an) |['’]s?$", "", owner.text(host), flags=re.IGNORECASE)
        return replace(party, kind=owner.kind, name=name, resolved_from=party.text)

    def _recent_document(self, party: Party, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party:
        """ "The statement said": its author is the one who spoke last in a body's or a person's name; "his account": he."""
        opening = report.host.lowers[report.phrase.first] if report.phrase is not None else ""
        if opening in ("his", "her"):
            owner = self._person_before(report, party.start, spoken, "male" if opening == "his" else "female")
            if owner is not None:
                return replace(owner, text=party.text, start=party.start, end=party.end, resolved_from=party.text)
        for earlier, before in _latest(spoken):
            if report.host.paragraph - earlier.host.paragraph > 1:
                break
            impersonal = report.phrase is not None and report.host.lowers[report.phrase.head] not in _PERSONAL_DOCUMENTS
            if before.kind in ("body", "group") or (not impersonal and before.kind in ("person", "named")):
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
        if head == "agency" and phrase.last == phrase.head and any(p.kind == "outlet" for _, p in spoken[-4:]):
            return replace(party, kind="outlet", name=name)
        if phrase.joint:
            return replace(party, name=name, plural=True)
        if phrase.name_first is not None and phrase.name_first > 0 and not phrase.joint:
            before = host.tokens[phrase.name_first - 1]
            if phrase.name_first > phrase.first and not before.is_capital and noun_class(before.lower) == "body":
                return replace(party, name=phrase.name(host))  # "human rights group Open Cells"
        if phrase.name_first is not None or phrase.first < phrase.head - 1:
            return replace(party, name=name)
        if host.lowers[phrase.first] in ("the", "its", "his", "their") and phrase.last == phrase.head:
            self.how = "the body of that kind that the text named before"
            for _, earlier in _latest(spoken):
                if (
                    earlier.kind in ("body", "group")
                    and earlier.name
                    and fold(earlier.name).split()[-1:] == [fold(head)]
                    and " " in earlier.name
                ):
                    return replace(party, name=earlier.name, resolved_from=party.text)
            before = [full for at, noun, full in self.roster.bodies if noun == head and at < party.start]
            if before:
                return replace(party, name=before[-1], resolved_from=party.text)
            if head in _GENERIC:
                last = next((p for _, p in _latest(spoken) if _is_named_body(p)), None)
                if last is not None:
                    return replace(party, name=last.name, resolved_from=party.text)
        return replace(party, name=name)

    def _unnamed(self, report: Report, spoken: Sequence[tuple[Report, Party]]) -> Party | None:
        self.how = "no attribution: whom the sentence before is about, or who spoke last"
        """The speaker of a quotation without attribution: whom the sentence before is about, or who spoke last."""
        before = self._before.get(id(report.host))
        last = spoken[-1] if spoken else None
        if before is not None and (last is None or last[0].host is not before):
            for gender in ("male", "female"):
                about = self._subject_of(before, before.end, gender, spoken)
                if about is not None:
                    return about
        if last is None or report.host.paragraph - last[0].host.paragraph > 2:
            return None
        return replace(last[1], resolved_from=last[1].resolved_from or "")


def _latest(spoken: Sequence[tuple[Report, Party]]) -> Iterator[tuple[Report, Party]]:
    """Who spoke, the latest first, no further back than a reader would look."""
    return itertools.islice(reversed(spoken), MEMORY)


def _sentences_ago(steps: int) -> str:
    return "in the sentence before" if steps == 0 else f"{steps + 1} sentences before"


_PERSONAL_DOCUMENTS: Final = word_set("statement tweet letter post message account email e-mail note release posting")
_GENERIC: Final = word_set(
    "group movement organisation organization company firm agency body union party faction front alliance bloc militia club"
)


def _is_surname_of(person: Person, name: str) -> bool:
    """The last word of a name that the article gave in full: "Strand said", after "the team led by Emil Strand"."""
    parts = name_parts(name)
    return len(parts) == 1 and len(person.parts) in (2, 3) and person.parts[-1] == parts[0]


def _is_named_body(party: Party) -> bool:
    """A body called by a name of its own, not by "the ministry"."""
    return party.kind in ("body", "named") and party.name is not None and any(c.isupper() for c in party.name)


def _fits_description(described: Sequence[str], person: Person) -> bool:
    """Could a description without a name mean this person, by what the article told of them?"""
    words_ = [fold(w) for w in described]
    countries = _countries(set(words_))
    if countries and person.country is not None:
        return person.country in countries
    telling = {w for w in words_[:-1] if noun_class(w) in ("body", "group", "plural") or w in words("offices")}
    return not telling or bool(telling & person.described)


def _may_be_body(party: Party) -> bool:
    return party.kind in ("body", "group", "named", "document") and not party.plural


_NOT_ANOTHER_NAME: Final = word_set(
    "spokesman spokeswoman spokesperson official source officer soldier fighter resident witness guard reporter journalist "
    "father mother brother sister son daughter wife husband victim suspect prisoner driver doctor man woman boy girl"
)


def _as(party: Party, person: Person) -> Party:
    return replace(party, kind="person", name=person.name, person=person, resolved_from=party.text)


_OFFICES: Final = word_set(
    "president premier minister chancellor king queen emir governor mayor ambassador envoy secretary-general pope senator"
)


def _countries(qualifiers: set[str]) -> set[str]:
    named = {demonyms().get(q) or states().get(q) for q in qualifiers}
    return {country for country in named if country is not None}


def _same_country(qualifiers: set[str], person: Person) -> bool:
    return person.country is not None and person.country in _countries(qualifiers)


def _other_country(qualifiers: set[str], person: Person) -> bool:
    named = _countries(qualifiers)
    return bool(named) and person.country not in named


def _party_of(person: Person) -> Party:
    return Party(person.name, person.first, person.first + len(person.name), "person", person.name, person)


def _may_be(party: Party, gender: Gender) -> bool:
    if party.plural or party.kind in ("body", "group", "plural", "outlet", "document", "other"):
        return False
    if party.person is not None:
        known = party.person.gender or party.person.likely_gender
        return known in (None, gender)
    if party.role is not None:
        opposite = FEMALE_ROLES if gender == "male" else MALE_ROLES
        return party.role not in opposite
    return party.kind in ("person", "named", "role")


def _has_role(person: Person, head: str) -> bool:
    if head in person.roles:
        return True
    return any(head in same and person.roles & same for same in _SAME_ROLE)
