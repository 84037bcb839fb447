"""Frames: dependency patterns as validated data, one engine for the four extractors.

A frame names the words that anchor it, where its roles hang in the parse, and examples that must and must not match:

    - id: capture.control.take
      anchor: {lemma: [take, seize, gain], pos: [VERB]}
      needs: ["undergoer[control]"]
      roles:
        captor: [subject]
        place: ["undergoer[control] > prep[of|over] > pobj"]
      examples:
        match: ["Rebels took control of Ardal."]
        refuse: ["Rebels took the salt."]

A path is a series of steps; each step is a dependency label of spaCy's English models, or a logical step:
`subject` (doer, whatever the voice), `undergoer` (what it is done to), `head`, `self`. `[a|b]` restricts a step to
lemmas, `!` before a lemma list excludes them. Paths are tried in order and the first that leads somewhere gives the role.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from . import syntax, yaml_file
from .morphology import forms, words_in

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_STEP: Final = re.compile(r"^(?P<name>[a-z]+)(?:\[(?P<not>!)?(?P<lemmas>[^\]]+)\])?$")
_LOGICAL: Final[dict[str, Callable[[Any], Any]]] = {"subject": syntax.subject, "undergoer": syntax.undergoer}
_LABELS: Final = frozenset(
    "acl acomp advcl advmod agent amod appos attr aux auxpass case ccomp compound conj csubj dative det dobj mark neg "
    "nmod nsubj nsubjpass nummod oprd pcomp pobj poss prep prt relcl xcomp npadvmod predet quantmod dep".split()
)


class FrameError(ValueError):
    """A frames file that cannot be used: names file, frame and what was expected."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path."""

    name: str
    lemmas: frozenset[str] = frozenset()
    excluded: bool = False

    def follow(self, token: Token) -> list[Token]:
        """The tokens that this step leads to."""
        if self.name == "self":
            found = [token]
        elif self.name == "head":
            found = [token.head] if token.head != token else []
        elif self.name in _LOGICAL:
            one = _LOGICAL[self.name](token)
            found = [] if one is None else [one]
        else:
            found = syntax.children(token, self.name)
        if not self.lemmas:
            return found
        return [t for t in found if (t.lemma_.lower() in self.lemmas or t.lower_ in self.lemmas) != self.excluded]


@dataclass(frozen=True, slots=True)
class Route:
    """A compiled path."""

    text: str
    steps: tuple[Step, ...]

    def follow(self, token: Token) -> list[Token]:
        """Every token at the end of the path from `token`."""
        reached = [token]
        for step in self.steps:
            reached = [t for start in reached for t in step.follow(start)]
        return reached


def compile_path(text: str) -> Route:
    """Compile a path such as "undergoer[control] > prep[of|over] > pobj". Raises ValueError naming the bad step."""
    steps: list[Step] = []
    for part in (p.strip() for p in text.split(">")):
        parsed = _STEP.match(part)
        if parsed is None or parsed["name"] not in _LABELS | _LOGICAL.keys() | {"self", "head"}:
            raise ValueError(
                f"{part!r} is no step: expected a dependency label, subject, undergoer, head or self, with [lemmas] if any"
            )
        lemmas = frozenset((parsed["lemmas"] or "").split("|")) - {""}
        steps.append(Step(parsed["name"], lemmas, bool(parsed["not"])))
    return Route(text, tuple(steps))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Anchor(_Strict):
    """The word a frame hangs on: one of `lemma` with one of the parts of speech; `tag` narrows it (VBN ...)."""

    lemma: Annotated[list[str], Field(min_length=1)]
    pos: list[Literal["VERB", "NOUN", "AUX", "ADJ", "ADP", "PROPN", "ADV"]] = ["VERB"]
    voice: Literal["any", "active", "passive"] = "any"


class Examples(_Strict):
    """Sentences that the frame must read as an event and that it must not; each is a test."""

    match: list[str] = []
    refuse: list[str] = []


class Frame(_Strict):
    """One frame. `sense` carries what the extractor needs to know of it (mention, kind, direction ...).

    `trigger` names lemmas of which one must stand in the sentence besides the anchor; what `needs` asks for by its lemmas
    must anyway. Only sentences with these words are parsed.
    """

    id: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    anchor: Anchor
    trigger: list[str] = []
    needs: list[str] = []
    forbids: list[str] = []
    roles: dict[str, list[str]] = {}
    sense: dict[str, Any] = {}
    codes: dict[str, str] = {}
    examples: Examples = Examples()

    @field_validator("needs", "forbids")
    @classmethod
    def _paths(cls, paths: list[str]) -> list[str]:
        for path in paths:
            for alternative in path.split(" or "):
                compile_path(alternative)
        return paths

    @field_validator("roles")
    @classmethod
    def _role_paths(cls, roles: dict[str, list[str]]) -> dict[str, list[str]]:
        for paths in roles.values():
            for path in paths:
                compile_path(path)
        return roles


