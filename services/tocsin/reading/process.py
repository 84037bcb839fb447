"""Reading in a process of its own: one reader, loaded once, that a worker process keeps.

reader()        # the process's reader; the first call loads it, which takes a second or two
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from .reader import MODEL_SETTING, Reader, configured_model


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The reader of this process."""
    return Reader.load()


def problem() -> str:
    """What is wrong with the settings of reading, found without loading anything; empty when nothing is."""
    model = configured_model()
    if Path(model).is_dir() or (model.isidentifier() and find_spec(model) is not None):
        return ""
    return f"{MODEL_SETTING}: no spaCy model {model!r} is installed here"
