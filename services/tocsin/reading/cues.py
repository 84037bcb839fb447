"""The lexicon of speech cues, as validated data (data/speech_cues.yaml).

lexicon() -> CueLexicon
lexicon().at(words, i) -> [Cue(kind, lemma, form)]     # what the word at i could be, with its particle
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import yaml_file
from .morphology import AnyOf, forms

Takes = Literal["quote", "clause", "that", "infinitive", "urging", "noun", "charge", "naming", "verdict", "topic"]
Form = Literal["base", "present", "past", "participle"]

PATH: Final = Path(__file__).with_name("data") / "speech_cues.yaml"


class CueError(ValueError):
    """A cues file that cannot be used: names the file, the cue and what was expected."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CueExamples(_Strict):
    """Sentences in which the cue must, and must not, introduce a statement; each is a test."""

    match: list[str] = []
    refuse: list[str] = []


class CueCodes(_Strict):
    """CAMEO and PLOVER codes of a statement with this cue."""

    cameo: str | None = None
    plover: str | None = None


class CueKind(_Strict):
    """Cues that behave alike; see the head of the data file for the fields."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    verbs: Annotated[list[str], Field(min_length=1)]
    takes: Annotated[list[Takes], Field(min_length=1)]
    told: bool | Literal["optional"] = False
    denies: bool = False
    content: list[str] = []
    starts: list[str] = []
    codes: CueCodes = CueCodes()
    examples: CueExamples = CueExamples()


class CueFile(_Strict):
    """The whole data file."""

    forms: dict[str, list[str]] = {}
    cues: Annotated[list[CueKind], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Cue:
    """A word read as a cue: its kind, lemma, grammatical form, and how many words it spans (particle included)."""

    kind: CueKind
    lemma: str
    form: Form
    length: int = 1

    def takes(self, *kinds: Takes) -> bool:
        """Whether it takes one of these complements."""
        return any(kind in self.kind.takes for kind in kinds)


class CueLexicon:
    """All cues, looked up by printed word."""

    def __init__(self, file: CueFile) -> None:
        self.kinds = tuple(file.cues)
        self._by_form: dict[str, list[tuple[CueKind, str, str | None, Form]]] = defaultdict(list)
        for kind in self.kinds:
            for verb in kind.verbs:
                lemma, _, particle = verb.partition(" ")
                for printed, form in _inflected(lemma, file.forms.get(lemma)):
                    self._by_form[printed].append((kind, lemma, particle or None, form))

    @classmethod
    def load(cls, path: Path = PATH) -> CueLexicon:
        """Read and validate a cues file. Raises CueError naming file, cue and what was expected."""
        try:
            raw = yaml_file.read(path)
            file = CueFile.model_validate(raw)
        except yaml.YAMLError as error:
            raise CueError(f"{path.name}: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CueError(f"{path.name}: {where}: {first['msg']}") from None
        return cls(file)

    @cached_property
    def printed(self) -> frozenset[str]:
        """Every printed form of every cue, without particles."""
        return frozenset(self._by_form)

    @cached_property
    def triggers(self) -> AnyOf:
        """Every printed form of every cue, and "according to"."""
        return AnyOf([*self._by_form, "according to", "quoting", "in the words of"])

    def at(self, words: Sequence[str], i: int) -> list[Cue]:
        """Every reading of the lower-case word `words[i]` as a cue; longer ones (with particle) first."""
        found: list[Cue] = []
        for kind, lemma, particle, form in self._by_form.get(words[i], ()):
            if particle is None:
                found.append(Cue(kind, lemma, form))
            else:
                at = _particle_at(words, i, particle)
                if at is not None:
                    found.append(Cue(kind, lemma, form, at - i + 1))
        found.sort(key=lambda cue: -cue.length)
        return found


_BETWEEN: Final = frozenset(
    "again also once more repeatedly monday tuesday wednesday thursday friday saturday sunday on instead yesterday today".split()
)
"""What may stand between a cue and its particle ("called again on", "called Monday for")."""


def _particle_at(words: Sequence[str], i: int, particle: str) -> int | None:
    for k in range(i + 1, min(i + 4, len(words))):
        if words[k] == particle and not (
            k > i + 1 and particle == "on" and words[k - 1] in ("again", "once") and k + 1 >= len(words)
        ):
            return k
        if words[k] not in _BETWEEN:
            return None
    return None


def _inflected(lemma: str, given: list[str] | None) -> list[tuple[str, Form]]:
    printed = given or forms(lemma)
    out: list[tuple[str, Form]] = []
    for word in printed:
        if word == lemma:
            form: Form = "past" if word == "read" else "base"
        elif word.endswith("ing"):
            form = "participle"
        elif word.endswith("s") and not word.endswith("ss"):
            form = "present"
        else:
            form = "past"
        out.append((word, form))
    return out


@cache
def lexicon() -> CueLexicon:
    """The project's cues, loaded once."""
    return CueLexicon.load()
