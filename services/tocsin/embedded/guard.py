"""Runs one command and stops it when the process that asked for it is gone.

Started as a script with `python -I -S`, so it imports the standard library alone and stays small. It prints the
command's process id, then waits. Standard input closed, or the starter dead (even by SIGKILL): the command gets
SIGTERM, and SIGKILL when it has not ended GRACE seconds later. A guard rather than PR_SET_PDEATHSIG alone: that
signal comes when the starting *thread* ends, and exists on Linux only.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading

GRACE = 15.0
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent dies. It covers a guard that is itself killed."""


def main(log: str, command: list[str]) -> int:
    """Run `command` with its output appended to `log`; returns its exit status as a shell would."""
    starter = os.getppid()
    with open(log, "ab", buffering=0) as output:  # noqa: PTH123 - a path object costs an import
        child = subprocess.Popen(  # noqa: S603 - the starter's own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    threading.Thread(target=_stop_with, args=(starter, child), daemon=True).start()
    status = child.wait()
    return status if status >= 0 else 128 - status


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _stop_with(starter: int, child: subprocess.Popen[bytes]) -> None:
    while os.getppid() == starter:
        readable, _, _ = select.select([0], [], [], 1.0)
        if readable and not os.read(0, 1):
            break
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
