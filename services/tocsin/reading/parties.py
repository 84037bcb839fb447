"""Which party a noun phrase of the parse names: a state, an armed group, a unit, a person; pronouns too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin_schemas import Actor

from . import syntax

if TYPE_CHECKING:
    from spacy.tokens import Token

    from .reader import Reading, Sentence

_WE: Final = frozenset(["we", "our", "us", "ours", "i", "my", "me", "mine"])
_THEY: Final = frozenset(["they", "them", "their", "theirs", "it", "its", "those", "these", "both"])
_PERSON: Final = frozenset(["he", "she", "him", "her", "his", "hers"])


def party(token: Token, sentence: Sentence) -> Actor | None:
    """The party that the phrase of `token` names; None for a pronoun that nothing explains."""
    token = syntax.antecedent(token)
    first, last = syntax.phrase(token)
    while first.i < token.i and first.pos_ in ("ADV", "PUNCT"):
        first = token.doc[first.i + 1]
    start, end = sentence.span(first, last)
    text = sentence.text[start - sentence.start : end - sentence.start]
    word = token.lower_
    is_acronym = token.text.isupper() and len(word) > 1  # "US and Iraqi troops" are not "us"
    if first == last and word in _WE | _THEY | _PERSON and not is_acronym:
        return _pronoun(token, sentence, start, end, text)
    actor = sentence.reading.actors_for(sentence).resolve(text, start, end)
    own = next((c for c in token.children if c.dep_ == "poss" and c.lower_ in _WE | _THEY | _PERSON), None)
    if own is not None and (actor is None or not _names_party(sentence, start, end)):
        # "its fighters", "our forces": those of the party that the pronoun means
        owner = _pronoun(own, sentence, sentence.offset(own), sentence.offset(own) + len(own.text), own.text)
        if owner is not None and owner.id is not None:
            return owner.model_copy(update={"text": text, "start": start, "end": end})
    if actor is not None and (actor.id is not None or actor.kind != "unknown"):
        return actor
    person = sentence.reading.person_named(text) if token.pos_ == "PROPN" and sentence.field == "text" else None
    if person is not None:
        return Actor(
            text=text, start=start, end=end, id=person.id, name=person.name, kind="person", country=person.country
        )
    called = syntax.child(token, "appos") if actor is None and token.pos_ == "NOUN" and token.tag_ == "NN" else None
    if called is not None and called.pos_ == "PROPN":  # "the ruler's eldest son, Karim"
        at, until = sentence.span(*syntax.phrase(called))
        name = sentence.text[at - sentence.start : until - sentence.start]
        return Actor(text=text, start=start, end=end, name=name, kind="person")
    return actor or Actor(text=text, start=start, end=end, name=text)


def _names_party(sentence: Sentence, start: int, end: int) -> bool:
    return bool(sentence.reading.actors_for(sentence).named(start, end))


def _pronoun(token: Token, sentence: Sentence, start: int, end: int, text: str) -> Actor | None:
    reading = sentence.reading
    word = token.lower_
    if word in _WE:
        speaker = reading.side_of_speaker(sentence, start)
        return None if speaker is None else speaker.model_copy(update={"text": text, "start": start, "end": end})
    if word in _PERSON:
        return Actor(text=text, start=start, end=end, kind="person")
    earlier = _subject_above(token, sentence) or _last_party(reading, sentence, start)
    if earlier is None:
        return Actor(text=text, start=start, end=end)
    return earlier.model_copy(update={"text": text, "start": start, "end": end})


def _subject_above(token: Token, sentence: Sentence) -> Actor | None:
    """ "The army said it had ...", "the militants ... in their hands": the party that is the subject of a clause above."""
    actors = sentence.reading.actors_for(sentence)
    for verb in token.ancestors:
        subject = syntax.child(verb, "nsubj", "nsubjpass") if verb.pos_ in ("VERB", "AUX") else None
        if subject is None or subject.i > token.i or subject == token or token in subject.subtree:
            continue
        if token.lower_ in ("it", "its") and subject.tag_ in ("NNS", "NNPS"):
            continue
        start, end = sentence.span(*syntax.phrase(syntax.antecedent(subject)))
        found = actors.resolve(sentence.text[start - sentence.start : end - sentence.start], start, end)
        if found is not None and found.kind in ("state", "armed_group", "unit"):
            return found
    return None


def _last_party(reading: Reading, sentence: Sentence, before: int) -> Actor | None:
    """The armed party spoken of last: a captor told of, or a group, or troops, named before character `before`."""
    told = next((a for at, a in reversed(reading.acting) if at < before and before - at < 600), None)
    actors = reading.actors_for(sentence)
    named = [m for m in actors.named_before(before, 500) if m.party.kind == "armed_group"]
    if named and (told is None or named[-1].start > next(at for at, a in reversed(reading.acting) if a is told)):
        mention = named[-1]
        return actors.resolve(mention.text, mention.start, mention.end)
    return told
