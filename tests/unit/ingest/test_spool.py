"""The spool: on disk before it is acknowledged, in order, bounded, whole after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.ingest.spool import Spool, SpoolDamaged, SpoolFull

FRAME = 8


def everything(spool: Spool) -> list[bytes]:
    return spool.head(len(spool))


def test_entries_come_back_in_order_after_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.append([b"one", b"two"])
    spool.append([b"", b"three"])
    spool.drop(1)
    assert everything(spool) == [b"two", b"", b"three"]
    again = Spool(tmp_path, 10_000)
    assert everything(again) == [b"two", b"", b"three"]
    assert again.bytes == spool.bytes == FRAME * 3 + 8


def test_without_a_close_nothing_is_missing(tmp_path: Path) -> None:
    Spool(tmp_path, 10_000).append([b"one"])
    second = Spool(tmp_path, 10_000)
    second.append([b"two"])
    assert everything(Spool(tmp_path, 10_000)) == [b"one", b"two"]


def test_a_full_spool_takes_all_or_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 3 * (FRAME + 10))
    spool.append([b"x" * 10] * 2)
    with pytest.raises(SpoolFull, match="do not fit"):
        spool.append([b"y" * 10, b"z" * 10])
    assert everything(spool) == [b"x" * 10] * 2
    spool.append([b"y" * 10])
    assert spool.room == 0
    spool.drop(2)
    spool.append([b"z" * 10])
    assert everything(spool) == [b"y" * 10, b"z" * 10]


def test_done_segments_are_removed_from_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1_000_000, segment_bytes=100)
    for number in range(50):
        spool.append([b"%040d" % number])
    assert len(list(tmp_path.glob("*.spool"))) > 10
    spool.drop(49)
    assert len(list(tmp_path.glob("*.spool"))) == 1
    assert everything(Spool(tmp_path, 1_000_000)) == [b"%040d" % 49]
    spool.drop(1)
    assert list(tmp_path.glob("*.spool")) == []
    spool.append([b"after"])
    assert everything(Spool(tmp_path, 1_000_000)) == [b"after"]


@pytest.mark.parametrize("cut", range(1, 15))
def test_a_torn_end_is_cut_off_and_what_was_whole_is_kept(tmp_path: Path, cut: int) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.append([b"whole"])
    spool.append([b"torn away"])
    (segment,) = tmp_path.glob("*.spool")
    os.truncate(segment, segment.stat().st_size - cut)
    again = Spool(tmp_path, 10_000)
    assert everything(again) == [b"whole"]
    again.append([b"next"])
    assert everything(Spool(tmp_path, 10_000)) == [b"whole", b"next"]


def test_damage_in_the_middle_is_told_and_not_skipped(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.append([b"first", b"second"])
    (segment,) = tmp_path.glob("*.spool")
    content = bytearray(segment.read_bytes())
    content[FRAME + 1] ^= 0xFF
    segment.write_bytes(content)
    with pytest.raises(SpoolDamaged, match="damaged at byte 0"):
        Spool(tmp_path, 10_000)


def test_a_lost_mark_hands_entries_on_again_rather_than_losing_them(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.append([b"one", b"two"])
    spool.drop(1)
    (tmp_path / "mark").write_text("garbage")
    assert everything(Spool(tmp_path, 10_000)) == [b"one", b"two"]


def test_a_disk_that_takes_nothing_is_an_error_and_keeps_the_spool_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.append([b"one"])

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="No space"):
            spool.append([b"lost"])
    spool.append([b"two"])
    assert everything(spool) == [b"one", b"two"]
    assert everything(Spool(tmp_path, 10_000)) == [b"one", b"two"]


WRITER = """
import sys
from pathlib import Path
from tocsin.ingest.spool import Spool
spool = Spool(Path(sys.argv[1]), 100_000_000, segment_bytes=5_000)
for number in range(1_000_000):
    spool.append([b"%d" % number, b"x" * (number % 700)])
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    acknowledged = -1
    while acknowledged < 200:
        acknowledged = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait()
    acknowledged = int(rest[-1]) if rest else acknowledged
    numbers = [int(entry) for entry in everything(Spool(tmp_path, 100_000_000))[::2]]
    assert numbers[: acknowledged + 1] == list(range(acknowledged + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.lists(st.binary(max_size=60), min_size=1, max_size=4), st.integers(1, 5)), max_size=30))
def test_it_is_a_queue(tmp_path_factory: pytest.TempPathFactory, steps: list[list[bytes] | int]) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool, expected = Spool(folder, 1_000_000, segment_bytes=64), list[bytes]()
    for step in steps:
        if isinstance(step, list):
            spool.append(step)
            expected += step
        else:
            spool.drop(min(step, len(expected)))
            expected = expected[step:]
        assert everything(spool) == expected
    spool.close()
    assert everything(Spool(folder, 1_000_000)) == expected
