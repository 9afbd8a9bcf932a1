"""End boxes whose bubblewrap was killed before the box could notice.

bubblewrap's child waits for its parent to map the user's id, and asks to die with its parent only
after that. Whoever kills the parent between the two leaves a child that waits for ever.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

# The launcher's last line: other programs start bubblewrap, too.
_OURS = b'echo "done $code" >&'
_NAME = "bwrap"


def end() -> None:
    """Kill what is found, once for all: with the first process of a box its others end."""
    for pid in found():
        with contextlib.suppress(OSError):  # another run was faster
            os.kill(pid, signal.SIGKILL)


def found() -> Iterator[int]:
    """Yield first processes of boxes that have no bubblewrap above them."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = (entry / "status").read_text(encoding="utf-8")
            if _field(status, "Name")[0] != _NAME or _field(status, "NSpid")[-1] != "1":
                continue
            line = (entry / "cmdline").read_bytes()
            # bubblewrap forks without another exec: it and the first process have one command line
            if (
                _OURS in line
                and Path("/proc", _field(status, "PPid")[0], "cmdline").read_bytes() != line
            ):
                yield int(entry.name)


def _field(status: str, name: str) -> list[str]:
    match = re.search(rf"^{name}:\s*(.*)$", status, re.MULTILINE)
    return match[1].split() if match else []
