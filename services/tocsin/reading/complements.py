"""What follows a cue of speech: a clause, an infinitive, a noun phrase, a quotation, or nothing. Without a parse.

complement(host, i, cue) -> Complement(shape, first, addressee)     # i: the first token behind the cue
clause_end(host, first, ...) -> last token of what is said
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from .cues import Cue, lexicon
from .function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    CONTRACTED,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    TIME_UNITS,
    WEEKDAYS,
    is_adverb,
    noun_class,
    word_set,
)
from .hosts import Host
from .speaker_words import words

Shape = Literal["that", "clause", "infinitive", "noun", "quote", "circumstance", "end"]

_MANNER: Final = word_set(
    "statement interview speech tweet letter message email e-mail telephone phone broadcast briefing conference report note "
    "comment comments remarks address article text post video twitter facebook telegram radio television tv newspaper "
    "parliament website account blog record condition anonymity"
)
_CLOSERS: Final = word_set(
    "as while when after before because since though although where whereas but and who whose whom which"
)
_BREAKS: Final = word_set(
    "adding saying citing calling accusing vowing warning urging ruling rejecting referring speaking quoting describing "
    "noting telling denying insisting claiming promising pledging stressing arguing explaining blaming denouncing "
    "condemning demanding asking according pointing announcing confirming threatening"
)


@dataclass(frozen=True, slots=True)
class Complement:
    """The shape of what follows a cue, and its first token; `addressee` is who is told, as token bounds."""

    shape: Shape
    first: int
    addressee: tuple[int, int] | None = None


def complement(host: Host, start: int, cue: Cue) -> Complement:
    """What follows a cue whose last token is `start` - 1."""
    that = _find_that(host, start, cue)
    if that is not None:
        addressee = _addressee_bounds(host, start, that - 1) if cue.kind.told else None
        return Complement("that", that + 1, addressee)
    i = start
    addressee: tuple[int, int] | None = None
    if cue.kind.told is True or (cue.kind.told and _is_addressee(host, i)):
        last = addressee_end(host, i)
        if last is not None:
            addressee = (i, last)
            i = last + 1
    i = skip_circumstances(host, i)
    return _shape_at(host, i, addressee, cue)


def _shape_at(host: Host, i: int, addressee: tuple[int, int] | None, cue: Cue) -> Complement:
    tokens, lowers = host.tokens, host.lowers
    if i >= len(tokens):
        return Complement("end", i, addressee)
    token, word = tokens[i], lowers[i]
    if token.is_quoted:
        return Complement("quote", i, addressee)
    if token.kind == "mark":
        following = i + 1
        if token.text in ":,–—-" and following < len(tokens):
            after = following
            while after < len(tokens) and tokens[after].kind == "mark" and not tokens[after].is_quoted:
                after += 1
            if after < len(tokens) and tokens[after].is_quoted:
                return Complement("quote", after, addressee)
            if token.text == ":":
                return Complement("clause", following, addressee)
        return Complement("end", i, addressee)
    if word == "that":
        return Complement("that", i + 1, addressee)
    if word == "to":
        return Complement("infinitive", i, addressee)
    if word in _CLOSERS:
        return Complement("end", i, addressee)
    opens_clause = word == "for" or (word in _CLAUSE_OPENERS and has_finite_verb(host, i, clause_end(host, i)))
    if word in PREPOSITIONS and not opens_clause:
        quote = _quotation_ahead(host, i)
        if quote is not None:
            return Complement("quote", quote, addressee)
        return Complement("circumstance", i, addressee)
    strict = "that" in cue.kind.takes
    if has_finite_verb(host, i, clause_end(host, i), strict=strict):
        return Complement("clause", i, addressee)
    return Complement("noun", i, addressee)


_CLAUSE_OPENERS: Final = word_set("since despite during between until within")
"""Prepositions with which a reported clause may begin ("said despite the truce the road was shut")."""


def _quotation_ahead(host: Host, start: int) -> int | None:
    """The quotation of "said of the plan, “...”", behind a few words and a comma or colon."""
    tokens, lowers = host.tokens, host.lowers
    for k in range(start + 1, min(start + 14, len(tokens))):
        if tokens[k].is_quoted:
            return k if tokens[k - 1].text in ",:" else None
        if lowers[k] in AUXILIARIES or tokens[k].text in ".;":
            return None
    return None


def _find_that(host: Host, start: int, cue: Cue) -> int | None:
    """The "that" of the cue, with nothing but circumstances and an addressee in between."""
    tokens, lowers = host.tokens, host.lowers
    reach = 26 if cue.kind.told else 16
    for i in range(start, min(start + reach, len(tokens))):
        word = lowers[i]
        if word == "that" and tokens[i].is_word and _is_complementizer(host, start, i):
            return i if _only_circumstances(host, start, i, told=bool(cue.kind.told)) else None
        if tokens[i].is_quoted and cue.kind.told and i > start and tokens[i - 1].is_word:
            continue  # the programme that is told: "told the BBC's “Morning Hour” that"
        if tokens[i].is_quoted or (
            word in ("which", "who", "if", "whether", "because", ".", ";", ":") and not cue.kind.told
        ):
            return None
        if (
            word in lexicon_forms()
            and i > start
            and word not in ("report", "statement", "post", "note", "states", "state", "call", "claim")
        ):
            return None
    return None


def _is_complementizer(host: Host, start: int, i: int) -> bool:
    """Not the pronoun of "after that" or "that of"."""
    lowers = host.lowers
    return not (i > start and lowers[i - 1] in PREPOSITIONS) and lowers[i + 1 : i + 2] not in (["of"], ["is"], ["was"])


def lexicon_forms() -> frozenset[str]:
    """Every printed form of every cue."""
    return lexicon().printed


def _only_circumstances(host: Host, start: int, end: int, *, told: bool) -> bool:
    if start == end:
        return True
    tokens, lowers = host.tokens, host.lowers
    first = lowers[start]
    if told:
        return not any(
            lowers[k] in (",", "to", ":") or (lowers[k] in AUXILIARIES and "who" not in lowers[start:k])
            for k in range(start, end)
        )
    if any(
        lowers[k] in AUXILIARIES or lowers[k] in ("he", "she", "they", "it", "who", "which") for k in range(start, end)
    ):
        return False
    return (
        (first in PREPOSITIONS and first not in _TOPICAL) or first in WEEKDAYS or (first == "," and _is_aside(host, start)) or is_adverb(tokens[start])
        or (first in ("last", "this", "late", "early", "a", "earlier") and any(lowers[k] in TIME_UNITS | WEEKDAYS | {"ago"} for k in range(start, end)))
    )  # fmt: skip


def _is_aside(host: Host, comma: int) -> bool:
    """ "said, however, that", "said, for its part, that"."""
    following = host.tokens[comma + 1] if comma + 1 < len(host.tokens) else None
    return following is not None and following.is_word and (is_adverb(following) or following.lower in PREPOSITIONS)


_TOPICAL: Final = word_set("against about of for with than including concerning regarding")


def _addressee_bounds(host: Host, start: int, last: int) -> tuple[int, int] | None:
    end = addressee_end(host, start)
    return None if end is None else (start, min(end, last))


def _is_addressee(host: Host, i: int) -> bool:
    if i >= len(host.tokens) or not host.tokens[i].is_word:
        return False
    word = host.lowers[i]
    if word in words("addressees"):
        return True
    return (
        any(w == "that" for w in host.lowers[i + 1 : i + 8])
        and not is_adverb(host.tokens[i])
        and word not in PREPOSITIONS
    )


def addressee_end(host: Host, start: int) -> int | None:
    """The last token of the addressee that begins at `start` ("Russian state television"), or null."""
    tokens, lowers = host.tokens, host.lowers
    if start >= len(tokens) or not tokens[start].is_word:
        return None
    word = lowers[start]
    if (word in words("addressees") or word in PRONOUNS) and not tokens[start].is_capital:
        return start
    if word in PREPOSITIONS or word in SUBORDINATORS:
        return None
    i = start
    while i < len(tokens):
        token, word = tokens[i], lowers[i]
        if not token.is_word:
            if token.text in "-'’/" and i + 1 < len(tokens) and tokens[i + 1].is_word:
                i += 1
                continue
            break
        if word in DETERMINERS:
            if i > start and lowers[i - 1] != "of":
                break
        elif word == "of" and i + 1 < len(tokens):
            pass
        elif (
            (
                word in PREPOSITIONS
                or word in SUBORDINATORS
                or word in AUXILIARIES
                or word in CONJUNCTIONS
                or word in PRONOUNS
            )
            or word in WEEKDAYS
            or is_adverb(token)
            or host.is_month(i)
            or (
                i > start
                and tokens[i - 1].is_capital
                and not token.is_capital
                and noun_class(word) is None
                and word not in ("news", "radio", "television", "tv", "state", "agency", "by")
            )
            or (
                i > start
                and noun_class(lowers[i - 1]) is not None
                and not tokens[i - 1].is_capital
                and token.is_capital
                and lowers[i - 1] not in ("news", "state")
            )
        ):
            break
        i += 1
    last = i - 1
    return last if last >= start else None


def skip_circumstances(host: Host, i: int) -> int:
    """The first token behind expressions of time, manner and place that follow a cue."""
    tokens, lowers = host.tokens, host.lowers
    while i < len(tokens):
        token, word = tokens[i], lowers[i]
        if token.text == "," and i + 2 < len(tokens) and is_adverb(tokens[i + 1]) and tokens[i + 2].text == ",":
            i += 3
            continue
        if not token.is_word:
            break
        if word in WEEKDAYS or word in ("today", "yesterday", "overnight", "tonight"):
            i += 1
            if i < len(tokens) and lowers[i] in TIME_UNITS:
                i += 1
            continue
        if is_adverb(token) and word not in (
            "there",
            "here",
            "just",
            "only",
            "never",
            "even",
            "both",
            "perhaps",
            "almost",
            "nearly",
            "now",
            "then",
            "once",
        ):
            i += 1
            continue
        stepped = _time_phrase(host, i) or _manner_phrase(host, i)
        if stepped is None:
            break
        i = stepped
    return i


def _time_phrase(host: Host, i: int) -> int | None:
    """Behind "on Tuesday", "late on Monday", "last week", "on Sept. 5", "a week ago", if one begins at `i`."""
    lowers = host.lowers
    j = i
    while (
        j < len(lowers)
        and j - i < 4
        and lowers[j]
        in (
            "on",
            "late",
            "early",
            "in",
            "earlier",
            "later",
            "last",
            "this",
            "the",
            "a",
            "during",
            "that",
            "same",
            "over",
        )
    ):
        j += 1
    if j >= len(lowers):
        return None
    word = lowers[j]
    if j == i:
        return None
    if word in WEEKDAYS:
        end = j + 1
        return end + 1 if end < len(lowers) and lowers[end] in TIME_UNITS else end
    if host.is_month(j):
        end = j + 1
        return end + 1 if end < len(lowers) and lowers[end].rstrip("stndrh").isdigit() else end
    if word in TIME_UNITS:
        end = j + 1
        return end + 1 if end < len(lowers) and lowers[end] in ("ago", "earlier", "later") else end
    return None


def _manner_phrase(host: Host, i: int) -> int | None:
    """Behind "in a statement", "by telephone", "on Twitter", "to reporters", if one begins at `i`."""
    tokens, lowers = host.tokens, host.lowers
    if lowers[i] not in (
        "in",
        "by",
        "on",
        "at",
        "to",
        "via",
        "during",
        "from",
        "for",
        "through",
        "after",
        "before",
        "with",
    ):
        return None
    if lowers[i] == "to":
        end = addressee_end(host, i + 1)
        if end is not None and (
            lowers[i + 1] in words("addressees") or tokens[i + 1].is_capital or lowers[i + 1] in DETERMINERS
        ):
            return end + 1
        return None
    j = i + 1
    while j < len(tokens) and j - i <= 6 and tokens[j].is_word:
        if lowers[j] in _MANNER:
            end = j + 1
            while end < len(tokens) and lowers[end] in _MANNER:
                end += 1
            return end
        if lowers[j] in PREPOSITIONS or lowers[j] in AUXILIARIES:
            return None
        j += 1
    if lowers[i] in ("in", "from", "at") and i + 1 < len(tokens) and tokens[i + 1].is_capital:
        j = i + 1
        while j < len(tokens) and tokens[j].is_capital:
            j += 1
        if j < len(tokens) and not (tokens[j].is_word and lowers[j] in AUXILIARIES):
            return j
    return None


def has_finite_verb(host: Host, first: int, last: int, *, strict: bool = False) -> bool:
    """Do tokens `first` to `last` hold a verb with a subject, as far as the words tell? `strict`: an auxiliary at least."""
    tokens, lowers = host.tokens, host.lowers
    if 0 <= first < len(lowers) and (lowers[first] in CONTRACTED or lowers[first] in ("he", "she", "it", "they", "we")):
        return last > first
    for k in range(first + 1, last + 1):
        word = lowers[k]
        if word in SUBORDINATORS and word not in ("as", "where") and k > first + 1:
            # the verb of a relative clause is no verb of the clause itself
            return any(lowers[m] in AUXILIARIES for m in range(k + 3, last + 1))
        if word in AUXILIARIES and word not in ("not", "'s", "never", "no", "being", "having", "doing", "be", "been"):
            return True
        if strict or not tokens[k].is_word or tokens[k].is_capital:
            continue
        if (
            word.endswith("ed")
            and len(word) > 4
            and lowers[k - 1] not in DETERMINERS
            and lowers[k - 1] not in PREPOSITIONS
        ):
            return True
        if word in _COMMON_VERBS:
            return True
    return False


_COMMON_VERBS: Final = word_set(
    "fell took came went left lost won held made got gave began ran broke met said told found sent brought led kept saw "
    "knew put set shot beat cut hit let fought fled rose grew stood became spent paid bought sold built flew drove wrote "
    "wants want needs need seems remains remain knows know believes believe hopes hope expects takes take makes make goes "
    "go comes come has gets shows show feels means mean lives live works work plans plan lies lie stands stand faces "
    "controls control holds hold died cost threw drew spoke sought caught taught thought meant lay sank struck swept"
)


def clause_end(host: Host, first: int, *, urging: bool = False, enclosed: bool = False) -> int:
    """The last token of what is said, from token `first` to where the sentence turns to something else.

    `enclosed`: the cue stands in a clause that a comma closes ("When X said that ..., Y left").
    """
    tokens, lowers = host.tokens, host.lowers
    last = len(tokens) - 1
    for k in range(first + 1, len(tokens)):
        token, word = tokens[k], lowers[k]
        if token.kind == "mark" and token.text in ".!?" and k + 1 < len(tokens) and tokens[k + 1].kind != "mark":
            last = k - 1
            break
        if enclosed and token.text == "," and _clause_opens(host, k + 1):
            last = k - 1
            break
        if token.text in ",;–—" and token.kind == "mark" and k + 1 < len(tokens) and _turns(host, k + 1, urging=urging):
            last = k - 1
            break
        if (
            token.is_word
            and word == "but"
            and lowers[k + 1 : k + 2] in (["did"], ["would"], ["declined"], ["refused"], ["gave"], ["could"])
        ):
            last = k - 1
            break
        if (
            token.is_word
            and word in ("and", "but")
            and lowers[k + 1 : k + 2] in (["he"], ["she"])
            and _coordinated_cue(host, k + 2)
        ):
            last = k - 1
            break
        if token.is_word and word in ("and", "but", "while", "before") and _coordinated_cue(host, k + 1):
            last = k - 1
            break
        if (
            token.is_word
            and word in ("while", "but", "before")
            and k > first + 2
            and word != "but"
            and _new_speaker(host, k + 1)
        ):
            last = k - 1
            break
    while last > first and tokens[last].kind == "mark" and tokens[last].text in ",.;:!?–—-":
        last -= 1
    return last


def _clause_opens(host: Host, k: int) -> bool:
    """Behind the comma of an enclosed clause: anything but one more item of a list or an apposition."""
    return k < len(host.tokens) and host.lowers[k] not in ("and", "or", "which", "who", "including", "such")


def _turns(host: Host, k: int, *, urging: bool) -> bool:
    """Behind a comma, do tokens from `k` leave what is said?"""
    lowers, tokens = host.lowers, host.tokens
    if tokens[k - 1].text == ";" and any(
        cue.form == "past" and cue.takes("clause") for m in range(k, len(tokens)) for cue in lexicon().at(lowers, m)
    ):
        return True
    word, following = lowers[k], lowers[k + 1 : k + 2]
    if word in _BREAKS:
        return word != "according" or following == ["to"]
    if word == "which" and following and following[0] in _SENTENTIAL:
        return True
    if word in ("and", "but", "while", "before") and _coordinated_cue(host, k + 1):
        return True
    if word in _JOINTS and _new_speaker(host, k + 1):
        return True
    if word in {"but", "and"}:
        return following != ["that"] and (word == "but" or urging or _narrates(host, k + 1))
    if urging and word in ("as", "while", "after"):
        return True
    if not tokens[k].is_word:
        return False
    return (word not in NOUN_LIKE and _coordinated_cue(host, k)) or _tail_attribution(host, k)


_SENTENTIAL: Final = word_set("leaves means makes gives brings puts could would")
_JOINTS: Final = word_set("while but and as although though whereas hours days")
NOUN_LIKE: Final = word_set(
    "reports claims states posts calls notes demands promises threats tweets comments appeals estimates remarks"
)


def _narrates(host: Host, k: int) -> bool:
    """Behind "and", a verb of the narrator's own past ("and congratulated"), where what is said stands further back."""
    lowers, tokens = host.lowers, host.tokens
    while k < len(tokens) and is_adverb(tokens[k]):
        k += 1
    if k >= len(tokens) or not tokens[k].is_word or tokens[k].is_capital:
        return False
    word = lowers[k]
    return word in ("has", "have") or (word.endswith("ed") and len(word) > 4 and word not in _CLOSERS)


