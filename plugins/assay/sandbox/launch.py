"""Start a box, and see to it that nothing of it is left."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import select
import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assay import process
from assay.errors import SandboxUnavailableError
from assay.outcome import Outcome
from assay.sandbox import bwrap, cgroup, scratch, seccomp, unsafe, watch
from assay.sandbox.box import Box
from assay.sandbox.owner import reachable, sandbox_uid
from assay.sandbox.spec import Limits, Spec
from assay.streams import Stdin

_START_S = 20.0  # far above what a loaded machine needs to make the namespaces


def _launcher(limits: Limits, report: int, counted: bool = True) -> str:
    """Write the program that runs the payload inside the box.

    `counted` says whether the process limit is the box's own, and not its user's.
    """
    memory_kb = limits.memory_mb * 2 * 1024
    count = f"-u {limits.processes}" if counted else ""
    return f"""
ulimit -c 0 -n {limits.open_files} {count} -d {memory_kb} -f {limits.file_mb * 1024} || exit
ulimit -S -t {limits.cpu_s} && ulimit -H -t {limits.cpu_s + 1} || exit
type -P -- "$1" >/dev/null || {{ echo "$1: command not found"; exit; }}
unset PWD OLDPWD SHLVL
set -m
echo ready >&{report}
exec 2>&{report}
"$@" <&0 2>&1 {report}>&- &
exec </dev/null
while wait $!; code=$?; kill -0 $! 2>/dev/null; do read -rt 0.1 -u {report}; done
jobs >&{report}
echo "done $code" >&{report}
"""


@contextlib.contextmanager
def opened(spec: Spec, stdin: int, *, logs: bool = False) -> Iterator[tuple[Box, Path | None]]:
    """Start a box; everything of it is gone afterwards. Yield it and the folder of its logs."""
    with contextlib.ExitStack() as stack:
        if spec.unsafe:
            launcher = partial(_launcher, counted=False)
            yield stack.enter_context(unsafe.opened(spec, stdin, launcher))
            return
        needs_scratch = logs or any(mount.mode == "overlay" for mount in spec.mounts)
        room = stack.enter_context(scratch.folder(spec.scratch)) if needs_scratch else None
        overlays = {}
        for number, mount in enumerate(spec.mounts):
            if mount.mode == "overlay" and room:
                upper, work = room / f"upper{number}", room / f"work{number}"
                overlays[mount.target] = (scratch.subfolder(upper), scratch.subfolder(work))
        log_folder = scratch.subfolder(room / "logs") if logs and room else None
        group = stack.enter_context(cgroup.group(spec.limits))
        box = _start(stack, spec, stdin, overlays, log_folder, group)
        box.shared = tuple(mount.source for mount in spec.mounts if mount.mode == "rw")
        box.folders = tuple(upper for upper, _ in overlays.values())
        box.folders += (log_folder,) if log_folder else ()
        if box.init:
            stack.enter_context(watch.watching(box))
        yield box, log_folder


class _Descriptors:
    """Descriptors that are passed into the box and closed here once it has started."""

    def __init__(self) -> None:
        self.all: list[int] = []

    def keep(self, fd: int) -> int:
        self.all.append(fd)
        return fd

    def file(self, data: bytes) -> int:
        fd = self.keep(os.memfd_create("assay"))
        os.write(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def close(self) -> None:
        for fd in self.all:
            os.close(fd)


def _start(
    stack: contextlib.ExitStack,
    spec: Spec,
    stdin: int,
    overlays: dict[str, tuple[Path, Path]],
    logs: Path | None,
    group: cgroup.Group | None,
) -> Box:
    with contextlib.closing(_Descriptors()) as passed:
        report, there = socket.socketpair()
        stack.enter_context(report)
        launcher = _launcher(spec.limits, passed.keep(there.detach()))
        info, info_write = os.pipe()
        output, output_write = os.pipe()
        go_read, go = os.pipe()
        for ours, theirs in ((info, info_write), (output, output_write), (go, go_read)):
            stack.callback(os.close, ours)
            passed.keep(theirs)
        args = _arguments(passed, spec, overlays, logs)
        args += ["--info-fd", str(info_write), "--block-fd", str(go_read)]
        args_fd = passed.file("".join(f"{arg}\0" for arg in args).encode())
        program = str(_program())
        argv = ["bwrap", "--args", str(args_fd), "--", "/bin/bash", "-c", launcher, "bash"]
        child = process.start(
            [*argv, *spec.argv], executable=program, env={}, cwd="/", user=sandbox_uid(),
            stdin=stdin, output=output_write,
            pass_fds=[fd for fd in passed.all if fd != output_write],
        )  # fmt: skip
        stack.enter_context(child)
    box = Box(spec, child, output, report, group)
    if pid := _init_pid(info):
        box.init = pid
        child.adopt(pid)
        if group:
            group.add(pid)
        with contextlib.suppress(BrokenPipeError):  # bubblewrap has failed: its words follow
            os.write(go, b"+")
    return box


_reached = functools.cache(reachable)  # to look at the way anew costs half a millisecond


def _program() -> Path:
    """Return bubblewrap where the box's user can start it; its copy may have been cleaned away."""
    found = _reached(bwrap.binary(), scratch.default())
    if not found.exists():
        _reached.cache_clear()
    return _reached(bwrap.binary(), scratch.default())


def _arguments(
    passed: _Descriptors,
    spec: Spec,
    overlays: dict[str, tuple[Path, Path]],
    logs: Path | None,
) -> list[str]:
    etc = {name: passed.file(text.encode()) for name, text in bwrap.ETC.items()}
    args = bwrap.arguments(spec, etc=etc, overlays=overlays, logs=logs)
    return [*args, "--seccomp", str(passed.keep(os.open(_filter(), os.O_RDONLY)))]


def _init_pid(info: int) -> int | None:
    """Read from bubblewrap which process is the namespace's first; None if it failed."""
    data = b""
    while select.select([info], [], [], _START_S)[0]:
        chunk = os.read(info, 4096)
        data += chunk
        if not chunk or data.rstrip().endswith(b"}"):
            break
    try:
        return int(json.loads(data)["child-pid"])
    except (ValueError, KeyError):
        return None


def _filter() -> Path:
    machine = platform.machine()
    if machine not in seccomp.ARCHITECTURES:
        known = ", ".join(f'"{name}"' for name in sorted(seccomp.ARCHITECTURES))
        raise SandboxUnavailableError(
            f'sandbox unavailable: no system call filter for "{machine}", known are {known}'
        )
    return seccomp.path(machine)


def run(spec: Spec, stdin: bytes = b"") -> Outcome:
    """Run one program in one box."""
    began = time.monotonic()
    data = bytearray()
    read, write = os.pipe()
    with contextlib.closing(Stdin(write, stdin)) as feeder, contextlib.ExitStack() as stack:
        with open(read, "rb"):
            box, _ = stack.enter_context(opened(spec, read))
        if box.names:
            feeder.data = memoryview(box.inside(stdin.decode()).encode())
        deadline = time.monotonic() + spec.limits.wall_s
        verdict = box.pump(data, deadline, stdin=feeder)
        return box.outcome(verdict, data, began, spec.limits.wall_s)
