"""Watch memory and disk of running boxes: one thread, one look every 30 ms at most.

Limits per process don't bound a tree (six processes, shared memory), and without a writable
cgroup nothing in the kernel does. Measured overshoot: 1 to 4 %. Each look takes the interpreter
from the threads that read output, so there are no more of them than can matter.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assay.sandbox import usage

PERIOD_S = 0.03
# no processor fills memory faster (measured: 4 GiB/s with huge pages)
FASTEST = (8 << 30) * (os.cpu_count() or 1)
# a build cache may grow by what several boxes compile; a look at it costs more than most boxes
# do, and in this time no box can write that much
SHARED_FACTOR = 8
SHARED_AFTER_S = 2.0


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
    next_memory: float = 0.0
    next_own: float = field(default_factory=lambda: time.monotonic() + PERIOD_S)
    next_shared: float = field(default_factory=lambda: time.monotonic() + SHARED_AFTER_S)

    def look(self) -> None:
        box = self.box
        now = time.monotonic()
        if now >= self.next_memory:
            left = box.memory_bytes - usage.memory(box.init, box.memory_bytes)
            if left < 0:
                box.exceed("memory")
            self.next_memory = now + max(0, left) / FASTEST
        if now >= self.next_own:
            self.next_own = self._next(box.folders, box.disk_bytes, pruned=False)
        if now >= self.next_shared:
            limit = SHARED_FACTOR * box.disk_bytes
            self.next_shared = self._next(box.shared, limit, pruned=True)

    def _next(self, folders: tuple[Path, ...], limit: int, *, pruned: bool) -> float:
        """Look at the disk, and say when to look again."""
        began = time.monotonic()
        if sum(usage.written(folder, self.began, pruned=pruned) for folder in folders) > limit:
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
        try:
            self._look_forever()
        finally:  # a fault of this thread must not leave boxes without their limits
            for watch in list(self.watches):
                watch.box.exceed("watchdog")

    def _look_forever(self) -> None:
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
