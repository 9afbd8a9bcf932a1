"""Watch memory and disk of running boxes: one thread, one look every 30 ms.

Limits per process don't bound a tree (six processes, shared memory), and without a writable
cgroup nothing in the kernel does. Measured overshoot: 1 to 4 %.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

PERIOD_S = 0.03
# a build cache may grow by what several boxes compile; it has so many files that a look at it
# costs more CPU than most boxes do, and in this time no box can write that much
SHARED_FACTOR = 8
SHARED_AFTER_S = 2.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched(Protocol):
    """A box as the watchdog sees it."""

    # the namespace's first process as this machine numbers it
    init: int
    memory_bytes: int
    disk_bytes: int
    # folders of this machine that only this box writes
    folders: tuple[Path, ...]
    # folders that other boxes may be writing at the same time
    shared: tuple[Path, ...]

    def exceed(self, what: str) -> None:
        """End the box since it used too much `what`: memory or disk."""


@dataclass(eq=False)
class _Watch:
    box: Watched
    began: float = field(default_factory=time.time)
    next_own: float = field(default_factory=lambda: time.monotonic() + PERIOD_S)
    next_shared: float = field(default_factory=lambda: time.monotonic() + SHARED_AFTER_S)

    def look(self) -> None:
        box = self.box
        if over(box.init, box.memory_bytes):
            box.exceed("memory")
        now = time.monotonic()
        if now >= self.next_own:
            self.next_own = self._next(box.folders, box.disk_bytes)
        if now >= self.next_shared:
            self.next_shared = self._next(box.shared, SHARED_FACTOR * box.disk_bytes)

    def _next(self, folders: tuple[Path, ...], limit: int) -> float:
        """Look at the disk, and say when to look again."""
        began = time.monotonic()
        if sum(written(folder, self.began) for folder in folders) > limit:
            self.box.exceed("disk")
        # a tree that takes long to walk must cost neither the machine nor the look at memory
        return began + max(PERIOD_S, 50 * (time.monotonic() - began))


class _Watchdog:
    """The thread, started with the first box; a forked process starts its own."""

    def __init__(self) -> None:
        self.watches: set[_Watch] = set()
        self.wake = threading.Condition()
        self.thread: threading.Thread | None = None

    def add(self, watch: _Watch) -> None:
        with self.wake:
            self.watches.add(watch)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self.run, name="assay-watchdog", daemon=True)
                self.thread.start()
            self.wake.notify()

    def remove(self, watch: _Watch) -> None:
        with self.wake:
            self.watches.discard(watch)

    def run(self) -> None:
        while True:
            with self.wake:
                while not self.watches:
                    self.wake.wait()
                current = list(self.watches)
            for watch in current:
                with contextlib.suppress(OSError):
                    watch.look()
            time.sleep(PERIOD_S)


_watchdog = _Watchdog()


@contextlib.contextmanager
def watching(box: Watched) -> Iterator[None]:
    """Watch a box while the body runs."""
    watch = _Watch(box)
    _watchdog.add(watch)
    try:
        yield
    finally:
        _watchdog.remove(watch)


def over(init: int, limit: int) -> bool:
    """Tell whether the processes of a box hold more than `limit` bytes together.

    Resident pages that processes share are counted once, but only asked for when the quick
    sum, which counts them for each process, is above the limit.
    """
    proc = os.open(f"/proc/{init}/root/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        if os.fstat(proc).st_dev == os.stat("/proc").st_dev:
            return False  # the box isn't built yet: this is the machine's own
        pids = [name for name in os.listdir(proc) if name.isdigit()]
        resident = sum(_resident(proc, pid) for pid in pids)
        return resident > limit and sum(_proportional(proc, pid) for pid in pids) > limit
    finally:
        os.close(proc)


def _resident(proc: int, pid: str) -> int:
    fields = _read(proc, f"{pid}/statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def _proportional(proc: int, pid: str) -> int:
    found = re.search(rb"^Pss: +(\d+) kB$", _read(proc, f"{pid}/smaps_rollup"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _read(proc: int, name: str) -> bytes:
    with contextlib.suppress(OSError):  # the process has ended
        fd = os.open(name, os.O_RDONLY, dir_fd=proc)
        try:
            return os.read(fd, 4096)
        finally:
            os.close(fd)
    return b""


def written(folder: Path, since: float) -> int:
    """Sum up the bytes of disk that files changed since a time take up."""
    total = 0
    stack = [str(folder)]
    while stack:
        with contextlib.suppress(OSError), os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                with contextlib.suppress(OSError):
                    info = entry.stat(follow_symlinks=False)
                    total += info.st_blocks * 512 if info.st_ctime >= since - 1 else 0
    return total
