"""The parties of one article, and what its noun phrases for parties stand for. Made by `ActorIndex.read`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from tocsin_schemas import Actor
from tocsin_schemas.actor import ActorKind

from . import actor_words as words
from .actor_data import Party
from .actor_words import HeadClass

if TYPE_CHECKING:
    from .actors import ActorIndex, ActorMention

_WORLDWIDE: Final = 4
"""A group that acts in so many countries may be named in an article on any."""


class _Who(NamedTuple):
    """A party, the PLOVER sector that its words name, and the kind of actor; without party or kind: nobody."""

    party: Party | None = None
    sector: str = ""
    kind: ActorKind | None = None


_NOBODY: Final = _Who()


class _Phrase(NamedTuple):
    """A noun phrase taken apart: the words up to its head, the parties named there, and those named after it."""

    text: str
    words: list[str]
    own: list[ActorMention]
    after: list[ActorMention]
    is_backed: bool
    start: int | None

    @property
    def plain(self) -> list[str]:
        return [word.casefold() for word in self.words]

    def head_class(self) -> HeadClass | None:
        """What the head noun, with the words before it, makes of the party."""
        if not self.words:
            return None
        plain = self.plain
        head = words.HEADS.get(plain[-1])
        is_force = head in ("forces", "fighter", "unit")
        if (is_force or head in ("group", "government")) and words.REBEL_WORDS & set(map(words.singular, plain[:-1])):
            return "insurgent"
        return "forces" if is_force and words.STATE_WORDS & set(plain[:-1]) else head


class ArticleActors:
    """The parties of one article. `settle` tells it where and when the article plays; before, it guesses."""

    def __init__(
        self, index: ActorIndex, text: str, mentions: list[ActorMention], in_title: list[ActorMention]
    ) -> None:
        self.index = index
        self.text = text
        self._found = mentions
        self._in_title = in_title
        self.country: str | None = None
        self.day: date | None = None
        self.votes: dict[str, float] = self._vote()
        self.mentions: list[ActorMention] = []
        self._counts: Counter[str] = Counter()
        self._countries: set[str] = set()
        self.settle(max(self.votes, key=lambda c: self.votes[c]) if self.votes else None, None)

    def _vote(self) -> dict[str, float]:
        """What the named armed groups say of where the article plays: alpha-3 -> weight, at most 1.5."""
        counts: Counter[str] = Counter()
        for mention in (*self._found, *self._in_title):
            if mention.party.kind == "armed_group" and mention.party.country and not mention.is_acronym:
                counts[mention.party.country] += 1
        return {country: min(1.5, 0.5 + 0.25 * count) for country, count in counts.items()}

    @property
    def taken(self) -> list[tuple[int, int]]:
        """The spans of armed groups and organisations: no places ("Islamic State", "Donetsk People's Republic")."""
        return [(m.start, m.end) for m in self._found if m.party.kind != "state"]

    def settle(self, country: str | None, day: date | None) -> None:
        """Fixes the country that the article is most about, and its day; chooses among readings of names by it."""
        self.country = country
        self.day = day
        in_title = [m for m in map(self._settled, self._in_title) if m is not None]
        in_text = [m for m in map(self._settled, self._found) if m is not None]
        states = [m.party for m in (*in_title, *in_text) if m.party.kind == "state"]
        self._countries = {c for party in states for c in party.countries} | {country or ""}
        self._counts = Counter(m.party.id for m in (*in_title, *in_text))
        self.mentions = [m for m in in_text if self._is_plausible(m)]
        self._ends = [m.end for m in self.mentions]
        self._named = {m.party.id: m.party for m in self.mentions}
        self._ends_of: dict[str, list[int]] = defaultdict(list)
        for mention in self.mentions:
            self._ends_of[mention.party.id].append(mention.end)

    def _settled(self, mention: ActorMention) -> ActorMention | None:
        """The reading of a name that is used in articles on this country."""
        here = next((a for a in mention.options if a.where and a.where == self.country), None)
        anywhere = next((a for a in mention.options if a.where is None), None)
        alias = here or anywhere
        return None if alias is None else replace(mention, party=alias.party, role=alias.role)

    def _is_plausible(self, mention: ActorMention) -> bool:
        """A group's acronym counts only where one of its countries is spoken of."""
        party = mention.party
        generic = party.kind == "armed_group" and mention.is_acronym and len(party.countries) < _WORLDWIDE
        return not generic or bool(party.countries & self._countries)

    def named(self, start: int, end: int) -> list[ActorMention]:
        """The mentions that overlap characters `start` to `end` of the text."""
        found: list[ActorMention] = []
        for mention in self.mentions[bisect_right(self._ends, start) :]:
            if mention.start >= end:
                break
            found.append(mention)
        return found

    def named_before(self, at: int, reach: int) -> list[ActorMention]:
        """The mentions that end within `reach` characters before character `at` of the text, in order."""
        return self.mentions[bisect_right(self._ends, at - reach) : bisect_right(self._ends, at)]

    # -- phrases ---------------------------------------------------------------------------------------------

    def resolve(self, phrase: str, start: int | None = None, end: int | None = None) -> Actor | None:
        """Who a noun phrase means; None when its words are no party at all.

        `start`/`end` are its characters in the text (they are kept, and tell what was said before). An actor with a
        null id is a party of the kind that the head noun says, whom the article does not name.
        """
        if start is not None and end is None:
            end = start + len(phrase)
        many = words.TRANSPARENT.match(phrase)
        if many is not None:
            inner = self.resolve(phrase[many.end() :], None if start is None else start + many.end())
            if inner is not None:
                return inner.model_copy(update={"text": phrase, "start": start, "end": end})
        owner = words.GROUP_OWNER.match(phrase)
        if owner is not None:
            group = self.resolve(owner.group(1), start)
            if group is not None and group.id is not None:
                return group.model_copy(update={"text": phrase, "start": start, "end": end})
        if words.SEVERAL.search(phrase):
            return Actor(text=phrase, start=start, end=end)
        parts = self._take_apart(phrase, start)
        if _names_officer(parts):
            state = next((m.party.country for m in parts.own if m.party.kind == "state"), None)
            return _actor(phrase, (start, end), _Who(None, "GOV", "person"), state)
        who = self._who(parts)
        return None if who.party is None and who.kind is None else _actor(phrase, (start, end), who, self.country)

    def side_of_officer(self, phrase: str, start: int | None = None) -> Actor | None:
        """The side that an officer speaks for: "Afghan army chief Yusuf Rahimi" is of the Afghan army, a general of the state."""
        said = phrase.replace(".", "").split()
        at = max((i for i, w in enumerate(said) if w.casefold() in words.OFFICES | words.COMMANDS), default=-1)
        if at < 0:
            return None
        body = " ".join(w for w in said[:at] if w.casefold() not in words.OFFICES | words.COMMANDS)
        for group in (body, f"{body} forces") if body else ():
            found = self.resolve(group, start)
            if found is not None and found.kind != "person" and (found.id is not None or found.kind != "unknown"):
                return found
        return self.resolve("government forces", start) if said[at].casefold() in words.OF_STATE else None

    def is_named_outright(self, phrase: str) -> bool:
        """Is a phrase the name of one party wherever an article plays ("the United Nations"), so that nothing else counts?"""
        bare = re.sub(r"^(?:the|The) ", "", phrase)
        found = self.index.find(bare)
        if len(found) != 1 or found[0].text != bare or len(found[0].options) != 1:
            return False
        return found[0].options[0].where is None and not found[0].is_acronym

    def resolve_all(self, phrase: str, start: int | None = None) -> list[Actor]:
        """All parties of a phrase: "Russia, Indonesia and Norway", "Sudanese and Ethiopian leaders", "the two sides".

        One actor for each party that it names; for "both sides" and the like those named last before, in the order of
        the text. Empty when it names none; what `resolve` says when it names or describes one.
        """
        meant = [m for m in self._mentions_in(phrase) if _is_meant(m, phrase)]
        parties = {m.party.id: m for m in meant}
        if len(parties) > 1:
            return [self._as_named(m, start) for m in parties.values()]
        several = words.SEVERAL.search(phrase)
        if several is not None and not parties:
            wanted = {"three": 3, "four": 4}.get(several.group(1).casefold(), 2)
            return self.last_parties(wanted, start)
        one = self.resolve(phrase, start)
        return [] if one is None else [one]

    def _mentions_in(self, phrase: str) -> list[ActorMention]:
        found = [m for m in map(self._settled, self.index.find(phrase)) if m is not None]
        return [m for m in found if self._is_plausible(m)]

    def _as_named(self, mention: ActorMention, shift: int | None) -> Actor:
        span = (None, None) if shift is None else (shift + mention.start, shift + mention.end)
        return _actor(mention.text, span, _Who(mention.party, "", mention.party.kind), self.country)

    def speaks_of_several(self, phrase: str) -> bool:
        """Whether a phrase means several parties without naming one: "both sides", "the two leaders"."""
        return words.SEVERAL.search(phrase) is not None and not self._mentions_in(phrase)

    def main_parties(self, wanted: int) -> list[Actor]:
        """The states and groups that the article speaks of most, most first; not more than `wanted`."""
        found: dict[str, ActorMention] = {}
        for mention in sorted(self.mentions, key=lambda m: (-self._counts[m.party.id], m.start)):
            if mention.party.kind != "organisation" and mention.role != "capital":
                found.setdefault(mention.party.id, mention)
        return [self._as_named(m, 0) for m in list(found.values())[:wanted]]

    def warring_parties(self) -> list[Actor]:
        """The state of the article's country and the group that fights it, most spoken of; empty where either is not there."""
        state = self.index.parties.state(self.country) if self.country else None
        foes = [] if state is None else [f for f in self.opponents_of(state.id) if f.kind == "armed_group"]
        if state is None or not foes:
            return []
        return [_actor(p.name, (None, None), _Who(p, "", p.kind), self.country) for p in (state, foes[0])]

    def last_parties(self, wanted: int, start: int | None) -> list[Actor]:
        """The last so many different states and groups named before `start`, as long as there are so many."""
        found: dict[str, ActorMention] = {}
        for mention in reversed(self.mentions):
            is_before = start is None or mention.end <= start
            if is_before and mention.party.kind != "organisation" and mention.role != "capital":
                found.setdefault(mention.party.id, mention)
            if len(found) == wanted:
                return [self._as_named(m, 0) for m in sorted(found.values(), key=lambda m: m.start)]
        return []

    def _take_apart(self, phrase: str, start: int | None) -> _Phrase:
        found = self._mentions_in(phrase)
        meant = [m for m in found if _is_meant(m, phrase)]
        head_end = _end_of_head(phrase, found)
        return _Phrase(
            text=phrase,
            words=words.WORD.findall(phrase[:head_end]),
            own=[m for m in meant if m.start < head_end],
            after=[m for m in meant if m.start >= head_end],
            is_backed=any(m.party.kind == "state" for m in found if m not in meant),
            start=start,
        )

    def _who(self, phrase: _Phrase) -> _Who:
        for kind in ("armed_group", "organisation"):
            named = next((m.party for m in phrase.own if m.party.kind == kind), None)
            if named is not None:
                return _Who(named, "", kind)
        head = phrase.head_class()
        if head == "peacekeeper":
            return _Who(self.index.parties.by_id.get("org:un-peacekeepers"), "", "organisation")
        if phrase.own:
            return self._of_state(phrase, head)
        if not phrase.words and phrase.after:
            return _Who(phrase.after[0].party, "", phrase.after[0].party.kind)
        return self._unnamed(phrase, head)

    def _of_state(self, phrase: _Phrase, head: HeadClass | None) -> _Who:
        """ "Afghan soldiers", "Syrian rebels", "Russians", "France's foreign minister"."""
        mention = phrase.own[0]
        party = mention.party
        if head in ("insurgent", "fighter", "group"):
            return _Who(self._insurgents(phrase, party.country), "REB", "armed_group")
        if head is not None:
            return _Who(party, words.SECTORS.get(head, ""), "unit" if head == "unit" else "state")
        last = phrase.plain[-1] if phrase.words else ""
        if not last or mention.text.casefold().endswith(last):
            return _Who(party, "GOV" if mention.role in ("government", "capital") else "", "state")
        return _NOBODY

    def _unnamed(self, phrase: _Phrase, head: HeadClass | None) -> _Who:
        """ "the army", "the insurgents", "fighters from the group", "Gaddafi's troops"."""
        if head is None:
            return _NOBODY
        sector = words.SECTORS.get(head, "")
        kind: ActorKind = "unit" if head == "unit" else "state"
        is_of_state = head in words.SECTORS and head != "insurgent"
        if phrase.after and (phrase.after[0].party.kind != "state" or is_of_state):
            party = phrase.after[0].party
            return _Who(party, sector, kind if head == "unit" else party.kind)
        if head in ("insurgent", "fighter", "forces", "unit") and (leader := self._leader(phrase.text)):
            return _Who(leader, sector, kind if head == "unit" else leader.kind)
        if head in ("insurgent", "fighter"):
            return _Who(self._insurgents(phrase, self.country), "REB", "armed_group")
        if head == "group":
            return self._group(phrase)
        if head == "official" or words.STRANGERS & set(phrase.plain):
            return _Who(None, sector, "unknown")
        if any(words.AGAINST.match(word) for word in phrase.plain) or words.OWNER.search(phrase.text):
            return _Who(None, "REB", "armed_group")
        if head == "unit":
            return _Who(None, "MIL", "unit")
        state = self.index.parties.state(self.country) if self.country else None
        return _Who(state, sector, "state")

    def opponents_of(self, party_id: str) -> list[Party]:
        """The parties of the article that fight `party_id`, most spoken of first: who a place or fighters are lost to.

        A state is opposed by the groups that fight it, a group by those states, by its rival groups, and, when it is an
        insurgent in the article's country, by that state though the article names it only as "the army".
        """
        party = self.index.parties.by_id.get(party_id)
        if party is None:
            return []
        named = dict(self._named)
        main = self.index.parties.state(self.country) if self.country else None
        if main is not None and not party.rules(main.country or "", self.day):
            named.setdefault(main.id, main)
        ruled = {p.id for p in named.values() if p.kind == "state" and party.rules(p.country or "", self.day)}
        found = [o for o in named.values() if o.id != party.id and o.id not in ruled and _are_opposed(party, o)]
        return sorted(found, key=lambda other: (-self._counts[other.id], other.id))

    def _leader(self, text: str) -> Party | None:
        """The party whose leader a phrase names: "Gaddafi's troops", "forces loyal to Riek Machar"."""
        for found in words.NAME.finditer(text):
            name = found.group()
            for form in (name, name.split()[-1], name.split("-")[-1]):
                party = self.index.parties.led_by(form, self.day)
                if party is not None:
                    return party
        return None

    def _insurgents(self, phrase: _Phrase, country: str | None) -> Party | None:
        """The armed group of the article that a word for insurgents is used of, most spoken of and last named first."""
        said = [w for w in map(words.singular, phrase.plain) if w in words.PREFERRED]
        wanted = frozenset.intersection(*(words.PREFERRED[w] for w in said)) if said else None
        is_insurgent = phrase.head_class() == "insurgent"
        best: tuple[float, Party] | None = None
        for party in self._groups():
            serves = country in party.allied or (country is not None and party.rules(country, self.day))
            is_elsewhere = country is not None and bool(party.countries) and country not in party.countries
            if is_elsewhere or (is_insurgent and serves):
                continue
            if wanted is not None and party.group_class not in wanted and not self._is_alone(party, said):
                continue
            if phrase.is_backed and party.group_class == "jihadist":
                continue
            score = self._counts[party.id] + (country in party.against) + self._recency(party, phrase.start)
            if best is None or score > best[0]:
                best = (score, party)
        return best[1] if best else None

    def _is_alone(self, party: Party, said: list[str]) -> bool:
        """The only insurgents of the article may be called by any word, but nobody calls Islamic State separatist."""
        others = [g for g in self._groups() if g.id != party.id and g.against & party.against]
        is_far = party.id in ("isil", "al-qaeda") or words.SECESSION & set(said)
        return not others and not is_far

    def _groups(self) -> list[Party]:
        return [party for party in self._named.values() if party.kind == "armed_group"]

    def _recency(self, party: Party, start: int | None) -> float:
        if start is None:
            return 0.0
        ends = self._ends_of.get(party.id, [])
        last = bisect_right(ends, start) - 1
        return 0.0 if last < 0 else 2.0 / (1.0 + (start - ends[last]) / 300.0)

    def _group(self, phrase: _Phrase) -> _Who:
        """ "the group", "the alliance": the last group, or body of that description, named before."""
        earlier = [m.party for m in self.mentions if phrase.start is None or m.end <= phrase.start]
        word = phrase.plain[-1]
        for party in reversed(earlier):
            if word in ("alliance", "coalition"):
                if word in party.name.casefold() or party.group_class == "coalition" or party.id == "org:nato":
                    return _Who(party, "", party.kind)
            elif party.kind == "armed_group":
                return _Who(party, "REB", "armed_group")
        return _Who(None, "", "unknown")


