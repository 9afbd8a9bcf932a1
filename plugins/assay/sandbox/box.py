"""Start one box, feed it, read it, and see it gone.

Inside, a short bash program sets the limits (they must be set inside: process counts hold per
user namespace) and reports how the payload ended: bubblewrap itself can't tell a program that
ends with 137 from one that was killed, but `jobs` can. The report goes through a socket, which
unlike a pipe can't be opened again through `/proc/PID/fd`.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from pathlib import Path
from typing import Protocol

from assay import process, scrub, streams
from assay.outcome import Outcome, Verdict
from assay.process import Child
from assay.sandbox import usage
from assay.sandbox.cgroup import Group
from assay.sandbox.spec import Limits, Spec
from assay.streams import Stdin

_SIGXCPU = 24
# what the launcher's bash says of a program that was killed; of others nothing or Exit or Done
_KILLED = re.compile(
    rb"^(?:\[1\][+-]?|.*: line \d+: +\d+) +(?!Exit|Done|Running|Stopped)\w", re.MULTILINE
)
_READY, _DONE = b"ready\n", b"done "


class Names(Protocol):
    """What the paths of a box are called where there is none."""

    def here(self, text: str) -> str:
        """Name the box's paths in a text as they are on this machine."""

    def shown(self, text: str) -> str:
        """Name this machine's paths as the box does."""


class Box:
    """A running box: its output, the report about its payload, and the ways it may end."""

    def __init__(self, spec: Spec, child: Child, output: int, report: socket.socket,
                 group: Group | None, names: Names | None = None) -> None:  # fmt: skip
        self.spec = spec
        self.child = child
        self.output = output
        self.report = report
        self.group = group
        self.names = names
        self.exceeded: str | None = None
        self.init = 0
        self.memory_bytes = spec.limits.memory_mb << 20
        self.disk_bytes = spec.limits.work_mb << 20
        self.folders: tuple[Path, ...] = ()
        self.shared: tuple[Path, ...] = ()
        self.began = time.monotonic()

    def inside(self, text: str) -> str:
        """Return commands or input as the payload must see them."""
        return self.names.here(text) if self.names else text

    def shown(self, data: bytes) -> str:
        """Return output as it may be shown."""
        text = scrub.clean(data)
        return self.names.shown(text) if self.names else text

    def exceed(self, what: str) -> None:
        """End the box because of a resource that ran out; the watchdog calls this."""
        self.exceeded = self.exceeded or what
        self.child.kill()

    def pump(self, data: bytearray, deadline: float, stop: int = -1, stdin: Stdin | None = None
             ) -> Verdict | None:  # fmt: skip
        """Read output into `data` until it ends or fd `stop` is readable (None then).

        What the box waited for a processor that others had doesn't count, up to as much again:
        a loaded machine must not make a slow program of a quick one.
        """
        budget = self.spec.limits.output_kb << 10
        left = deadline - time.monotonic()
        verdict = streams.pump(
            data, self.output, deadline=deadline, budget=budget, stop=stop, stdin=stdin
        )
        if verdict is not Verdict.TIMEOUT or not self.init or self.child.cancelled:
            return verdict
        more = min(usage.starved(self.init), left)
        return streams.pump(
            data, self.output, deadline=deadline + more, budget=budget, stop=stop, stdin=stdin
        )

    def outcome(self, verdict: Verdict | None, data: bytearray, began: float, wall: float
                ) -> Outcome:  # fmt: skip
        """End the box and say how its payload ended; `verdict` is None if by itself."""
        self.child.end()
        if self.child.cancelled:
            raise process.Cancelled("interrupted")
        limits = self.spec.limits
        code = 0
        if self.exceeded == "memory" or (self.group and self.group.out_of_memory()):
            verdict, code = Verdict.MEMORY_LIMIT, limits.memory_mb
        elif self.exceeded == "watchdog":
            verdict = Verdict.SANDBOX_ERROR
        elif self.exceeded == "disk":
            verdict, code = Verdict.OUTPUT_LIMIT, limits.work_mb << 10
        elif verdict is Verdict.OUTPUT_LIMIT:
            code = limits.output_kb
        elif verdict is Verdict.TIMEOUT:
            code = int(wall * 1000)
        elif verdict is None:
            verdict, code = self._reported(limits)
        wall_ms = int((time.monotonic() - began) * 1000)
        return Outcome(verdict, code, self.shown(bytes(data)), wall_ms)

    def _reported(self, limits: Limits) -> tuple[Verdict, int]:
        report = b""
        self.report.setblocking(False)
        with contextlib.suppress(OSError):
            while chunk := self.report.recv(4096):
                report += chunk
        if not report.startswith(_READY):
            return Verdict.SANDBOX_ERROR, 0
        head, found, code = report.rpartition(_DONE)
        if not found:  # the payload killed the launcher
            return Verdict.SIGNAL, 9
        number = int(code)
        if number <= 128 or not _KILLED.search(head):
            return Verdict.EXIT, number
        if number - 128 == _SIGXCPU:
            return Verdict.TIMEOUT, limits.cpu_s * 1000
        return Verdict.SIGNAL, number - 128
