"""YAML files whose every value knows the line it stands on, so that an error can name file and line.

document = read_document(Path("rules.yaml"))
document.value["rules"][0]["alert"]
document.line_of(("rules", 0, "alert"))
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

import yaml

Loc = tuple[str | int, ...]
"""Where a value stands: the keys and indices that lead to it."""

MAX_BYTES: Final = 4_000_000
MAX_VALUES: Final = 200_000
"""Values in one file, aliases followed: a file beyond is a mistake or an attack ("billion laughs")."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file, as `file:line: what was expected`."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class DocumentError(Exception):
    """One or more files cannot be used. `problems` are all that was found, in order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Document:
    """A file's value and the line of each of its parts."""

    file: str
    value: Any = None
    lines: dict[Loc, int] = field(default_factory=dict[Loc, int])

    def line_of(self, loc: Sequence[str | int]) -> int:
        """The line of the part at `loc`, or of the innermost part around it that the file has."""
        for length in range(len(loc), 0, -1):
            line = self.lines.get(tuple(loc[:length]))
            if line is not None:
                return line
        return 1

    def problem(self, loc: Sequence[str | int], message: str) -> Problem:
        """A problem with the part at `loc`."""
        return Problem(self.file, self.line_of(loc), message)


def read_document(path: Path) -> Document:
    """The YAML document in the file at `path`. Raises DocumentError when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError([Problem(str(path), 1, f"cannot be read: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise DocumentError([Problem(str(path), 1, f"expected at most {MAX_BYTES:,} bytes, not {len(raw):,}")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DocumentError([Problem(str(path), line, "expected UTF-8 text")]) from None
    return parse_document(text, str(path))


def parse_document(text: str, file: str) -> Document:
    """The YAML document in `text`; `file` names it in errors. Raises DocumentError."""
    document = Document(file)
    try:
        node = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError([Problem(file, mark.line + 1 if mark else 1, f"not valid YAML: {said}")]) from None
    except yaml.YAMLError as error:
        raise DocumentError([Problem(file, 1, f"not valid YAML: {' '.join(str(error).split())}")]) from None
    except RecursionError:
        raise DocumentError([Problem(file, 1, "not valid YAML: nested too deeply")]) from None
    if node is not None:
        builder = _Builder(document)
        document.value = builder.build(node, ())
        if builder.problems:
            raise DocumentError(builder.problems)
    return document


class _Builder:
    """Makes plain values of YAML nodes, noting the line of each."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scalars = yaml.SafeLoader("")
        self._open: set[int] = set()
        self._built = 0
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node, loc: Loc) -> Any:
        line = node.start_mark.line + 1
        self._document.lines.setdefault(loc, line)
        self._built += 1
        if self._built > MAX_VALUES:
            raise DocumentError([Problem(self._document.file, line, f"expected at most {MAX_VALUES:,} values")])
        if id(node) in self._open:
            raise DocumentError([Problem(self._document.file, line, "an alias cannot contain itself")])
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line)
        self._open.add(id(node))
        value = self._sequence(node, loc) if isinstance(node, yaml.SequenceNode) else self._mapping(node, loc)
        self._open.discard(id(node))
        return value

    def _scalar(self, node: yaml.ScalarNode, line: int) -> Any:
        try:
            return cast("Any", self._scalars.construct_object(node))  # pyright: ignore[reportUnknownMemberType]
        except (yaml.YAMLError, ValueError) as error:
            self.problems.append(Problem(self._document.file, line, f"not a value: {' '.join(str(error).split())}"))
            return None

    def _sequence(self, node: yaml.SequenceNode, loc: Loc) -> list[Any]:
        children = cast("list[yaml.Node]", node.value)
        return [self.build(child, (*loc, index)) for index, child in enumerate(children)]

    def _mapping(self, node: yaml.Node, loc: Loc) -> dict[Any, Any]:
        built: dict[Any, Any] = {}
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key_node.start_mark.line + 1
            if key_node.tag == "tag:yaml.org,2002:merge":
                merged = self.build(value_node, loc)
                built = {**merged, **built} if isinstance(merged, dict) else built
                continue
            key = self.build(key_node, (*loc, "\0key")) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.problems.append(Problem(self._document.file, line, f"expected a name as key, not {key!r}"))
                continue
            if key in built:
                self.problems.append(Problem(self._document.file, line, f"{key!r} stands here twice"))
                continue
            self._document.lines[(*loc, key)] = line
            built[key] = self.build(value_node, (*loc, key))
        return built


def did_you_mean(word: Hashable, known: Iterable[str]) -> str:
    """'; did you mean "place.country"?' where `known` holds something close to `word`, else nothing."""
    close = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
