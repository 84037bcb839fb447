"""Where the phrase of a speaker begins and ends, read from the words around a cue.

    subject_before(host, i)  -> Phrase | None     # "X, a colonel, said": the phrase that ends before token i
    phrase_from(host, i)     -> Phrase | None     # "said X, a colonel": the phrase that begins at token i

News writes its speakers in few shapes: a name with titles before or an apposition behind, a role with "of" or "for", the
name of a body, a pronoun. Where the words fit none of them there is no phrase, rather than a guess.
"""

from __future__ import annotations

from typing import Final

from .function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    CONNECTORS,
    CONTRACTED,
    DETERMINERS,
    MODALS,
    NEGATIONS,
    NUMBERS,
    POSTPOSED,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    SUBORDINATORS,
    TIME_UNITS,
    TIME_WORDS,
    WEEKDAYS,
    is_adverb,
    is_noun,
    is_title,
    noun_class,
    word_set,
)
from .hosts import Host
from .speaker_phrases import Phrase, parse_phrase

_MEDIA: Final = word_set(
    "statement interview speech tweet letter message post posting email e-mail telephone phone broadcast briefing conference "
    "report memo note radio television comment comments remarks address article text turn time part response reply video "
    "twitter facebook telegram interview telegraph communique communiqué absentia court particular fact return reaction"
)


_APPOSITION_OPENERS: Final = word_set(
    "who which whose whom where speaking quoted citing reporting asked based led known elected dressed flanked referring "
    "standing sitting himself herself himself. jr jr. sr sr. formerly currently then now also alias aka currently himself "
    "acting deputy head chief"
)


def subject_before(host: Host, cue: int) -> Phrase | None:
    """The phrase that is the subject of the verb at token `cue`, or null."""
    tokens = host.tokens
    end, negated, modal = _skip_left(host, cue - 1)
    if end < 0:
        return None
    end = _before_anonymity(host, end)
    if tokens[end].text in ",—–-" and tokens[end].kind == "mark":
        found = _before_parenthesis(host, end)
        if found is None:
            return None
        phrase = found
    else:
        phrase = phrase_ending(host, end)
    if phrase is None:
        return None
    phrase = _called_by_name(host, phrase) or _head_of_participle(host, phrase) or phrase
    return _replace(phrase, negated=negated, modal=modal)


def _called_by_name(host: Host, phrase: Phrase) -> Phrase | None:
    """ "a fighter who identified himself as Abu Omar", "a fighter known as Abu Omar": all of it, with that name."""
    k = phrase.first - 1
    if k < 2 or host.lowers[k] != "as" or phrase.kind not in ("person", "named"):
        return None
    for m in range(k - 1, max(0, k - 8), -1):
        if not host.tokens[m].is_word:
            return None
        if host.lowers[m] in _CALLED and host.lowers[m - 1] != "who":
            outer = phrase_ending(host, m - 1)
            if outer is None or outer.kind not in ("role", "plural"):
                return None
            return Phrase(outer.first, phrase.last, phrase.head, "person", phrase.name_first, phrase.name_last)
    return None


_CALLED: Final = word_set("who known identified named nicknamed")


def _head_of_participle(host: Host, phrase: Phrase) -> Phrase | None:
    """ "the court hearing the case": the noun that a participle describes with `phrase`; null when none does."""
    reach = 1 if phrase.kind != "other" else 6
    for k in range(phrase.first - 1, max(0, phrase.first - 1 - reach), -1):
        token, word = host.tokens[k], host.lowers[k]
        if not token.is_word or word in AUXILIARIES or word in SUBORDINATORS or word in CONJUNCTIONS:
            return None
        if token.is_capital or not word.endswith("ing") or len(word) < 6 or noun_class(word) is not None:
            continue
        outer = phrase_ending(host, k - 1)
        if outer is not None and outer.kind in ("role", "body", "group", "plural", "person"):
            return outer
        return None
    return None


def _before_anonymity(host: Host, end: int) -> int:
    """The last token before "who asked not to be identified", where that ends at `end`; else `end`."""
    lowers = host.lowers
    if lowers[end] not in ("identified", "named", "quoted"):
        return end
    who = next((k for k in range(end, max(-1, end - 9), -1) if lowers[k] == "who"), 0)
    return who - 1 if who > 0 and "not" in lowers[who:end] and "," not in lowers[who - 1 : end] else end


def _replace(phrase: Phrase, *, negated: bool, modal: bool) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, phrase.kind, phrase.name_first, phrase.name_last, phrase.apposition,
        negated, modal, phrase.joint,
    )  # fmt: skip


