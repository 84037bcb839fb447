"""The fields of the contract's records, by dotted path: what a rule may look at, and how it is read.

    field_of("control", "place.country")          # Field(path="place.country", kind="text", ...)
    field_of("control", "place.country").values(record)   # ["AFG"]

The paths are walked from the pydantic models, so that a new field of the contract is at once known to rules.
"""

# pyright: strict
from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from tocsin_schemas import Capture, Control, Diplomacy, Incident, Quantity, Statement, Surrender
from tocsin_schemas.alert import SignalStream

from .documents import did_you_mean

Record = Control | Incident | Capture | Surrender | Statement | Diplomacy
"""What rules are matched against."""

MODELS: Final[Mapping[SignalStream, type[BaseModel]]] = {
    "control": Control,
    "incidents": Incident,
    "capture": Capture,
    "surrender": Surrender,
    "statement": Statement,
    "diplomacy": Diplomacy,
}
MUTABLE: Final = frozenset({"control", "incidents"})
"""Streams whose records are revised: an item that matched may match no more."""

_IDENTITY: Final = {
    "control": re.compile(r"place\.(id|name|kind|country|admin1|is_admin1_capital|is_national_capital)"),
    "incidents": re.compile(r"type|place\.(id|name|kind|country|admin1|is_admin1_capital|is_national_capital)"),
}
"""What stays the same through all revisions of a record of a mutable stream."""
_ANY: Final = re.compile(".*")

Kind = Literal["text", "number", "flag", "day", "moment", "object"]


@dataclass(frozen=True, slots=True)
class Field:
    """One path into the records of a stream.

    `many` is set where the path runs through a list: then it has as many values as the list has elements.
    `identity` is set where the value is the same in all revisions of a record. `choices` are all values there are.
    """

    path: str
    kind: Kind
    attributes: tuple[str, ...]
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    many: bool = False
    identity: bool = False
    quantity: bool = False

    def values(self, record: object) -> list[Any]:
        """What stands at this path: one value (None where there is nothing), or one for each element of a list."""
        found: list[Any] = [record]
        for name in self.attributes:
            deeper: list[Any] = []
            for value in found:
                inner = getattr(value, name, None)
                if isinstance(inner, list):
                    deeper.extend(cast("list[Any]", inner))
                else:
                    deeper.append(inner)
            found = deeper
        return found

    def value(self, record: object) -> Any:
        """The one value at this path, or None; for a path that does not run through a list."""
        found: Any = record
        for name in self.attributes:
            found = getattr(found, name, None)
            if found is None:
                return None
        return found


class UnknownFieldError(ValueError):
    """A rule names a path that the records of its stream do not have."""


def stream_of(record: Record) -> SignalStream:
    """The stream that a record flows on."""
    return _STREAMS[type(record)]


_STREAMS: Final[Mapping[type[BaseModel], SignalStream]] = {model: stream for stream, model in MODELS.items()}


def field_of(stream: SignalStream, path: str) -> Field:
    """The field at `path` of the records of `stream`. Raises UnknownFieldError, with the likely meaning."""
    known = fields(stream)
    found = known.get(path)
    if found is None:
        near = did_you_mean(path, known)
        raise UnknownFieldError(f'records of stream {stream} have no field "{path}"{near}')
    return found


@cache
def fields(stream: SignalStream) -> Mapping[str, Field]:
    """All fields of the records of `stream`, by path, in the order of the contract."""
    lasting = _IDENTITY.get(stream, _ANY)
    found = _walk(MODELS[stream], (), (), False)
    return {field.path: replace(field, identity=lasting.fullmatch(field.path) is not None) for field in found}


def _walk(model: type[BaseModel], path: tuple[str, ...], attributes: tuple[str, ...], many: bool) -> list[Field]:
    found: list[Field] = []
    for name, info in model.model_fields.items():
        here, there = (*path, info.alias or name), (*attributes, name)
        inner, is_list = _unwrapped(info.annotation)
        kind, choices = _kind(inner)
        pattern, is_quantity = _pattern(info), inner is Quantity
        found.append(Field(".".join(here), kind, there, choices, pattern, many or is_list, quantity=is_quantity))
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += _walk(inner, here, there, many or is_list)
    return found


def _unwrapped(annotation: Any) -> tuple[Any, bool]:
    """The type inside Optional, Annotated and list, and whether there was a list."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _unwrapped(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not type(None)]
        return _unwrapped(inner[0]) if len(inner) == 1 else (annotation, False)
    if origin is list:
        return _unwrapped(get_args(annotation)[0])[0], True
    return annotation, False


def _kind(inner: Any) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(inner) is Literal:
        return "text", tuple(str(choice) for choice in get_args(inner))
    if inner is bool:
        return "flag", ()
    if inner in (int, float):
        return "number", ()
    if inner in (datetime, AwareDatetime):
        return "moment", ()
    if inner is date:
        return "day", ()
    return ("text", ()) if inner is str else ("object", ())


def _pattern(info: FieldInfo) -> str | None:
    """The pattern that a text must have by the contract, wherever in its annotation it stands."""
    pending: list[Any] = [*info.metadata, info.annotation]
    while pending:
        part = pending.pop()
        pattern = getattr(part, "pattern", None)
        if isinstance(pattern, str):
            return pattern
        if isinstance(part, FieldInfo):
            pending += part.metadata
        elif get_origin(part) is not None:
            pending += [*get_args(part), *getattr(part, "__metadata__", ())]
    return None
