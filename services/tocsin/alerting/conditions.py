"""The match language: what a record must look like to be counted.

    match:
      place.country: AFG                      # equal
      status: [claimed, confirmed]            # one of
      count.minimum: {gte: 100, lt: 1000}     # in a range; also days and times
      captor: null                            # nothing there
      place.is_national_capital: {not: true}
      content: {contains: [fled the country, left the country]}
      not: {participants.id: taliban}         # none of this
      any: [{kind: ceasefire}, {kind: agreement}]
      all: [{...}, {...}]

All lines of a mapping must hold. A path that runs through a list holds when one element fits. Where a record has
nothing, a range does not hold, an equality holds with null alone, and `not` is true of what does not hold.
"""

# pyright: strict
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

from tocsin_schemas.alert import SignalStream

from .documents import Loc, did_you_mean
from .fields import Field, UnknownFieldError, field_of

BOUNDS: Final = ("gt", "gte", "lt", "lte")
OPERATORS: Final = (*BOUNDS, "not", "contains")
BLOCKS: Final = ("all", "any", "not")
Certain = Callable[[Field], bool]
"""Whether a record's value at a field is to be relied on."""
Complaint = tuple[Loc, str]
"""What is wrong with the part of a rule at a place in its file."""


@dataclass(frozen=True, slots=True)
class Test:
    """One field, and what its value must be."""

    field: Field
    fits: Callable[[Any], bool]

    def truth(self, record: object, certain: Certain) -> bool | None:
        """Whether the record passes; None where that hangs on a field that is not `certain`."""
        if not certain(self.field):
            return None
        if self.field.many:
            return any(self.fits(value) for value in self.field.values(record))
        return self.fits(self.field.value(record))


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def truth(self, record: object, certain: Certain) -> bool | None:
        """As for `Test`."""
        verdict: bool | None = True
        for part in self.parts:
            found = part.truth(record, certain)
            if found is False:
                return False
            verdict = None if found is None else verdict
        return verdict


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def truth(self, record: object, certain: Certain) -> bool | None:
        """As for `Test`."""
        found = self.part.truth(record, certain)
        return None if found is None else not found


Condition = Test | All | Not


def holds(condition: Condition, record: object) -> bool:
    """Whether `record` fits."""
    return condition.truth(record, _anything) is True


def may_hold(condition: Condition, record: object) -> bool:
    """Whether this or another revision of `record` may fit."""
    return condition.truth(record, _lasting) is not False


def may_hold_for(condition: Condition, path: str, value: object) -> bool:
    """Whether some record that has `value` at `path` may fit; `path` names a field of the record itself."""
    return condition.truth(SimpleNamespace(**{path: value}), lambda field: field.path == path) is not False


def _anything(field: Field) -> bool:
    return True


def _lasting(field: Field) -> bool:
    return field.identity


def one_of(field: Field, values: frozenset[Any]) -> Condition:
    """The field has one of `values`."""
    if field.kind == "object":
        return Test(field, _is_null)
    return Test(field, values.__contains__)


def _is_null(value: Any) -> bool:
    return value is None


def paths_of(condition: Condition) -> set[str]:
    """The paths that a condition looks at."""
    match condition:
        case Test():
            return {condition.field.path}
        case Not():
            return paths_of(condition.part)
        case All():
            return {path for part in condition.parts for path in paths_of(part)}


def compile_match(stream: SignalStream, match: Any, loc: Loc) -> tuple[Condition, list[Complaint]]:
    """The condition that `match` writes down, and everything that is wrong with it."""
    compiler = _Compiler(stream)
    return compiler.block(match, loc), compiler.complaints


