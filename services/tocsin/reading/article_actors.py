"""The parties of one article, and what its noun phrases for parties stand for. Made by `ActorIndex.read`."""

# ruff: noqa: SIM905 - word lists read better as running text
from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from tocsin_schemas import Actor
from tocsin_schemas.actor import ActorKind

from .actor_data import GroupClass, Party

if TYPE_CHECKING:
    from .actors import ActorIndex, ActorMention

_Who = tuple[Party | None, str, ActorKind | None]
"""A party, the PLOVER sector that its words name, and the kind of actor; (None, "", None) when nobody is meant."""
HeadClass = Literal["insurgent", "fighter", "forces", "police", "government", "unit", "group", "peacekeeper"]

_HEADS: Final[dict[HeadClass, str]] = {
    "insurgent": "rebel rebels insurgent insurgents militant militants separatist separatists "
    "jihadist jihadists jihadi "
    "jihadis islamist islamists extremist extremists guerrilla guerrillas guerilla guerillas terrorist terrorists "
    "insurgency rebellion opposition mutineers mutineer revolutionaries secessionists",
    "fighter": "fighter fighters gunman gunmen militia militias militiaman militiamen combatants "
    "combatant paramilitaries "
    "paramilitary mercenaries tribesmen faction factions mujahideen mujahedeen warlords",
    "forces": "army armies military troops troop soldier soldiers force forces navy commandos "
    "commando paratroopers marines "
    "servicemen conscripts airmen warplanes jets aircraft artillery tanks helicopters loyalists garrison guards armor "
    "reinforcements defenders serviceman infantry paratroops",
    "police": "police policemen policeman gendarmes gendarmerie",
    "government": "government regime authorities administration cabinet parliament ministry minister "
    "ministers president "
    "premier junta state leadership presidency negotiators delegation officials official envoy envoys "
    "diplomats diplomat "
    "ambassador secretary spokesman spokeswoman spokesperson council leader leaders chancellor king emir side generals",
    "unit": "brigade brigades division divisions battalion battalions regiment regiments corps "
    "platoon company squadron "
    "unit units column convoy detachment contingent patrol squad",
    "group": "group movement organisation organization alliance coalition militants' groups",
    "peacekeeper": "peacekeepers peacekeeper",
}
HEADS: Final[dict[str, HeadClass]] = {word: kind for kind, words in _HEADS.items() for word in words.split()}
"""A head noun -> the class of party that it names."""
_REBEL_WORDS: Final = frozenset(
    "rebel insurgent militant opposition separatist jihadist islamist guerrilla jihadi mutinous anti- "
    "government antigovernment dissident secessionist".split()
)
_STATE_WORDS: Final = frozenset(
    "government pro-government regime loyalist state federal security national republican pro-regime armed".split()
)
_STRANGERS: Final = frozenset(
    "foreign international allied coalition peacekeeping multinational unidentified unknown rival other "
    "enemy invading occupying regional tribal local".split()
)
_PREFERRED: Final[dict[str, frozenset[GroupClass]]] = {
    "rebel": frozenset({"rebel", "separatist", "guerrilla", "coalition", "militia"}),
    "separatist": frozenset({"separatist"}),
    "secessionist": frozenset({"separatist"}),
    "jihadist": frozenset({"jihadist"}),
    "jihadi": frozenset({"jihadist"}),
    "islamist": frozenset({"jihadist"}),
    "extremist": frozenset({"jihadist"}),
    "militant": frozenset({"jihadist", "separatist", "militia"}),
    "guerrilla": frozenset({"guerrilla", "separatist", "rebel"}),
    "opposition": frozenset({"rebel", "coalition"}),
    "revolutionaries": frozenset({"rebel"}),
    "militia": frozenset({"militia", "coalition"}),
    "paramilitary": frozenset({"militia"}),
    "mercenary": frozenset({"mercenary"}),
}
"""A word for insurgents -> the classes of groups that it is used of."""
_WORD: Final = re.compile(r"[^\W\d_][\w.]*(?:['’-][\w]+)*|\d+(?:st|nd|rd|th)?")
_TAIL: Final = re.compile(
    r",|(?<=\s)(?:of|in|from|at|on|near|loyal|backed|allied|led|who|which|that|with|under|fighting|belonging|armed by|"
    r"supported|trained|against|for|to|by|after|inside|around|and|holed|besieged|stationed|based|along)\b",
    re.IGNORECASE,
)
_LINKED: Final = re.compile(
    r"[-–‑](?:backed|supported|led|allied|aligned|trained|funded|affiliated|linked|inspired|sponsored|installed|speaking|"
    r"held|controlled|occupied|brokered|mediated|made|based|appointed|armed|born|dominated|ruled|run)\b",
    re.IGNORECASE,
)
_STANCE: Final = re.compile(r"\b(?:anti|pro|non|former|ex)[-–‑ ]$", re.IGNORECASE)
_WORLDWIDE: Final = 4
"""A group that acts in so many countries may be named in an article on any."""
_PLURAL: Final = {"militia": "militia", "militias": "militia", "militiamen": "militia", "mercenaries": "mercenary"}


