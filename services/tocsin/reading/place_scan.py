"""Finds the words of a text that may be place names, in one pass and without a parse.

    scanner = PlaceScanner(Gazetteer.load())
    scanner.find_places("The Taliban entered Kunduz province.")
    # [PlaceMention(start=20, end=35, name="Kunduz", hint="province", ...)]

A mention says what stands around the name ("in", "the city of", "province", a title, a verb of speech) and a first
score of how surely it is a place at all; `places.PlaceResolver` adds what the article as a whole says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from tocsin_schemas.place import PlaceKind

from . import place_words as words
from .gazetteer import Gazetteer
from .place_names import fold, key

LONGEST: Final = 5
"""Words of the longest name that is looked up."""

_LETTER: Final = r"[^\W\d_]"
_CAPITAL: Final = r"[A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĖĘĚĞĠĢĤĪİĶŁŃŇŌŐŘŚŞŠŢȚŤŪŮŰŹŻŽȘḨḤṬṢẒḐṞ]"
_ARTICLE: Final = r"(?:al|el|ar|as|ad|az|an|at|ash|ath|ed|es|ez|er|en|et|ul)"
_WORD: Final = rf"[‘ʻʿ'’]?(?:{_ARTICLE}[- ][‘ʻʿ'’]?)?{_CAPITAL}(?:{_LETTER}|[’'ʻʿ‘.](?={_LETTER})|(?<=\b{_CAPITAL})\.)*"
_LINK: Final = (
    rf"(?:{_ARTICLE}|de|da|do|dos|du|d|des|del|di|la|le|les|los|las|e|i|ye|y|au|aux|sur|of the|of|and|bin|ibn)"
)
_RUN: Final = re.compile(rf"(?<!\w){_WORD}(?:(?:[ \u00a0-](?:{_LINK}[ -])?){_WORD})*")
_TOKEN: Final = re.compile(r"[^\s -]+")
_DATELINE_REACH: Final = 60
_DATELINE_END: Final = re.compile(r"[^.\n]{0,50}?(?:\([^)]{2,30}\)\s*[-–—:]|\s[–—]\s|\s--\s)")
_COMMON: Final = frozenset(word.capitalize() for word in words.NEVER)
"""Runs of one word that only open sentences."""
_CLAUSE: Final = re.compile(r"[.;:,] |[\n!?”\"(]")
_POSSESSIVE: Final = re.compile(r"[’'](?:s|S)?$")
_BEFORE: Final = re.compile(r"([\w’'-]+)([^\w’'-]*)$")
_NAMED_BEFORE: Final = re.compile(rf"\b(?!(?:The|A|An|Its|Their|Two|Three|In|Both) ){_CAPITAL}\w+ \w+ of $")
_AFTER: Final = re.compile(r"\s*([,(]?)\s*([\w’'-]+)(?:[ -]([\w’'-]+))?(?:[ -]([\w’'-]+))?")


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """Words that may name a place. `start`/`end` span the phrase ("Kunduz province"), `name` is the name in it.

    `rows` are the gazetteer's rows of that name, in no order and empty for an unknown one. `hint` is the kind that the
    words around it say, `noun` the word that says it. `score` is above 0 when the words alone speak for a place.
    `is_located`: where only a place is likely ("in X", "the village of X"); `is_name_part`: inside a longer name
    ("Kabul Times"); `is_speaker`: it speaks ("Moscow said"); `is_titled`: after a title or given name ("Gen. Douglas").
    """

    start: int
    end: int
    name_start: int
    name_end: int
    text: str
    name: str
    rows: tuple[int, ...]
    hint: PlaceKind | None
    score: float
    is_located: bool = False
    is_name_part: bool = False
    is_speaker: bool = False
    is_titled: bool = False
    noun: str = ""


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    word: str
    folded: str


class PlaceScanner:
    """Finds place mentions; holds the gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._rows = lru_cache(maxsize=20_000)(self._rows_of)
        self.find_places = lru_cache(maxsize=8)(self._find_places)  # text and title are each looked at for the other

    def _rows_of(self, name: str) -> tuple[int, ...]:
        return self.gazetteer.rows(key(name))

    def _find_places(self, text: str) -> tuple[PlaceMention, ...]:
        """Every stretch of `text` that may name a place, in order, not overlapping, with offsets in it."""
        found: list[PlaceMention] = []
        for run in _RUN.finditer(text):
            if run.group() not in _COMMON:
                found.extend(self._in_run(text, run.start(), run.end()))
        return tuple(_share_location(text, _share_hints(text, found)))

    def as_mention(self, name: str, hint: PlaceKind | None = None) -> PlaceMention:
        """A mention of `name` by itself, where something else says that it is a place. Its offsets count `name`."""
        rows = self._rows(name)
        score = max((self._prominence(row, name) for row in rows), default=0.1) + 0.6
        return PlaceMention(0, len(name), 0, len(name), name, name, rows, hint, score, is_located=True)

    def _in_run(self, text: str, start: int, end: int) -> Iterator[PlaceMention]:
        tokens = list(_tokens(text, start, end))
        at = 0
        while at < len(tokens):
            size, rows = self._longest(text, tokens, at)
            whole = self._unknown_size(tokens, at)
            if (
                whole > size
                and whole > 1
                and (
                    self._is_named_site(text, tokens, at, at + whole)
                    or (size > 0 and self._is_longer_name(text, tokens, (at, at + size, at + whole), rows))
                )
            ):
                size, rows = whole, ()
            if rows or self._may_be_unknown(text, tokens, at):
                size = size or whole
                yield self._mention(text, tokens, at, at + size, rows)
            at += max(size, 1)

    def _is_longer_name(
        self, text: str, tokens: list[_Token], places: tuple[int, int, int], rows: tuple[int, ...]
    ) -> bool:
        """ "in Tal Rifat", where only an obscure place is called Tal: all the words are one unknown name."""
        first, end, whole = places
        if first and tokens[first - 1].folded not in words.BEFORE_PLACE:
            return False
        name = text[tokens[first].start : tokens[end - 1].end] if end > first else ""
        if any(self._prominence(row, name) >= 0.5 for row in rows):
            return False
        if any(
            t.word.isupper() or t.folded in words.TITLES or t.word in words.GIVEN_NAMES for t in tokens[first:whole]
        ):
            return False
        before = _words_before(text, tokens[first].start)
        return bool(before) and (before[-1] in words.LOCATIVE or _names_place(before))

    @staticmethod
    def _is_named_site(text: str, tokens: list[_Token], first: int, last: int) -> bool:
        """ "Islam Qala border crossing", "Hamid Karzai airport": all the capitalized words are the site's name."""
        noun = words.NOUN_AFTER.match(text, tokens[last - 1].end)
        if tokens[first].folded in words.NOT_A_NAME or noun is None:
            return False
        if noun.group(1).casefold() not in words.FACILITY_ONLY:
            return False
        return not any(token.word.isupper() or token.folded in words.BEFORE_PLACE for token in tokens[first:last])

    def _longest(self, text: str, tokens: list[_Token], at: int) -> tuple[int, tuple[int, ...]]:
        first = tokens[at]
        if first.folded in words.NEVER or (first.folded in words.LINKS and first.word.islower()):
            return 0, ()
        for size in range(min(LONGEST, len(tokens) - at), 0, -1):
            last = tokens[at + size - 1]
            if last.folded in words.LINKS:
                continue
            rows = self._rows(text[first.start : last.end])
            if rows:
                return size, rows
        return 0, ()

    def _may_be_unknown(self, text: str, tokens: list[_Token], at: int) -> bool:
        """A name that the gazetteer lacks, where only a place can stand ("the village of X", "X district")."""
        first = tokens[at]
        if first.folded in words.NOT_A_NAME or first.folded in words.DEMONYMS or len(first.folded) < 3:
            return False
        if at and tokens[at - 1].folded not in words.BESIDE_UNKNOWN:
            return False
        if _is_person(tokens, at) or fold(first.word) in words.ORDINARY or first.word in words.GIVEN_NAMES:
            return False
        if len(first.folded) > 3 and not (at == 0 and _starts_sentence(text, first.start)):
            return True
        return words.NOUN_AFTER.match(text, tokens[at + self._unknown_size(tokens, at) - 1].end) is not None

    def _unknown_size(self, tokens: list[_Token], at: int) -> int:
        size = 1
        while at + size < len(tokens) and tokens[at + size].folded not in words.ENDS_UNKNOWN:
            if _POSSESSIVE.search(tokens[at + size - 1].word):
                break
            size += 1
        return size

    def _mention(self, text: str, tokens: list[_Token], first: int, last: int, rows: tuple[int, ...]) -> PlaceMention:
        start, end = tokens[first].start, tokens[last - 1].end
        name = text[start:end]
        around = _Around.read(text, tokens, first, last)
        hint, noun, reach = _kind_after(text, end)
        if noun in words.WEAK_NOUNS and not any(self._is_area(row) for row in rows):
            hint, noun, reach = None, "", end
        if hint is None:
            hint, noun = _kind_before(text, start, around.before)
        score = self._score(name, last - first == 1, around, hint, rows)
        is_part = around.is_part and hint is None
        phrase_end = max(reach, end)
        return PlaceMention(
            start,
            phrase_end,
            start,
            end,
            text[start:phrase_end],
            name,
            rows,
            hint,
            score,
            is_located=around.is_located or hint is not None,
            is_name_part=is_part,
            is_speaker=around.is_speaker,
            is_titled=around.is_titled,
            noun=noun,
        )

    def _score(
        self, name: str, is_one_word: bool, around: _Around, hint: PlaceKind | None, rows: tuple[int, ...]
    ) -> float:
        folded = fold(name)
        best = max((self._prominence(row, name) for row in rows), default=0.0)
        score = best if rows else 0.1
        areas = any(self.gazetteer.entry(row).kind in ("country", "region") for row in rows)
        if folded in words.ORDINARY and not areas:
            score -= 1.2 if around.starts_sentence else 0.7
        if is_one_word and name in words.GIVEN_NAMES and not areas:
            score -= 0.5
        is_acronym = name.isupper() and len(name) <= 5
        if (len(folded) <= 3 or is_acronym) and not any(self.gazetteer.entry(row).kind == "country" for row in rows):
            score -= 0.8 if is_acronym else 0.3
        if around.is_located:
            score += 0.35
        if hint is not None:
            score += 0.6
        if around.is_titled:
            score -= 1.0
        if around.is_part and hint is None:
            score -= 0.45
        if around.is_speaker and best < 0.8:
            score -= 0.6
        return score

    def _is_area(self, row: int) -> bool:
        return self.gazetteer.entry(row).kind in ("province", "region", "district")

    @lru_cache(maxsize=50_000)  # noqa: B019 - one scanner lives as long as the process
    def _prominence(self, row: int, name: str) -> float:
        return self.gazetteer.prominence(self.gazetteer.entry(row), name)