class _Compiler:
    def __init__(self, stream: SignalStream) -> None:
        self._stream: SignalStream = stream
        self.complaints: list[Complaint] = []

    def block(self, match: Any, loc: Loc) -> Condition:
        if not isinstance(match, dict):
            return self._wrong(loc, f"expected fields and what they must be, not {match!r}")
        parts: list[Condition] = []
        for key, wanted in cast("dict[str, Any]", match).items():
            here = (*loc, key)
            if key == "not":
                parts.append(Not(self.block(wanted, here)))
            elif key in ("all", "any"):
                parts.append(self._blocks(key, wanted, here))
            else:
                parts.append(self._line(key, wanted, here))
        return All(tuple(parts))

    def _blocks(self, key: str, wanted: Any, loc: Loc) -> Condition:
        if not isinstance(wanted, list) or not wanted:
            return self._wrong(loc, f"expected a list of blocks under {key!r}")
        blocks = [self.block(part, (*loc, index)) for index, part in enumerate(cast("list[Any]", wanted))]
        if key == "all":
            return All(tuple(blocks))
        return Not(All(tuple(Not(block) for block in blocks)))

    def _line(self, path: str, wanted: Any, loc: Loc) -> Condition:
        try:
            field = field_of(self._stream, path)
        except UnknownFieldError as error:
            return self._wrong(loc, str(error))
        return self._wanted(field, wanted, loc)

    def _wanted(self, field: Field, wanted: Any, loc: Loc) -> Condition:
        if isinstance(wanted, dict):
            return self._operators(field, cast("dict[str, Any]", wanted), loc)
        if field.kind == "object" and wanted is not None:
            return self._wrong(loc, f'"{field.path}" is no single value: name one of its fields, or compare with null')
        listed = cast("list[Any]", wanted) if isinstance(wanted, list) else [wanted]
        if not listed:
            return self._wrong(loc, "expected at least one value in the list")
        values = [self._value(field, value, (*loc, index)) for index, value in enumerate(listed)]
        return one_of(field, frozenset(value for value in values if not isinstance(value, _Wrong)))

    def _operators(self, field: Field, wanted: dict[str, Any], loc: Loc) -> Condition:
        if not wanted:
            return self._wrong(loc, f"expected one of {', '.join(OPERATORS)}")
        parts: list[Condition] = []
        bounds: dict[str, Any] = {}
        for operator, operand in wanted.items():
            here = (*loc, operator)
            if operator == "not":
                parts.append(Not(self._wanted(field, operand, here)))
            elif operator == "contains":
                parts.append(self._contains(field, operand, here))
            elif operator in BOUNDS:
                bounds[operator] = self._bound(field, operand, here)
            else:
                near = did_you_mean(operator, OPERATORS)
                parts.append(self._wrong(here, f"expected one of {', '.join(OPERATORS)}, not {operator!r}{near}"))
        if bounds and not any(isinstance(bound, _Wrong) for bound in bounds.values()):
            parts.append(Test(field, _Range(**bounds)))
        return All(tuple(parts))

    def _contains(self, field: Field, operand: Any, loc: Loc) -> Condition:
        if field.kind != "text" or field.choices:
            return self._wrong(loc, f'"{field.path}" is no running text')
        phrases = cast("list[Any]", operand) if isinstance(operand, list) else [operand]
        if not phrases or not all(isinstance(phrase, str) and phrase.strip() for phrase in phrases):
            return self._wrong(loc, "expected words, or a list of words, of which one must stand in the text")
        words = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases)
        shape = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
        return Test(field, lambda value: isinstance(value, str) and shape.search(value) is not None)

    def _bound(self, field: Field, operand: Any, loc: Loc) -> Any:
        if field.kind not in ("number", "day", "moment"):
            self._wrong(loc, f'"{field.path}" has no order: compare it with a value or a list')
            return _Wrong()
        if operand is None:
            self._wrong(loc, "expected a value to compare with, not null")
            return _Wrong()
        return self._value(field, operand, loc)

    def _value(self, field: Field, value: Any, loc: Loc) -> Any:
        """`value` as the field holds it, or `_Wrong` after a complaint."""
        if value is None:
            return None
        converted = _converted(field, value)
        if converted is None:
            expected = _EXPECTED[field.kind]
            self._wrong(loc, f'expected {expected} for "{field.path}", not {value!r}')
            return _Wrong()
        if field.choices and value not in field.choices:
            near = did_you_mean(value, field.choices)
            self._wrong(loc, f'expected one of {", ".join(field.choices)} for "{field.path}", not {value!r}{near}')
            return _Wrong()
        if field.pattern is not None and re.search(field.pattern, str(value)) is None:
            self._wrong(loc, f'expected {_shape_of(field)} for "{field.path}", not {value!r}')
            return _Wrong()
        return converted

    def _wrong(self, loc: Loc, message: str) -> Condition:
        self.complaints.append((loc, message))
        return All(())


class _Wrong:
    """Stands for a value that was complained of."""


@dataclass(frozen=True, slots=True)
class _Range:
    gt: Any = None
    gte: Any = None
    lt: Any = None
    lte: Any = None

    def __call__(self, value: Any) -> bool:
        return (
            value is not None
            and (self.gt is None or value > self.gt)
            and (self.gte is None or value >= self.gte)
            and (self.lt is None or value < self.lt)
            and (self.lte is None or value <= self.lte)
        )


_EXPECTED: Final = {
    "text": "text",
    "number": "a number",
    "flag": "true or false",
    "day": "a day such as 2021-08-06",
    "moment": "a time with a zone such as 2021-08-06T10:00:00Z",
    "object": "null",
}


def _converted(field: Field, value: Any) -> Any:
    """`value` as the contract's models hold it, or None where it is of another kind."""
    match field.kind:
        case "text":
            return value if isinstance(value, str) else None
        case "flag":
            return value if isinstance(value, bool) else None
        case "number":
            return value if isinstance(value, int | float) and not isinstance(value, bool) else None
        case "day":
            return value if isinstance(value, date) and not isinstance(value, datetime) else None
        case "moment":
            return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else None
        case "object":
            return None


def _shape_of(field: Field) -> str:
    if field.path.endswith("country"):
        return "an ISO 3166-1 alpha-3 code such as AFG"
    if field.path.endswith("admin1"):
        return "an ISO 3166-2 code such as AF-KDZ"
    return f"text like {field.pattern}"