def _singular(word: str) -> str:
    word = word.casefold().replace("guerill", "guerrill")
    if word in _PLURAL:
        return _PLURAL[word]
    return word[:-1] if word.endswith("s") and word[:-1] in HEADS else word


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
        self.settle(max(self.votes, key=lambda c: self.votes[c]) if self.votes else None, None)

    def _vote(self) -> dict[str, float]:
        """What the named armed groups say of where the article plays: alpha-3 -> weight, at most 1.5."""
        counts: Counter[str] = Counter()
        for mention in (*self._found, *self._in_title):
            if mention.party.kind == "armed_group" and mention.party.country and not mention.is_acronym:
                counts[mention.party.country] += 1
        return {country: min(1.5, 0.5 + 0.25 * count) for country, count in counts.items()}

    def settle(self, country: str | None, day: date | None) -> None:
        """Fixes the country that the article is most about, and its day; chooses among readings of names by it."""
        self.country = country
        self.day = day
        kept = [self._settled(mention) for mention in (*self._in_title, *self._found)]
        counts = Counter(m.party.id for m in kept if m is not None)
        named = {c for m in kept if m is not None and m.party.kind == "state" for c in m.party.countries}
        self._counts = counts
        self.mentions = [
            m for m in kept[len(self._in_title) :] if m is not None and self._is_plausible(m, named | {country or ""})
        ]

    def _settled(self, mention: ActorMention) -> ActorMention | None:
        """The reading of a name that is used in articles on this country."""
        here = next((a for a in mention.options if a.where and a.where == self.country), None)
        anywhere = next((a for a in mention.options if a.where is None), None)
        alias = here or anywhere
        return None if alias is None else replace(mention, party=alias.party, role=alias.role)

    @staticmethod
    def _is_plausible(mention: ActorMention, countries: set[str]) -> bool:
        """A group's acronym counts only where one of its countries is spoken of."""
        party = mention.party
        generic = party.kind == "armed_group" and mention.is_acronym and len(party.countries) < _WORLDWIDE
        return not generic or bool(party.countries & countries)

    # -- phrases ---------------------------------------------------------------------------------------------

    def named(self, start: int, end: int) -> list[ActorMention]:
        """The mentions that overlap characters `start` to `end` of the text."""
        return [m for m in self.mentions if m.start < end and m.end > start]

    def resolve(self, phrase: str, start: int | None = None, end: int | None = None) -> Actor | None:
        """Who a noun phrase means; None when its words are no party at all.

        `start`/`end` are its characters in the text (they are kept, and tell what was said before). An actor with a
        null id is a party of the kind that the head noun says, whom the article does not name.
        """
        if start is not None and end is None:
            end = start + len(phrase)
        mentions = [
            m for m in map(self._settled, self.index.find(phrase)) if m is not None and self._counts_as(m, phrase)
        ]
        cut = _TAIL.search(phrase, 1)
        head_end = cut.start() if cut else len(phrase)
        words = _WORD.findall(phrase[:head_end])
        own = [m for m in mentions if m.start < head_end]
        after = [m for m in mentions if m.start >= head_end]
        if _titled_person(words, phrase[:head_end], own):
            states = [m.party for m in own if m.party.kind == "state"]
            return _actor(phrase, (start, end), (None, "GOV", "person"), states[0].country if states else None)
        who = self._who(words, own, after, start)
        return None if who[0] is None and who[2] is None else _actor(phrase, (start, end), who, self.country)

    @staticmethod
    def _counts_as(mention: ActorMention, phrase: str) -> bool:
        """False for "US-backed", "anti-Taliban", "Russian-speaking": a party beside the one that is meant."""
        if _LINKED.match(phrase, mention.end):
            return False
        return not _STANCE.search(phrase[max(0, mention.start - 8) : mention.start])

    def _who(self, words: list[str], own: list[ActorMention], after: list[ActorMention], start: int | None) -> _Who:
        head = words[-1] if words else ""
        head_class = HEADS.get(head.casefold())
        plain = [w.casefold() for w in words]
        group = next((m.party for m in own if m.party.kind == "armed_group"), None)
        if group is not None:
            return group, "", "armed_group"
        body = next((m.party for m in own if m.party.kind == "organisation"), None)
        if body is not None:
            return body, "", "organisation"
        state = next((m for m in own if m.party.kind == "state"), None)
        if head_class == "peacekeeper":
            return self.index.parties.by_id.get("org:un-peacekeepers"), "", "organisation"
        if _REBEL_WORDS & {_singular(w) for w in plain[:-1]} and head_class in (
            "forces",
            "fighter",
            "unit",
            "group",
            "government",
        ):
            head_class = "insurgent"
        elif _STATE_WORDS & set(plain[:-1]) and head_class in ("fighter", "unit", "forces"):
            head_class = "forces"
        if state is not None:
            return self._of_state(state, head_class, plain, start)
        if not words and after:
            return after[0].party, "", after[0].party.kind
        return self._unnamed(head_class, plain, after, start)

    def _of_state(
        self, mention: ActorMention, head_class: HeadClass | None, plain: list[str], start: int | None
    ) -> _Who:
        """ "Afghan soldiers", "Syrian rebels", "Russians", "France's foreign minister"."""
        party = mention.party
        if head_class in ("insurgent", "fighter", "group"):
            return self._insurgents(plain, start, party.country), "REB", "armed_group"
        if head_class in ("forces", "unit"):
            return party, "MIL", "state" if head_class == "forces" else "unit"
        if head_class == "police":
            return party, "COP", "state"
        if head_class == "government":
            return party, "GOV", "state"
        ends_phrase = not plain or plain[-1] in mention.text.casefold() or mention.text.casefold().endswith(plain[-1])
        if mention.role in ("name", "government", "capital") and ends_phrase:
            return party, "GOV" if mention.role != "name" else "", "state"
        if mention.role == "people" and ends_phrase:
            return party, "", "state"
        return None, "", None

    def _unnamed(
        self, head_class: HeadClass | None, plain: list[str], after: list[ActorMention], start: int | None
    ) -> _Who:
        """ "the army", "the insurgents", "fighters from the group"."""
        if head_class is None:
            return None, "", None
        if after and head_class in ("fighter", "insurgent", "forces", "unit", "group", "government", "police"):
            first = after[0].party
            if first.kind != "state" or head_class in ("forces", "police", "government", "unit"):
                return first, _SECTOR.get(head_class, ""), first.kind if head_class != "unit" else "unit"
        if head_class in ("insurgent", "fighter"):
            return self._insurgents(plain, start, self.country), "REB", "armed_group"
        if head_class == "group":
            return self._last_group(start), "REB", "armed_group"
        if _STRANGERS & set(plain):
            return None, "MIL", "unknown"
        if head_class == "unit":
            return None, "MIL", "unit"
        if any(_AGAINST.match(w) for w in plain):
            return None, "REB", "armed_group"
        state = self.index.parties.state(self.country) if self.country else None
        return state, _SECTOR.get(head_class, ""), "state"

    def _insurgents(self, plain: list[str], start: int | None, country: str | None) -> Party | None:
        """The armed group of the article that a word for insurgents is used of, most spoken of and last named first."""
        word = next((w for w in map(_singular, reversed(plain)) if w in _PREFERRED), "")
        wanted = _PREFERRED.get(word)
        best: tuple[float, Party] | None = None
        for party in self._groups():
            fits = country is None or country in party.countries or not party.countries
            if not fits or (wanted is not None and party.group_class not in wanted and not self._is_alone(party, word)):
                continue
            if party.group_class == "government" or (
                word and country in party.allied and word not in ("militia", "paramilitary")
            ):
                continue
            score = self._counts[party.id] + (1.0 if country in party.against else 0.0) + self._recency(party, start)
            if best is None or score > best[0]:
                best = (score, party)
        return best[1] if best else None

    def _is_alone(self, party: Party, word: str) -> bool:
        """The only insurgents of the article may be called by any word, but nobody calls Islamic State separatist."""
        others = [g for g in self._groups() if g.id != party.id and g.against & party.against]
        return not others and word not in ("separatist", "secessionist") and party.id not in ("isil", "al-qaeda")

    def _groups(self) -> list[Party]:
        seen: dict[str, Party] = {}
        for mention in self.mentions:
            if mention.party.kind == "armed_group":
                seen.setdefault(mention.party.id, mention.party)
        return list(seen.values())

    def _recency(self, party: Party, start: int | None) -> float:
        if start is None:
            return 0.0
        last = max((m.end for m in self.mentions if m.party.id == party.id and m.end <= start), default=None)
        return 0.0 if last is None else 2.0 / (1.0 + (start - last) / 300.0)

    def _last_group(self, start: int | None) -> Party | None:
        groups = [m for m in self.mentions if m.party.kind == "armed_group" and (start is None or m.end <= start)]
        return groups[-1].party if groups else None


