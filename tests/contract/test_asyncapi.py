"""The official AsyncAPI parser finds nothing wrong with the generated document."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from npm_packages import npm_packages
from tocsin_schemas.topics import TOPICS

SCHEMAS = Path(__file__).parents[2] / "schemas"
PARSER = "@asyncapi/parser@3.6.6"
SCRIPT = """
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");
const file = process.argv[2];
new Parser().parse(readFileSync(file, "utf-8"), { source: file }).then(({ document, diagnostics }) => {
  const found = diagnostics.map((d) => `${d.path.join(".")}: ${d.message}`);
  const channels = document === undefined ? [] : document.channels().all().map((c) => c.address());
  console.log(JSON.stringify({ version: document && document.version(), channels, found }));
});
"""


def parsed(folder: Path, document: Path) -> dict[str, Any]:
    (folder / "parse.js").write_text(SCRIPT, "utf-8")
    packages = npm_packages(PARSER)
    run = subprocess.run(
        ["node", str(folder / "parse.js"), str(document)],
        capture_output=True, text=True, check=False, timeout=120, cwd=document.parent,
        env=os.environ | {"NODE_PATH": str(packages / "node_modules")},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def test_the_official_parser_has_nothing_to_say(tmp_path: Path) -> None:
    told = parsed(tmp_path, SCHEMAS / "asyncapi.json")
    assert told["found"] == []
    assert told["version"] == "3.1.0"
    assert set(told["channels"]) == {topic.name for topic in TOPICS}


def test_the_official_parser_does_see_what_is_wrong(tmp_path: Path) -> None:
    document = json.loads((SCHEMAS / "asyncapi.json").read_text("utf-8"))
    document["channels"]["articles"]["messages"]["Article"]["$ref"] = "#/components/messages/Nobody"
    broken = tmp_path / "asyncapi.json"
    broken.write_text(json.dumps(document), "utf-8")
    assert parsed(tmp_path, broken)["found"] != []
