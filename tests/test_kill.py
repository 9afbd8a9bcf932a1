"""However a check ends, the next one is right, finished work is kept and nothing is left over."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from assay.sandbox import launch, orphans, sandbox_uid
from assay.sandbox.scratch import room
from assay.toolchains import cache_dir
from conftest import Site

KILLS = int(os.environ.get("ASSAY_KILLS", "20"))
SCRATCH = cache_dir() / "scratch"
MARK = "kill-test-marker"
PAGE = "# Slow\n" + "".join(
    f'\n```console session="s{n}"\n$ sleep 0.{n} && echo {MARK} | wc -c\n17\n```\n'
    for n in range(1, 9)
)


def start(root: Path) -> subprocess.Popen[bytes]:
    program = "from assay.cli import main; main()"
    argv = [sys.executable, "-c", program, "check", "--format", "json"]
    return subprocess.Popen(
        argv, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent / "plugins")},
    )  # fmt: skip


def left_over() -> list[str]:
    """Processes of boxes: they run a command of the page, or bubblewrap."""
    found = []
    for process in psutil.process_iter(["cmdline", "uids", "pid"]):
        line = " ".join(process.info["cmdline"] or [])
        if MARK in line and process.info["pid"] != os.getpid() and "pytest" not in line:
            found.append(line)
    return found


def gone() -> bool:
    deadline = time.monotonic() + 2
    while left_over() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not left_over()


@pytest.mark.slow
def test_killed_at_any_moment(site: Site) -> None:
    site.page(PAGE)
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    kept = 0
    for number in range(KILLS):
        site.edit("docs/index.md", "# Slow\n", f"# Slow\n\nEdit {number}.\n")
        site.edit("docs/index.md", "sleep 0.", "sleep 0.0") if number % 4 == 1 else None
        running = start(site.root)
        time.sleep(chance.uniform(0.1, 2.5))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert gone(), f"seed {seed}, kill {number}: {left_over()}"
        evidence = list((site.root / ".cache/assay/evidence").glob("*/*.json"))
        assert all(json.loads(p.read_text()) for p in evidence), "each record is whole"
        kept = max(kept, len(evidence))
    result = site.assay("check")
    assert result.code == 0, result.output
    mounts = Path("/proc/self/mountinfo").read_text()
    assert str(site.root) not in mounts
    assert kept, "no kill came late enough for finished work"
    start(site.root).communicate()
    deadline = time.monotonic() + 10
    while list(orphans.found()) and time.monotonic() < deadline:
        time.sleep(0.1)  # those of other tests end with those tests
    assert not list(orphans.found())


# Its orphans become its children, it never asks how they ended, and its name is bubblewrap's: so is
# the first process of a container that is itself a box.
STEPMOTHER = """
import ctypes, os, subprocess, sys, time
prctl = ctypes.CDLL(None, use_errno=True).prctl
assert prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
assert prctl(15, b"bwrap", 0, 0, 0) == 0  # PR_SET_NAME
box = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, user=int(sys.argv[1]))
assert box.stdout.readline() == b"ready\\n"
print(box.pid, flush=True)
sys.stdin.readline()
box.kill()
box.wait()
print("killed", flush=True)
time.sleep(300)
"""


def test_a_box_that_lost_its_bubblewrap_is_ended() -> None:
    # without --die-with-parent: a kill before bubblewrap has asked for that can't be timed
    here = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    script = 'echo ready; sleep 300; echo "done $code" >&2'
    box = [str(launch._program()), *here, "bash", "-c", script]
    uid = sandbox_uid()
    above = subprocess.Popen(
        [sys.executable, "-c", STEPMOTHER, str(os.getuid() if uid is None else uid), *box],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert above.stdin
    assert above.stdout
    try:
        inner = psutil.Process(int(above.stdout.readline())).children(recursive=True)
        assert inner
        assert not {p.pid for p in inner} & {*orphans.found()}, "its bubblewrap lives"
        above.stdin.write("\n")
        above.stdin.flush()
        assert above.stdout.readline() == "killed\n"
        orphans.end()  # or a run beside this one was faster
        deadline = time.monotonic() + 10
        while any(map(runs, inner)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not [p for p in inner if runs(p)]
    finally:
        above.kill()
        above.communicate()


def runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_what_a_killed_check_left_on_disk_is_swept(site: Site) -> None:
    site.page(PAGE)
    running = start(site.root)
    rooms = f"unit-{running.pid}-*"
    deadline = time.monotonic() + 60
    while not list(SCRATCH.glob(rooms)) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert list(SCRATCH.glob(rooms)), "it was killed too late: nothing is left to sweep"
    alive = room(SCRATCH, "unit")
    start(site.root).communicate()
    assert not list(SCRATCH.glob(rooms))
    assert alive.is_dir(), "its process lives: this one"
    alive.rmdir()


@pytest.mark.slow
def test_two_checks_at_once_are_both_right(site: Site) -> None:
    site.page(PAGE)
    both = [start(site.root), start(site.root)]
    outputs = [json.loads(p.communicate()[0]) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert all(o["summary"]["passed"] == 8 for o in outputs)
    assert site.assay("check").started == 0


def test_the_box_has_an_unused_uid() -> None:
    uid = sandbox_uid()
    assert (uid is None) == (os.geteuid() != 0)