def _titled_person(words: list[str], head: str, own: list[ActorMention]) -> bool:
    """ "U.S. President Ann Lee", "army chief John Berg": an office and a name after it."""
    at = max((i for i, w in enumerate(words[:-1]) if w.casefold() in _OFFICES), default=-1)
    if at < 0 or not all(w[0].isupper() for w in words[at + 1 :]):
        return False
    return not any(m.text.endswith(words[-1]) for m in own)


_OFFICES: Final = frozenset(
    "president premier minister chancellor secretary king queen prince emir sultan chief commander "
    "general gen colonel col "
    "captain major lieutenant governor mayor spokesman spokeswoman spokesperson ambassador envoy "
    "senator leader director "
    "chairman mr mrs ms dr sheikh mullah ayatollah marshal admiral".split()
)
_AGAINST: Final = re.compile(r"\banti[-–‑ ]", re.IGNORECASE)
_SECTOR: Final[dict[str, str]] = {
    "forces": "MIL",
    "unit": "MIL",
    "police": "COP",
    "government": "GOV",
    "insurgent": "REB",
}


def _actor(phrase: str, span: tuple[int | None, int | None], who: _Who, country: str | None) -> Actor:
    party, sector, kind = who
    start, end = span
    if party is None:
        plover = f"{country}{sector}" if country and sector else None
        return Actor(text=phrase, start=start, end=end, kind=kind or "unknown", country=country, plover=plover)
    plover = party.plover
    if party.kind == "state" and sector and party.country:
        plover = f"{party.country}{sector}"
    return Actor(
        text=phrase,
        start=start,
        end=end,
        id=party.id if kind != "unit" else None,
        name=party.name if kind != "unit" else None,
        kind=kind or party.kind,
        country=party.country,
        plover=plover,
    )
