"""Writes runtime.in: what the two distributions and the embedded Kafka need, from their pyproject files."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = {"tocsin", "tocsin-schemas"}
EXTRAS = ("embedded",)


def requirements() -> list[str]:
    """All dependencies of schemas/ and services/ and of their extras in EXTRAS, each once, in order of mention."""
    found: list[str] = []
    for folder in ("schemas", "services"):
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))["project"]
        found += project["dependencies"]
        for extra in EXTRAS:
            found += project.get("optional-dependencies", {}).get(extra, [])
    return [line for line in dict.fromkeys(found) if line not in OURS]


if __name__ == "__main__":
    head = "# Generated from schemas/pyproject.toml and services/pyproject.toml by `make requirements`."
    Path(__file__).with_name("runtime.in").write_text("\n".join([head, *requirements()]) + "\n", "utf-8")
