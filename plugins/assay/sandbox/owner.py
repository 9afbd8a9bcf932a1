"""Give up root before entering a box, and make files reachable for the user that is left.

Process counts don't bind a box that the real root started, and files bound into it would belong
to root inside; so as root every box runs as one unused user.
"""

from __future__ import annotations

import contextlib
import functools
import grp
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from assay.errors import SandboxUnavailableError

_CANDIDATES = range(60_700, 60_000, -1)  # above human users, below systemd's dynamic ones


@functools.cache
def sandbox_uid() -> int | None:
    """Return the unused uid (and gid) that boxes run as, None unless this process is root."""
    if os.geteuid() != 0:
        return None
    taken = {user.pw_uid for user in pwd.getpwall()} | {group.gr_gid for group in grp.getgrall()}
    return next(uid for uid in _CANDIDATES if uid not in taken)


def own(path: Path) -> None:
    """Make the sandbox's user the owner of a file or tree; nothing to do unless root."""
    uid = sandbox_uid()
    if uid is None:
        return
    for entry in _tree(path):
        if entry.lstat().st_uid != uid:
            os.chown(entry, uid, uid, follow_symlinks=False)


def reachable(path: Path, cache_dir: Path) -> Path:
    """Return `path`, or a copy of it where the sandbox's user can't get at the original."""
    if sandbox_uid() is None or _open_to(path):
        return path
    digest = hashlib.sha256(str(path.absolute()).encode())
    for entry in _tree(path):
        info = entry.lstat()
        line = f"\0{entry.relative_to(path)}\0{info.st_mtime_ns}\0{info.st_size}\0{info.st_mode}"
        digest.update(line.encode())
    folder = cache_dir.absolute() / "reach"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    if not _open_to(folder):
        raise SandboxUnavailableError(
            f'sandbox unavailable: the cache folder "{cache_dir}" lies in a private folder '
            "and boxes don't run as root: set XDG_CACHE_HOME to a folder that others may enter"
        )
    copy = folder / digest.hexdigest()[:24] / path.name
    if not copy.exists():
        _copy(path, copy)
    return copy


def _copy(path: Path, copy: Path) -> None:
    """Copy so that a half-made copy is never seen."""
    draft = copy.parent.with_name(f"{copy.parent.name}.{os.getpid()}.{os.urandom(4).hex()}")
    draft.mkdir()
    draft.chmod(0o755)
    target = draft / path.name
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target)
    for entry in _tree(target):
        if not entry.is_symlink():
            mode = stat.S_IMODE(entry.stat().st_mode)
            entry.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
    own(target)
    with contextlib.suppress(OSError):  # another process was first
        draft.rename(copy.parent)
    shutil.rmtree(draft, ignore_errors=True)


def _tree(path: Path) -> Iterator[Path]:
    """Walk a file or tree in a fixed order, symbolic links as themselves."""
    yield path
    if path.is_dir() and not path.is_symlink():
        for name in sorted(os.listdir(path)):
            yield from _tree(path / name)


def _open_to(path: Path) -> bool:
    """Tell whether the sandbox's user may read the tree and enter all folders above it."""
    full = path.resolve()
    return all(_may(parent, 0o1) for parent in full.parents) and all(
        _may(entry, 0o5 if entry.is_dir() else 0o4)
        for entry in _tree(full)
        if not entry.is_symlink()
    )


def _may(path: Path, bits: int) -> bool:
    info = path.stat()
    if info.st_uid == sandbox_uid():
        return info.st_mode >> 6 & bits == bits
    return info.st_mode & bits == bits
