"""The floors, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FLOORS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("floors.yaml").read_text())
