"""Bound a box's memory and processes in the kernel where a cgroup v2 group is delegated to assay.

`systemd-run --user --scope -p Delegate=yes assay check` is one way to get such a group. What
makes the tier `strict`: the bound also counts tmpfs, page tables and kernel memory.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from assay.sandbox.spec import Limits

_NEEDED = {"memory", "pids"}
_NAME = re.compile(r"assay-(\d+)-[0-9a-f]+")


@functools.cache
def base() -> Path | None:
    """Return the group below which boxes get theirs, None where there is none."""
    own = _own_group()
    if own is None:
        return None
    for group in (own, own.parent):
        with contextlib.suppress(OSError):
            if _prepared(group, own):
                for entry in group.iterdir():
                    found = _NAME.fullmatch(entry.name)
                    if found and not Path("/proc", found[1]).exists():
                        entry.rmdir()
                return group
    return None


def missing() -> str:
    """Say in a few words why boxes have no group here; '' where they have one."""
    if base() is not None:
        return ""
    own = _own_group()
    if own is None:
        return "no cgroup v2 tree is mounted"
    with contextlib.suppress(OSError):
        lacking = _NEEDED - set((own / "cgroup.controllers").read_text().split())
        if lacking:
            names = " and ".join(f'"{name}"' for name in sorted(lacking))
            return f"the cgroup v2 tree has no controllers {names} here"
    return "no cgroup v2 group is delegated to this user"


def _own_group() -> Path | None:
    """Find the v2 group of this process, as the mounted tree shows it."""
    with contextlib.suppress(OSError):
        group = re.search(r"^0::/(.*)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
        mounts = Path("/proc/self/mountinfo").read_text()
        mount = re.search(r"^\S+ \S+ \S+ / (\S+) .* - cgroup2 ", mounts, re.MULTILINE)
        if group and mount:
            return Path(mount[1], group[1])
    return None


def _prepared(group: Path, own: Path) -> bool:
    """Tell whether groups with limits can be made in `group`, preparing it if it is ours alone."""
    if not set((group / "cgroup.controllers").read_text().split()) >= _NEEDED:
        return False
    if not os.access(group / "cgroup.subtree_control", os.W_OK):
        return False
    if not set((group / "cgroup.subtree_control").read_text().split()) >= _NEEDED:
        if group != own or (group / "cgroup.procs").read_text().split() != [str(os.getpid())]:
            return False
        # a group with processes of its own can't bound groups below it
        leaf = group / "assay-main"
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (group / "cgroup.subtree_control").write_text("+memory +pids")
    return True


class Group:
    """The group of one box."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, pid: int) -> None:
        """Move a process; what it starts later is born in the group."""
        (self.path / "cgroup.procs").write_text(str(pid))

    def out_of_memory(self) -> bool:
        """Tell whether the kernel ended the box for its memory."""
        with contextlib.suppress(OSError):
            events = (self.path / "memory.events").read_text()
            return re.search(r"^oom_kill [1-9]", events, re.MULTILINE) is not None
        return False


@contextlib.contextmanager
def group(limits: Limits) -> Iterator[Group | None]:
    """Make a group with the limits for one box, and remove it; None where there is no base."""
    parent = base()
    if parent is None:
        yield None
        return
    path = parent / f"assay-{os.getpid()}-{os.urandom(6).hex()}"
    path.mkdir()
    try:
        # tmpfs counts here and has limits of its own; swap would only hide what is used
        memory_mb = limits.memory_mb + limits.work_mb + limits.tmp_mb + limits.shm_mb
        for name, value in (
            ("memory.max", memory_mb << 20),
            ("memory.swap.max", 0),
            ("memory.oom.group", 1),
            ("pids.max", limits.processes + 8),  # threads of bubblewrap and the launcher
        ):
            if (path / name).exists():
                (path / name).write_text(str(value))
        yield Group(path)
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    """Remove the group; the kernel may still be busy with the last process."""
    for _ in range(50):
        try:
            path.rmdir()
        except OSError:
            time.sleep(0.02)
        else:
            return