def _end_of_head(phrase: str, mentions: list[ActorMention]) -> int:
    """Where the part of a phrase that holds its head ends; "French and Malian troops" runs on behind "and"."""
    cut = words.TAIL.search(phrase, 1)
    while cut is not None and cut.group().casefold() == "and":
        adjective = next((m for m in mentions if m.role == "people" and m.end == cut.start() - 1), None)
        if adjective is None or words.WORD.search(phrase, cut.end()) is None:
            break
        cut = words.TAIL.search(phrase, cut.end())
    return cut.start() if cut else len(phrase)


def _are_opposed(one: Party, other: Party) -> bool:
    for this, that in ((one, other), (other, one)):
        if that.id in this.fights or (that.kind == "state" and that.country in this.against):
            return True
    return False


def _is_meant(mention: ActorMention, phrase: str) -> bool:
    """False for "US-backed", "anti-Taliban", "Russian-speaking": a party beside the one that is meant."""
    if words.LINKED.match(phrase, mention.end):
        return False
    return not words.STANCE.search(phrase[max(0, mention.start - 8) : mention.start])


def _names_officer(phrase: _Phrase) -> bool:
    """ "U.S. President Ann Lee", "army chief John Berg": an office and a name after it."""
    at = max((i for i, w in enumerate(phrase.words[:-1]) if w.casefold() in words.OFFICES), default=-1)
    if at < 0 or not all(w[0].isupper() for w in phrase.words[at + 1 :]):
        return False
    return not any(m.text.endswith(phrase.words[-1]) for m in phrase.own)


def _actor(text: str, span: tuple[int | None, int | None], who: _Who, country: str | None) -> Actor:
    party, start, end = who.party, *span
    if party is None:
        plover = f"{country}{who.sector}" if country and who.sector else None
        return Actor(text=text, start=start, end=end, kind=who.kind or "unknown", country=country, plover=plover)
    is_unit = who.kind == "unit"
    return Actor(
        text=text,
        start=start,
        end=end,
        id=None if is_unit else party.id,
        name=None if is_unit else party.name,
        kind=who.kind or party.kind,
        country=party.country,
        plover=f"{party.country}{who.sector}" if party.kind == "state" and who.sector else party.plover,
    )
