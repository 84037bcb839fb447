"""Where a table's bytes lie: by partition, in memory or in RocksDB, with the changelog offset they are as of.

Faust's own stores know the partition of a key only from the event that the stream has in hand. Here the partition is
named, so that timers and HTTP requests can read too, and a lost partition's keys are gone with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Protocol

from faust.stores import memory
from faust.types import TP, EventT
from rocksdict import Options, Rdict, WriteBatch

from .errors import FatalError
from .exit import die

Change = tuple[bytes, bytes | None]
"""A key and its new value; None deletes it."""

OFFSET_KEY: Final = b"\x00offset"
"""Sorts before every key of text."""

WRITE_BUFFER_BYTES: Final = 16_000_000


class Partition(Protocol):
    """One partition of a table. `offset` is that of the last change applied, None before the first."""

    offset: int | None

    def get(self, key: bytes) -> bytes | None:
        """The value of `key`, or None."""
        ...

    def apply(self, changes: Iterable[Change], offset: int) -> None:
        """Apply changes in order, as of changelog `offset`."""
        ...

    def list_keys(self) -> list[bytes]:
        """All keys."""
        ...

    def count(self) -> int:
        """How many keys there are; RocksDB estimates."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class MemoryPartition:
    """A partition in a dictionary: recovered from the changelog at every start."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self._data: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        """The value of `key`, or None."""
        return self._data.get(key)

    def apply(self, changes: Iterable[Change], offset: int) -> None:
        """Apply changes in order, as of changelog `offset`."""
        for key, value in changes:
            if value is None:
                self._data.pop(key, None)
            else:
                self._data[key] = value
        self.offset = offset

    def list_keys(self) -> list[bytes]:
        """All keys."""
        return list(self._data)

    def count(self) -> int:
        """How many keys there are."""
        return len(self._data)

    def close(self) -> None:
        """Nothing to let go of."""


class RocksPartition:
    """A partition in a RocksDB of its own: after a restart on the same disk only the newest changes are read again."""

    def __init__(self, path: Path) -> None:
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(WRITE_BUFFER_BYTES)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db: Any = Rdict(str(path), options)
        except Exception as error:  # rocksdict raises bare Exception
            raise FatalError(f"the table in {path} cannot be opened ({error}): is another process using it?") from None
        held = self._db.get(OFFSET_KEY)
        self.offset: int | None = None if held is None else int(held)

    def get(self, key: bytes) -> bytes | None:
        """The value of `key`, or None."""
        return self._db.get(key)

    def apply(self, changes: Iterable[Change], offset: int) -> None:
        """Apply changes and the offset as one write, so that a crash leaves both or neither."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(OFFSET_KEY, str(offset).encode())
        self._db.write(batch)
        self.offset = offset

    def list_keys(self) -> list[bytes]:
        """All keys."""
        return [key for key in self._db.keys() if key != OFFSET_KEY]  # noqa: SIM118

    def count(self) -> int:
        """How many keys there are, as RocksDB estimates."""
        return max(0, (self._db.property_int_value("rocksdb.estimate-num-keys") or 0) - 1)

    def close(self) -> None:
        """Flush and release the files."""
        self._db.close()


class PartitionedStore(memory.Store):
    """What Faust's table recovery writes to and the handlers' tables read from."""

    open_partition: Callable[[int], Partition]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.partitions: dict[int, Partition] = {}

    def partition(self, number: int) -> Partition:
        """Partition `number`, opened when it is not. Raises FatalError when its files cannot be had."""
        found = self.partitions.get(number)
        if found is None:
            found = self.partitions[number] = self.open_partition(number)
        return found

    def persisted_offset(self, tp: TP) -> int | None:
        """Recovery starts after this offset of changelog partition `tp`."""
        return self.partition(tp.partition).offset

    def set_persisted_offset(self, tp: TP, offset: int) -> None:
        """Nothing to do: values and offset are written together."""

    def apply_changelog_batch(
        self, batch: Iterable[EventT], to_key: Callable[[Any], Any], to_value: Callable[[Any], Any]
    ) -> None:
        """Apply recovered changes. Faust would log an exception and go on without them: it ends the process here."""
        changes: dict[int, list[Change]] = {}
        offsets: dict[int, int] = {}
        for event in batch:
            message = event.message
            changes.setdefault(message.partition, []).append((message.key or b"", message.value))
            offsets[message.partition] = message.offset
        try:
            for number, some in changes.items():
                self.partition(number).apply(some, offsets[number])
        except Exception as error:
            die(f"table {self.table_name} cannot be recovered: {error!r}")

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Close the partitions that went to another process."""
        for tp in revoked:
            if tp.topic in self.table.changelog_topic.topics and tp.partition in self.partitions:
                self.partitions.pop(tp.partition).close()

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Nothing to do: keys of other processes' partitions went with their partition."""

    async def on_stop(self) -> None:
        """Close all partitions."""
        while self.partitions:
            self.partitions.popitem()[1].close()
