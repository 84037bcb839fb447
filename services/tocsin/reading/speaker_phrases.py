"""Phrases that name a speaker, read from the words around a cue without a parse.

    subject_before(host, i)  -> Phrase | None     # "X, a colonel, said": the phrase that ends before token i
    phrase_from(host, i)     -> Phrase | None     # "said X, a colonel": the phrase that begins at token i

News writes its speakers in few shapes: a name with titles before or an apposition behind, a role with "of" or "for", the
name of a body, a pronoun. Where the words fit none of them there is no phrase, rather than a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .hosts import Host, Tok
from .speaker_words import demonyms, states, words

SpeakerKind = Literal[
    "person", "role", "body", "group", "pronoun", "plural", "outlet", "document", "relative", "named", "other"
]

PRONOUNS: Final = frozenset("he she it they i we you".split())
RELATIVES: Final = frozenset("who which".split())
DETERMINERS: Final = frozenset(
    "the a an this that these those his her its their our my your one another some any each both every no several many "
    "most all two three four five six seven eight nine ten dozens hundreds few".split()
)
CONNECTORS: Final = frozenset("of for in at to from with on".split())
PREPOSITIONS: Final = frozenset(
    "of in on at to for from by with about against between among during after before since until under over into through "
    "without within near amid despite per via as than toward towards across behind beyond around along off out up down "
    "inside outside above below beside besides except like unlike upon throughout following including regarding".split()
)
CONJUNCTIONS: Final = frozenset("and or but nor yet so".split())
SUBORDINATORS: Final = frozenset(
    "that which who whom whose what when where while whereas as because if unless although though once whether how why "
    "whenever wherever whatever till lest".split()
)
AUXILIARIES: Final = frozenset(
    "is are was were be been being has have had having do does did will would can could may might must shall should 's "
    "isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't cannot not "
    "never ain't shouldn't".split()
)
MODALS: Final = frozenset(
    "will would can could may might must shall should won't wouldn't can't couldn't cannot".split()
)
NEGATIONS: Final = frozenset(
    "not never no n't isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't "
    "couldn't cannot neither nor".split()
)
WEEKDAYS: Final = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split()
)
MONTHS: Final = frozenset(
    "january february march april may june july august september october november december jan. feb. mar. apr. jun. jul. "
    "aug. sep. sept. oct. nov. dec. jan feb apr jun jul aug sep sept oct nov dec".split()
)
TIME_UNITS: Final = frozenset(
    "week weeks month months year years night day days morning afternoon evening weekend hour hours minute minutes "
    "moment moments".split()
)
TIME_WORDS: Final = (
    WEEKDAYS
    | TIME_UNITS
    | frozenset("today yesterday tomorrow tonight overnight earlier later ago last this next late early".split())
)
ADVERBS: Final = frozenset(
    "also later earlier then now still meanwhile already again however instead only first once too even just both "
    "nevertheless nonetheless otherwise therefore thus further furthermore moreover separately ever always often twice "
    "yesterday today tonight overnight soon afterwards afterward there here back never likewise rather perhaps "
    "simply, flatly, alone apparently reportedly long far".replace(",", "").split()
)
_NOT_ADVERBS: Final = frozenset(
    "family ally italy july daily weekly assembly supply reply anomaly likely monopoly holy lily billy emily".split()
)
_MEDIA: Final = frozenset(
    "statement interview speech tweet letter message post posting email e-mail telephone phone broadcast briefing conference "
    "report memo note radio television comment comments remarks address article text turn time part response reply video "
    "twitter facebook telegram interview telegraph communique communiqué absentia court particular fact return reaction".split()
)
_APPOSITION_OPENERS: Final = frozenset(
    "who which whose whom where speaking quoted citing reporting asked based led known elected dressed flanked referring "
    "standing sitting himself herself himself. jr jr. sr sr. formerly currently then now also alias aka currently himself "
    "acting deputy head chief".split()
)


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
    outer_first: int = -1

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


def is_adverb(token: Tok) -> bool:
    """An adverb by form or by list."""
    word = token.lower
    return word in ADVERBS or (word.endswith("ly") and word not in _NOT_ADVERBS and not token.is_capital)


def noun_class(word: str) -> SpeakerKind | None:
    """What a lower-case noun says about the speaker it heads; null for a word that is in no list."""
    word = word.removesuffix("'s").removesuffix("'")
    for name, kind in _CLASSES:
        if word in words(name):
            return kind
    return None


_CLASSES: Final[tuple[tuple[str, SpeakerKind], ...]] = (
    ("outlets", "outlet"),
    ("documents", "document"),
    ("roles", "role"),
    ("groups", "group"),
    ("bodies", "body"),
    ("plurals", "plural"),
)


# --- towards the left ----------------------------------------------------------------------------------------------
def subject_before(host: Host, cue: int) -> Phrase | None:
    """The phrase that is the subject of the verb at token `cue`, or null."""
    tokens = host.tokens
    end, negated, modal = _skip_left(host, cue - 1)
    if end < 0:
        return None
    if tokens[end].text in ",)—–-" and tokens[end].kind == "mark" and tokens[end].text != ")":
        found = _before_parenthesis(host, end)
        if found is None:
            return None
        phrase = found
    else:
        phrase = phrase_ending(host, end)
    if phrase is None:
        return None
    return _replace(phrase, negated=negated, modal=modal)


def _replace(phrase: Phrase, *, negated: bool, modal: bool) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, phrase.kind, phrase.name_first, phrase.name_last, phrase.apposition,
        negated, modal, phrase.outer_first,
    )  # fmt: skip


def _skip_left(host: Host, i: int) -> tuple[int, bool, bool]:
    """Step over auxiliaries, adverbs and expressions of time and manner: (last token of the subject, negated, modal)."""
    tokens, lowers = host.tokens, host.lowers
    negated = modal = False
    while i >= 0:
        token, word = tokens[i], lowers[i]
        if not token.is_word:
            break
        if word in NEGATIONS:
            negated = True
        if word in MODALS or word in ("to",):
            modal = True
        if word in AUXILIARIES or is_adverb(token):
            i -= 1
            continue
        stepped = _time_or_manner_left(host, i)
        if stepped == i:
            break
        i = stepped
    return i, negated, modal


def _time_or_manner_left(host: Host, i: int) -> int:
    """Where "on Tuesday", "late last week", "in a statement" that ends at `i` begins, minus one; `i` if none ends there."""
    tokens, lowers = host.tokens, host.lowers
    word = lowers[i]
    start = i
    if word in WEEKDAYS or word in ("today", "yesterday", "overnight", "tonight"):
        start = i
    elif word.isdigit() and i and lowers[i - 1] in MONTHS:
        start = i - 1
    elif word in TIME_UNITS or word in ("ago", "earlier", "later"):
        j = i - 1
        while (
            j >= 0
            and i - j < 5
            and (lowers[j] in TIME_WORDS or lowers[j] in DETERMINERS or lowers[j].isdigit() or lowers[j] == "same")
        ):
            j -= 1
        if j == i - 1:
            return i
        start = j + 1
    elif word in _MEDIA:
        j = i - 1
        if j >= 0 and (
            lowers[j] in DETERMINERS or lowers[j] in ("televised", "written", "joint", "news", "press", "its")
        ):
            while j >= 0 and (
                lowers[j] in DETERMINERS
                or lowers[j] in ("televised", "written", "joint", "news", "press", "brief", "telephone")
            ):
                j -= 1
        if j >= 0 and lowers[j] in ("in", "by", "on", "for", "at", "during", "via"):
            return j - 1
        return i
    else:
        return i
    j = start - 1
    while j >= 0 and lowers[j] in ("on", "late", "early", "in", "last", "this", "since", "of", "during"):
        j -= 1
    return j


def _before_parenthesis(host: Host, comma: int) -> Phrase | None:
    """The subject of "X, who was in Doha, said": a phrase before the parenthesis that ends at `comma`."""
    tokens = host.tokens
    closing = tokens[comma].text
    opening = comma - 1
    tries = 0
    while opening > 0 and tries < 5 and comma - opening < 60:
        if tokens[opening].kind == "mark" and (
            tokens[opening].text == "," if closing == "," else tokens[opening].text == closing
        ):
            tries += 1
            if _is_parenthesis(host, opening + 1, comma - 1):
                phrase = phrase_ending(host, opening - 1)
                if phrase is not None and phrase.kind not in ("other",):
                    return _outermost_name(host, _with_apposition(phrase, opening + 1, comma - 1))
        opening -= 1
    return None


def _with_apposition(phrase: Phrase, first: int, last: int) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, phrase.kind, phrase.name_first, phrase.name_last,
        phrase.apposition or (first, last), phrase.negated, phrase.modal, phrase.outer_first,
    )  # fmt: skip


def _outermost_name(host: Host, phrase: Phrase) -> Phrase:
    """In "X, 34, a driver, who left, said" step out from "a driver" to X."""
    tokens = host.tokens
    for _ in range(3):
        if phrase.kind == "person" or phrase.first < 2 or tokens[phrase.first - 1].text != ",":
            break
        outer = phrase_ending(host, phrase.first - 2)
        if outer is None or outer.kind not in ("person", "named") and not host.lowers[phrase.first - 2].isdigit():
            break
        if not (_is_parenthesis(host, phrase.first, phrase.last)):
            break
        phrase = _with_apposition(outer, phrase.first, phrase.last)
    return phrase


def _is_parenthesis(host: Host, first: int, last: int) -> bool:
    """Could these words stand between commas after a subject?"""
    if first > last:
        return False
    token, word = host.tokens[first], host.lowers[first]
    if word in CONJUNCTIONS or token.is_quoted:
        return False
    if word in _APPOSITION_OPENERS or word in DETERMINERS or word in PREPOSITIONS or word.isdigit():
        return True
    if is_adverb(token) or (not token.is_capital and (word.endswith("ing") or word.endswith("ed"))):
        return True
    inside = host.lowers[first : last + 1]
    return any(noun_class(w) in ("role", "body", "group") or w in words("titles") for w in inside[:10])


def phrase_ending(host: Host, last: int) -> Phrase | None:
    """The phrase whose last word is token `last`."""
    tokens, lowers = host.tokens, host.lowers
    if last < 0:
        return None
    token = tokens[last]
    if token.text == ")":
        opening = last
        while opening > 0 and tokens[opening].text != "(":
            opening -= 1
        phrase = phrase_ending(host, opening - 1)
        return phrase
    if not token.is_word:
        return None
    word = lowers[last]
    if word in PRONOUNS:
        return Phrase(last, last, last, "pronoun")
    if word in RELATIVES:
        return Phrase(last, last, last, "relative")
    if word.isdigit() and last >= 2 and tokens[last - 1].text == ",":
        return phrase_ending(host, last - 2)
    first = _left_edge(host, last)
    return parse_phrase(host, first, last)


def _left_edge(host: Host, last: int) -> int:
    tokens, lowers = host.tokens, host.lowers
    i = last
    lower_run = 0
    while i > 0:
        left, word = tokens[i - 1], lowers[i - 1]
        current = tokens[i]
        if left.text == ")":
            opening = i - 1
            while opening > 0 and tokens[opening].text != "(":
                opening -= 1
            if not tokens[opening - 1].is_capital:
                break
            i = opening
            continue
        if left.is_quoted:
            quotation = host.quotation_of(left)
            if quotation is None or quotation.end - quotation.start > 40 or i < 2 or not current.is_word:
                break
            if lowers[i - 2] not in DETERMINERS and not tokens[i - 2].is_capital:
                break
            i -= 1
            continue
        if not left.is_word:
            if left.text in "-–/&" and i >= 2 and tokens[i - 2].end == left.start and left.end == current.start:
                i -= 1
                continue
            break
        if word in DETERMINERS or word.endswith("'s") and not left.is_capital and word != "it's":
            if word in ("that", "this") and not left.is_capital and not _is_noun(lowers[i]):
                break
            i -= 1
            if word.endswith("'s"):
                continue
            if not _joins(host, i):
                break
            i -= 1
            continue
        if word in CONNECTORS:
            if not _joins(host, i):
                break
            i -= 1
            continue
        if word == "and":
            if (
                i >= 2
                and tokens[i - 2].is_word
                and (tokens[i - 2].is_capital or _is_noun(lowers[i - 2]))
                and _joint(host, i)
            ):
                i -= 1
                continue
            break
        if word in WEEKDAYS or (word in MONTHS and left.is_capital and word != "may") or word in AUXILIARIES:
            break
        if word in CONJUNCTIONS or word in SUBORDINATORS or word in PREPOSITIONS or word in PRONOUNS:
            break
        if left.is_capital or word.isdigit():
            i -= 1
            lower_run = 0
            continue
        if is_adverb(left) or word in TIME_WORDS:
            break
        lower_run += 1
        if lower_run > 5:
            break
        i -= 1
    while i < last and (host.lowers[i] in CONNECTORS or host.lowers[i] in CONJUNCTIONS or tokens[i].text in "-–/&"):
        i += 1
    return i


def _is_noun(word: str) -> bool:
    return noun_class(word) is not None or word in words("titles")


def _joins(host: Host, i: int) -> bool:
    """Does the connector before token `i` (or at it) tie it to a role or body on its left: "head of the council"?"""
    lowers, tokens = host.lowers, host.tokens
    at = i - 1 if lowers[i] not in CONNECTORS else i
    at = at if lowers[at] in CONNECTORS else i - 1
    if at < 1 or lowers[at] not in CONNECTORS:
        return False
    left, word = tokens[at - 1], lowers[at - 1]
    if not left.is_word:
        return left.text == ")" and lowers[at] in ("of", "for")
    if lowers[at] == "on" or word in TIME_WORDS:
        return False
    if noun_class(word) in ("role", "plural", "body", "group", "document") or word in (
        "one",
        "some",
        "both",
        "many",
        "most",
        "each",
    ):
        return True
    return lowers[at] == "of" and left.is_capital and word not in WEEKDAYS and word not in MONTHS


def _joint(host: Host, i: int) -> bool:
    """ "Britain and France said": is the "and" before token `i` inside one subject? Only where that begins a clause."""
    tokens, lowers = host.tokens, host.lowers
    j = i - 2
    while (
        j >= 0
        and tokens[j].is_word
        and (
            tokens[j].is_capital
            or _is_noun(lowers[j])
            or lowers[j] in DETERMINERS
            or lowers[j].endswith("'s")
            or lowers[j] in ("of",)
        )
    ):
        if lowers[j] in WEEKDAYS:
            return False
        j -= 1
    if j < 0 or tokens[j].is_quoted:
        return True
    if tokens[j].text == ",":
        return True
    return tokens[j].is_word and (
        lowers[j] in SUBORDINATORS or lowers[j] in CONJUNCTIONS or tokens[j].start == tokens[0].start
    )


# --- towards the right ---------------------------------------------------------------------------------------------
def phrase_from(host: Host, first: int) -> Phrase | None:
    """The phrase that begins at token `first`, with its apposition; null if none does."""
    tokens, lowers = host.tokens, host.lowers
    if first >= len(tokens) or not tokens[first].is_word:
        return None
    if lowers[first] in PRONOUNS:
        return Phrase(first, first, first, "pronoun")
    last = _right_edge(host, first)
    if last < first:
        return None
    phrase = parse_phrase(host, first, last)
    if phrase is None:
        return None
    after = last + 1
    if (
        after < len(tokens)
        and tokens[after].text == ","
        and after + 1 < len(tokens)
        and _is_parenthesis(host, after + 1, after + 1 + 6 if after + 7 < len(tokens) else len(tokens) - 1)
    ):
        stop = after + 1
        while stop < len(tokens) and tokens[stop].text not in ",.;" and not tokens[stop].is_quoted:
            stop += 1
        phrase = _with_apposition(phrase, after + 1, stop - 1)
        if phrase.kind == "named" and _describes_person(host, after + 1, stop - 1):
            phrase = _as_person(phrase)
    return phrase


def _as_person(phrase: Phrase) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, "person", phrase.name_first, phrase.name_last, phrase.apposition,
        phrase.negated, phrase.modal, phrase.outer_first,
    )  # fmt: skip


def _describes_person(host: Host, first: int, last: int) -> bool:
    if host.lowers[first].isdigit() or host.lowers[first] in ("who", "whose"):
        return True
    return any(noun_class(w) == "role" for w in host.lowers[first : min(last + 1, first + 8)])


def _right_edge(host: Host, first: int) -> int:
    tokens, lowers = host.tokens, host.lowers
    i = first
    while i < len(tokens):
        token, word = tokens[i], lowers[i]
        if token.text == "(" and i > first:
            closing = next((k for k in range(i, min(i + 12, len(tokens))) if tokens[k].text == ")"), None)
            if closing is None:
                break
            i = closing + 1
            continue
        if token.is_quoted:
            quotation = host.quotation_of(token)
            if (
                i > first
                and quotation is not None
                and quotation.end - quotation.start < 30
                and lowers[i - 1] in DETERMINERS
            ):
                i += 1
                continue
            break
        if not token.is_word:
            if (
                token.text in "-–/&"
                and i + 1 < len(tokens)
                and tokens[i - 1].end == token.start
                and token.end == tokens[i + 1].start
            ):
                i += 1
                continue
            break
        if word in DETERMINERS and (
            i == first or lowers[i - 1] in CONNECTORS or lowers[i - 1] in DETERMINERS or lowers[i - 1] == "and"
        ):
            i += 1
            continue
        if word in CONNECTORS and i > first:
            if word == "on" or not _connects_right(host, i):
                break
            i += 1
            continue
        if (
            word == "and"
            and i + 1 < len(tokens)
            and i > first
            and (tokens[i + 1].is_capital or lowers[i + 1] in DETERMINERS)
        ):
            i += 1
            continue
        if (
            word in WEEKDAYS
            or word in MONTHS
            and token.is_capital
            and word != "may"
            or word in AUXILIARIES
            or word in TIME_WORDS
        ):
            break
        if (
            word in CONJUNCTIONS
            or word in SUBORDINATORS
            or word in PREPOSITIONS
            or word in PRONOUNS
            or word in DETERMINERS
        ):
            break
        if is_adverb(token) and word not in ("then",):
            break
        if (
            not token.is_capital
            and i > first
            and (tokens[i - 1].is_capital and not _is_noun(word))
            and not _is_noun(lowers[i - 1])
        ):
            break
        if not token.is_capital and word.endswith("ing") and i > first and _is_noun(lowers[i - 1]):
            break
        i += 1
    last = i - 1
    while last > first and (lowers[last] in CONNECTORS or lowers[last] in DETERMINERS or lowers[last] == "and"):
        last -= 1
    return last


def _connects_right(host: Host, i: int) -> bool:
    tokens, lowers = host.tokens, host.lowers
    before = lowers[i - 1]
    following = [w for w in lowers[i + 1 : i + 4] if w not in DETERMINERS]
    if following and (following[0] in _MEDIA or following[0] in ("televised", "joint", "news", "press", "telephone")):
        return False
    if following and (following[0] in WEEKDAYS or following[0] in MONTHS or following[0] in TIME_WORDS):
        return False
    if noun_class(before) in ("role", "plural", "body", "group") or before in ("one", "some"):
        return not (lowers[i] == "in" and tokens[i - 1].is_capital and noun_class(before) == "body")
    return lowers[i] == "of" and tokens[i - 1].is_capital


# --- what a phrase names -------------------------------------------------------------------------------------------
def parse_phrase(host: Host, first: int, last: int) -> Phrase | None:
    """What tokens `first` to `last` name: a person, a role, a body ... Null when they are no noun phrase."""
    tokens, lowers = host.tokens, host.lowers
    if first > last:
        return None
    core_last = _core_end(host, first, last)
    while core_last > first and tokens[core_last].text == ")":
        opening = core_last
        while opening > first and tokens[opening].text != "(":
            opening -= 1
        core_last = opening - 1
    head, word = tokens[core_last], lowers[core_last]
    if word in ("one", "another", "some", "many", "several", "both", "few", "two", "three", "others", "most"):
        kind: SpeakerKind = "role" if word in ("one", "another") else "plural"
        return Phrase(first, last, core_last, kind)
    if not head.is_capital:
        kind = noun_class(word) or "other"
        if kind == "role" and _is_plural_subject(host, first, core_last):
            kind = "plural"
        if kind == "outlet" and word in ("reporter", "correspondent", "journalist"):
            kind = "role"
        return Phrase(first, last, core_last, kind)
    return _proper_phrase(host, first, last, core_last)


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
    tokens, lowers = host.tokens, host.lowers
    for i in range(first + 1, last + 1):
        if lowers[i] in CONNECTORS or lowers[i] in PREPOSITIONS:
            rest_has_name = False
            if lowers[i] == "of" and tokens[i - 1].is_capital:
                # "Prime Minister of Ireland Leo Brenn" and "Ministry of Defence spokesman Jan Olk": the head is at the end
                tail = range(last, i, -1)
                rest_has_name = any(noun_class(lowers[k]) == "role" for k in tail)
            if not rest_has_name:
                return i - 1
    return last


def _proper_phrase(host: Host, first: int, last: int, core_last: int) -> Phrase:
    tokens, lowers = host.tokens, host.lowers
    start = core_last
    while start > first:
        left = start - 1
        token, word = tokens[left], lowers[left]
        if (
            token.is_word
            and (token.is_capital or word in _PARTICLES)
            and not word.endswith("'s")
            and word not in DETERMINERS
        ):
            if (
                word in words("titles")
                or noun_class(word) == "role"
                and word not in ("king", "prince", "cook", "guard", "baker", "painter")
            ):
                break
            start = left
            continue
        if token.text in "-–&/" and left > first:
            start = left
            continue
        break
    while (
        start < core_last
        and lowers[start] in _PARTICLES
        and not tokens[start].is_capital
        and lowers[start] in ("the", "of")
    ):
        start += 1
    word = lowers[core_last]
    described = (
        start > first
        and tokens[start - 1].is_word
        and (lowers[start - 1] in words("titles") or noun_class(lowers[start - 1]) == "role")
    )
    name = (start, core_last)
    bare = " ".join(lowers[start : core_last + 1]).removesuffix("'s")
    if described and not (noun_class(word) in ("body",) and start == core_last and not described):
        return Phrase(first, last, core_last, "person", *name)
    if bare in states() or bare in _BLOCS:
        return Phrase(first, last, core_last, "body", *name)
    kind = noun_class(word)
    if kind == "role":
        return Phrase(first, last, core_last, "role")
    if kind in ("outlet", "body", "document", "plural", "group"):
        return Phrase(first, last, core_last, kind, *name)
    if word in words("outlet_names") or bare in words("outlet_names"):
        return Phrase(first, last, core_last, "outlet", *name)
    if word in demonyms() and word.endswith("s"):
        return Phrase(first, last, core_last, "plural", *name)
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


_PARTICLES: Final = frozenset(
    "al el bin ibn ag de da di del della von van der den la le abu ould du dos y bint ben".split()
)
_BLOCS: Final = frozenset(
    "un u.n. eu e.u. nato african union arab league ecowas igad osce taliban hamas hezbollah isis isil islamic state "
    "boko haram al-shabab al-shabaab white house downing street pentagon kremlin vatican".split()
) | frozenset(["african union", "arab league", "islamic state", "boko haram", "white house", "downing street",
               "united nations", "european union", "al qaeda", "security council"])  # fmt: skip
