"""Measure 200 diagrams: checked cold, and again with their evidence. Prints; asserts nothing.

Usage: .venv/bin/python ci/bench-diagrams.py [COUNT]
"""

from __future__ import annotations

import os
import re
import resource
import subprocess  # noqa: TID251 - a tool of the repository, not a part of assay
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "tests" / "diagrams").rglob("*.mmd"))
ON_A_PAGE = 10


def write(root: Path, count: int) -> None:
    """Write a site with that many diagrams, no two alike."""
    (root / "docs").mkdir()
    (root / "mkdocs.yml").write_text("site_name: bench\nplugins: [assay]\n", encoding="utf-8")
    for start in range(0, count, ON_A_PAGE):
        fences = ["# Diagrams\n"]
        for number in range(start, min(start + ON_A_PAGE, count)):
            text = SOURCES[number % len(SOURCES)].read_text(encoding="utf-8").rstrip()
            fences.append(f'```mermaid title="Diagram {number}"\n{text}\n```\n')
        name = "index" if start == 0 else f"page{start}"
        (root / "docs" / f"{name}.md").write_text("\n".join(fences), encoding="utf-8")


def check(root: Path) -> tuple[float, float, str]:
    """Run `assay check`: seconds on the clock, seconds of processor time, its last line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [Path(sys.executable).parent / "assay", "check"],
        cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
    )  # fmt: skip
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return wall, spent, done.stdout.splitlines()[-1]


def main() -> None:
    """Print a line for each run."""
    count = int(sys.argv[1]) if sys.argv[1:] else 200
    load = re.sub(r" .*", "", Path("/proc/loadavg").read_text(encoding="ascii"))
    print(f"{count} diagrams, {os.cpu_count()} processors, load {load.strip()}")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), count)
        for name in ("cold", "again", "again"):
            wall, spent, said = check(Path(folder))
            print(f"{name:5}  {wall:6.2f} s, {spent:6.2f} s of processor time  ({said})")  # noqa: T201


if __name__ == "__main__":
    main()
