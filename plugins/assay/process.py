"""Start processes, and leave none behind: the only module that does so.

Three facts of Linux shape it. The parent-death signal follows the *thread* that forked, so one
thread that lives as long as assay forks everything. A box whose outer process is gone hands its
first process to the nearest subreaper, so assay is one. A pid may be reused, so pidfds kill.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from assay import scrub, streams
from assay.errors import Exit, UnableError
from assay.outcome import Outcome, Verdict

__all__ = [
    "Cancelled", "Child", "Outcome", "Verdict",
    "count", "kill_all", "live", "resume", "run_trusted", "start",
]  # fmt: skip

_PR_SET_CHILD_SUBREAPER = 36
TRUSTED_OUTPUT_BYTES = 4 << 20


class Cancelled(UnableError):  # noqa: N818 (an event, not an error)
    """The person at the terminal ended the run."""

    exit_code = Exit.INTERRUPTED


class _Registry:
    """Every live child of this process, and how many were started."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.children: set[Child] = set()
        self.started = 0
        self.cancelled = False
        self._starter: ThreadPoolExecutor | None = None
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self.lock, self.children, self._starter = threading.Lock(), set(), None

    def start(self, launch: Callable[[], Child]) -> Child:
        """Run `launch` on the one thread that lives as long as this process."""
        with self.lock:
            if self._starter is None:
                ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
                self._starter = ThreadPoolExecutor(1, thread_name_prefix="assay-starter")
        return self._starter.submit(self._launch, launch).result()

    def _launch(self, launch: Callable[[], Child]) -> Child:
        self.refuse_when_cancelled()
        child = launch()
        with self.lock:
            self.started += 1
            self.children.add(child)
            child.cancelled = self.cancelled
            if child.cancelled:  # meanwhile
                child.kill()
        return child

    def refuse_when_cancelled(self) -> None:
        """Raise Cancelled after `kill_all`."""
        if self.cancelled:
            raise Cancelled("interrupted")

    def cancel(self) -> list[Child]:
        """Mark everything as cancelled and return the live children."""
        with self.lock:
            self.cancelled = True
            for child in self.children:
                child.cancelled = True
            return list(self.children)


class Child:
    """A started process; `with` guarantees that it is gone and reaped afterwards."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        self.cancelled = False
        self._lock = threading.Lock()
        self._inner: int | None = None  # a pidfd

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def adopt(self, pid: int) -> None:
        """Kill process `pid` first, the namespace's own init: the kernel then ends the rest."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            self._inner = os.pidfd_open(pid)

    def kill(self) -> None:
        """Kill the process, and an adopted one first, without waiting."""
        with self._lock, contextlib.suppress(ProcessLookupError, PermissionError):
            if self._inner is not None:
                signal.pidfd_send_signal(self._inner, signal.SIGKILL)
        with self._lock, contextlib.suppress(ProcessLookupError, PermissionError):
            if self.popen.returncode is None:
                os.killpg(self.popen.pid, signal.SIGKILL)

    def end(self) -> int:
        """Kill what is left, reap it, and return the exit status."""
        self.kill()
        status = self.popen.wait()
        with self._lock:
            inner, self._inner = self._inner, None
        if inner is not None:
            # this process is the subreaper: what the outer one hasn't collected is now its own,
            # and a namespace's first process ends after all others in it
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PIDFD, inner, os.WEXITED)
            os.close(inner)
        _reap_session(self.popen.pid)
        with _registry.lock:
            _registry.children.discard(self)
        return status


_registry = _Registry()


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str] | None,
    user: int | None,
    stdin: int,
    output: int,
    pass_fds: Sequence[int] = (),
    executable: str | None = None,
) -> Child:
    """Start a process in a session of its own, both streams going to fd `output`."""

    def launch() -> Child:
        popen = subprocess.Popen(
            argv, executable=executable, env=dict(env), cwd=cwd,
            stdin=stdin, stdout=output, stderr=output, pass_fds=tuple(pass_fds),
            start_new_session=True, user=user, group=user,
            extra_groups=None if user is None else [],
        )  # fmt: skip
        return Child(popen)

    return _registry.start(launch)


def count() -> int:
    """Return how many processes were started so far."""
    return _registry.started


def live() -> int:
    """Return how many started processes haven't been collected yet."""
    return len(_registry.children)


def kill_all() -> None:
    """Kill every process; those who wait for one, or start one, get Cancelled."""
    for child in _registry.cancel():
        child.kill()


def resume() -> None:
    """Allow new processes again after `kill_all`."""
    _registry.cancelled = False


def _reap_session(session: int) -> None:
    """Kill and collect what a child left behind and the kernel handed to this process."""
    while [pid for pid in _own_children() if _reap(pid, session)]:
        pass  # the children of what was reaped are next


def _own_children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in _text(task).split()]


def _reap(pid: int, session: int) -> bool:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    if pid == session or not fields or int(fields[3]) != session:
        return False
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process or thread has ended
        return ""


def run_trusted(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | os.PathLike[str],
    timeout_s: float,
    user: int | None = None,
) -> Outcome:
    """Run one of assay's own steps outside the box, both streams merged."""
    began = time.monotonic()
    data = bytearray()
    with contextlib.ExitStack() as stack:
        null = stack.enter_context(open(os.devnull, "rb"))
        read, write = os.pipe()
        stack.callback(os.close, read)
        try:
            child = start(argv, env=env, cwd=cwd, user=user, stdin=null.fileno(), output=write)
        except OSError as error:
            raise UnableError(f'"{argv[0]}" can\'t be started: {error.strerror}') from error
        finally:
            os.close(write)
        stack.enter_context(child)
        ended = os.pidfd_open(child.popen.pid)
        stack.callback(os.close, ended)
        verdict = streams.pump(
            data, read, deadline=began + timeout_s, budget=TRUSTED_OUTPUT_BYTES, stop=ended
        )
        status = child.end() if verdict else child.popen.wait()
    if child.cancelled:
        raise Cancelled("interrupted")
    if verdict is None:
        verdict, code = (Verdict.EXIT if status >= 0 else Verdict.SIGNAL), abs(status)
    elif verdict is Verdict.TIMEOUT:
        code = int(timeout_s * 1000)
    else:
        code = TRUSTED_OUTPUT_BYTES >> 10
    return Outcome(verdict, code, scrub.clean(bytes(data)), int((time.monotonic() - began) * 1000))