def _tail_attribution(host: Host, k: int) -> bool:
    """Do tokens from `k` make ", he added" or ", the ministry said on Friday" at the end of the sentence?"""
    tokens, lowers = host.tokens, host.lowers
    if lowers[k] in SUBORDINATORS:
        return False
    for m in range(k + 1, min(k + 12, len(tokens))):
        if not tokens[m].is_word:
            return False
        for cue in lexicon().at(lowers, m):
            if cue.form in ("past", "present") and cue.takes("clause", "quote") and m + 1 < len(tokens):
                rest = skip_circumstances(host, m + 1)
                if cue.kind.told is True:
                    end = addressee_end(host, m + 1)
                    rest = skip_circumstances(host, end + 1) if end is not None else rest
                if rest >= len(tokens) or tokens[rest].text in ".;,":
                    return m > k
        if lowers[m] in AUXILIARIES or lowers[m] in SUBORDINATORS:
            return False
    return False


def _coordinated_cue(host: Host, k: int) -> bool:
    """Is token `k` (behind adverbs) a finite cue of the same speaker ("and said that")?"""
    tokens, lowers = host.tokens, host.lowers
    while k < len(tokens) and is_adverb(tokens[k]):
        k += 1
    if k + 1 >= len(tokens):
        return False
    for cue in lexicon().at(lowers, k):
        if cue.form not in ("past", "present") or not cue.takes(
            "clause", "that", "urging", "charge", "infinitive", "noun", "naming", "verdict"
        ):
            continue
        following = lowers[k + cue.length] if k + cue.length < len(lowers) else "."
        if following in ("by", "in", "at", "with", "from", "as", "for", "about") and cue.kind.id != "say":
            continue
        if (
            cue.kind.id in ("say", "add", "tell")
            or following in ("that", "to", "it", "he", "she", "they", "its", "his", "their")
            or cue.takes("charge", "urging", "naming")
            or (cue.takes("clause") and has_finite_verb(host, k + cue.length, len(tokens) - 1))
        ):
            return True
    return False


