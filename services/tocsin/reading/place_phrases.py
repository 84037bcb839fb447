"""Which place a noun phrase of the parse speaks of: a name, a part of one, a facility, "the city", or a number of places.

    read(token, sentence, context) -> [PlacePhrase]

One phrase can name several places ("Kunduz and Taloqan", "the cities of A and B"). A phrase that counts places without
naming them ("ten villages", "half of the country") is a tally.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from tocsin_schemas import Place, Quantity

from . import coordination, quantities, reference, syntax
from .place_nouns import AREAS, BORDER, COLLECTIVES, FACILITIES, PARTS, PEOPLE_WORDS, SETTLEMENTS, UNITS, WHOLE
from .place_words import GIVEN_NAMES, PERSON_TITLES

if TYPE_CHECKING:
    from spacy.tokens import Token

    from .article_places import ArticlePlaces
    from .reader import Sentence

_PRONOUNS: Final = frozenset(["it", "them", "both", "there"])
_DEFINITE: Final = frozenset(["the", "this", "that", "its", "their", "his", "these", "those", "our"])
_ADJECTIVES_OF_DIRECTION: Final = frozenset(
    "northern southern eastern western central northeastern northwestern southeastern southwestern".split()
)


@dataclass(frozen=True, slots=True)
class PlacePhrase:
    """One place or one tally that a phrase names. `partial`: only a part of it. `anaphoric`: by description."""

    kind: Literal["place", "tally"]
    head: Token
    start: int
    end: int
    text: str
    place: Place | None = None
    quantity: Quantity | None = None
    ordinal: int | None = None
    of: str | None = None
    partial: bool = False
    anaphoric: bool = False


def read(token: Token, sentence: Sentence, places: ArticlePlaces, *, loose: bool = False) -> list[PlacePhrase]:
    """The places that the phrase of `token` names, with its conjuncts. Empty when it names none.

    `loose` accepts an unknown proper name as a place (where the frame leaves no doubt that a place is meant).
    """
    found: list[PlacePhrase] = []
    if token.pos_ == "VERB" and token.dep_ == "pobj":
        token = (
            coordination.next_head(token.doc, token.head.i + 1) or token
        )  # "the capture of A and B leaves": a verb read as a noun
    reader = _Reader(sentence, places, loose)
    for member in coordination.heads(token):
        found += reader.read(member)
    if found:
        found += reader.included(token)
    found = [p for phrase in found for p in reader.enumerated(phrase) or [phrase]]
    found = [p for p in _without_named_tallies(found, sentence) if p.start not in reader.housing]
    unique: dict[tuple[int, int, str | None], PlacePhrase] = {}
    for phrase in found:
        unique.setdefault((phrase.start, phrase.end, phrase.place and phrase.place.name), phrase)
    return list(unique.values())


def of_name(head: Token, place: Place) -> PlacePhrase:
    """The phrase of a place that stands there by its name."""
    return PlacePhrase("place", head, place.start or 0, place.end or 0, place.text, place=place)


def _without_named_tallies(found: list[PlacePhrase], sentence: Sentence) -> list[PlacePhrase]:
    """ "three towns: A, B and C", "two towns, including A": what is named is not counted besides."""
    names = [p for p in found if p.kind == "place"]
    text = sentence.reading.text if sentence.field == "text" else sentence.reading.title

    def is_named(tally: PlacePhrase) -> bool:
        if tally.partial:
            return False
        following = min((p.start for p in names if p.start >= tally.end), default=None)
        if following is not None and _NAMES_FOLLOW.fullmatch(text, tally.end, following):
            return True
        before = [p.end for p in names if p.end <= tally.start]
        counted = tally.quantity.value if tally.quantity else None
        return counted == len(before) > 0 and not text[max(before) : tally.start].strip(", ")

    return [p for p in found if p.kind == "place" or not is_named(p)]


_PERCENT: Final = re.compile(r" ?(?:%|per ?cent\b)")
_NAMES_FOLLOW: Final = re.compile(
    r"[^,;:(–—-]{0,40}(?:[,:(–—-]|\s)\s*(?:(?:including|among them|such as|namely|notably|especially)\s+)?"
    r"(?:the (?:\w+ )?(?:city|town|village)s? of )?",
    re.IGNORECASE,
)
_ANNOUNCING: Final = frozenset([":", "--", "–", "—", "("])


def _names_person(text: str) -> bool:
    first = text.split(maxsplit=1)[0]
    return first in GIVEN_NAMES or first.casefold() in PERSON_TITLES


class _Reader:
    def __init__(self, sentence: Sentence, places: ArticlePlaces, loose: bool) -> None:
        self.sentence = sentence
        self.places = places
        self.loose = loose
        self.housing: set[int | None] = set()
        """Where the towns are named of which only a facility was taken."""

    def read(self, token: Token, depth: int = 0) -> list[PlacePhrase]:
        if depth > 4:
            return []
        token = syntax.antecedent(token)
        lemma = "base" if token.lower_ == "bases" else token.lemma_.lower().strip("‘’'\"")
        if token.lower_ in _PRONOUNS and token.pos_ in ("PRON", "DET", "CCONJ"):
            return self._pronoun(token)
        if lemma in coordination.DIRECTIONS and syntax.child(token, "relcl") is not None:
            at = self.sentence.offset(token)  # "from X, ten miles to the north, which fell": a relative hung too low
            return [self._phrase(token, place) for place in self.places.named(at - 60, at)[-1:]]
        if lemma in UNITS:
            seat = token.head.head if token.dep_ == "pobj" and token.head.lower_ == "of" else token
            return self.read(seat, depth + 1) if seat.lemma_.lower() in FACILITIES else []
        part = self._part(token, lemma, depth)
        if part is not None:
            return part
        if token.dep_ == "appos" and depth == 0 and not self._name_at(token) and self._name_at(token.head):
            return self.read(
                token.head, depth + 1
            )  # "Ardal, a site that fell": the place is what the apposition explains
        if token.dep_ in ("attr", "oprd") and token.head.lemma_ in ("be", "become", "remain", "make") and depth == 0:
            # "X became the first capital to fall": the place is the subject of the copula
            subject = syntax.child(token.head, "nsubj")
            if subject is not None and lemma in SETTLEMENTS | FACILITIES:
                return [replace(p, ordinal=self._ordinal(token)) for p in self.read(subject, depth + 1)]
        listed = self._listed(token) if depth == 0 else None
        if listed is not None:
            return [p for member in coordination.heads(listed) for p in self.read(member, depth + 1)]
        if lemma in COLLECTIVES | {"either", "neither", "each"}:
            of = next((c for c in token.children if c.dep_ == "prep" and c.lower_ == "of"), None)
            counted = syntax.child(of, "pobj") if of is not None else None
            found = [p for m in syntax.members(counted) for p in self.read(m, depth + 1)] if counted is not None else []
            return [self._counted_by(token, p) for p in found]
        if lemma in ("percent", "cent", "%"):
            return self._tally(token)
        if token.tag_ == "CD" and _PERCENT.match(self.sentence.doc.text, token.idx + len(token.text)):
            return self._tally(token)  # "more than 60 percent was in rebel hands"
        if lemma in FACILITIES and not (lemma in SETTLEMENTS and self._name_at(token)):
            return self._facility(token, lemma)
        if lemma in SETTLEMENTS | AREAS:
            return self._generic(token, lemma, depth)
        named = self._name_at(token)
        if named:
            return [self._phrase(token, place) for place in named]
        if lemma in PEOPLE_WORDS:
            return []
        if token.pos_ == "PROPN":
            return self._unknown(token) or self._of_town(token)
        return []

    def _counted_by(self, token: Token, phrase: PlacePhrase) -> PlacePhrase:
        """ "dozens of towns": how many is said by the word before."""
        if phrase.kind != "tally" or phrase.quantity is not None:
            return phrase
        start, end, text = self._span(token.left_edge, phrase.head)
        return replace(phrase, start=start, end=end, text=text, of=text, quantity=quantities.read(text, start))

    def enumerated(self, tally: PlacePhrase) -> list[PlacePhrase]:
        """The names that a count announces: "three towns fell: A, B and C", "two towns fell, A and B", "towns A and B"."""
        if tally.kind != "tally" or tally.partial or tally.head.tag_ not in ("NNS", "NNPS"):
            return []
        doc = tally.head.doc
        counted = tally.quantity.value if tally.quantity is not None else None
        for word in doc[tally.head.i : -1]:
            announces = word.text in _ANNOUNCING or word.lemma_ == "include" or word == tally.head
            if word.text != "," and not announces:
                continue
            names = self._names_from(word.i + 1)
            if names and (announces or counted == len(names) or self._are_among_them(names)):
                return names
        return []

    def _names_from(self, start: int) -> list[PlacePhrase]:
        """A list of names that starts with the word at `start`; nothing when the word is no name."""
        head = coordination.next_head(self.sentence.doc, start)
        if head is None or not (head.pos_ == "PROPN" or self._name_at(head)):
            return []
        if self.sentence.doc[start].pos_ not in ("PROPN", "DET") and not self._name_at(self.sentence.doc[start]):
            return []
        reader = _Reader(self.sentence, self.places, loose=True)  # what the count says are places
        found = [p for member in coordination.heads(head) for p in reader.read(member, 1)]
        return found if all(p.kind == "place" for p in found) else []

    def _are_among_them(self, names: list[PlacePhrase]) -> bool:
        behind = self.sentence.text[max(p.end for p in names) - self.sentence.start :]
        return behind.lstrip().startswith("among them")

    @staticmethod
    def _listed(token: Token) -> Token | None:
        """ "Among the towns captured were A and B": the subject behind the verb is what is meant."""
        among = token.head
        if among.lower_ != "among" or among.head.lemma_ != "be":
            return None
        return syntax.child(among.head, "nsubj", "attr")

    def included(self, token: Token) -> list[PlacePhrase]:
        """The places behind "including" and the like: "most of the north, including A and B", "towns, among them A"."""
        for word in token.doc[token.i + 1 : token.i + 14]:
            if word.pos_ in ("VERB", "AUX") and word.lower_ != "including":
                break
            if word.lower_ in ("including", "notably", "namely") or (
                word.lower_ in ("them", "as") and token.doc[word.i - 1].lower_ in ("among", "such")
            ):
                head = coordination.next_head(token.doc, word.i + 1)
                return (
                    []
                    if head is None
                    else [p for m in coordination.heads(head) for p in self.read(m, 1) if p.kind == "place"]
                )
        return []

    # --- spans -------------------------------------------------------------------------------------------------
    def _span(self, first: Token, last: Token) -> tuple[int, int, str]:
        start, end = self.sentence.span(first, last)
        base = self.sentence.start
        return start, end, self.sentence.text[start - base : end - base]

    def _noun_phrase(self, token: Token) -> tuple[int, int, str]:
        return self._span(*syntax.phrase(token))

    def _phrase(self, token: Token, place: Place, *, partial: bool = False, anaphoric: bool = False) -> PlacePhrase:
        if anaphoric:
            start, end, text = self._span(syntax.phrase(token)[0], token)
            place = place.model_copy(update={"text": text, "start": start, "end": end})
        start = place.start if place.start is not None else self.sentence.offset(token)
        end = place.end if place.end is not None else start + len(token.text)
        return PlacePhrase(
            "place", token, start, end, self.sentence.text[start - self.sentence.start : end - self.sentence.start],
            place=place, partial=partial, anaphoric=anaphoric,
        )  # fmt: skip

    def _name_at(self, token: Token) -> list[Place]:
        start = self.sentence.offset(token)
        return self.places.named(start, start + len(token.text))

    # --- cases -------------------------------------------------------------------------------------------------
    def _pronoun(self, token: Token) -> list[PlacePhrase]:
        if token.lower_ == "them":
            return []
        stormed = self._of_clause_before(token) if token.lower_ == "it" else []
        if stormed:
            return stormed
        count = 2 if token.lower_ == "both" else 1
        return [self._phrase(token, place, anaphoric=True) for place in self._referents(token.lower_, token, count)]

    def _of_clause_before(self, token: Token) -> list[PlacePhrase]:
        """ "stormed the police station in X and captured it": what the verb before was done to, where it is a place."""
        verb = token.head
        before = verb.head
        if token.dep_ != "dobj" or verb.dep_ not in ("conj", "pcomp", "advcl", "xcomp"):
            return []
        if before.pos_ == "ADP":
            before = before.head
        done_to = syntax.child(before, "dobj") if before.pos_ == "VERB" and before.i < verb.i else None
        found = self.read(done_to, 1) if done_to is not None and done_to.i < token.i else []
        return [replace(p, anaphoric=True) for p in found] if len(found) == 1 and found[0].kind == "place" else []

    def _referents(self, noun: str, token: Token, count: int = 1) -> list[Place]:
        reading = self.sentence.reading
        return reference.referents(self.places, reading.told, noun, self.sentence.offset(token), count)

    def _part(self, token: Token, lemma: str, depth: int) -> list[PlacePhrase] | None:
        """ "most of X", "parts of X", "80 percent of X", "almost the entire city"."""
        if lemma not in PARTS or token.lower_ == "hearts":
            return None
        of = next((c for c in token.children if c.dep_ == "prep" and c.lower_ in ("of", "in")), None)
        target = syntax.child(of, "pobj") if of is not None else None
        if target is None and token.i + 2 < len(token.doc) and token.doc[token.i + 1].lower_ == "of":
            # "A and parts of B": the parser hangs "of B" on A
            target = coordination.next_head(token.doc, token.i + 2)
        if target is None or (lemma in AREAS | SETTLEMENTS and not self._named_below(target)):
            return None
        if of is not None and of.lower_ == "in" and lemma in ("area", "district", "neighborhood", "neighbourhood"):
            return None
        inner = [p for member in syntax.members(target) for p in self.read(member, depth + 1)]
        partial = lemma not in WHOLE
        start, end, text = self._span(token.left_edge, token)
        result: list[PlacePhrase] = []
        for phrase in inner:
            wide = phrase.place is not None and phrase.place.kind in ("country", "region")
            if phrase.kind == "tally" or wide or (phrase.place is None):
                whole = self._span(token.left_edge, target.right_edge)[2]
                result.append(
                    PlacePhrase(
                        "tally", token, start, end, text, quantity=quantities.read(text, start), of=whole, partial=True
                    )
                )
            else:
                result.append(replace(phrase, partial=phrase.partial or partial))
        if not inner and target.lemma_.lower() in AREAS | SETTLEMENTS | {"frontline"}:
            whole = self._span(token.left_edge, target.right_edge)[2]
            result.append(
                PlacePhrase(
                    "tally", token, start, end, text, quantity=quantities.read(text, start), of=whole, partial=True
                )
            )
        return result

    def _named_below(self, token: Token) -> bool:
        start, end = self.sentence.span(token.left_edge, token.right_edge)
        return (
            bool(self.places.named(start, end))
            or token.lower_ in ("it", "them")
            or token.lemma_.lower() in SETTLEMENTS | AREAS
        )

    def _facility(self, token: Token, lemma: str) -> list[PlacePhrase]:
        start, end, _ = self._noun_phrase(token)
        if token.tag_ in ("NNS", "NNPS") and lemma not in ("headquarters", "barracks"):
            return self._facilities(token, lemma) or self._tally(token)
        inside = self.places.named(start, end)
        exact = [p for p in inside if p.kind in ("facility", "border_crossing")]
        if exact:
            return [self._phrase(token, exact[0])]
        of = self._located(token)
        of = of or [p for c in token.children if c.dep_ in ("prep", "appos") for p in self._places_under(c)]
        city = next(iter(inside or of), None)
        name_start = self._name_start(token)
        name = self.sentence.text[
            name_start - self.sentence.start : self.sentence.offset(token) + len(token.text) - self.sentence.start
        ]
        end_of_name = self.sentence.offset(token) + len(token.text)
        determiner = next((c.lower_ for c in token.children if c.dep_ == "det"), None)
        if city is None and determiner in _DEFINITE and len(name.split()) == 1:
            earlier = self.places.described(lemma, self.sentence.offset(token))
            if earlier is not None:
                return [self._phrase(token, earlier, anaphoric=True)]
        place = self.places.facility(name, name_start, end_of_name, city, border=lemma in BORDER)
        if of and name.islower():  # "the airport at X"
            place = place.model_copy(update={"name": f"{of[0].name} {name}"})
        return [PlacePhrase("place", token, name_start, end_of_name, name, place=place)]

    def _of_town(self, token: Token) -> list[PlacePhrase]:
        """ "the Kunduz Cultural Centre": a name that begins with a town's is something in that town."""
        names = [c for c in token.lefts if c.dep_ == "compound" and c.pos_ == "PROPN"]
        towns = [place for name in names for place in self._name_at(name)]
        if not towns or self._is_party(*self._span(names[0], token)[:2]):
            return []
        start, end, text = self._span(names[0], token)
        return [
            PlacePhrase(
                "place", token, start, end, text, place=self.places.facility(text, start, end, towns[0], border=False)
            )
        ]

    def _is_party(self, start: int, end: int) -> bool:
        return bool(self.sentence.reading.actors_for(self.sentence).named(start, end))

    def _located(self, token: Token) -> list[Place]:
        """The places behind "in" or "at" right after the noun, whatever word the parser hangs them on."""
        after = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
        return self._places_under(after) if after is not None and after.lower_ in ("in", "at", "near") else []

    def _facilities(self, token: Token, lemma: str) -> list[PlacePhrase]:
        """ "army bases in A and B": a base in each."""
        towns = [p for p in self._located(token) if p.kind not in ("country", "region", "province")]
        own = any(c.dep_ == "poss" and c.lower_ in ("its", "their") for c in token.children)
        if not towns and own and lemma not in ("post", "position", "trench") and token.dep_ != "conj":
            towns = self._referents("city", token)  # "seized its police buildings"
        self.housing.update(p.start for p in towns)
        first = self._name_start(token)
        end = self.sentence.offset(token) + len(token.text)
        text = self.sentence.text[first - self.sentence.start : end - self.sentence.start]
        kind = text.removesuffix("s") if lemma != "refinery" else "refinery"
        kind = kind.removeprefix("its ").removeprefix("their ")
        return [
            PlacePhrase(
                "place", token, first, end, text,
                place=self.places.facility(text, first, end, town, border=lemma in BORDER).model_copy(
                    update={"name": f"{town.name} {kind}"}
                ),
            )
            for town in towns
        ]  # fmt: skip

    def _name_start(self, token: Token) -> int:
        first = token
        for left in token.lefts:
            if left.dep_ in ("det", "punct", "predet") or (
                left.dep_ == "amod"
                and left.lower_
                in ("key", "main", "last", "old", "nearby", "strategic", "largest", "biggest", "important")
            ):
                continue
            if left.dep_ in ("compound", "amod", "poss", "nmod", "nummod"):
                edge = left.left_edge
                while edge.dep_ == "det" and edge.i < left.i:
                    edge = token.doc[edge.i + 1]
                first = edge if edge.i < first.i else first
        return self.sentence.offset(first)

    def _places_under(self, token: Token) -> list[Place]:
        start, end = self.sentence.span(token.left_edge, token.right_edge)
        return self.places.named(start, end)

    def _generic(self, token: Token, lemma: str, depth: int) -> list[PlacePhrase]:
        """A common noun for a place: named beside it, counted, or to be resolved."""
        plural = token.tag_ in ("NNS", "NNPS")
        named = self._named_beside(token, lemma)
        if lemma == "capital":
            seat = self._capital(token, named)
            if seat:
                return seat
        if named:
            return [self._phrase(token, place) for place in named]
        if plural or lemma in ("territory", "land"):
            counted = quantities.read(self._span(syntax.phrase(token)[0], token)[2])
            definite = any(c.lower_ in _DEFINITE or c.lower_ == "both" for c in token.children)
            if definite and counted is not None and counted.value and counted.value <= 4 and lemma in SETTLEMENTS:
                several = self._referents(lemma, token, int(counted.value))
                if len(several) == int(counted.value):
                    return [self._phrase(token, place, anaphoric=True) for place in reversed(several)]
            return self._tally(token)
        ordinal = self._ordinal(token)
        determiner = next((c for c in token.children if c.dep_ in ("det", "poss")), None)
        if ordinal is not None and not self._inside_relative(token):
            return self._tally(token, ordinal)
        if determiner is not None and determiner.lower_ in ("a", "an", "another", "one", "each", "every", "no", "any"):
            return []
        named_area = self._named_area(token, lemma)
        if named_area is not None:
            return [named_area]
        found = self._referents(lemma, token)
        place = found[0] if found else self.places.described(lemma, self.sentence.offset(token))
        if place is None or (determiner is None and lemma not in ("city", "town", "capital")):
            return []
        if place.kind in ("country", "region"):
            return self._tally(token)
        return [self._phrase(token, place, anaphoric=True)]

    def _named_area(self, token: Token, lemma: str) -> PlacePhrase | None:
        """ "the Crater neighborhood", "the Old City": a name that the gazetteer does not know, with its kind."""
        names = [
            c
            for c in token.children
            if c.dep_ in ("compound", "nmod", "amod") and c.text[:1].isupper() and c.i < token.i
        ]
        if not names or names[0].lower_ in _ADJECTIVES_OF_DIRECTION:
            return None
        capital_head = token.text[:1].isupper()
        if not capital_head and any(n.pos_ != "PROPN" for n in names):
            return None
        first = min(names, key=lambda n: n.i)
        start, end, text = self._span(first, token)
        name_end = end if capital_head else self.sentence.span(first, token.doc[token.i - 1])[1]
        name = self.sentence.text[start - self.sentence.start : name_end - self.sentence.start]
        kind = (
            "district"
            if lemma in ("district", "neighborhood", "neighbourhood", "area", "quarter", "suburb", "city")
            else "city"
        )
        kind = "province" if lemma in ("province", "governorate", "state") else kind
        kind = "region" if lemma in ("region", "valley", "peninsula", "island") else kind
        return PlacePhrase("place", token, start, end, text, place=self.places.unknown(name, start, end, kind))

    def _named_beside(self, token: Token, lemma: str) -> list[Place]:
        """ "the city of X", "X city", "the city X", "cities of X and Y", "the towns of A, B and C"."""
        result: list[Place] = []
        for c in token.children:
            if c.dep_ == "prep" and c.lower_ == "of" and lemma != "capital":
                target = syntax.child(c, "pobj")
                if target is not None:
                    for member in syntax.members(target):
                        result += self._names_in(member)
                        if not self._names_in(member) and member.pos_ == "PROPN":
                            result += [p.place for p in self._unknown(member, force=True) if p.place is not None]
            elif c.dep_ == "appos":
                for member in syntax.members(c):
                    result += self._names_in(member)
        if not result:
            for c in token.children:
                if c.dep_ in ("compound", "nmod", "amod") and c.text[:1].isupper():
                    named = [p for m in syntax.members(c) if m.i < token.i for p in self._names_in(m)]
                    result += [p for p in named if p.kind != "country"]
        return [p for p in result if not (lemma in SETTLEMENTS and p.kind in ("country", "region"))]

    def _names_in(self, token: Token) -> list[Place]:
        first, last = token, token
        for left in token.lefts:
            if left.dep_ in ("compound", "amod", "nmod"):
                first = left if left.i < first.i else first
        start, end = self.sentence.span(first, last)
        return self.places.named(start, end)

    def _capital(self, token: Token, named: list[Place]) -> list[PlacePhrase]:
        """ "the capital of Salahuddin", "Badakhshan's capital Faizabad", "another provincial capital in Badakhshan"."""
        settled = [p for p in named if p.kind not in ("province", "region", "country")]
        if settled:
            return [self._phrase(token, p) for p in settled]
        if token.tag_ in ("NNS", "NNPS"):
            return []
        for c in token.children:
            owners: list[Place] = []
            if c.dep_ == "poss" or (c.dep_ in ("compound", "amod", "nmod") and c.pos_ == "PROPN"):
                owners = self._names_in(c)
            elif c.dep_ == "prep" and c.lower_ in ("of", "in"):
                owners = self._places_under(c)
            for owner in owners:
                seat = self.places.capital_of(owner)
                if seat is not None:
                    return [self._phrase(token, seat, anaphoric=True)]
        return []

    def _ordinal(self, token: Token) -> int | None:
        for c in token.children:
            if c.dep_ in ("amod", "nummod", "advmod"):
                value = quantities.ordinal_value(c.lower_)
                if value is not None:
                    return value
            for g in c.children:
                if (value := quantities.ordinal_value(g.lower_)) is not None and c.dep_ in ("amod", "nummod"):
                    return value
        return None

    def _inside_relative(self, token: Token) -> bool:
        return token.dep_ in ("pobj",) and token.head.lower_ in ("of",)

    def _tally(self, token: Token, ordinal: int | None = None) -> list[PlacePhrase]:
        first, _ = syntax.phrase(token)
        start, end, text = self._span(first, token)
        of = self._noun_phrase(token)[2]
        quantity = quantities.read(text, start)
        tally = PlacePhrase("tally", token, start, end, text, quantity=quantity, ordinal=ordinal, of=of)
        names = [
            self._phrase(token, place)
            for c in token.children
            if c.dep_ == "prep" and c.lower_ in ("like", "as")
            for place in self._places_under(c)
            if place.kind not in ("country", "region")
        ]
        return [tally, *names]

    def _unknown(self, token: Token, *, force: bool = False) -> list[PlacePhrase]:
        first = token
        for left in token.lefts:
            if left.dep_ == "compound" and left.pos_ == "PROPN":
                first = (
                    left.left_edge
                    if left.left_edge.i < first.i and left.left_edge.pos_ == "PROPN"
                    else left
                    if left.i < first.i
                    else first
                )
        start, end, text = self._span(first, token)
        if not (self.loose or force) or _names_person(text) or self._is_party(start, end):
            return []
        return [PlacePhrase("place", token, start, end, text, place=self.places.unknown(text, start, end, "city"))]
