"""Articles kept on disk while Kafka is away: appended, synced, read back in order, bounded.

    spool = Spool(folder, max_bytes=256_000_000)
    spool.append([b"...", b"..."])      # on disk when it returns: only then may the sender be answered
    for entry in spool.head(200): ...   # the oldest entries
    spool.drop(n)                       # the oldest n are on the broker now

A segment file holds frames: length and CRC-32 of the payload (4 bytes each, big-endian), then the payload. A kill in
the middle of an append leaves a torn frame at the end of the last segment, which nobody was answered for: it is cut
off at the next start. A frame that is damaged elsewhere is reported, not skipped in silence. The mark of what is
done is moved without a sync: after a power cut some entries are handed on twice, and the articles topic knows them.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

SEGMENT_BYTES: Final = 16_000_000
_FRAME = struct.Struct(">II")


class SpoolFull(Exception):  # noqa: N818 - a state of the spool, and what the sender is told
    """The spool has no room for these entries; nothing of them was kept."""


class SpoolDamaged(Exception):  # noqa: N818 - a state of the spool
    """A segment has a bad frame before its end. The message names the file and the byte."""


class Spool:
    """A bounded queue of byte strings on disk. One process and one thread at a time may use a folder."""

    def __init__(self, folder: Path, max_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Opens the queue in `folder`. Raises SpoolDamaged, and OSError when the folder cannot be used."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._entries: deque[tuple[int, int, int]] = deque()  # segment, offset of the payload, its length
        self._bytes = 0
        self._tail: IO[bytes] | None = None
        self._tail_segment = 0
        self._load()

    def __len__(self) -> int:
        """Entries that are not done."""
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """Bytes of the entries that are not done, frames included."""
        return self._bytes

    @property
    def room(self) -> int:
        """Bytes that may still be appended."""
        return max(0, self._max_bytes - self._bytes)

    def append(self, payloads: Sequence[bytes]) -> None:
        """Keeps all of `payloads`, in order, and returns when they are on the disk.

        Raises SpoolFull when not all of them fit, and OSError when the disk does not take them: in both cases none
        is kept.
        """
        size = sum(_FRAME.size + len(payload) for payload in payloads)
        if size > self.room:
            raise SpoolFull(f"{size:,} bytes more do not fit: {self._bytes:,} of {self._max_bytes:,} are taken")
        tail = self._open_tail()
        start = tail.tell()
        try:
            for payload in payloads:
                tail.write(_FRAME.pack(len(payload), zlib.crc32(payload)) + payload)
            tail.flush()
            os.fsync(tail.fileno())
        except OSError:
            self._abandon(start)
            raise
        at = start
        for payload in payloads:
            self._entries.append((self._tail_segment, at + _FRAME.size, len(payload)))
            at += _FRAME.size + len(payload)
        self._bytes += size

    def head(self, most: int) -> list[bytes]:
        """The oldest entries, up to `most`, in order."""
        wanted = [self._entries[index] for index in range(min(most, len(self._entries)))]
        found: list[bytes] = []
        for segment in dict.fromkeys(entry[0] for entry in wanted):
            with self._path(segment).open("rb") as file:
                for _, offset, length in (entry for entry in wanted if entry[0] == segment):
                    file.seek(offset)
                    found.append(file.read(length))
        return found

    def drop(self, count: int) -> None:
        """The oldest `count` entries are done. Segments without any others are removed."""
        segment, end = 0, 0
        for _ in range(count):
            segment, offset, length = self._entries.popleft()
            end = offset + length
            self._bytes -= _FRAME.size + length
        if not count:
            return
        first = self._entries[0][0] if self._entries else self._tail_segment + 1
        if not self._entries:
            self._close_tail()
        for number in self._segments():
            if number < first:
                self._path(number).unlink()
        mark = self._folder / "mark.new"
        mark.write_text(f"{segment} {end}")
        mark.replace(self._folder / "mark")

    def close(self) -> None:
        """Closes the files; entries stay on disk for the next start."""
        self._close_tail()

    def _load(self) -> None:
        done_segment, done_offset = self._mark()
        numbers = self._segments()
        for number in numbers:
            if number < done_segment:
                self._path(number).unlink()
                continue
            start = done_offset if number == done_segment else 0
            self._scan(number, start, last=number == numbers[-1])
        self._tail_segment = max([*numbers, done_segment])

    def _scan(self, number: int, start: int, last: bool) -> None:
        """Registers the frames of a segment; a torn one at the end of the last segment is cut off."""
        path = self._path(number)
        content = path.read_bytes()
        at = min(start, len(content))
        while at < len(content):
            payload_at = at + _FRAME.size
            length, crc = _FRAME.unpack_from(content, at) if payload_at <= len(content) else (len(content), 0)
            end = payload_at + length
            if end > len(content) or zlib.crc32(content[payload_at:end]) != crc:
                if not last or self._framed(content, end):
                    raise SpoolDamaged(f"{path} is damaged at byte {at:,}: move the file away to go on without it")
                with path.open("r+b") as file:
                    file.truncate(at)
                return
            self._entries.append((number, payload_at, length))
            self._bytes += _FRAME.size + length
            at = end

    @staticmethod
    def _framed(content: bytes, at: int) -> bool:
        """Whether a sound frame starts at `at`: then what stands before it is damage, and no torn end."""
        if at + _FRAME.size > len(content):
            return False
        length, crc = _FRAME.unpack_from(content, at)
        payload = content[at + _FRAME.size : at + _FRAME.size + length]
        return len(payload) == length and zlib.crc32(payload) == crc

    def _mark(self) -> tuple[int, int]:
        try:
            segment, offset = (self._folder / "mark").read_text().split()
            return int(segment), int(offset)
        except (OSError, ValueError):
            return 0, 0  # nothing is done, or not known to be: handing on again is harmless

    def _open_tail(self) -> IO[bytes]:
        if self._tail is not None and self._tail.tell() >= self._segment_bytes:
            self._close_tail()
        if self._tail is None:
            self._tail_segment += 1
            self._tail = self._path(self._tail_segment).open("ab")
            self._sync_folder()
        return self._tail

    def _abandon(self, start: int) -> None:
        """After a failed append: cut the segment back, and write the next entries to a new one."""
        tail = self._tail
        self._tail = None
        if tail is not None:
            try:
                os.ftruncate(tail.fileno(), start)
                tail.close()
            except OSError:
                return  # the scan at the next start cuts the torn end off

    def _close_tail(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _segments(self) -> list[int]:
        return sorted(int(path.stem) for path in self._folder.glob("*.spool"))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.spool"
