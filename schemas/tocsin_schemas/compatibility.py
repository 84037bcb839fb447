"""What breaks between two versions of a record's JSON Schema.

Both directions count, because a topic keeps records of the last release and subscribers keep its models: records
written then must be read now, and records written now must be read then. So fields may be added, with a default;
nothing else may change. Descriptions are free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

Schema = dict[str, Any]

WORDS: Final = frozenset({"$id", "$schema", "$defs", "title", "description", "examples"})
"""Keywords that say nothing about which records are valid."""


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """One line a change of `new` that breaks readers or records of `old`, each with the path of the field."""
    return list(_Comparison(old, new).of(old, new, ""))


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_definitions: Schema = old.get("$defs", {})
        self._new_definitions: Schema = new.get("$defs", {})
        self._seen: set[tuple[str, str]] = set()

    def of(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        names = (old.get("$ref", ""), new.get("$ref", ""))
        if any(names):
            if names in self._seen:
                return
            self._seen.add(names)
        old, new = _resolved(old, self._old_definitions), _resolved(new, self._new_definitions)
        here = path or "the record"
        for keyword in sorted((old.keys() | new.keys()) - WORDS):
            before: Any = old.get(keyword)
            after: Any = new.get(keyword)
            match keyword:
                case "properties":
                    yield from self._properties(before or {}, after or {}, path)
                case "required":
                    required: set[str] = {*(after or ())} - {*(before or ())}
                    yield from (f"{_join(path, name)} became required" for name in sorted(required))
                case "anyOf" | "oneOf":
                    yield from self._alternatives(before or [], after or [], path)
                case "items" | "additionalProperties" if isinstance(before, dict) and isinstance(after, dict):
                    yield from self.of(cast(Schema, before), cast(Schema, after), f"{path}[]")
                case "enum" if isinstance(before, list) and isinstance(after, list):
                    yield from _values(cast(list[object], before), cast(list[object], after), here)
                case _ if before != after:
                    yield f"{keyword} of {here} changed from {before!r} to {after!r}"
                case _:
                    pass

    def _properties(self, old: dict[str, Schema], new: dict[str, Schema], path: str) -> Iterator[str]:
        for name, before in old.items():
            if name in new:
                yield from self.of(before, new[name], _join(path, name))
            else:
                yield f"{_join(path, name)} is gone"

    def _alternatives(self, old: list[Schema], new: list[Schema], path: str) -> Iterator[str]:
        before, after = _by_kind(old, self._old_definitions), _by_kind(new, self._new_definitions)
        here = path or "the record"
        yield from (f"{here} may no longer be {kind}" for kind in before if kind not in after)
        yield from (f"{here} may now be {kind}" for kind in after if kind not in before)
        for kind in before.keys() & after.keys():
            yield from self.of(before[kind], after[kind], path)


def _values(old: list[object], new: list[object], here: str) -> Iterator[str]:
    yield from (f"{here} may no longer be {value!r}" for value in old if value not in new)
    yield from (f"{here} may now be {value!r}" for value in new if value not in old)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """The schema with what it refers to laid under what stands beside the reference."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    beside = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
    return {**definitions[reference.rpartition("/")[2]], **beside}


def _by_kind(alternatives: list[Schema], definitions: Schema) -> dict[str, Schema]:
    """Alternatives by their JSON type, and by all they say where two have one type."""
    kinds: dict[str, Schema] = {}
    for schema in alternatives:
        resolved = _resolved(schema, definitions)
        kind = str(resolved.get("type", resolved))
        kinds[f"{kind} {schema}" if kind in kinds else kind] = schema
    return kinds


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
