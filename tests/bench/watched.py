"""A running `assay watch`: seconds from a saved file to its verdict, and what they cost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from bench.costs import PLUGINS, Cost

TICKS = os.sysconf("SC_CLK_TCK")
# What a shell starts in the background ignores Ctrl-C, and so would its children.
WATCH = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from assay.cli import main
main()
"""


class Watched:
    """Watch a site from `with` to its end."""

    def __init__(self, site: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WATCH, "watch"],
            cwd=site, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(PLUGINS), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._until("watching ")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()

    def mark(self) -> None:
        """Begin to count: the next thing that happens is a saved page."""
        self.before, self.began = self._spent(), time.monotonic()

    def told(self) -> Cost:
        """Wait for what is said about the page; it has to be in order."""
        said = self._until("docs/")
        wall = time.monotonic() - self.began
        if ": ok, " not in said:
            raise SystemExit(f"assay watch: {said}")
        return Cost(self._spent() - self.before, wall, 0, 0, said)

    def _until(self, start: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise SystemExit("assay watch ended by itself")

    def _spent(self) -> float:
        """CPU seconds of the process and of the children that it has collected."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(n) for n in fields[11:15]) / TICKS