def _another_says(host: Host, k: int) -> bool:
    """Behind "and", a short name or body and its cue ("and the party accused")."""
    tokens, lowers = host.tokens, host.lowers
    if k >= len(tokens) or not (tokens[k].is_capital or lowers[k] in ("the", "a", "an")):
        return False
    for m in range(k + 1, min(k + 5, len(tokens))):
        if not tokens[m].is_word or lowers[m] in AUXILIARIES or lowers[m] in PREPOSITIONS:
            return False
        for cue in lexicon().at(lowers, m):
            if (
                cue.form == "past"
                and cue.takes("clause", "charge", "urging")
                and m + 1 < len(tokens)
                and tokens[m + 1].is_word
            ):
                return tokens[m - 1].is_capital or noun_class(lowers[m - 1]) is not None
    return False


def _new_speaker(host: Host, k: int) -> bool:
    """Do tokens from `k` begin a clause of another speaker ("while Russia says")? A cue within a few words tells."""
    tokens, lowers = host.tokens, host.lowers
    for m in range(k + 1, min(k + 9, len(tokens))):
        if not tokens[m].is_word and tokens[m].text != ",":
            return False
        if (lowers[m] in AUXILIARIES and lowers[m] not in ("has", "have", "had")) or lowers[m] in SUBORDINATORS:
            return (
                lowers[m] in ("would", "did", "could")
                and m + 2 < len(lowers)
                and lowers[m + 1] == "not"
                and lowers[m + 2] in ("say", "confirm")
            )
        if any(c.form in ("past", "present") and c.takes("clause", "that") for c in lexicon().at(lowers, m)) and lowers[m] not in (
            "reports", "claims", "states", "posts", "notes",
        ):  # fmt: skip
            return True
    return False