def _skip_left(host: Host, i: int) -> tuple[int, bool, bool]:
    """Step over auxiliaries, adverbs and expressions of time and manner: (last token of the subject, negated, modal)."""
    tokens, lowers = host.tokens, host.lowers
    negated = modal = False
    while i >= 0:
        token, word = tokens[i], lowers[i]
        if not token.is_word:
            break
        if is_went_on(lowers, i):
            i -= 3
            continue
        if word in NEGATIONS:
            negated = True
        if word in MODALS or word in ("to",):
            modal = True
        has_since = word == "since" and i > 0 and lowers[i - 1] in ("has", "have", "had")
        if word in AUXILIARIES or is_adverb(token) or word in _EMPHATIC or has_since:
            i -= 1
            continue
        stepped = _time_or_manner_left(host, i)
        if stepped == i:
            break
        i = stepped
    return i, negated, modal


_EMPHATIC: Final = word_set("himself herself itself themselves")


def is_went_on(lowers: list[str], to: int) -> bool:
    """ "went on to say": words that tell no more than the verb behind them."""
    return lowers[to] == "to" and to > 1 and lowers[to - 1] == "on" and lowers[to - 2] in ("went", "goes", "go", "gone")


def _time_or_manner_left(host: Host, i: int) -> int:
    """Where "on Tuesday", "late last week", "in a statement" that ends at `i` begins, minus one; `i` if none ends there."""
    _tokens, lowers = host.tokens, host.lowers
    word = lowers[i]
    start = i
    if word in WEEKDAYS or word in ("today", "yesterday", "overnight", "tonight"):
        start = i
    elif word.isdigit() and i and host.is_month(i - 1):
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
            is_name = _is_bare_name(host, opening + 1, comma - 1)
            if is_name or _is_parenthesis(host, opening + 1, comma - 1):
                phrase = phrase_ending(host, opening - 1)
                if is_name and phrase is not None and phrase.kind != "role":
                    return None
                if phrase is not None and phrase.kind not in ("other",):
                    return _outermost_name(host, _with_apposition(phrase, opening + 1, comma - 1))
        opening -= 1
    return None


def _with_apposition(phrase: Phrase, first: int, last: int) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, phrase.kind, phrase.name_first, phrase.name_last,
        phrase.apposition or (first, last), phrase.negated, phrase.modal, phrase.joint,
    )  # fmt: skip


def _outermost_name(host: Host, phrase: Phrase) -> Phrase:
    """In "X, 34, a driver, who left, said" step out from "a driver" to X."""
    tokens = host.tokens
    for _ in range(3):
        if phrase.kind == "person" or phrase.first < 2 or tokens[phrase.first - 1].text != ",":
            break
        outer = phrase_ending(host, phrase.first - 2)
        if outer is None or (outer.kind not in ("person", "named") and not host.lowers[phrase.first - 2].isdigit()):
            break
        if not (_is_parenthesis(host, phrase.first, phrase.last)):
            break
        phrase = _with_apposition(outer, phrase.first, phrase.last)
    return phrase


def _is_bare_name(host: Host, first: int, last: int) -> bool:
    """ "The ambassador, Leo Brenn, said": nothing but a name, with its titles."""
    if not first <= last <= first + 6:
        return False
    inside = range(first, last + 1)
    return all(host.tokens[k].is_capital or is_title(host.lowers[k]) or len(host.lowers[k]) < 4 for k in inside) and (
        not any(noun_class(host.lowers[k]) in ("role", "body") and not is_title(host.lowers[k]) for k in inside)
    )


def _is_parenthesis(host: Host, first: int, last: int) -> bool:
    """Could these words stand between commas after a subject?"""
    if first > last:
        return False
    token, word = host.tokens[first], host.lowers[first]
    if word in CONJUNCTIONS or token.is_quoted:
        return False
    if word in _APPOSITION_OPENERS or word in DETERMINERS or word in PREPOSITIONS or word.isdigit():
        return True
    if is_adverb(token) or (not token.is_capital and (word.endswith(("ing", "ed")))):
        return True
    inside = host.lowers[first : last + 1]
    return any(noun_class(w) in ("role", "body", "group") or is_title(w) for w in inside[:10])


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
        return phrase_ending(host, opening - 1)
    if not token.is_word:
        return None
    word = lowers[last]
    if word in CONJUNCTIONS or word in PREPOSITIONS or word in AUXILIARIES or word in CONTRACTED:
        return None
    if (
        word in DETERMINERS
        and word not in NUMBERS
        and word not in ("both", "most", "many", "some", "few", "another", "all")
    ):
        return None
    if word in PRONOUNS:
        return Phrase(last, last, last, "pronoun")
    if word in RELATIVES:
        return Phrase(last, last, last, "relative")
    if word.isdigit() and last >= 2 and tokens[last - 1].text == ",":
        return phrase_ending(host, last - 2)
    if word.endswith("'s") and not tokens[last].text.isupper():
        return None
    first = _left_edge(host, last)
    return parse_phrase(host, first, last)


