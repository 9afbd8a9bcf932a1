"""What a command costs: CPU seconds of it and all that it started, wall time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"
# assay as a command that also says how much memory it took itself (its children's is not in it).
ASSAY = """
import atexit, re, sys
def peak():
    with open("/proc/self/status") as status, open(sys.argv[-1], "w") as out:
        out.write(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1])
atexit.register(peak)
from assay.cli import command
sys.exit(command.main(sys.argv[1:-1], standalone_mode=False))
"""


@dataclass(frozen=True)
class Cost:
    """One run of a command."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    code: int
    output: str


def run(
    argv: Sequence[str | Path],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    *,
    user: int | None = None,
    executable: Path | None = None,
) -> Cost:
    """Run a command to its end; its children's CPU seconds come with its own."""
    began = time.monotonic()
    child = subprocess.Popen(
        argv, cwd=cwd, env=env, user=user, group=user, extra_groups=None if user is None else [],
        executable=executable, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert child.stdout
    with child.stdout:
        output = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, wall, usage.ru_maxrss / 1024, child.returncode, output)


def assay(cwd: Path, *arguments: str) -> Cost:
    """Run assay in a site; `peak_mb` is that of its own process."""
    env = {**os.environ, "PYTHONPATH": str(PLUGINS)}
    with tempfile.NamedTemporaryFile("r") as note:
        cost = run([sys.executable, "-c", ASSAY, *arguments, note.name], cwd, env)
        said = note.read()
    if cost.code:
        raise SystemExit(f"assay {' '.join(arguments)} ended with {cost.code}:\n{cost.output}")
    peak = int(said) / 1024
    return Cost(cost.cpu_s, cost.wall_s, peak, cost.code, cost.output)


def cpu(costs: Iterable[Cost]) -> float:
    """The median of the CPU seconds."""
    return statistics.median(c.cpu_s for c in costs)


def wall(costs: Iterable[Cost]) -> float:
    """The median of the wall seconds."""
    return statistics.median(c.wall_s for c in costs)
