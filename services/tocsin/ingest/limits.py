"""How many articles a key may post: a token bucket a key (tokens are articles)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """`rate` articles a second for each key, `burst` at once. `clock` gives seconds that only go forward."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, key: str, articles: int) -> int:
        """0 when `key` may post so many now; else the whole seconds until it may, and nothing is counted.

        A batch larger than the burst passes when the bucket is full, and is paid off afterwards.
        """
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        needed = min(articles, self._burst)
        if bucket.tokens < needed:
            return max(1, ceil((needed - bucket.tokens) / self._rate))
        bucket.tokens -= articles
        return 0
