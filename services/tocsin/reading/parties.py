"""Which party a noun phrase of the parse names: a state, an armed group, a unit, a person; pronouns too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin_schemas import Actor

from . import syntax

if TYPE_CHECKING:
    from spacy.tokens import Token

    from .reader import Sentence


def party(token: Token, sentence: Sentence) -> Actor | None:
    """The party that the phrase of `token` names; None for a bare pronoun that nothing explains."""
    token = syntax.antecedent(token)
    first, last = syntax.phrase(token)
    start, end = sentence.span(first, last)
    text = sentence.text[start - sentence.start : end - sentence.start]
    return Actor(text=text, start=start, end=end, name=text)
