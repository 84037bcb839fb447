"""Tables as handlers see them: the keys of one partition, with writes that count only once they are safe.

A write passes through three places, and reads look at them in this order:

    draft     written by the handler that runs; forgotten when it fails
    pending   its outputs, then its changelog record are on their way to the broker
    store     both are there (`stores.py`)

So the store never knows what the changelog does not, and the changelog never knows what the outputs have not told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import orjson

from .errors import PoisonError
from .stores import PartitionedStore
from .topics import MAX_TABLE_BYTES

V = TypeVar("V")

CACHED: Final = 10_000
"""Decoded values that a table keeps at hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One write on its way: to `changelog` (a topic on the broker), then to the table's store."""

    table: Table[Any]
    partition: int
    key: str
    value: bytes | None
    held: Any


class Table(Generic[V]):
    """A table of one service. Values must not be changed in place: `set` a new one.

    `dump` and `load` give a value's bytes and back; the default is JSON.
    """

    def __init__(
        self,
        name: str,
        dump: Callable[[V], bytes] = orjson.dumps,
        load: Callable[[bytes], V] = orjson.loads,
    ) -> None:
        self.name = name
        self.changelog = ""
        self._dump = dump
        self._load = load
        self._store: PartitionedStore | None = None
        self._partition: int | None = None
        self._draft: dict[str, Write] = {}
        self._pending: dict[tuple[int, str], Write] = {}
        self._cache: OrderedDict[tuple[int, str], V] = OrderedDict()

    # --- for handlers and timers -------------------------------------------------------------------------------------

    def get(self, key: str) -> V | None:
        """The value of `key` in the partition in hand, or None."""
        drafted = self._draft.get(key)
        return drafted.held if drafted is not None else self._read(self._in_hand(), key)

    def set(self, key: str, value: V) -> None:
        """Give `key` a value. Raises PoisonError when its bytes are too many for the changelog."""
        body = self._dump(value)
        if len(body) > MAX_TABLE_BYTES:
            raise PoisonError(f"the value of {key!r} in table {self.name} would have {len(body)} bytes")
        self._draft[key] = Write(self, self._in_hand(), key, body, value)

    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""
        self._draft[key] = Write(self, self._in_hand(), key, None, None)

    def items(self) -> Iterator[tuple[str, V]]:
        """Keys and values of the partition in hand, in no particular order. The table may be written to meanwhile."""
        keys = dict.fromkeys(self._keys(self._in_hand()))
        keys.update(dict.fromkeys(self._draft))
        for key in keys:
            value = self.get(key)
            if value is not None:
                yield key, value

    # --- for HTTP requests and metrics: any time, all partitions that this process owns ------------------------------

    def find(self, key: str) -> V | None:
        """The value of `key` in whichever partition of this process it is, or None. For reading only."""
        for partition in self.owned():
            value = self._read(partition, key)
            if value is not None:
                return value
        return None

    def everything(self) -> Iterator[tuple[str, V]]:
        """All keys and values that this process holds. For reading only."""
        for partition in self.owned():
            for key in self._keys(partition):
                value = self._read(partition, key)
                if value is not None:
                    yield key, value

    def owned(self) -> list[int]:
        """The partitions that this process holds."""
        return sorted(self._store.partitions) if self._store is not None else []

    def __len__(self) -> int:
        return sum(self._opened().partition(number).count() for number in self.owned())

    # --- for the runtime ---------------------------------------------------------------------------------------------

    def attach(self, store: PartitionedStore, changelog: str) -> None:
        """Read from `store`; changes are written to topic `changelog` first."""
        self._store = store
        self.changelog = changelog

    def begin(self, partition: int) -> None:
        """A handler starts that has `partition` in hand."""
        self._partition = partition
        self._draft = {}

    def end(self, keep: bool) -> list[Write]:
        """The handler is done: what it wrote is pending from now on and returned, or, unless `keep`, forgotten."""
        writes = list(self._draft.values()) if keep else []
        self._partition = None
        self._draft = {}
        for write in writes:
            self._pending[write.partition, write.key] = write
        return writes

    def apply(self, write: Write, offset: int) -> None:
        """`write` is in the changelog, at `offset` (-1 when the broker cannot say): bring it to the store."""
        partition = self._opened().partition(write.partition)
        known = -1 if partition.offset is None else partition.offset
        partition.apply([(write.key.encode(), write.value)], max(offset, known))
        place = write.partition, write.key
        if self._pending.get(place) is write:
            del self._pending[place]
            self._remember(place, write.held)

    def forget(self) -> None:
        """Partitions come and go: what was decoded of them may change elsewhere."""
        self._cache.clear()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _in_hand(self) -> int:
        if self._partition is None:
            raise RuntimeError(f"table {self.name} can be used so in handlers and timers only")
        return self._partition

    def _opened(self) -> PartitionedStore:
        if self._store is None:
            raise RuntimeError(f"table {self.name} is there once the service runs")
        return self._store

    def _read(self, partition: int, key: str) -> V | None:
        place = partition, key
        pending = self._pending.get(place)
        if pending is not None:
            return pending.held
        if place in self._cache:
            self._cache.move_to_end(place)
            return self._cache[place]
        body = self._opened().partition(partition).get(key.encode())
        return None if body is None else self._remember(place, self._load(body))

    def _remember(self, place: tuple[int, str], value: V) -> V:
        self._cache.pop(place, None)
        if value is not None:
            self._cache[place] = value
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return value

    def _keys(self, partition: int) -> list[str]:
        stored = [key.decode() for key in self._opened().partition(partition).list_keys()]
        return list(dict.fromkeys([*stored, *(key for number, key in self._pending if number == partition)]))