@dataclass(slots=True)
class _Around:
    """What stands beside a name."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    starts_sentence: bool
    is_located: bool
    is_titled: bool
    is_part: bool
    is_speaker: bool

    @classmethod
    def read(cls, text: str, tokens: list[_Token], first: int, last: int) -> _Around:
        previous = tokens[first - 1].folded if first else ""
        before = _words_before(text, tokens[first].start)
        after = _after(text, tokens[last - 1].end)
        following = tokens[last].folded if last < len(tokens) else ""
        starts = first == 0 and _starts_sentence(text, tokens[0].start)
        at = tokens[first].start
        is_person = _is_person(tokens, first) or bool(words.SHORT_TITLE.search(text, max(0, at - 9), at))
        ends_owner = bool(_POSSESSIVE.search(tokens[last - 1].word))
        opens = first == 1 and _starts_sentence(text, tokens[0].start)
        is_verb = opens and previous.endswith(("ing", "ed"))
        swallowed_before = bool(previous) and previous not in words.BEFORE_PLACE and not is_verb
        swallowed_after = bool(following) and following not in words.MAY_FOLLOW and not ends_owner
        is_part = swallowed_before or swallowed_after
        located = bool(before) and (before[-1] in words.LOCATIVE or _names_place(before))
        if before[-2:] in words.LOCATIVE_PAIRS or words.FALLS.match(text, tokens[last - 1].end):
            located = True
        speaker = bool(after) and after[0] in words.SPEECH
        is_named = swallowed_before and not located and not opens
        return cls(before, after, starts, located, is_person or is_named, is_part, speaker)


def _tokens(text: str, start: int, end: int) -> Iterator[_Token]:
    at = start
    for token in _TOKEN.finditer(text, start, end):
        word = token.group()
        bare = _POSSESSIVE.sub("", word).lstrip("‘ʻʿ'’")
        if bare:
            at = token.start() + word.index(bare)
            yield _Token(at, at + len(bare), word, fold(bare))


def _is_person(tokens: list[_Token], at: int) -> bool:
    """Preceded by a title or a given name ("General X", "John X")."""
    if not at:
        return False
    previous = tokens[at - 1]
    return previous.folded in words.PERSON_TITLES or previous.word in words.GIVEN_NAMES


def _starts_sentence(text: str, at: int) -> bool:
    if words.SHORT_TITLE.search(text, max(0, at - 9), at):
        return False
    before = text[max(0, at - 4) : at].rstrip(" \u00a0")
    return not before or before[-1] in '.!?\n"“‘«:—–' or before.endswith("\n")


def _words_before(text: str, at: int) -> tuple[str, ...]:
    """Up to four words before `at` in the same clause, in lower case."""
    piece = _CLAUSE.split(text[max(0, at - 40) : at])[-1]
    return tuple(piece.casefold().replace("’", "'").split()[-4:])


def _after(text: str, at: int) -> tuple[str, ...]:
    """Up to three words after `at` when nothing but spaces stands between."""
    found = _AFTER.match(text, at)
    if found is None or found.group(1):
        return ()
    return tuple(word.casefold() for word in found.groups()[1:] if word)


def _names_place(before: tuple[str, ...]) -> bool:
    """ "the town of", "villages of", "city": what only a place can follow."""
    if len(before) == 0:
        return False
    if before[-1] == "of" and len(before) > 1:
        return before[-2] in words.KIND_NOUNS and before[-2] not in words.FACILITY_ONLY
    return before[-1] in words.APPOSED


def _kind_before(text: str, start: int, before: tuple[str, ...]) -> tuple[PlaceKind | None, str]:
    """The kind that "the city of" or "the city" gives the name at `start`; not "the X district of"."""
    if len(before) == 0 or _NAMED_BEFORE.search(text, max(0, start - 60), start):
        return None, ""
    if before[-1] == "of" and len(before) > 1:
        noun = before[-2]
    elif before[-1] in words.APPOSED:
        noun = before[-1]
    else:
        return None, ""
    if noun in words.WEAK_NOUNS or text[max(0, start - len(noun) - 4) : start].istitle():
        return None, ""
    kind = words.KIND_NOUNS.get(noun)
    return (None, "") if kind in ("facility", "border_crossing") else (kind, noun)


def _kind_after(text: str, end: int) -> tuple[PlaceKind | None, str, int]:
    """The kind that the noun after a name gives it, the noun, and where the noun ends ("Kunduz air base")."""
    found = words.NOUN_AFTER.match(text, end)
    if found is None:
        return None, "", end
    noun = found.group(1).casefold()
    kind = words.KIND_NOUNS.get(noun)
    return kind, noun, found.end(1) if kind else end


def _share_location(text: str, mentions: list[PlaceMention]) -> list[PlaceMention]:
    """ "in A, B and C": what holds of one name of a list holds of the others; "A, B": a name and its area."""
    shared = list(mentions)
    for order in (range(len(shared) - 1, 0, -1), range(1, len(shared))):
        for at in order:
            giver, taker = (at, at - 1) if order.step < 0 else (at - 1, at)
            if not shared[giver].is_located or shared[taker].is_located or shared[taker].is_titled:
                continue
            if words.LIST_GAP.fullmatch(text, shared[at - 1].end, shared[at].start):
                shared[taker] = replace(shared[taker], is_located=True, score=shared[taker].score + 0.2)
    return shared


def _share_hints(text: str, mentions: list[PlaceMention]) -> list[PlaceMention]:
    """ "Helmand, Kandahar and Herat provinces", "the cities of A, B and C": the noun is said of all."""
    shared = list(mentions)
    for order in (range(len(shared) - 1, 0, -1), range(1, len(shared))):
        giver: PlaceMention | None = None
        for at in order:
            backwards = order.step < 0
            here, there = (shared[at], at - 1) if backwards else (shared[at - 1], at)
            stands_after = here.end > here.name_end
            if here.noun in words.PLURALS and stands_after == backwards:
                giver = here
            gap = (shared[at - 1].end, shared[at].start)
            if giver is None or shared[there].hint is not None or not words.LIST_GAP.fullmatch(text, *gap):
                giver = None
                continue
            taker = shared[there]
            shared[there] = replace(
                taker, hint=giver.hint, noun=giver.noun, score=shared[there].score + 0.6, is_located=True
            )
    return shared


def in_dateline(text: str, start: int, end: int) -> bool:
    """Whether a name at the start of a text is its dateline ("KABUL (Reuters) -", "ADDIS ABABA, Dec 6 -")."""
    if start >= _DATELINE_REACH:
        return False
    if len(text[start:end]) > 3 and text[start:end].isupper():
        return True
    return start < 40 and _DATELINE_END.match(text, end, end + 70) is not None
