"""Reading a YAML file into a model, so that every mistake is told as `file:line: what, and what was expected`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .receivers import Receiver, Receivers

_FIELDS: Final = tuple(Receiver.model_fields)


class ConfigError(ValueError):
    """A configuration file that cannot be used. `problems` has one line for each mistake: file:line: message."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_receivers(path: Path) -> Receivers:
    """The receivers that `path` lists. Raises ConfigError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{path}:{line}: not YAML: {error.problem}"]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError([f"{path}:1: not YAML: {error}"]) from None
    problems = [f"{path}:{line}: {name} is there twice" for line, name in _repeated(root)]
    if problems:
        raise ConfigError(problems)
    try:
        return Receivers.model_validate(data if data is not None else {})
    except ValidationError as error:
        raise ConfigError(
            [f"{path}:{_line(root, fault['loc'])}: {_where(fault['loc'])}{_words(fault)}" for fault in error.errors()]
        ) from None


def _words(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        name = str(fault["loc"][-1])
        near = difflib.get_close_matches(name, _FIELDS, n=1)
        return "unknown field" + (f"; did you mean {near[0]}?" if near else f"; a receiver has {', '.join(_FIELDS)}")
    return fault["msg"].removeprefix("Value error, ")


def _where(loc: tuple[int | str, ...]) -> str:
    named = [str(part) for part in loc if isinstance(part, str) and part != "receivers"]
    return ".".join(named) + ": " if named else ""


def _line(root: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """The line of what `loc` points at, or of the innermost part of it that is in the file."""
    node, line = root, 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _repeated(node: yaml.Node | None) -> list[tuple[int, str]]:
    """Keys that stand twice in one mapping: YAML would silently take the last."""
    found: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                found.append((key.start_mark.line + 1, str(key.value)))
            seen.add(str(key.value))
            found += _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            found += _repeated(value)
    return found
