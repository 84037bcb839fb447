"""The shapes in which a cue ties a speaker to words: "X said that ...", "..., said X", "according to X", "quoted as saying".

report_at(host, i, before) -> Report | None     # the report whose cue is token i
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from . import quotations as quoting
from .complements import (
    NOUN_LIKE,
    Complement,
    clause_end,
    complement,
    has_finite_verb,
    skip_circumstances,
)
from .cues import Cue, CueKind, lexicon
from .function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    TIME_WORDS,
    is_adverb,
    noun_class,
    word_set,
)
from .hosts import Host
from .phrase_edges import is_went_on, phrase_ending, phrase_from, subject_before, with_name_beside
from .report_content import (
    Report,
    around_cue,
    before_cue,
    content_before,
    ends_open,
    inner_spans,
    make_report,
    quoted_run_end,
    said_after,
)
from .report_trace import refuse
from .speaker_phrases import Phrase, parse_phrase
from .speaker_words import words

_ACCORDING: Final = CueKind(id="according_to", verbs=["according"], takes=["clause"])
_SAYING: Final = CueKind(id="as_saying", verbs=["say"], takes=["quote", "clause", "that"])
_TELLING: Final = CueKind(id="as_saying", verbs=["tell"], takes=["quote", "clause", "that"], told=True)
_BE: Final = word_set("is are was were be been being")


_QUOTING: Final = word_set("quoted cited quotes cites reported described quoting citing")


def report_at(host: Host, i: int, before: list[Report]) -> Report | None:
    token, word = host.tokens[i], host.lowers[i]
    if not token.is_word or (i and token.text[0].isupper()):
        return None
    if word == "according" and host.lowers[i + 1 : i + 2] == ["to"]:
        return _according_to(host, i)
    if word == "words" and host.lowers[max(0, i - 2) : i] == ["in", "the"] and host.lowers[i + 1 : i + 2] == ["of"]:
        return _in_the_words_of(host, i)
    if (
        word == "as"
        and i + 1 < len(host.tokens)
        and host.lowers[i + 1] in ("saying", "telling", "writing", "stating", "adding")
    ):
        return _quoted_as_saying(host, i)
    for cue in lexicon().at(host.lowers, i):
        report = _by_cue(host, i, cue, before)
        if report is not None:
            return report
    return None


def _by_cue(host: Host, i: int, cue: Cue, before: list[Report]) -> Report | None:
    if i and host.lowers[i - 1] == "as" and cue.form == "participle":
        return refuse(host, i, cue, "read with the “as” before it")
    passive = _is_passive(host, i, cue)
    if passive:
        found = _declared_by(host, i, cue) if cue.takes("naming") else None
        return found or refuse(host, i, cue, "a passive that names nobody who speaks")
    if cue.form == "participle" and not _is_progressive(host, i):
        return _participle(host, i, cue, before) or refuse(
            host, i, cue, "a participle without a speaker or words behind it"
        )
    inverted = _inverted(host, i, cue)
    if inverted is not None:
        return inverted
    if cue.form in ("present", "base") and _reads_as_noun(host, i, cue):
        return refuse(host, i, cue, "a noun here, not a verb")
    phrase = _subject(host, i, before)
    if phrase is not None and phrase.kind == "relative":
        antecedent = _antecedent(host, phrase)
        phrase = replace(antecedent, relative=True) if antecedent is not None else phrase
    if phrase is not None and phrase.kind == "document":
        phrase = _owner(host, phrase)
    if phrase is not None and phrase.kind == "other" and cue.kind.id in _SPOKEN and can_speak(host, phrase):
        phrase = replace(phrase, kind="role")
    if phrase is None:
        return refuse(host, i, cue, "no subject that can speak")
    if phrase.negated or _is_nobody(host, phrase):
        return refuse(host, i, cue, "negated: nobody said it")
    if phrase.modal and not _may_be_modal(host, i, cue):
        return refuse(host, i, cue, "might be said, or is to be said")
    went_on = i > 0 and is_went_on(host.lowers, i - 1)
    if cue.form == "base" and not went_on and not (phrase.kind in _MAY_BE_MANY and _is_plural(host, phrase)):
        return refuse(host, i, cue, "an infinitive or a noun: its subject is not a plural")
    said = _with_subject(host, i, cue, phrase)
    return said or refuse(host, i, cue, f"nothing that it takes ({', '.join(cue.kind.takes)}) stands beside it")


_MAY_BE_MANY: Final = ("plural", "group", "body", "pronoun", "named", "person")


def _subject(host: Host, i: int, before: list[Report]) -> Phrase | None:
    """The subject of the cue at token `i`: right before it, behind a quotation, or shared with the verb before."""
    phrase = subject_before(host, i)
    if phrase is not None and phrase.kind == "other":
        wider = _behind_quotation(host, i)
        if wider is not None and wider.kind != "other":
            return wider
    if phrase is not None and not _hangs_on_preposition(host, phrase):
        return None if _is_object_relative(host, phrase) else phrase
    found = _behind_quotation(host, i)
    if found is not None or host.lowers[i] in NOUN_LIKE:
        return found
    return _shared_subject(host, i, before) if phrase is None else main_subject(host, i)


def _is_nobody(host: Host, phrase: Phrase) -> bool:
    """ "No group has claimed ...", "no one said", "neither side": nobody spoke."""
    opening = host.lowers[max(0, phrase.first - 1) : phrase.head + 1]
    return any(word in ("no", "none", "nobody", "neither", "nor") for word in opening)


def can_speak(host: Host, phrase: Phrase, *, behind: bool = False) -> bool:
    """Is a phrase whose noun is in no list ("the apiarist") that of one person or body: determined, singular, set off?"""
    word = host.lowers[phrase.head]
    if host.tokens[phrase.head].is_capital or not word.isalpha() or len(word) < 3:
        return False
    owned = any(w.endswith(("'s", "s'")) for w in host.lowers[phrase.first : phrase.head])
    if (
        phrase.head == phrase.first
        or phrase.head - phrase.first > 4
        or not (owned or host.lowers[phrase.first] in _ONE)
    ):
        return False
    if word in words("abstract") or word in TIME_WORDS or (word.endswith("s") and not word.endswith("ss")):
        return False
    if word.endswith(("ing", "tion", "sion", "ment", "ness", "ity", "ism", "ence", "ance")):
        return False
    k = phrase.first - 1
    return behind or k < 0 or not host.tokens[k].is_word or host.lowers[k] in CONJUNCTIONS | SUBORDINATORS


_SPOKEN: Final = frozenset(["say", "tell", "add", "answer", "insist"])
"""Cues that only people and bodies are the subject of; a flood claims, and a result suggests."""
_ONE: Final = word_set("the a an another his her their its")


def _is_object_relative(host: Host, phrase: Phrase) -> bool:
    """ "what she says", "the target it pledged to reach": the words are the object of the cue, not what was said."""
    k = phrase.first - 1
    if k < 0 or not host.tokens[k].is_word:
        return False
    word = host.lowers[k]
    if word in ("what", "whatever", "how", "than", "everything", "anything", "who", "whom"):
        return True
    if word == "that" and 1 < k <= 4 and host.lowers[0] in DETERMINERS and phrase.kind != "pronoun":
        return host.lowers[k - 1] not in lexicon().printed  # "the target that Olk pledged to reach"
    if phrase.kind != "pronoun" or host.tokens[k].is_capital:
        return False
    return word not in _LEADS and not is_adverb(host.tokens[k]) and word not in TIME_WORDS


_LEADS: Final = (
    CONJUNCTIONS | SUBORDINATORS | PREPOSITIONS | AUXILIARIES | word_set("says said say told added that then")
)


def _reads_as_noun(host: Host, i: int, cue: Cue) -> bool:
    """ "claims about", "West African states for": a plural noun, not a verb."""
    if cue.kind.id == "say" and cue.lemma == "say":
        return False
    following = host.lowers[i + cue.length : i + cue.length + 1]
    behind = host.lowers[i + cue.length + 1 : i + cue.length + 2]
    if following == ["to"] and cue.takes("infinitive") and behind and behind[0] not in DETERMINERS:
        return False
    if following and following[0] in PREPOSITIONS and following[0] not in ("in", "on") and not cue.takes("topic"):
        return True
    return cue.lemma == "state" and following not in (["that"], [":"])


def _hangs_on_preposition(host: Host, phrase: Phrase) -> bool:
    """A name that only tells where ("Another fighter reached in Ardal said")."""
    k = phrase.first - 1
    if k < 1 or phrase.kind not in ("named", "body", "other"):
        return False
    if phrase.kind != "other" and host.lowers[phrase.first] in DETERMINERS:
        return False
    return host.lowers[k] in _WHERE and host.tokens[k - 1].is_word


_WHERE: Final = word_set(
    "in at near of from to by with for on outside around through between among against over inside into"
)


def _behind_quotation(host: Host, i: int) -> Phrase | None:
    """ "“...,” the committee in charge of overseeing the truce said": all the words between quotation and verb."""
    k = i - 1
    while k >= 0 and host.tokens[k].is_word and i - k < 18 and host.lowers[k] not in CONJUNCTIONS:
        k -= 1
    if k < 0 or not host.tokens[k].is_quoted or not ends_open(host, k):
        return None
    lead = _leading_phrase(host, k + 1, i)
    return replace(lead, first=k + 1) if lead is not None else None


def _may_be_modal(host: Host, i: int, cue: Cue) -> bool:
    """ "“Not yet,” she would say": only a quotation beside it makes a modal an utterance."""
    return cue.takes("quote") and i > 1 and any(t.is_quoted for t in host.tokens[max(0, i - 4) : i])


def _is_plural(host: Host, phrase: Phrase) -> bool:
    word = host.lowers[phrase.head]
    if phrase.kind == "pronoun":
        return word in ("they", "we", "i", "you")
    if phrase.kind in ("plural", "group") or phrase.joint:
        return True
    return word.endswith("s") and not host.tokens[phrase.head].text.isupper()


def _is_passive(host: Host, i: int, cue: Cue) -> bool:
    if cue.form not in ("past",):
        return False
    k = i - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    return k >= 0 and host.lowers[k] in _BE


def _is_progressive(host: Host, i: int) -> bool:
    k = i - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    return k >= 0 and host.lowers[k] in _BE


def _with_subject(host: Host, i: int, cue: Cue, phrase: Phrase) -> Report | None:
    after = i + cue.length
    comp = complement(host, after, cue)
    before = phrase.first - 1
    said_before = content_before(host, before)
    tokens = host.tokens
    if said_before is not None and tokens[said_before].is_quoted and tokens[before].text in "–—-":
        before = said_before
    follows_quote = before >= 0 and tokens[before].is_quoted and ends_open(host, before)
    if comp.shape == "quote":
        comma_between = before > 0 and tokens[before].text == "," and tokens[before - 1].is_quoted
        if follows_quote or comma_between or (before >= 0 and tokens[before].is_quoted):
            return make_report(host, i, cue, phrase, comp, "around", *around_cue(host, before, comp.first))
        if cue.takes("naming") and not cue.takes("quote", "clause"):
            return _naming(host, i, cue, phrase, after)
        if not cue.takes("quote", "clause", "that", "noun", "urging", "infinitive", "naming"):
            return None
        return said_after(host, i, cue, phrase, comp)
    if comp.shape == "circumstance":
        if said_before is not None and (follows_quote or _has_clause(host, before)):
            comp = replace(comp, shape="end")
        elif cue.kind.id == "say" and has_finite_verb(host, comp.first, clause_end(host, comp.first)):
            comp = replace(comp, shape="clause")
        elif cue.takes("topic") and host.lowers[comp.first] in ("of", "against"):
            return make_report(host, i, cue, phrase, comp, "after", comp.first, clause_end(host, comp.first))
        elif not cue.takes("urging", "naming", "charge", "verdict"):
            return None
    if follows_quote and cue.takes("quote") and comp.shape not in ("that",):
        second = _second_quotation(host, i + cue.length)
        if second is not None:
            return make_report(host, i, cue, phrase, comp, "around", before_cue(host, before)[0], second)
        return make_report(host, i, cue, phrase, comp, "before", *before_cue(host, before))
    trails = comp.shape == "noun" or (comp.shape == "clause" and host.lowers[comp.first].endswith("ed"))
    if cue.kind.told is True and trails and _is_told_before(host, before):
        comp = replace(comp, shape="end")
    if comp.shape == "end":
        if said_before is None or not cue.takes("quote", "clause", "that"):
            return _naming(host, i, cue, phrase, after) if cue.takes("naming") else None
        if not cue.takes("clause", "that") and not any(t.is_quoted for t in tokens[: before + 1]):
            return None
        split = _split_clause(host, i, cue, phrase, comp, before)
        if split is not None:
            return split
        if not any(t.is_quoted for t in tokens[: before + 1]) and _is_mere_circumstance(host, before):
            return None
        return make_report(host, i, cue, phrase, comp, "before", *before_cue(host, before))
    return _unquoted(host, i, cue, phrase, comp)


def _is_mere_circumstance(host: Host, before: int) -> bool:
    """ "In Kern, she told the men who ...": no verb, and it opens like an adverbial."""
    if _has_clause(host, before):
        return False
    first, last = before_cue(host, before)
    word = host.lowers[first]
    return (
        last - first < 2
        or word in PREPOSITIONS
        or word in SUBORDINATORS
        or word.endswith("ing")
        or is_adverb(host.tokens[first])
    )


def _is_told_before(host: Host, before: int) -> bool:
    """ "Kern had fallen, she told the paper in an interview published later": what was said is the clause before."""
    if before < 3 or host.tokens[before].text != "," or not _has_clause(host, before):
        return False
    first, _ = before_cue(host, before)
    return host.lowers[first] not in SUBORDINATORS and host.lowers[first] not in PREPOSITIONS


def _has_clause(host: Host, last: int) -> bool:
    """Do the words up to token `last` hold a verb, so that they can be what was said?"""
    return has_finite_verb(host, -1, last)


def _split_clause(host: Host, i: int, cue: Cue, phrase: Phrase, comp: Complement, before: int) -> Report | None:
    """ "In 2008, she said, the bridge was closed": what was said goes on behind the cue."""
    tokens = host.tokens
    second = comp.first + 1
    if second >= len(tokens) or tokens[comp.first].text != "," or not tokens[second].is_word:
        return None
    word = host.lowers[second]
    if word != "that" and (
        word in CONJUNCTIONS or word in SUBORDINATORS or word in PREPOSITIONS or word.endswith(("ing", "ed"))
    ):
        return None
    end = clause_end(host, second)
    if not has_finite_verb(host, comp.first, end):
        return None
    first, last = before_cue(host, before)
    report = make_report(host, i, cue, phrase, comp, "split", second, end)
    if report is None:
        return None
    opening, rest = (tokens[first].start, tokens[last].end), (tokens[second].start, tokens[end].end)
    return replace(report, spans=(opening, rest), mode="indirect" if report.mode == "indirect" else "mixed")


def _unquoted(host: Host, i: int, cue: Cue, phrase: Phrase, comp: Complement) -> Report | None:
    after = i + cue.length
    if comp.shape == "that" and cue.takes("that", "clause"):
        return said_after(host, i, cue, phrase, comp)
    if cue.takes("charge"):
        return _charge(host, i, cue, phrase, after)
    if cue.takes("urging") and comp.shape in ("noun", "clause", "infinitive"):
        found = _urging(host, i, cue, phrase, after)
        if found is not None:
            return found
    if comp.shape == "infinitive" and cue.takes("infinitive"):
        return said_after(host, i, cue, phrase, comp)
    if comp.shape == "clause" and cue.takes("clause"):
        return said_after(host, i, cue, phrase, comp)
    if comp.shape in ("noun", "clause") and cue.takes("noun"):
        if cue.kind.content and not any(w in cue.kind.content for w in host.lowers[comp.first : comp.first + 4]):
            return None
        if cue.kind.starts and host.lowers[comp.first] not in cue.kind.starts:
            return None
        return said_after(host, i, cue, phrase, comp)
    if cue.takes("naming"):
        named = _naming(host, i, cue, phrase, after)
        return named if named is not None or not cue.takes("verdict") else _verdict(host, i, cue, phrase, after)
    if comp.shape == "noun" and cue.kind.id == "say":
        end = clause_end(host, comp.first)
        if end - comp.first >= 2:
            return said_after(host, i, cue, phrase, comp)
    return None


def _inverted(host: Host, i: int, cue: Cue) -> Report | None:
    """ "“...,” said X." and "The road was open, said X." """
    if cue.form not in ("past", "present") or not cue.takes("quote") or cue.kind.told is True:
        return None
    if i + 1 >= len(host.tokens) or host.lowers[i + 1] == "that":
        return None
    before = i - 1
    while before >= 0 and is_adverb(host.tokens[before]):
        before -= 1
    if content_before(host, before) is None:
        return None
    follows_quote = host.tokens[before].is_quoted
    phrase = phrase_from(host, i + 1)
    if phrase is None or phrase.kind in ("relative",):
        return None
    if phrase.kind == "other" and cue.kind.id in _SPOKEN and follows_quote and can_speak(host, phrase, behind=True):
        phrase = replace(phrase, kind="role")
    if phrase.kind in ("other", "document") and not follows_quote:
        return None
    end = phrase.last + 1
    if not follows_quote:
        # ", said X" ends the clause behind X; "X, a spokesman, said Y had left" does not
        if end < len(host.tokens) and host.tokens[end].is_word and host.lowers[end] not in _AFTER_INVERTED:
            return None
        if cue.form == "present" and cue.kind.id not in ("say",):
            return None
    if follows_quote and end < len(host.tokens) and host.tokens[end].is_word and host.lowers[end] in AUXILIARIES:
        return None
    if not cue.takes("clause", "that") and not follows_quote:
        return None
    first, last = before_cue(host, before)
    following = _second_quotation(host, end)
    if follows_quote and following is not None:
        return make_report(host, i, cue, phrase, None, "around", first, following)
    if not follows_quote and end < len(host.tokens):
        split = _split_clause(host, i, cue, phrase, Complement("end", end), before)
        if split is not None:
            return split
    return make_report(host, i, cue, phrase, None, "before", first, last)


_AFTER_INVERTED: Final = (PREPOSITIONS - word_set("of to for with from")) | word_set(
    "who which as while when after before where whose and but monday tuesday wednesday thursday friday saturday sunday "
    "yesterday today late early last this earlier later speaking adding citing"
)


def _second_quotation(host: Host, start: int) -> int | None:
    """The quotation that goes on behind "said X," in the same sentence, or null."""
    tokens = host.tokens
    k = start
    while k < len(tokens) and not tokens[k].is_quoted:
        if tokens[k].text in ".;" or k - start > 25 or (host.lowers[k] in lexicon().printed and k > start):
            return None
        k += 1
    if k >= len(tokens) or (tokens[k - 1].text not in ",:—–-" and host.lowers[k - 1] not in ("but", "and")):
        return None
    return quoted_run_end(host, k)


def _according_to(host: Host, i: int) -> Report | None:
    phrase = phrase_from(host, i + 2)
    if phrase is None:
        return None
    phrase = _owner(host, phrase)
    tokens = host.tokens
    cue = Cue(_ACCORDING, "according", "participle", 2)
    if i == 0 or (tokens[i - 1].kind == "mark" and tokens[i - 1].text in ".;") or host.lowers[i - 1] in CONJUNCTIONS:
        k = phrase.last + 1
        while k < len(tokens) and tokens[k].text not in ",:":
            k += 1
        if k < len(tokens) and phrase.apposition is not None and phrase.apposition[0] == k + 1:
            after = phrase.apposition[1] + 1
            is_clause = has_finite_verb(host, k + 1, after - 1) and host.lowers[k + 1] not in ("who", "which", "whose")
            if after < len(tokens) and tokens[after].text == "," and not is_clause:
                k = after
        if k + 1 >= len(tokens):
            return None
        return make_report(host, i, cue, phrase, None, "after", k + 1, clause_end(host, k + 1))
    last = i - 1
    if tokens[last].text != "," and not tokens[last].is_quoted and not tokens[last].is_word:
        return None
    first, end = before_cue(host, last)
    if end - first < 2 and not any(t.is_quoted for t in tokens[first : end + 1]):
        return None
    return make_report(host, i, cue, phrase, None, "before", first, end)


def _in_the_words_of(host: Host, i: int) -> Report | None:
    """ "in the words of the mayor, “...”"."""
    phrase = phrase_from(host, i + 2)
    if phrase is None:
        return None
    quote = next(
        (k for k in range(phrase.last + 1, min(phrase.last + 14, len(host.tokens))) if host.tokens[k].is_quoted), None
    )
    if quote is None:
        return None
    return make_report(host, i, Cue(_ACCORDING, "words", "participle", 2), phrase, None, "after", quote, quote)


def _owner(host: Host, phrase: Phrase) -> Phrase:
    """ "a statement from his office": whose statement it is."""
    if phrase.kind != "document" and host.lowers[phrase.head] not in ("estimates", "figures", "documents", "reports"):
        return phrase
    for k in range(phrase.head + 1, min(phrase.last + 1, phrase.head + 8)):
        if host.lowers[k] in ("from", "by", "of"):
            owner = parse_phrase(host, k + 1, phrase.last)
            if owner is not None and owner.kind != "other":
                return owner
    behind = phrase.last + 1
    issued = host.lowers[behind : behind + 9]
    if issued[:1] and issued[0] in ("filed", "written", "compiled", "prepared", "drawn") and "by" in issued:
        return phrase_from(host, behind + issued.index("by") + 1) or phrase
    while behind < len(host.tokens) and (
        host.lowers[behind] in ("released", "published", "issued", "compiled", "carried", "posted", "made", "public")
        or host.lowers[behind] in TIME_WORDS
        or (
            host.lowers[behind] == "on"
            and host.lowers[behind + 1 : behind + 2]
            and host.lowers[behind + 1] in TIME_WORDS
        )
    ):
        behind += 1
    if host.lowers[behind : behind + 1] in (["by"], ["from"]):
        return phrase_from(host, behind + 1) or phrase
    return phrase


def _quoted_as_saying(host: Host, i: int) -> Report | None:
    """ "X was quoted (by Y) as saying", "Y quoted X as saying"."""
    lowers = host.lowers
    verb = next((k for k in range(i - 1, max(-1, i - 30), -1) if lowers[k] in _QUOTING), None)
    if verb is None:
        return None
    k = verb - 1
    while k >= 0 and is_adverb(host.tokens[k]):
        k -= 1
    passive = k >= 0 and lowers[k] in _BE
    phrase = subject_before(host, verb) if passive else phrase_from(host, verb + 1)
    if phrase is None:
        return None
    cue = Cue(_TELLING if lowers[i + 1] == "telling" else _SAYING, "say", "participle", 2)
    comp = complement(host, i + 2, cue)
    outer = phrase if passive else subject_before(host, verb)
    before = (outer.first if outer is not None else verb) - 1
    if comp.shape == "end":
        if content_before(host, before) is None:
            return None
        return make_report(host, i, cue, phrase, comp, "before", *before_cue(host, before))
    if comp.first >= len(host.tokens):
        return None
    return make_report(host, i, cue, phrase, comp, "after", comp.first, clause_end(host, comp.first))


def _charge(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    lowers = host.lowers
    end = clause_end(host, after, urging=True) if after < len(lowers) else after
    links = ("for", "on") if cue.kind.id == "blame" else ("of",)
    if (
        not any(w in links for w in lowers[after : end + 1])
        or after >= len(lowers)
        or lowers[after] in ("of", "in", "by")
    ):
        return None
    return make_report(host, i, cue, phrase, None, "after", after, end)


def _urging(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    lowers, tokens = host.lowers, host.tokens
    if after >= len(lowers) or not tokens[after].is_word:
        return None
    if lowers[after : after + 3] == ["not", "to", "be"]:
        return None  # "who asked not to be named" says nothing
    end = clause_end(host, after, urging=True)
    window = range(after, min(end + 1, after + 18))
    to = next((k for k in window if lowers[k] == "to" and k > after and k + 1 <= end), None)
    quoted = any(tokens[k].is_quoted for k in window)
    wish = next((k for k in window if lowers[k] == "for" and cue.lemma == "appeal"), None)
    if wish is not None and to is None:
        return make_report(host, i, cue, phrase, None, "after", wish, end)
    if to is None and not quoted:
        return None
    if lowers[after] in ("that", "if", "whether", "about", "for", "in", "by", "what", "why", "how", "when"):
        return None
    if to is not None and any(lowers[k] in AUXILIARIES and lowers[k] not in ("not", "never") for k in range(after, to)):
        return None
    return make_report(host, i, cue, phrase, None, "after", after, end)


def _naming(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    """ "called the vote “a farce”": the quoted name is what was said."""
    tokens, lowers = host.tokens, host.lowers
    k = after
    while k < min(len(tokens), after + 22):
        if tokens[k].is_quoted:
            break
        if tokens[k].kind == "mark" and tokens[k].text in ".;:":
            return None
        if k > after and lowers[k] in ("who", "which", "where", "while", "but", "after", "when"):
            return None
        k += 1
    if k >= min(len(tokens), after + 22):
        return None
    quotation = host.quotation_of(tokens[k])
    if quotation is None or quoting.kind(host.sentences[0].reading.text, quotation) == "title":
        return None
    spans = list(inner_spans(host, k))
    m = k + 1
    while m < len(tokens) and tokens[m].text not in ".;" and m - k < 8:
        if tokens[m].is_quoted:
            spans += inner_spans(host, m)
            k = m
        m += 1
    cue_span = (tokens[i].start, tokens[min(i + cue.length - 1, len(tokens) - 1)].end)
    return Report(host, f"statement.{cue.kind.id}.naming", "direct", tuple(spans), cue, cue_span, phrase, i)


def _verdict(host: Host, i: int, cue: Cue, phrase: Phrase, after: int) -> Report | None:
    """ "called the vote a farce", "described the talks as constructive": something, and what it is said to be."""
    tokens, lowers = host.tokens, host.lowers
    wanted = ("a", "an") if cue.lemma == "call" else ("as",)
    if after >= len(tokens) or lowers[after] in ("a", "an", "as", "for", "on", "off", "in", "up", "out", "at", "by"):
        return None
    if tokens[after].is_capital and cue.lemma == "call" and lowers[after] not in DETERMINERS:
        return None
    for k in range(after + 1, min(after + 12, len(tokens))):
        if not tokens[k].is_word or lowers[k] in AUXILIARIES or lowers[k] in SUBORDINATORS - {"as"}:
            return None
        if lowers[k] in wanted:
            if (lowers[k + 1 : k + 2] and lowers[k + 1] in TIME_WORDS) or lowers[k - 1] in PREPOSITIONS:
                return None
            return make_report(host, i, cue, phrase, None, "verdict", after, clause_end(host, after, urging=True))
        if lowers[k] in PREPOSITIONS and lowers[k] not in ("of", "in", "on", "between", "with", "by", "at", "for"):
            return None
    return None


def _declared_by(host: Host, i: int, cue: Cue) -> Report | None:
    """ "was declared “open” by the mayor"."""
    lowers = host.lowers
    by = next((k for k in range(i + 1, min(i + 14, len(lowers))) if lowers[k] == "by"), None)
    if by is None or not any(t.is_quoted for t in host.tokens[i + 1 : by]):
        return None
    phrase = phrase_from(host, by + 1)
    return _naming(host, i, cue, phrase, i + 1) if phrase is not None else None


def _participle(host: Host, i: int, cue: Cue, before: list[Report]) -> Report | None:
    """ ", adding that ...", "before adding that ...": the speaker is the subject of the clause before."""
    tokens, lowers = host.tokens, host.lowers
    k = i - 1
    while k >= 0 and is_adverb(tokens[k]):
        k -= 1
    if k < 0 and i == 0:
        return _opening_participle(host, i, cue)
    if k < 0 or not (
        tokens[k].text in (",", "—", "–")
        or tokens[k].is_quoted
        or lowers[k] in ("before", "and", "after", "while", "instead", "by")
    ):
        return None
    if k == 0 and lowers[0] in ("after", "before", "by", "while"):
        return _opening_participle(host, i, cue)
    phrase = next((r.phrase for r in reversed(before) if r.phrase is not None and not r.nested), None) or main_subject(
        host, i
    )
    if phrase is None:
        return None
    after = i + cue.length
    comp = complement(host, after, cue)
    if comp.shape == "quote" and cue.takes("quote", "clause", "urging"):
        return said_after(host, i, cue, phrase, comp)
    if comp.shape == "end":
        return None
    return _unquoted(host, i, cue, phrase, comp)


def _opening_participle(host: Host, i: int, cue: Cue) -> Report | None:
    """ "After saying the road was safe, the mayor left": the speaker is the subject behind the comma."""
    after = i + cue.length
    comp = complement(host, after, cue)
    if comp.shape not in ("clause", "that"):
        return None
    end = clause_end(host, comp.first, enclosed=True)
    if end + 2 >= len(host.tokens) or host.tokens[end + 1].text != ",":
        return None
    phrase = phrase_from(host, end + 2)
    if phrase is None or phrase.kind in ("other", "document", "relative"):
        return None
    return make_report(host, i, cue, phrase, comp, "after", comp.first, end)


def _shared_subject(host: Host, i: int, before: list[Report]) -> Phrase | None:
    """The subject of "waved flags and chanted": that of the clause before the "and"."""
    k = i - 1
    while k >= 0 and (is_adverb(host.tokens[k]) or host.lowers[k] in ("has", "have", "had", "since")):
        k -= 1
    if k < 0 or host.lowers[k] not in ("and", "but", "then", ","):
        return None
    if host.lowers[k] == "," and (k == 0 or host.tokens[k - 1].is_quoted):
        return None
    earlier = next((r.phrase for r in reversed(before) if r.phrase is not None and not r.nested), None)
    return earlier or main_subject(host, i)


def _antecedent(host: Host, phrase: Phrase) -> Phrase | None:
    """ "the ministry in Ardal, which said": what the relative pronoun stands for."""
    k = phrase.first - 1
    if k >= 0 and host.tokens[k].text == ",":
        k -= 1
    if k < 0:
        return None
    found = phrase_ending(host, k)
    if found is not None and found.first > 1 and host.lowers[found.first - 1] in ("in", "at", "near", "on"):
        return phrase_ending(host, found.first - 2) or found
    return found


def main_subject(host: Host, limit: int) -> Phrase | None:
    """The first noun phrase of the host that can speak, before token `limit`; behind an opening circumstance."""
    tokens, lowers = host.tokens, host.lowers
    i = skip_circumstances(host, 0)
    while i < limit and (
        lowers[i] in CONJUNCTIONS or is_adverb(tokens[i]) or tokens[i].is_quoted or tokens[i].kind == "mark"
    ):
        i += 1
    i = skip_circumstances(host, i)
    if i < limit and (lowers[i] in PREPOSITIONS or lowers[i] in SUBORDINATORS):
        comma = next((k for k in range(i, min(limit, i + 16)) if tokens[k].text == ","), None)
        i = comma + 1 if comma is not None else i
    if i >= limit:
        return None
    if lowers[i] in PRONOUNS:
        return Phrase(i, i, i, "pronoun")
    lead = _leading_phrase(host, i, limit)
    return with_name_beside(host, lead) if lead is not None and lead.kind == "role" else lead


def _leading_phrase(host: Host, first: int, limit: int) -> Phrase | None:
    tokens, lowers = host.tokens, host.lowers
    k = first
    last: int | None = None
    while k < limit and k - first < 12:
        token, word = tokens[k], lowers[k]
        if not token.is_word or word in AUXILIARIES or word in SUBORDINATORS or is_adverb(token):
            break
        if word in PREPOSITIONS and word not in ("of",):
            break
        if (token.is_capital and word not in DETERMINERS) or noun_class(word) is not None:
            last = k
        elif last is not None and word not in DETERMINERS and word != "of":
            break
        k += 1
    return parse_phrase(host, first, last) if last is not None else None
