"""What a box is made of, as plain data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one box; sizes are binary, `_mb` is MiB and `_kb` KiB.

    `memory_mb` holds for the whole process tree; each process may map twice as much, since a
    Go program reserves more than it uses. `output_kb` is both streams together.
    """

    wall_s: float = 5.0
    cpu_s: int = 10
    memory_mb: int = 256
    processes: int = 64
    open_files: int = 256
    file_mb: int = 32
    work_mb: int = 64
    tmp_mb: int = 64
    shm_mb: int = 1
    output_kb: int = 64

    def lowered(self, timeout_s: float) -> Limits:
        """Return the limits with at most this wall clock."""
        return dataclasses.replace(self, wall_s=min(self.wall_s, timeout_s))


@dataclass(frozen=True)
class Mount:
    """A host file or folder inside the box.

    `overlay` is a folder that may be written without changing the source: the changes are
    thrown away with the box. With `rw` the source itself changes.
    """

    source: Path
    target: str
    mode: Literal["ro", "rw", "overlay"] = "ro"


@dataclass(frozen=True)
class Spec:
    """One box: program, what it sees, and what it may use up.

    `scratch` is where the upper layers of overlays lie (the system's temporary folder when
    None); it must be reachable for the sandbox's user. `unsafe` means without a box.
    """

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    env: tuple[tuple[str, str], ...] = (("PATH", "/usr/local/bin:/usr/bin:/bin"),)
    cwd: str = "/work"
    limits: Limits = Limits()
    scratch: Path | None = None
    unsafe: bool = False
