"""Writes what is derived from the models: `json/`, `asyncapi.json`, `TOPICS.md`, and with --release `released/`.

    python -m tocsin_schemas.generate [--release]

A test fails when the checked-in files differ from what this writes. `released/` holds the JSON Schemas of the last
release and `examples/SHA256SUMS` the hashes of its examples: the contract's tests compare with both.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from .asyncapi import asyncapi
from .cloudevents import schema_id
from .topics import DEAD_LETTER_RETENTION_DAYS, TOPICS, Topic, short_name

FOLDER: Final = Path(__file__).parent.parent
"""The repository's `schemas/`: this module writes in a checkout, not where the package is installed."""

SUMS: Final = "examples/SHA256SUMS"


def json_schema(topic: Topic) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the records of `topic`, under the `$id` that they name as ce_dataschema."""
    schema = topic.model.model_json_schema(mode="validation", schema_generator=_Draft202012)
    return {"$schema": GenerateJsonSchema.schema_dialect, "$id": schema_id(topic.event_type), **schema}


class _Draft202012(GenerateJsonSchema):
    """As pydantic writes it, without a title for every field: the field's name says it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def generated_files() -> dict[str, str]:
    """What the checked-in files must say, by path relative to `schemas/`."""
    files = {f"json/{topic.event_type}.schema.json": _printed(json_schema(topic)) for topic in TOPICS}
    return {**files, "asyncapi.json": _printed(asyncapi()), "TOPICS.md": topics_table()}


def topics_table() -> str:
    """The topics as a Markdown page."""
    lines = [
        "# Topics",
        "Generated from `tocsin_schemas/topics.py` by `make schemas`. Every record is a CloudEvent in Kafka's binary "
        "mode;",
        "its value is JSON of the schema.",
        "",
        "| topic | key | cleanup | partitions | record | producer | consumers |",
        "|---|---|---|---|---|---|---|",
    ]
    for topic in TOPICS:
        kept = f", {topic.retention_days} d" if topic.retention_days else ""
        schema = f"[{topic.model.__name__}](json/{topic.event_type}.schema.json)"
        lines.append(
            f"| `{topic.name}` | {topic.key} | {topic.cleanup.replace(',', ' + ')}{kept} | {topic.partitions} | "
            f"{schema} | {topic.producer} | {', '.join(topic.consumers)} |"
        )
    lines.append(
        f"| `<topic>.<service>.dlq` | as the source | delete, {DEAD_LETTER_RETENTION_DAYS} d | as the source | "
        "as it arrived | any | operators: `tocsin dlq` |"
    )
    return "\n".join(lines) + "\n"


def example_files(folder: Path = FOLDER) -> dict[str, list[Path]]:
    """The golden examples, by the short name of their topic."""
    return {
        short_name(topic.name): sorted((folder / "examples" / short_name(topic.name)).glob("v*/*.json"))
        for topic in TOPICS
    }


def example_sums(folder: Path = FOLDER) -> dict[str, str]:
    """SHA-256 of every file under `examples/`, by path relative to `schemas/`."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "examples").glob("*/**/*.json"))
    }


def released_sums(folder: Path = FOLDER) -> dict[str, str]:
    """What `examples/SHA256SUMS` says: hashes by path, for `sha256sum -c` in `schemas/`."""
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def write(folder: Path = FOLDER, release: bool = False) -> list[str]:
    """Write the generated files, remove those of topics that are gone; returns the paths that changed.

    With `release`, the schemas become those of the last release, and the hashes of all examples are pinned.
    """
    wanted = generated_files()
    if release:
        wanted |= {
            path.replace("json/", "released/", 1): text for path, text in wanted.items() if path.startswith("json/")
        }
        sums = example_sums(folder)
        wanted[SUMS] = "".join(f"{digest}  {path}\n" for path, digest in sums.items())
    changed = [path for path, text in wanted.items() if _put(folder / path, text)]
    for folder_name in ("json", "released") if release else ("json",):
        for path in sorted((folder / folder_name).glob("*.json")):
            name = f"{folder_name}/{path.name}"
            if name not in wanted:
                path.unlink()
                changed.append(name)
    return changed


def _put(path: Path, text: str) -> bool:
    """Whether `path` had to be written to say `text`."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def _printed(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for changed_path in write(release="--release" in sys.argv[1:]):
        print(f"wrote {changed_path}")
