"""The development set is not part of the project: these tests skip, and say so, where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="session")
def evaluation() -> Path:
    """The folder with the scorer and the development set."""
    folder = SHARED / "eval"
    if not (folder / "score.py").is_file():
        pytest.skip(f"no development set beside the repository ({folder.name}/score.py is absent)")
    return folder