class FrameFile(_Strict):
    """A frames.yaml: lemma classes (`$name` in an anchor or a path stands for the class), then frames."""

    classes: dict[str, list[str]] = {}
    frames: Annotated[list[Frame], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Match:
    """A frame that fits at `anchor`; `roles` holds the token each role's path led to."""

    frame: CompiledFrame
    anchor: Token
    roles: dict[str, Token]
    words: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried at a token and why it failed: for `explain`."""

    frame_id: str
    anchor: Token
    reason: str


@dataclass(frozen=True, slots=True)
class CompiledFrame:
    """A frame with its paths compiled once."""

    source: Frame
    needs: tuple[tuple[Route, ...], ...]
    forbids: tuple[tuple[Route, ...], ...]
    roles: dict[str, tuple[Route, ...]]

    @property
    def id(self) -> str:
        """The frame's id, which events carry as `rule`."""
        return self.source.id

    def match(self, anchor: Token) -> Match | str:
        """The match at `anchor`, or the reason why there is none."""
        source = self.source
        if anchor.pos_ not in source.anchor.pos:
            return f"{anchor.text!r} is {anchor.pos_}, not {'/'.join(source.anchor.pos)}"
        if source.anchor.voice != "any" and (source.anchor.voice == "passive") != syntax.is_passive(anchor):
            return f"{anchor.text!r} is not {source.anchor.voice}"
        words: list[Token] = [anchor]
        for alternatives in self.needs:
            reached = next((found for route in alternatives if (found := route.follow(anchor))), None)
            if not reached:
                return "needs " + " or ".join(route.text for route in alternatives)
            words += reached[:1]
        for alternatives in self.forbids:
            for route in alternatives:
                if route.follow(anchor):
                    return f"has {route.text}"
        roles: dict[str, Token] = {}
        for name, routes in self.roles.items():
            for route in routes:
                reached = route.follow(anchor)
                if reached:
                    roles[name] = reached[0]
                    break
        return Match(self, anchor, roles, tuple(words))


class FrameSet:
    """The frames of one extractor, compiled, and the search that finds where they could match."""

    def __init__(self, file: FrameFile) -> None:
        self.frames = tuple(_compile(frame) for frame in file.frames)
        self._by_form: dict[str, list[CompiledFrame]] = defaultdict(list)
        for frame in self.frames:
            # printed forms, not the model's lemmas: a small model takes "retook" for a lemma of its own
            for form in dict.fromkeys(form for lemma in frame.source.anchor.lemma for form in forms(lemma)):
                self._by_form[form].append(frame)

    @classmethod
    def load(cls, path: Path) -> FrameSet:
        """Read and validate a frames file. Raises FrameError with file, frame and what was expected."""
        try:
            raw = yaml_file.read(path)
        except yaml.YAMLError as error:
            raise FrameError(f"{path.name}: {error}") from None
        return cls.parse(raw, path.name)

    @classmethod
    def parse(cls, raw: object, name: str = "frames") -> FrameSet:
        """Validate frames given as plain data; see `load`."""
        try:
            file = FrameFile.model_validate(_expand(raw))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FrameError(f"{name}: {_frame_name(raw, first['loc'])}{where}: {first['msg']}") from None
        seen: set[str] = set()
        for frame in file.frames:
            if frame.id in seen:
                raise FrameError(f"{name}: frame {frame.id} stands there twice")
            seen.add(frame.id)
        return cls(file)

    @cached_property
    def _needed(self) -> tuple[dict[str, int], tuple[tuple[frozenset[str], int], ...], tuple[int, ...]]:
        """What a frame needs, as bits: those of each word, those of each compound, and of each frame all that it needs.

        A bit stands for a group of words of which a sentence must hold one; frames that need the same count once.
        """
        bits: dict[frozenset[str], int] = {}
        wanted: dict[int, None] = {}
        for frame in self.frames:
            groups = [frame.source.anchor.lemma, *([frame.source.trigger] if frame.source.trigger else [])]
            groups += [list(lemmas) for lemmas in map(_named_by_all, frame.needs) if lemmas]
            printed = [frozenset(form for lemma in group for form in forms(lemma)) for group in groups]
            wanted[sum({bits.setdefault(group, 1 << len(bits)) for group in printed})] = None
        of_word: dict[str, int] = defaultdict(int)
        of_compound: dict[frozenset[str], int] = defaultdict(int)
        for group, bit in bits.items():
            for parts in map(words_in, group):
                if len(parts) == 1:
                    of_word[next(iter(parts))] |= bit
                else:
                    of_compound[parts] |= bit
        return dict(of_word), tuple(of_compound.items()), tuple(wanted)

    def could_match(self, words: frozenset[str]) -> bool:
        """Whether a sentence with these words (`words_in`) is worth parsing: it has all that some frame needs."""
        of_word, of_compound, wanted = self._needed
        found = 0
        for word in words & of_word.keys():
            found |= of_word[word]
        for parts, bit in of_compound:
            if parts <= words:
                found |= bit
        return bool(found) and any(need & found == need for need in wanted)

    def matches(self, doc: Doc, refused: list[Attempt] | None = None) -> Iterator[Match]:
        """Every match in a sentence, in order of the anchors; the first fitting frame of an anchor wins.

        `refused` collects the attempts that failed, for explanations.
        """
        for token in doc:
            for frame in self._by_form.get(token.lower_, ()):
                result = frame.match(token)
                if isinstance(result, Match):
                    yield result
                    break
                if refused is not None:
                    refused.append(Attempt(frame.id, token, result))


def _named_by_all(alternatives: tuple[Route, ...]) -> frozenset[str]:
    """The lemmas of which one stands wherever one of these routes leads; none if a route leads anywhere."""
    named: set[str] = set()
    for route in alternatives:
        lemmas = next((step.lemmas for step in reversed(route.steps) if step.lemmas and not step.excluded), None)
        if lemmas is None:
            return frozenset()
        named |= lemmas
    return frozenset(named)


def _compile(frame: Frame) -> CompiledFrame:
    def alternatives(path: str) -> tuple[Route, ...]:
        return tuple(compile_path(part) for part in path.split(" or "))

    return CompiledFrame(
        frame,
        tuple(alternatives(path) for path in frame.needs),
        tuple(alternatives(path) for path in frame.forbids),
        {name: tuple(compile_path(path) for path in paths) for name, paths in frame.roles.items()},
    )


def _expand(raw: object) -> object:
    """Replace `$class` by the lemmas of the class, in anchors and in paths."""
    if not isinstance(raw, dict):
        return raw
    classes: dict[str, list[str]] = raw.get("classes") or {}

    def in_path(path: object) -> object:
        if not isinstance(path, str):
            return path
        return re.sub(r"\$([a-z_]+)", lambda m: "|".join(classes.get(m.group(1), [m.group(0)])), path)

    frames: list[object] = []
    for given in raw.get("frames") or []:
        if not isinstance(given, dict):
            frames.append(given)
            continue
        frame = dict(given)
        anchor = frame.get("anchor")
        if isinstance(anchor, dict) and isinstance(anchor.get("lemma"), list):
            lemmas: list[str] = []
            for lemma in anchor["lemma"]:
                lemmas += classes.get(str(lemma)[1:], [str(lemma)]) if str(lemma).startswith("$") else [str(lemma)]
            frame["anchor"] = {**anchor, "lemma": lemmas}
        for key in ("needs", "forbids"):
            if isinstance(frame.get(key), list):
                frame[key] = [in_path(path) for path in frame[key]]
        if isinstance(frame.get("trigger"), list):
            frame["trigger"] = [w for word in frame["trigger"] for w in classes.get(str(word)[1:], [word])]
        if isinstance(frame.get("roles"), dict):
            frame["roles"] = {
                name: [in_path(path) for path in paths] if isinstance(paths, list) else paths
                for name, paths in frame["roles"].items()
            }
        frames.append(frame)
    return {**raw, "frames": frames}


def _frame_name(raw: object, location: tuple[int | str, ...]) -> str:
    if isinstance(raw, dict) and len(location) > 1 and location[0] == "frames" and isinstance(location[1], int):
        frames = raw.get("frames")
        if isinstance(frames, list) and isinstance(frames[location[1]], dict):
            return f"frame {frames[location[1]].get('id', location[1])}: "
    return ""
