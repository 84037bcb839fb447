"""Reading in a process of its own: one reader, loaded once, that a worker process keeps.

reader()        # the process's reader; the first call loads it, which takes a second or two
"""

from __future__ import annotations

from functools import lru_cache

from .reader import Reader


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The reader of this process."""
    return Reader.load()
