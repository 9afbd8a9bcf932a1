"""Measure what the project promises about its speed, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from assay import __version__
from assay.sandbox import own
from assay.toolchains import cache_dir
from bench.rows import BOTH, Bench, Row

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
# What `make test` takes: copied from what a run printed at its end.
PARTS = Path(__file__).with_name("parts.md")
ORDER = (
    "starting", "never_seen", "thousand", "one_changed", "watched", "growing", "pictures",
    "configs", "chapter", "tools",
)  # fmt: skip
HEAD = """\
---
title: Benchmarks
description: What checking costs, measured beside other ways to do the same work.
search:
  exclude: true
---

# Benchmarks

`make bench` measures this and writes this page. Every program is new to every cache; Go's standard
library is in the build cache. Costs are CPU seconds, user and system, of a command and all that it
starts: wall time varies with what else a machine does. What is compared was measured in turn, in
one run; figures are medians. assay formats, builds, vets and runs each program, in boxes;
`go run` only builds and runs it. The programs are in `tests/bench/programs.txtar`.

"""
TABLE = "| work | measured | bar | result |\n|---|---|---|---|\n"
MARKS = {True: "met", False: "**missed**", None: "—"}


def main() -> None:
    """Measure the rows that are named, all by default."""
    parser = argparse.ArgumentParser(prog="ci/bench", description=main.__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *ORDER], help=f"of {', '.join(ORDER)}")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    wanted = [n for n in ORDER if not chosen.rows or n in chosen.rows or n == "starting"]
    cache = cache_dir() / "scratch"
    cache.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(dir=cache, prefix="bench-"))
    load = os.getloadavg()[0]
    try:
        room.chmod(0o755)
        own(room)
        bench = Bench(room, chosen.rounds, seed=int(time.time()) % 10**9 * 1000)
        rows: list[Row] = []
        sys.stdout.write(TABLE)
        for name in wanted:
            measured = getattr(bench, name)()
            sys.stdout.write(lines(measured))  # now: a run that is stopped has told these
            sys.stdout.flush()
            rows += measured
    finally:
        shutil.rmtree(room, ignore_errors=True)
    where = machine(load, chosen.rounds)
    sys.stdout.write(f"\n{where}")
    if len(wanted) == len(ORDER):
        parts = PARTS.read_text(encoding="utf-8")
        PAGE.write_text(HEAD + where + TABLE + lines(rows) + parts, encoding="utf-8")


def machine(load: float, rounds: int) -> str:
    """Say where and when."""
    cpus = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    total = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    today = dt.datetime.now(dt.UTC).date().isoformat()
    where = f"{os.cpu_count()} cores ({cpus[0] if cpus else platform.machine()})"
    return f"""\
Measured on {today} with assay {__version__}, Go {" and ".join(BOTH)},
Python {platform.python_version()}, Linux {platform.release().split("-")[0]}; {where},
{int(total[1]) >> 20 if total else 0} GiB; {rounds} rounds; load average {load:.1f} at the start,
{os.getloadavg()[0]:.1f} at the end.

"""


def lines(rows: list[Row]) -> str:
    """Lay rows out."""
    return "".join(f"| {r.work} | {r.measured} | {r.bar or '—'} | {MARKS[r.met]} |\n" for r in rows)


if __name__ == "__main__":
    main()
