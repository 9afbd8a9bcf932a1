"""Read what a running box uses: memory, disk, and the time for which it had no processor."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def _processes(init: int) -> Iterator[tuple[int, list[str]]]:
    """Open the box's own /proc, and list its processes; none while it isn't built yet."""
    proc = os.open(f"/proc/{init}/root/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        ready = os.fstat(proc).st_dev != os.stat("/proc").st_dev  # else: the machine's own
        yield proc, [name for name in os.listdir(proc) if name.isdigit()] if ready else []
    finally:
        os.close(proc)


def memory(init: int, limit: int) -> int:
    """Return how many bytes of memory the processes of a box hold together.

    Resident pages that processes share are counted once, but only asked for when the quick
    sum, which counts them for each process, is above the limit.
    """
    with _processes(init) as (proc, pids):
        resident = sum(_resident(proc, pid) for pid in pids)
        return sum(_proportional(proc, pid) for pid in pids) if resident > limit else resident


def starved(init: int) -> float:
    """Return for how many seconds the threads of a box wanted a processor and had none."""
    waited = 0
    with contextlib.suppress(OSError), _processes(init) as (proc, pids):
        for pid in pids:
            with contextlib.suppress(OSError):  # the process has ended
                tasks = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
                try:
                    for task in os.listdir(tasks):
                        fields = _read(tasks, f"{task}/schedstat").split()
                        waited += int(fields[1]) if len(fields) > 1 else 0
                finally:
                    os.close(tasks)
    return waited / 1e9


def _resident(proc: int, pid: str) -> int:
    fields = _read(proc, f"{pid}/statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def _proportional(proc: int, pid: str) -> int:
    found = re.search(rb"^Pss: +(\d+) kB$", _read(proc, f"{pid}/smaps_rollup"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _read(folder: int, name: str) -> bytes:
    with contextlib.suppress(OSError):  # the process has ended
        fd = os.open(name, os.O_RDONLY, dir_fd=folder)
        try:
            return os.read(fd, 4096)
        finally:
            os.close(fd)
    return b""


def written(folder: Path, since: float, *, pruned: bool = False) -> int:
    """Sum up the bytes of disk that files changed since a time take up.

    With `pruned` a folder below the first whose own list of files hasn't changed is left out:
    a build cache has tens of thousands of files, and new ones are what it grows by.
    """
    total = 0
    stack = [str(folder)]
    while stack:
        with contextlib.suppress(OSError), os.scandir(stack.pop()) as entries:
            for entry in entries:
                inner = entry.is_dir(follow_symlinks=False)
                with contextlib.suppress(OSError):
                    info = entry.stat(follow_symlinks=False)
                    total += info.st_blocks * 512 if info.st_ctime >= since - 1 else 0
                    # two links: its own name and `.`, so there is no folder in it
                    leaf = info.st_nlink == 2 and info.st_mtime < since - 1
                    if inner and not (pruned and leaf):
                        stack.append(entry.path)
    return total
