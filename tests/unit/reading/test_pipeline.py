"""The parser as we run it says what the model says by itself."""

from __future__ import annotations

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from tocsin.reading import pipeline
from tocsin.reading.reader import DEFAULT_MODEL

TEXTS = [
    "Rebel fighters overran Ardal's airport on Monday after the garrison had fled, two officers said.",
    "There are no soldiers left, and there's nobody who'd stop them.",  # "there are": a rule over two words
    "They're gonna leave, ain't they? We gotta go; he's doin' what he can.",  # rules over two words again
    "I told her that she'd been right: that is what I think, and so did he.",
    "\n The town \n\n fell\tat dawn . ",
    "",
    " ",
    "Nothing",
    "U.S. envoys met Mr. Tal's aides in St. Orel (pop. 12,000) — “a first step”, the ministry wrote.",
    "Did they? They did. It did not. To do so, but not only to do so, they have to have had it done.",
    "The 3rd Brigade’s 400 men laid down their arms; 1st Lt. Oren wasn’t among them.",
]


@pytest.fixture(scope="module")
def plain() -> Language:
    return spacy.load(DEFAULT_MODEL, exclude=["ner"])


@pytest.fixture(scope="module")
def ours() -> Language:
    return pipeline.load(DEFAULT_MODEL)


def _told(doc: Doc) -> list[tuple[object, ...]]:
    return [(t.text, t.tag_, t.pos_, t.dep_, t.head.i, t.lemma_, str(t.morph)) for t in doc]


def test_it_says_what_the_model_says(plain: Language, ours: Language) -> None:
    expected = [_told(doc) for doc in plain.pipe(TEXTS)]
    assert [_told(doc) for doc in ours.pipe(TEXTS)] == expected
    assert [_told(doc) for doc in ours.pipe(reversed(TEXTS))] == expected[::-1]  # now from answers that were kept
    assert [_told(ours(text)) for text in TEXTS] == expected


def test_rules_over_several_words_are_seen(ours: Language) -> None:
    lemmas = {t.text: t.lemma_ for t in ours("They're gonna leave, ain't they?")}
    assert lemmas["gon"] == "go"
    assert lemmas["na"] == "to"
    assert lemmas["ai"] == "be"
    assert next(t.pos_ for t in ours("There is a plan.") if t.text == "is") == "VERB"


def test_answers_are_forgotten_when_they_are_many(
    plain: Language, ours: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "KEPT", 40)
    annotator = pipeline.Annotator(ours, ours.get_pipe("attribute_ruler"), ours.get_pipe("lemmatizer"))  # type: ignore[arg-type]
    for text in TEXTS * 2:
        doc = ours(text)
        for token in doc:
            token.pos, token.lemma = 0, 0
        assert _told(annotator(doc)) == _told(plain(text))
        assert len(annotator._row) <= 40 + len(doc)


def test_matrix_products_run_on_the_faster_library(ours: Language) -> None:
    network = ours.get_pipe("tok2vec").model  # type: ignore[attr-defined]
    assert not any(node.ops.use_blis for node in network.walk())


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(OSError, match="en_no_such_model"):
        pipeline.load("en_no_such_model")
