"""The golden examples, as the tests of the contract read them."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from tocsin_schemas.generate import FOLDER, example_files
from tocsin_schemas.topics import TOPICS, Topic, short_name

EXAMPLES: list[tuple[Topic, Path]] = [
    (topic, path) for topic in TOPICS for path in example_files()[short_name(topic.name)]
]
IDS = [path.relative_to(FOLDER / "examples").as_posix() for _, path in EXAMPLES]


def record_of(topic: Topic, path: Path) -> BaseModel:
    """The example as a subscriber reads it."""
    return topic.model.model_validate_json(path.read_bytes())
