"""Throw-away folders for the writable layers of boxes, swept when their process has died."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from assay.errors import SandboxUnavailableError
from assay.sandbox import orphans
from assay.sandbox.owner import own

_NAME = re.compile(r"(?:box|bulk|mod|tool|unit|warm)-(\d+)-(\d+)-[0-9a-f]+")
_swept: set[Path] = set()


def default() -> Path:
    """Return the scratch folder used where a spec gives none."""
    uid = os.geteuid()
    path = Path(tempfile.gettempdir(), f"assay-{uid}")
    path.mkdir(mode=0o755, exist_ok=True)
    info = path.lstat()
    if info.st_uid != uid or not stat.S_ISDIR(info.st_mode):
        # in a folder that all may write, a name that can be guessed may be someone's trap
        raise SandboxUnavailableError(
            f'sandbox unavailable: "{path}" belongs to somebody else: remove it, or set TMPDIR'
        )
    return path


@contextlib.contextmanager
def folder(base: Path | None) -> Iterator[Path]:
    """Make a folder that belongs to the sandbox's user, and remove it at the end."""
    path = room(base or default(), "box", 0o755)
    own(path)
    try:
        yield path
    finally:
        remove(path)


def room(base: Path, kind: str, mode: int = 0o700) -> Path:
    """Make a folder whose name says whose it is: it's swept once that process has died."""
    base.mkdir(parents=True, exist_ok=True)
    if base not in _swept:
        _swept.add(base)
        orphans.end()
        sweep(base)
    path = base / f"{kind}-{os.getpid()}-{_started(os.getpid())}-{os.urandom(6).hex()}"
    path.mkdir(mode=mode)
    return path


def subfolder(path: Path) -> Path:
    """Make a folder for the sandbox's user inside a scratch folder."""
    path.mkdir(mode=0o755)
    own(path)
    return path


def sweep(base: Path) -> None:
    """Remove what assay processes that are gone have left in `base`."""
    for entry in base.iterdir():
        if (name := _NAME.fullmatch(entry.name)) and _started(int(name[1])) != int(name[2]):
            remove(entry)


def remove(path: Path) -> None:
    """Delete a tree, also where the box or the kernel left folders without permissions."""

    def unlock(action: Callable[..., object], entry: str, _: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(Path(entry).parent, 0o700)
            if not os.path.islink(entry) and os.path.isdir(entry):
                os.chmod(entry, 0o700)
                shutil.rmtree(entry, ignore_errors=True)
            else:
                action(entry)

    shutil.rmtree(path, onerror=unlock)
    shutil.rmtree(path, ignore_errors=True)


def _started(pid: int) -> int | None:
    """Return the start time of a process in clock ticks, None where there is none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError):
        return None
