"""One bash in one box for a whole page, as a reader has one terminal.

Not an interactive bash: that needs a terminal and talks of its jobs at random times. Instead its
messages are made to read as a terminal shows them: `$0` carries a mark, so that a message of
this bash (`bash: line 3: x: command not found`) is told from that of a program.

Commands come through a socket on bash's standard input and each answer goes back the same way,
with a number that was not known before. A command and what it starts have `/dev/null` there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import shlex
import signal
import socket
import stat
import time
from pathlib import Path
from typing import Self

from assay import process, scrub
from assay.errors import UnableError
from assay.process import Outcome, Verdict
from assay.sandbox import bwrap
from assay.sandbox.box import Box
from assay.sandbox.launch import opened
from assay.sandbox.spec import Spec

_MARK = "\x1f"
_ARGV = ("/bin/bash", "-c", "exec -a $'bash\\x1f' /bin/bash --norc --noprofile")
_SIGNALS = "|".join(
    re.escape(text)
    for text in sorted({signal.strsignal(number) or "" for number in range(1, 32)} - {""})[::-1]
)
_DIED = re.compile(
    rf"^bash{_MARK}: (?:eval: )?line \d+: +\d+ ({_SIGNALS})(?: \(core dumped\))?.*$".encode(),
    re.MULTILINE,
)
_ECHO = re.compile(rf"^bash{_MARK}: eval: line \d+: `.*'\n".encode(), re.MULTILINE)
_PREFIX = re.compile(rf"bash{_MARK}: (?:eval: )?(?:line \d+: )?".encode())
_NOTICE = re.compile(
    rf"^\[\d+\][+-]? +(?:Done|Exit \d+|{_SIGNALS})(?: .*)?\n".encode(), re.MULTILINE
)
_ASKS_FOR_JOBS = re.compile(r"\b(jobs|fg|bg)\b")


class ShellEnded(UnableError):  # noqa: N818 (an event, not an error)
    """The shell is gone: it was left with `exit`, or a limit ended its box."""


class Shell:
    """A bash session; use it as a context manager, everything ends with it."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._stack = contextlib.ExitStack()
        self._box: Box | None = None
        self._control: socket.socket
        self._folder: Path | None = None
        self._names: list[str] = []
        self._code = 0

    def __enter__(self) -> Self:
        here, there = socket.socketpair()
        with there, self._stack as stack:
            stack.enter_context(here)
            box = opened(dataclasses.replace(self._spec, argv=_ARGV), there.fileno(), logs=True)
            self._box, self._folder = stack.enter_context(box)
            self._control = here
            self._stack = stack.pop_all()
        self._send("set -m; shopt -s execfail\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._box = None
        self._stack.close()

    def run(self, command: str, *, timeout_s: float, log: str | None = None) -> Outcome:
        """Evaluate commands in the shell; `log` takes their output out of the outcome.

        Raises ShellEnded when there is no shell any more.
        """
        if self._box is None:
            raise ShellEnded("the shell has ended")
        began = time.monotonic()
        wall = min(timeout_s, self._spec.limits.wall_s)
        target = f" >>{bwrap.LOG_FOLDER}/{self._log(log)} 2>&1" if log else ""
        before = f"(exit {self._code}) || " if self._code else ""
        nonce = secrets.token_hex(16)
        self._send(f"{before}eval {shlex.quote(command)} </dev/null{target}\n"
                   f"builtin printf '%s %d\\n' {nonce} $? >&0\n")  # fmt: skip
        data = bytearray()
        verdict, code = self._await(self._box, nonce, data, began + wall)
        shown = bytearray(_as_on_a_terminal(bytes(data), command))
        if code is None:
            box, self._box = self._box, None
            return box.outcome(verdict, shown, began, wall)
        self._code = code
        wall_ms = int((time.monotonic() - began) * 1000)
        return Outcome(Verdict.EXIT, code, self._box.shown(bytes(shown)), wall_ms)

    def wait_port(self, host: str, port: int, timeout_s: float) -> bool:
        """Wait inside the box until something accepts connections there."""
        probe = f"exec 3<>/dev/tcp/{shlex.quote(host)}/{int(port)}"
        tries = max(1, int(timeout_s / 0.05))
        command = (
            f"(for ((i = 0; i < {tries}; i++)); do ({probe}) && exit; "
            "command -p sleep 0.05; done; exit 1) 2>/dev/null"
        )
        code = self._code
        outcome = self.run(command, timeout_s=timeout_s + 5, log="assay-wait-port")
        self._code = code
        return outcome.ok

    def logs(self) -> dict[str, str]:
        """Read the log files as they are now, each up to the output limit."""
        limit = self._spec.limits.output_kb << 10
        return {
            name: scrub.clean(_read(self._folder / str(number), limit))
            for number, name in enumerate(self._names)
            if self._folder and name != "assay-wait-port"
        }

    def _log(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _send(self, text: str) -> None:
        if self._box:
            text = self._box.inside(text)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(text.encode())

    def _await(self, box: Box, nonce: str, data: bytearray, deadline: float
               ) -> tuple[Verdict | None, int | None]:  # fmt: skip
        """Wait for the command's answer; no code means that the shell is gone."""
        answer = re.compile(rf"^{nonce} (\d+)$".encode(), re.MULTILINE)
        received = bytearray()
        while True:
            verdict = box.pump(data, deadline, self._control.fileno())
            if verdict:
                return verdict, None
            if box.child.cancelled:
                raise process.Cancelled("interrupted")
            with contextlib.suppress(BlockingIOError):
                chunk = self._receive()
                received += chunk
                if found := answer.search(received):
                    return None, int(found[1])
                if not chunk:
                    return box.pump(data, deadline), None

    def _receive(self) -> bytes:
        try:
            return self._control.recv(4096, socket.MSG_DONTWAIT)
        except ConnectionResetError:
            return b""


def _as_on_a_terminal(data: bytes, command: str) -> bytes:
    """Make bash's own messages read as an interactive bash writes them."""
    if not _ASKS_FOR_JOBS.search(command):
        data = _NOTICE.sub(b"", data)
    data = _ECHO.sub(b"", _DIED.sub(rb"\1", data))
    return _PREFIX.sub(b"bash: ", data).replace(b"bash" + _MARK.encode(), b"bash")


def _read(path: Path, limit: int) -> bytes:
    """Read a file that page code may have replaced by anything."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            if stat.S_ISREG(os.fstat(fd).st_mode):
                return file.read(limit)
    return b""
