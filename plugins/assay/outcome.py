"""How a program ended and what it said; no I/O happens here."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Verdict(enum.StrEnum):
    """How a program ended."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    OUTPUT_LIMIT = "output-limit"
    MEMORY_LIMIT = "memory-limit"
    SANDBOX_ERROR = "sandbox-error"


@dataclass(frozen=True)
class Outcome:
    """What came out of a program.

    `code` is the exit code, the signal's number, or the limit that was reached: milliseconds,
    KiB of output, MiB of memory.
    """

    verdict: Verdict
    code: int
    output: str
    wall_ms: int

    @property
    def ok(self) -> bool:
        """Tell whether the program ended by itself with 0."""
        return self.verdict is Verdict.EXIT and self.code == 0

    def describe(self) -> str:
        """Say in a few words how it ended."""
        match self.verdict:
            case Verdict.TIMEOUT:
                return f"timeout after {self.code / 1000:g} s"
            case Verdict.OUTPUT_LIMIT:
                size = f"{self.code} KiB" if self.code < 1024 else f"{self.code >> 10} MiB"
                return f"output limit of {size}"
            case Verdict.MEMORY_LIMIT:
                return f"memory limit of {self.code} MiB"
            case Verdict.SANDBOX_ERROR:
                return "sandbox error"
        return f"{self.verdict} {self.code}"