def _left_edge(host: Host, last: int) -> int:
    """The first token of the noun phrase that ends at `last`."""
    i, lower_run = last, 0
    while i > 0:
        step = _step_left(host, i)
        if step is None:
            break
        if step == i - 1 and _is_plain(host, step):
            lower_run += 1
            if lower_run > 5:
                break
        i = step
    tokens, lowers = host.tokens, host.lowers
    while i < last and (lowers[i] in CONNECTORS or lowers[i] in CONJUNCTIONS or tokens[i].text in "-–/&"):
        i += 1
    return i


def _is_plain(host: Host, i: int) -> bool:
    token = host.tokens[i]
    return token.is_word and not token.is_capital and host.lowers[i] not in DETERMINERS


def _step_left(host: Host, i: int) -> int | None:
    """The token that the phrase takes in next, to the left of token `i`; null where it begins."""
    tokens, lowers = host.tokens, host.lowers
    left, word = tokens[i - 1], lowers[i - 1]
    if not left.is_word:
        return _mark_left(host, i)
    if word in CONNECTORS:
        return i - 1 if _joins(host, i) else None
    if word == "and":
        return i - 1 if i >= 2 and _joint(host, i) else None
    if _is_determined(host, i):
        return None
    if word in DETERMINERS:
        return i - 1 if word not in ("that", "this") or left.is_capital or is_noun(lowers[i]) else None
    if word in WEEKDAYS or host.is_month(i - 1):
        return None
    if word in _CLOSED:
        return None
    if left.is_capital or word.isdigit() or word.endswith("'s"):
        return i - 1
    return None if is_adverb(left) or word in TIME_WORDS else i - 1


def _is_determined(host: Host, i: int) -> bool:
    """Does the phrase already begin with an article at token `i`, so that only a connector or "and" can add to it?"""
    return host.lowers[i] in DETERMINERS


def _mark_left(host: Host, i: int) -> int | None:
    tokens, lowers = host.tokens, host.lowers
    left, current = tokens[i - 1], tokens[i]
    if left.text == ")":
        opening = i - 1
        while opening > 0 and tokens[opening].text != "(":
            opening -= 1
        return opening if opening and tokens[opening - 1].is_capital else None
    if left.is_quoted:
        quotation = host.quotation_of(left)
        if quotation is None or quotation.end - quotation.start > 40 or i < 2 or not current.is_word:
            return None
        return i - 1 if lowers[i - 2] in DETERMINERS or tokens[i - 2].is_capital else None
    hyphen = left.text in "-–/&" and i >= 2 and tokens[i - 2].end == left.start and left.end == current.start
    return i - 1 if hyphen else None


_CLOSED: Final = (
    word_set("said says told added wrote") | AUXILIARIES | CONJUNCTIONS | SUBORDINATORS | PREPOSITIONS | PRONOUNS
)
_COUNTED: Final = word_set("one some both many most each members")


def _joins(host: Host, i: int) -> bool:
    """Does the connector before token `i` tie it to a role or body on its left: "head of the council"?"""
    tokens, lowers = host.tokens, host.lowers
    connector = lowers[i - 1]
    if i < 2:
        return False
    left, word = tokens[i - 2], lowers[i - 2]
    if not left.is_word:
        return left.text == ")" and connector in ("of", "for")
    if connector == "on" or word in TIME_WORDS:
        return False
    if word in POSTPOSED and i > 2:
        return noun_class(lowers[i - 3]) in ("role", "plural", "body", "group")
    if noun_class(word) in ("role", "plural", "body", "group", "document") or word in _COUNTED:
        return not (connector in ("in", "at", "from") and left.is_capital and noun_class(word) == "body")
    return connector == "of" and left.is_capital and word not in WEEKDAYS and not host.is_month(i - 2)


