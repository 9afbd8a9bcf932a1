"""Read what a program writes within a budget and a deadline, and feed it."""

from __future__ import annotations

import contextlib
import os
import select
import time

from assay.outcome import Verdict

_CHUNK = 1 << 16


class Stdin:
    """Bytes for a program's standard input, written as it reads them."""

    def __init__(self, fd: int, data: bytes) -> None:
        self.fd = fd
        self.data = memoryview(data)
        os.set_blocking(fd, False)
        if not data:
            self.close()

    def feed(self) -> None:
        """Write what the pipe takes; close it behind the last byte."""
        with contextlib.suppress(BrokenPipeError):
            self.data = self.data[os.write(self.fd, self.data[:_CHUNK]) :]
            if self.data:
                return
        self.close()

    def close(self) -> None:
        """Close the pipe, once."""
        self.data = memoryview(b"")
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


def pump(
    data: bytearray,
    output: int,
    *,
    deadline: float,
    budget: int,
    stop: int = -1,
    stdin: Stdin | None = None,
) -> Verdict | None:
    """Read `output` until it ends or descriptor `stop` is readable: None then.

    `deadline` is on the monotonic clock; `budget` in bytes is the most that `data` may grow to.
    Only a look at descriptors that have nothing to say is a timeout: on a loaded machine this
    thread may wake after the deadline of a program that has long ended.
    """
    reads = [output, stop] if stop >= 0 else [output]
    while True:
        left = max(0.0, deadline - time.monotonic())
        writes = [stdin.fd] if stdin and stdin.data and left else []
        ready, writable, _ = select.select(reads, writes, [], left)
        if stdin and writable:
            stdin.feed()
        if output in ready:
            chunk = os.read(output, _CHUNK)
            data += chunk
            if len(data) > budget:
                del data[budget:]
                return Verdict.OUTPUT_LIMIT
            if not chunk:
                return None
        elif stop in ready:
            # the writer may have written between the looks at the two descriptors
            return drain(data, output, budget)
        elif not left:
            return Verdict.TIMEOUT


def drain(data: bytearray, output: int, budget: int) -> Verdict | None:
    """Read what is there already, without waiting for more."""
    while select.select([output], [], [], 0)[0]:
        chunk = os.read(output, _CHUNK)
        data += chunk
        if len(data) > budget:
            del data[budget:]
            return Verdict.OUTPUT_LIMIT
        if not chunk:
            break
    return None
