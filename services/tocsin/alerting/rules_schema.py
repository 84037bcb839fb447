"""The JSON Schema of rule files, with which editors complete and check them while they are written.

    python -m tocsin.alerting.rules_schema > deploy/rules/rules.schema.json

A rule file names it in its first line: `# yaml-language-server: $schema=rules.schema.json`.
"""

# pyright: strict
from __future__ import annotations

import json
import sys
from typing import Any, Final

from tocsin_schemas.alert import SignalStream

from .conditions import BOUNDS
from .fields import MODELS, Field, fields
from .rule_models import RuleFile

TITLE: Final = "Rules of Tocsin's alerting"


def rules_schema() -> dict[str, Any]:
    """The schema, with the fields of every stream under `match`."""
    schema = RuleFile.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    definitions["Measure"] = {"anyOf": [{"const": "count"}, {**definitions["Measure"], "maxProperties": 1}]}
    definitions["Threshold"] |= {"minProperties": 1, "maxProperties": 1}
    rule: dict[str, Any] = definitions["Rule"]
    rule["properties"]["group_by"] = {"anyOf": [{"type": "string"}, rule["properties"]["group_by"]]}
    for kind in ("Rule", "Step"):
        definitions[kind]["allOf"] = [_match_of(stream) for stream in MODELS]
    wanted: dict[str, str] = {}
    for stream in MODELS:
        definitions[f"match_{stream}"] = _match_schema(stream, wanted)
    definitions |= {name: json.loads(text) for text, name in wanted.items()}
    definitions["operators"] = _operators()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": TITLE}


def rules_schema_text() -> str:
    """The text of the schema's file."""
    return json.dumps(rules_schema(), indent=1, ensure_ascii=False) + "\n"


def _match_of(stream: SignalStream) -> dict[str, Any]:
    """A rule or a step that names `stream` has a match of that stream's fields."""
    return {
        "if": {"properties": {"stream": {"const": stream}}, "required": ["stream"]},
        "then": {"properties": {"match": {"$ref": f"#/$defs/match_{stream}"}}},
    }


def _match_schema(stream: SignalStream, wanted: dict[str, str]) -> dict[str, Any]:
    own = {"$ref": f"#/$defs/match_{stream}"}
    blocks = {"type": "array", "items": own, "minItems": 1}
    properties: dict[str, Any] = {"not": own, "any": blocks, "all": blocks}
    for path, field in fields(stream).items():
        text = json.dumps(_wanted(field), sort_keys=True)
        name = wanted.setdefault(text, f"wanted_{len(wanted) + 1}")
        properties[path] = {"$ref": f"#/$defs/{name}"}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _wanted(field: Field) -> dict[str, Any]:
    """What a field may be asked to be; one definition for all fields of a kind."""
    if field.kind == "object":
        return {"enum": [None]}
    value = _value(field)
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}, {"$ref": "#/$defs/operators"}]}


def _value(field: Field) -> dict[str, Any]:
    if field.choices:
        return {"enum": [*field.choices, None]}
    kinds = {"number": "number", "flag": "boolean"}
    value: dict[str, Any] = {"type": [kinds.get(field.kind, "string"), "null"]}
    return {**value, "pattern": field.pattern} if field.pattern is not None else value


def _operators() -> dict[str, Any]:
    """What may stand for a value: a range, words, the contrary."""
    bound = {"type": ["number", "string"]}
    words = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    properties: dict[str, Any] = dict.fromkeys(BOUNDS, bound)
    properties |= {"not": {}, "contains": words}
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


if __name__ == "__main__":
    sys.stdout.write(rules_schema_text())