def _joint(host: Host, i: int) -> bool:
    """ "Britain and France said": is the "and" before token `i` inside one subject, rather than between two clauses?"""
    tokens, lowers = host.tokens, host.lowers
    j = i - 2
    if not tokens[j].is_word or not (tokens[j].is_capital or is_noun(lowers[j])) or lowers[j] in WEEKDAYS:
        return False
    while j >= 0 and tokens[j].is_word and _in_joint_part(host, j):
        if lowers[j] in WEEKDAYS:
            return False
        j -= 1
    if j < 0 or tokens[j].is_quoted or tokens[j].text == ",":
        return True
    if lowers[j] in CONNECTORS:
        return _joins(host, j + 1)
    return lowers[j] in SUBORDINATORS or lowers[j] in CONJUNCTIONS or j == 0


def _in_joint_part(host: Host, j: int) -> bool:
    word = host.lowers[j]
    return host.tokens[j].is_capital or is_noun(word) or word in DETERMINERS or word.endswith("'s") or word == "of"


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
    named = _named_behind(host, phrase)
    if named is not None:
        return named
    if phrase.kind == "role" and not phrase.joint:
        beside = with_name_beside(host, phrase, at_end=True)
        if beside is not phrase:
            return beside
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


def _named_behind(host: Host, phrase: Phrase) -> Phrase | None:
    """ "said a fighter known as Abu Omar": the phrase with the name that it is given."""
    lowers = host.lowers
    if phrase.kind != "role" or lowers[phrase.last + 1 : phrase.last + 2] == []:
        return None
    behind = phrase.last + 1
    if lowers[behind] not in _CALLED:
        return None
    as_at = next((k for k in range(behind + 1, min(behind + 8, len(lowers))) if lowers[k] == "as"), None)
    if as_at is None or any(not t.is_word for t in host.tokens[behind:as_at]):
        return None
    name = phrase_from(host, as_at + 1)
    if name is None or name.kind not in ("person", "named"):
        return None
    return Phrase(phrase.first, name.last, name.head, "person", name.name_first, name.name_last)


def with_name_beside(host: Host, phrase: Phrase, *, at_end: bool = False) -> Phrase:
    """The phrase with the name that follows it between commas, if one does ("The envoy, Leo Brenn, agreed").

    `at_end`: the name may close the sentence ("said the envoy, Leo Brenn.").
    """
    tokens, lowers = host.tokens, host.lowers
    first = phrase.last + 2
    if first >= len(tokens) or tokens[first - 1].text != "," or not tokens[first].is_word:
        return phrase
    last = first
    while last + 1 < len(tokens) and last - first < 6 and (tokens[last + 1].is_capital or len(lowers[last + 1]) < 4):
        if not tokens[last + 1].is_word or lowers[last + 1] in _CLOSED or lowers[last + 1] in DETERMINERS:
            break
        last += 1
    if not _is_bare_name(host, first, last):
        return phrase
    behind = last + 1
    closed = behind < len(tokens) and tokens[behind].text == ","
    if at_end and not closed:
        closed = (
            behind >= len(tokens)
            or not tokens[behind].is_word
            or lowers[behind] in _CLOSED
            or lowers[behind] in WEEKDAYS
        )
    return _with_apposition(phrase, first, last) if closed else phrase


def _as_person(phrase: Phrase) -> Phrase:
    return Phrase(
        phrase.first, phrase.last, phrase.head, "person", phrase.name_first, phrase.name_last, phrase.apposition,
        phrase.negated, phrase.modal, phrase.joint,
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
        if word in WEEKDAYS or host.is_month(i) or word in AUXILIARIES or (word in TIME_WORDS and not token.is_capital):
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
            and (tokens[i - 1].is_capital and not is_noun(word))
            and not is_noun(lowers[i - 1])
        ):
            break
        if not token.is_capital and word.endswith("ing") and i > first and is_noun(lowers[i - 1]):
            break
        if word in ("known", "identified", "nicknamed") and i > first:
            break
        if (
            i > first
            and word.endswith("ed")
            and not token.is_capital
            and word not in POSTPOSED
            and is_noun(lowers[i - 1])
        ):
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
    if following and (
        following[0] in TIME_WORDS or any(host.is_month(k) for k in range(i + 1, min(i + 3, len(tokens))))
    ):
        return False
    if noun_class(before) in ("role", "plural", "body", "group") or before in ("one", "some"):
        return not (lowers[i] == "in" and tokens[i - 1].is_capital and noun_class(before) == "body")
    return lowers[i] == "of" and tokens[i - 1].is_capital
