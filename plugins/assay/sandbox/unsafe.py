"""Run a spec without a box, where a machine gives none and its owner insists.

Nothing here protects anything: there are limits for each process, and that is all. Paths of the
box are links in a folder, and are replaced by it in arguments, environment and commands.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from assay import process, scrub
from assay.errors import UsageError
from assay.sandbox import bwrap, scratch
from assay.sandbox.box import Box
from assay.sandbox.owner import sandbox_uid
from assay.sandbox.spec import Limits, Spec

TIER = "UNSANDBOXED"
BANNER = """\
****************************************************************************
UNSANDBOXED: what the pages show runs on this machine as an ordinary program,
with its network and every file that its user may read or write. Only limits
for single processes hold. Evidence is marked, and a strict build refuses it.
****************************************************************************"""
# Names of what CI systems, clouds and package registries hand out.
_SECRET = re.compile(
    r"AWS_.*|(.*_)?(ACCESS_KEY(_ID)?|API_KEY|CREDENTIALS?|PASSWORD|PASSWD|PAT|PRIVATE_KEY|SECRET"
    r"|SECRET_KEY|TOKEN)(_.*)?"
)
_TOP = ("run", "tmp", "work")  # of every box, mounted or not


def allowed(environ: Mapping[str, str]) -> str:
    """Return the warning; raises UsageError where page code would be handed secrets."""
    if environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
        raise UsageError(
            "--unsafe-no-sandbox is refused: the event is pull_request_target, which gives "
            "strangers' pages this repository's rights; use the event pull_request"
        )
    held = sorted(name for name, value in environ.items() if value and _SECRET.fullmatch(name))
    if held:
        names = ", ".join(f'"{name}"' for name in held)
        raise UsageError(
            f"--unsafe-no-sandbox is refused: the environment holds {names}, which page code "
            "could read; run it without them, on a machine with nothing to steal"
        )
    return BANNER


class Names:
    """The box's paths as this machine has them: links in the folder `room`."""

    def __init__(self, spec: Spec, room: Path) -> None:
        self.room = room
        tops = {mount.target.split("/")[1] for mount in spec.mounts}
        words = "|".join(map(re.escape, sorted({*tops, *_TOP})))
        self._inside = re.compile(rf"(?<![\w./-])(?=/(?:{words})(?![\w.-]))")
        self._outside = {str(room): ""}
        for mount in spec.mounts:
            place = room / mount.target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(mount.source)
            self._outside[str(mount.source)] = mount.target
        for top in _TOP:
            if not (room / top).exists():
                scratch.subfolder(room / top)

    def here(self, text: str) -> str:
        """Name the box's paths in a text as they are on this machine."""
        return self._inside.sub(lambda _: str(self.room), text)

    def shown(self, text: str) -> str:
        """Name this machine's paths as the box does."""
        return scrub.paths(text, self._outside)


@contextlib.contextmanager
def opened(
    spec: Spec, stdin: int, launcher: Callable[[Limits, int], str]
) -> Iterator[tuple[Box, Path]]:
    """Start the payload as a plain process; yield it as a box, and the folder of its logs."""
    with contextlib.ExitStack() as stack:
        names = Names(spec, stack.enter_context(scratch.folder(spec.scratch)))
        logs = scratch.subfolder(names.room / bwrap.LOG_FOLDER.lstrip("/"))
        report, there = socket.socketpair()
        stack.enter_context(report)
        output, write = os.pipe()
        stack.callback(os.close, output)
        program = launcher(spec.limits, there.fileno())
        try:
            child = process.start(
                ["bash", "-c", program, "bash", *map(names.here, spec.argv)],
                executable="/bin/bash", env={k: names.here(v) for k, v in spec.env},
                cwd=names.here(spec.cwd), user=sandbox_uid(), stdin=stdin, output=write,
                pass_fds=[there.fileno()],
            )  # fmt: skip
        finally:
            there.close()
            os.close(write)
        stack.enter_context(child)
        yield Box(spec, child, output, report, None, names), logs
